"""The kind of thing that a question asks for, where its words tell: a price, a date, a temperature."""

import re
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from functools import cache

from recto.text.detection import language_of
from recto.text.languages import LANGUAGES, MIXED, UNMARKED
from recto.text.languages.language import Language, any_of
from recto.text.languages.neutral import NEUTRAL
from recto.text.numbers import Number, claimed_numbers, stated_numbers
from recto.text.scripts import is_unspaced

_KINDS = MIXED.kinds


class AskedKind(StrEnum):
    """What an answer must hold, whatever else it says."""

    MONEY = "money"
    DATE = "date"
    TELEPHONE = "telephone"
    MAIL = "mail"
    PERCENT = "percent"
    TEMPERATURE = "temperature"
    FREQUENCY = "frequency"
    VOLTAGE = "voltage"
    POWER = "power"
    MASS = "mass"
    COUNT = "count"
    DURATION = "duration"
    PERSON = "person"
    PLACE = "place"  # as far as a label says so


# Answered in other words, too: "the treasurer", "well into the night", "behind the boiler".
WORDED = frozenset({AskedKind.COUNT, AskedKind.DURATION, AskedKind.PERSON, AskedKind.PLACE})


_UNITS: dict[AskedKind, frozenset[str]] = {
    AskedKind.MONEY: frozenset({"$", "€", "£", "¥", "chf"}),
    AskedKind.PERCENT: frozenset({"%", "points"}),
    AskedKind.TEMPERATURE: frozenset({"°c", "°f"}),
    AskedKind.FREQUENCY: frozenset({"frequency"}),
    AskedKind.VOLTAGE: frozenset({"voltage"}),
    AskedKind.POWER: frozenset({"power"}),
    AskedKind.MASS: frozenset({"mass", "pounds"}),
    AskedKind.DURATION: frozenset({"time", "months", "length", "inches", "miles", "bits", "bytes"}),  # "how long"
}
_DAY, _YEAR, _HOUR = r"\d{1,4}[./-]\d\d?[./-]\d{2,4}", r"(?:1[5-9]|2[01])\d\d", r"\d\d?[:.]\d\d"
_CAPITAL = "A-ZÀ-ÖØ-ÞĞİŞŁŠŽΑ-ΩА-ЯЁ"
_CAPITALISED = rf"[{_CAPITAL}][^\W\d_{_CAPITAL}][\w'’-]*"
_NAMELESS = (  # "The Harbour", "In March", "What Salt Is"
    rf"(?i:{any_of(MIXED.questions.determiners | MIXED.questions.prepositions | MIXED.questions.interrogatives)})"
)
_WRITTEN = {
    AskedKind.DATE: re.compile(
        rf"\b(?:{_DAY}|{_YEAR}|{_HOUR}|{any_of([*MIXED.months, *_KINDS.times])})\b", re.IGNORECASE
    ),
    AskedKind.TELEPHONE: re.compile(r"\d(?:[\s()/.-]{0,2}\d){5,}"),
    # Thousands are parted in amounts and in no number of an article; a short word behind them is a unit: 2,200 W.
    AskedKind.MONEY: re.compile(
        rf"\d\s?{any_of(_KINDS.currencies)}\b|\b\d{{1,3}}(?:[.,'’\u00a0\u202f]\d{{3}})+\b(?!\s?[^\W\d_]{{1,3}}\b)",
        re.IGNORECASE,
    ),
    AskedKind.MAIL: re.compile(r"[^\s@]@[^\s@]"),
    # "R. Amari", "Dr. Helen Marsh", and a firm's name as well: who did something may be one.
    AskedKind.PERSON: re.compile(
        rf"(?-i:\b(?!{_NAMELESS}\s)(?:[{_CAPITAL}]\.\s?)*(?:[{_CAPITAL}]\.|{_CAPITALISED}\.?)\s{_CAPITALISED})"
    ),
    AskedKind.PLACE: re.compile(rf"^(?:\w+ )?{any_of(_KINDS.places)}: ", re.IGNORECASE | re.MULTILINE),
}
_COUNT = re.compile(rf"^\W*{any_of(_KINDS.number)}\b", re.IGNORECASE)
_AMOUNT = re.compile(rf"^\W*{any_of([*_KINDS.number, *_KINDS.amounts])}\b", re.IGNORECASE)
_DURATION = re.compile(rf"^\W*{any_of(_KINDS.duration)}\b", re.IGNORECASE)
_PARTS = any_of([*MIXED.places.parts, *MIXED.page_words])
_NUMBERED = re.compile(  # says which one, not how many: #3, Figure 2-1, units 4 and 5
    rf"(?:[#№]\s?|\b{_PARTS}\s?)\d+(?:[.-]\d+)*(?:\s?(?:,|&|{any_of(MIXED.range_words)})\s?\d+)*\b", re.IGNORECASE
)
_NUMBERLESS = re.compile(rf"\b{any_of(_KINDS.numberless)}\b", re.IGNORECASE)
_TIMES = re.compile(rf"\b{any_of(_KINDS.times)}\b", re.IGNORECASE)
_COPULAS = any_of(_KINDS.copulas)
_ASKED_NOUN = re.compile(
    rf"\b{any_of([*_KINDS.asking, *_KINDS.amounts])}\s+(?:{_COPULAS}\s+)?"
    rf"(?:{any_of(MIXED.questions.determiners)}\s+)?(?:[\w'’-]+\s+){{0,2}}?"
    rf"(?P<noun>{any_of(_KINDS.nouns)})\b(?!\s+[a-z]+(?:ing|ion)\b)",  # a cost allocation is no cost
    re.IGNORECASE,
)
# "When may a pump run" asks for a condition, and "When the pump runs, what ..." for no time at all.
_WHEN = re.compile(rf"^\W*{any_of(_KINDS.when)}\s+{_COPULAS}\b", re.IGNORECASE)
_CALLING = re.compile(rf"^\W*{any_of(_KINDS.numbers)}\b.*\b{any_of(_KINDS.calling)}\b", re.IGNORECASE)
_HOW = re.compile(rf"^\W*(?P<how>{any_of(_KINDS.openings)})\b", re.IGNORECASE)
_PAYING = re.compile(
    rf"^\W*{any_of(_KINDS.asking)}\s+{any_of(MIXED.questions.helping_verbs)}\b.*"
    rf"\b{any_of(_KINDS.paying)}\b(?!\s+{any_of(_KINDS.goods)}\b)"
    rf"|^\W*{any_of(_KINDS.amounts)}\b.*\b{any_of(_KINDS.paying)}\b",
    re.IGNORECASE,
)

