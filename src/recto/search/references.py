"""The places that a question names: "on page 12", "Table II", "section 3.2", "the author", "what is this about"."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import pairwise
from typing import TypeVar

from recto.query import PartReference, References
from recto.text.contents import FRONT_MATTER
from recto.text.languages import MIXED
from recto.text.languages.language import any_of

T = TypeVar("T")
WORDS, QUESTIONS = MIXED.places, MIXED.questions


def plain(text: str) -> str:
    """Without accents, which questions leave out, and with the case that tells a label from a word."""
    if text.isascii():  # most is, and one question compares thousands of words
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def plain_words(words: Collection[str]) -> frozenset[str]:
    """Words as they are compared with those of a question."""
    return frozenset(plain(word).lower() for word in words)


_PREPOSITIONS = plain_words(QUESTIONS.prepositions)
_REQUESTS = plain_words(WORDS.requests)
_DOCUMENTS, _OVERVIEWS = plain_words(WORDS.documents), plain_words(WORDS.overviews)
_FACTS = {plain(word): fact for word, fact in WORDS.facts.items()}
_ISSUING, _PERSONS, _TIMES = map(plain_words, (WORDS.issuing, WORDS.persons, WORDS.times))
_POSSESSIVES = plain_words(QUESTIONS.possessives)
_SINGLING = plain_words(WORDS.singling)
_NAMED_PAGES = {plain(name): place for name, place in WORDS.pages.items()}
_KINDS = {plain(word): kind for word, kind in WORDS.parts.items()}
_EMPTY = plain_words(
    MIXED.stop_words
    | WORDS.requests
    | QUESTIONS.prepositions
    | QUESTIONS.determiners
    | QUESTIONS.interrogatives
    | QUESTIONS.helping_verbs
    | QUESTIONS.auxiliaries
    | QUESTIONS.pronouns
    | QUESTIONS.possessives
    | QUESTIONS.saying_verbs
    | QUESTIONS.connectives
    | WORDS.persons
    | WORDS.times
) - {"page"}
_LETTERED = {"appendix", "exhibit", "schedule"}  # their numbers are letters, small ones too
_SPELLED = {"chapter", "part", "section", "step", "article", "unit", "lesson", "module", "volume"}  # chapter two

_JOINING = rf"\s*(?:,|,?\s*(?:&|-|\u2013|\b(?:{any_of(MIXED.range_words)}|{any_of(QUESTIONS.connectives)})\b))\s*"
_VERBS = any_of(QUESTIONS.helping_verbs | {"need", "want", "have", "am", "see", "find", "use"})
_ROMAN = r"(?:X{0,3}(?:IX|IV|V?I{0,3}))"
_END = r"(?=\s*(?:[?!.,;:)]|$))"
# 12, 3.2, 7A, 2(b), A-1; II, iv; B; at the end of a clause also b. "I" may be who asks.
_NUMBER = (
    r"(?-i:(?:[A-Z]{1,2}[.-]?)?\d{1,4}(?:[.\u2013-]\d{1,3})*(?:\([A-Za-z0-9]{1,4}\)|[A-Za-z])?(?!\w)"
    rf"|(?<![^\W\d_])(?:(?!I (?:{_VERBS})\b)(?=[XVI]){_ROMAN}(?:[.-]\d+)*(?!\w)"
    rf"|(?=[xvi]{{2}}){_ROMAN.lower()}(?!\w)"
    rf"|(?!I\b)[A-Z](?:\.\d+)*(?![\w'\u2019])|[a-z]{_END}))"
)
_PART = re.compile(
    rf"(?<![\w.])(?P<kind>{any_of(_KINDS)})(?:\s?[#-]|\s?n[or][.\u00ba]?)?\s?(?P<first>{_NUMBER})(?P<more>(?:{_JOINING}{_NUMBER})*)",
    re.IGNORECASE,
)
_LETTERED_PART = re.compile(rf"\b({any_of(w for w, kind in _KINDS.items() if kind in _LETTERED)}) ([a-z])\b", re.I)
_SPELLED_PART = re.compile(
    rf"\b({any_of(w for w, kind in _KINDS.items() if kind in _SPELLED)}) ({any_of(MIXED.numbers.small)})\b",
    re.IGNORECASE,
)
# 12, iv; with what some printed labels begin, also A-8 and S12.
_PAGE_NUMBER = (
    r"(?:(?-i:[A-Z]{1,3}[.\u2013-]?)?[1-9][0-9]{0,3}"
    rf"|(?-i:(?!I \w)(?=[XVI]){_ROMAN}|(?=[xvi]{{2}}){_ROMAN.lower()}|[xvi]{_END}))(?!\w)"
)
_PAGE = re.compile(
    rf"\b{any_of(map(plain, MIXED.page_words))}\s?(?P<first>{_PAGE_NUMBER})"
    rf"(?:(?P<joint>{_JOINING})(?P<last>{_PAGE_NUMBER}))?",
    re.IGNORECASE,
)
_RANGE = re.compile(rf"\s*(?:-|\u2013|{any_of(MIXED.range_words - QUESTIONS.connectives)})\s*", re.IGNORECASE)
# "The first page of the report"; but the first page of history, and a cover letter, are other things.
_NAMED_PAGE = re.compile(
    rf"(?<!\w){any_of(_NAMED_PAGES)}(?!\w)"
    rf"(?! of (?!{any_of(plain_words(QUESTIONS.determiners))}\b))(?! {any_of(WORDS.compounds)}\b)",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(r"\[[^\]]*\]")  # how an answer is to be written
_WORD = re.compile(r"[^\W_]+")


def references(question: str) -> References:
    """The places in a question; of a range of pages at most as many as front matter may have."""
    pages, text = _take(_PAGE, _EXAMPLE.sub(" ", plain(question)), page_numbers)
    ends, text = _take(_NAMED_PAGE, text, lambda match: [_NAMED_PAGES[match[0].lower()]])
    parts: list[PartReference] = []
    for pattern, numbers in ((_LETTERED_PART, _second), (_SPELLED_PART, _second), (_PART, part_numbers)):
        references_of_kind, text = _take(pattern, text, numbers)
        parts += references_of_kind
    words = [word.lower() for word in _WORD.findall(text.rpartition("?")[0] or text)]  # behind it stands how to answer
    # "Her thesis" is one that the document tells of.
    documents = _DOCUMENTS - {word for before, word in pairwise(words) if before in _POSSESSIVES}
    empty = _EMPTY | documents | _OVERVIEWS
    if pages or ends or parts:
        facts, overview = [], False
        empty = (empty | {word for word, fact in _FACTS.items() if fact == "title"}) - _PERSONS - _TIMES
    else:
        facts = asked_facts(words)
        overview = not facts and asks_for_whole(words, documents)
        empty |= _FACTS.keys() | _ISSUING if facts else set()
    return References(
        pages=tuple(dict.fromkeys(pages)),
        ends=tuple(dict.fromkeys(ends)),
        parts=tuple(dict.fromkeys(parts)),
        facts=tuple(dict.fromkeys(facts)),
        overview=overview,
        documents=tuple(word for word in words if word in documents),
        remainder=tuple(word for word in words if word not in empty),
    )


def asks_of_document(question: str) -> bool:
    """Whether a question asks for nothing but a document's author, title, date or contents: it stands alone."""
    value = references(question)
    return bool(value.facts or value.overview) and not value.remainder