# "Which number comes back?", "What is the code for a pause?"; "the number of" counts, and a code review has no code.
_BEHIND_NOUN = any_of((MIXED.questions.prepositions | MIXED.questions.saying_verbs) - {"of"})
_WITH_VERB = rf"(?=\W*$|\s+(?:{_BEHIND_NOUN}|{_COPULAS}|\w+s)\b)"
_BEFORE_NOUN = rf"\b{any_of(_KINDS.asking)}\s+(?:{_COPULAS}\s+)?(?:(?!{_COPULAS}\b)[\w'’-]+\s+){{0,2}}?"
_FIGURES_ASKED, _CODE_ASKED = (
    re.compile(rf"{_BEFORE_NOUN}{any_of(nouns)}{_WITH_VERB}", re.IGNORECASE) for nouns in (_KINDS.figures, _KINDS.codes)
)
_FIGURES = re.compile(r"\d+")
_CAPITALS = re.compile(r"\b[A-Z]+(?:_[A-Z]+)+\b|\b[A-Z]{2,}(?=\W*$)")  # others are mostly names of something else

_PATTERNS = {
    _WHEN: AskedKind.DATE,
    _PAYING: AskedKind.MONEY,
    _CALLING: AskedKind.TELEPHONE,
    _COUNT: AskedKind.COUNT,
    _DURATION: AskedKind.DURATION,
}