def _take(pattern: re.Pattern[str], text: str, values: Callable[[re.Match[str]], Iterable[T]]) -> tuple[list[T], str]:
    """What a pattern finds in a text, and the text without it."""
    matches = list(pattern.finditer(text))
    return [value for match in matches for value in values(match)], pattern.sub(" ", text)


def page_numbers(match: re.Match[str]) -> list[str]:
    """The numbers of pages that a match names: one, two, or a range of them."""
    first, last = match["first"].lower(), (match["last"] or "").lower()
    if not last:
        return [first]
    if not (_RANGE.fullmatch(match["joint"]) and first.isdigit() and last.isdigit()):
        return [first, last]
    return [first, *map(str, range(int(first) + 1, min(int(last), int(first) + FRONT_MATTER) + 1))]


def part_numbers(match: re.Match[str]) -> list[PartReference]:
    """The parts that a match names: "tables 1 and 2"."""
    kind = _KINDS[match["kind"].lower()]
    return [PartReference(kind, number) for number in [match["first"], *re.findall(_NUMBER, match["more"])]]


def _second(match: re.Match[str]) -> list[PartReference]:
    return [PartReference(_KINDS[match[1].lower()], match[2])]


def asked_facts(words: Sequence[str]) -> list[str]:
    """The facts about a document that these words ask for."""
    nouns = [_FACTS[word] for word in words if word in _FACTS]
    if _ISSUING.isdisjoint(words):
        return nouns
    return [
        *nouns,
        *(["author"] if not _PERSONS.isdisjoint(words) else ["date"] if not _TIMES.isdisjoint(words) else []),
    ]


def asks_for_whole(words: Sequence[str], documents: frozenset[str]) -> bool:
    """Whether these words ask what a document is about, or for nothing but one of these `documents`.

    "About" does so at the end: what is said about something is another question. So is what asks for one thing: who
    has a contract, which book is needed.
    """
    remainder = [word for word in words if word not in _EMPTY | documents | _OVERVIEWS]
    asks_what_about = any(
        word in _OVERVIEWS and (word not in _PREPOSITIONS or _REQUESTS.issuperset(words[at + 1 :]))
        for at, word in enumerate(words)
    )
    if asks_what_about:
        return True
    return not remainder and not documents.isdisjoint(words) and _SINGLING.isdisjoint(words)