def asked_kind(question: str) -> AskedKind | None:
    """The kind that a question asks for, by its noun ("which fee") or its opening ("how heavy"); None if none tells."""
    question = " ".join(question.split())
    if (language := language_of(question)) not in UNMARKED:
        return next((kind for kind, pattern in _elsewhere(language).items() if pattern.search(question)), None)
    if match := _HOW.match(question):
        return AskedKind(_KINDS.openings[match["how"].lower()])
    for pattern, kind in _PATTERNS.items():
        if pattern.match(question):
            return kind
    match = _ASKED_NOUN.search(question)
    return AskedKind(_KINDS.nouns[match["noun"].lower()]) if match else None


def without_numbering(question: str, text: str) -> str:
    """A text without the numbers that say which one, if the question asks how many."""
    return _NUMBERED.sub("", text) if _COUNT.match(question) else text


def words_of_kind(question: str) -> set[str]:
    """What else the thing asked for is called, where its name is of several words: number, of a telephone no."""
    kind, asked = asked_kind(question), set(re.findall(r"\w+", question.lower()))
    names = [set(name.split()) for name, meaning in _KINDS.nouns.items() if meaning == kind]
    return {word for name in names if name & asked for word in name}


# Months and numbers as other languages write them, but for what is a word of English.
_ENGLISH_WORDS = {"mars", "mai", "mei", "mart", "mayo", "once", "zero", "\u4e00"}


def _spellings(words: Iterable[str]) -> re.Pattern[str]:
    """Any of these, whole where spaces part words: a vowel sign of Hindi is no letter to `re`, and ends none."""
    unspaced = set(filter(is_unspaced, words))
    spaced = set(words) - unspaced
    alternatives = [rf"(?<!\w){any_of(spaced)}(?!\w)" if spaced else "", any_of(unspaced) if unspaced else ""]
    return re.compile("|".join(filter(None, alternatives)) or "(?!)", re.IGNORECASE)


def _elsewhere_words(words_of: Callable[[Language], Iterable[str]]) -> set[str]:
    return {word for code, language in LANGUAGES.items() if code not in UNMARKED for word in words_of(language)}


def _written_elsewhere(words_of: Callable[[Language], Iterable[str]]) -> re.Pattern[str]:
    words = _elsewhere_words(words_of) - _ENGLISH_WORDS
    return _spellings([word for word in words if len(word) > 3 or not word.isascii()])


def _counted_elsewhere(words_of: Callable[[Language], Iterable[str]], number: str = r"\d") -> re.Pattern[str]:
    """Any of these behind a number: 9,8 кг, 2,800万円."""
    scales = any_of(_elsewhere_words(lambda language: language.numbers.scales))
    counted = _spellings(_elsewhere_words(words_of)).pattern
    return re.compile(rf"{number}\s?(?:{scales}\s?)?(?:{counted})", re.IGNORECASE)


def _units_of(kind: AskedKind) -> Callable[[Language], list[str]]:
    """The spellings in a language of the units that the kind is told by."""
    return lambda language: [spelling for spelling, (unit, _) in language.numbers.units.items() if unit in _UNITS[kind]]


_COUNTS = _spellings([word for language in LANGUAGES.values() for word in language.numbers.small])
_ELSEWHERE: dict[AskedKind, re.Pattern[str]] = {
    AskedKind.DATE: _written_elsewhere(lambda language: [*language.months, *language.kinds.times]),
    AskedKind.COUNT: _written_elsewhere(lambda language: [*language.numbers.small, *language.numbers.synonyms]),
    AskedKind.MONEY: _counted_elsewhere(lambda language: language.kinds.currencies),
    **{kind: _counted_elsewhere(_units_of(kind)) for kind in _UNITS.keys() - {AskedKind.MONEY, AskedKind.DURATION}},
    # Short times are spelled out where amounts and measures are not: tres horas.
    AskedKind.DURATION: _counted_elsewhere(_units_of(AskedKind.DURATION), rf"(?:\d|{_COUNTS.pattern})"),
}


@cache
def _elsewhere(language: str) -> dict[AskedKind, re.Pattern[str]]:
    """What asks for a kind in another language, wherever it stands: in many, a question's word is not its first."""
    words = LANGUAGES.get(language, NEUTRAL).kinds
    opening: dict[AskedKind, set[str]] = {}
    for spelling, kind in words.openings.items():
        opening.setdefault(AskedKind(kind), set()).add(spelling)
    asking: dict[AskedKind, Iterable[str]] = {
        AskedKind.DURATION: words.duration,
        AskedKind.MONEY: words.amounts,
        **{kind: spellings for kind, spellings in opening.items() if kind is not AskedKind.PERSON},
        AskedKind.DATE: words.when,
        AskedKind.COUNT: words.number,
        AskedKind.PERSON: opening.get(AskedKind.PERSON, ()),  # last: when did who sign
    }
    return {kind: _spellings(spellings) for kind, spellings in asking.items()}


def answers_kind(question: str, sentence: str) -> bool:
    """Whether a sentence has the kind of thing that the question asks for, or none tells what it asks for.

    An amount may stand without its unit, as cells of tables do, but not with another one. In other languages than
    English, whose numbers and times are known in part, a sentence is taken to have it.
    """
    if language_of(question) not in UNMARKED:
        return True
    numbers = list(claimed_numbers(sentence))
    if not _is_coded(question, sentence, numbers):
        return False
    if _AMOUNT.match(question) and numbers and all(number.is_year for number in numbers):
        return False
    if _COUNT.match(question):
        return bool(stated_numbers(without_numbering(question, sentence))) or _NUMBERLESS.search(sentence) is not None
    if _DURATION.match(question):
        return (
            any(number.unit in _UNITS[AskedKind.DURATION] or not (number.unit or number.is_year) for number in numbers)
            or _TIMES.search(sentence) is not None
        )
    kind = asked_kind(question)
    if kind is None or kind in {AskedKind.PERSON, AskedKind.PLACE} or holds(kind, sentence):
        return True
    return kind in _UNITS and any(not number.unit and not number.is_year for number in numbers)


def _is_coded(question: str, sentence: str, numbers: Sequence[Number]) -> bool:
    """Whether a sentence names something by figures, or capitals, that the question lacks, if that is what it asks."""
    is_code = _CODE_ASKED.search(question) is not None
    if not is_code and not _FIGURES_ASKED.search(question):
        return True
    figures = set(_FIGURES.findall(sentence)).difference(_FIGURES.findall(question))
    capitals = set(_CAPITALS.findall(sentence)).difference(_CAPITALS.findall(question))
    return bool(figures or (is_code and capitals)) or any(number.spelled for number in numbers)


def holds(kind: AskedKind, text: str) -> bool:
    """Whether a text has anything of this kind."""
    if kind is AskedKind.TELEPHONE:
        text = re.sub(_DAY, "", text)  # 05/10/2015 has as many digits
    if any((pattern := written.get(kind)) and pattern.search(text) for written in (_WRITTEN, _ELSEWHERE)):
        return True
    if kind is AskedKind.COUNT:
        return any(not number.is_year for number in claimed_numbers(text))
    units, numbers = _UNITS.get(kind, frozenset()), stated_numbers(text)
    signs = {unit for unit in units if not unit.isalpha()}  # these may stand in a head, apart from the numbers
    # Cents, as in a table, where the sign of the currency stands elsewhere if at all.
    amount = any(not number.unit and number.value.as_tuple().exponent == -2 for number in numbers)
    return (
        (kind is AskedKind.MONEY and amount)
        or any(number.unit in units for number in numbers)
        or any(sign in text.lower() for sign in signs)
    )
