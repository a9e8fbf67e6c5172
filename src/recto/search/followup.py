"""Follow-up questions: what a question leaves unsaid is taken from those before it, by rules and without a model.

A question leans on those before it if it opens like an afterthought, names nothing, or points with a word that stands
for nothing in it. The rules are English; a question in another language is left as it is, very short ones aside.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from recto.text.analyse import asks_for_figure, tokens
from recto.text.languages import MIXED
from recto.text.languages.language import any_of

EARLIER = 3  # questions looked back at
LONGEST_FILLED = 300  # characters: in a longer question nothing is exchanged, its words are carried over
CARRIED = 12  # words
FEW = 2  # words of content, with which an afterthought cannot stand alone even if it has a verb
SEVERAL = 6  # words of content, with which a fragment or a pronoun still leans


_WORDS = MIXED.questions
_AUXILIARIES = _WORDS.helping_verbs | _WORDS.auxiliaries
_PRONOUNS = _WORDS.possessives | _WORDS.pronouns
_LITTLE = MIXED.stop_words.union(
    _WORDS.prepositions,
    _WORDS.determiners,
    _WORDS.interrogatives,
    _AUXILIARIES,
    _WORDS.clause_openers,
    _PRONOUNS,
    _WORDS.saying_verbs,
    _WORDS.comparisons,
    _WORDS.fillers,
)

_OPENING = re.compile(
    r"^(?:(?:ok|okay|yes|thanks|thank you) )*"
    rf"(?:{any_of(_WORDS.connectives)} )*"
    r"(?:(?:what|how) about |what of |(?:the )?same (?:question )?(?:for|in|with) )?"
)
_ELLIPSIS = re.compile(r"^(?:(?:in|on|at|for|by|to|from|of|with) )?(?:which|what|whose|how many|how much|any) ")
_IDLE_IT = re.compile(  # "it" stands for what follows: "is it allowed to ...", "how long does it take to ..."
    r"^it (?:that|who|which)\b|"
    r"^it (?:(?:is|was|be|ever|still|also|not|really) )*(?:takes?|took|costs?|means?|possible|necessary|required|"
    r"allowed|permitted|true|legal|lawful|safe|common|important|mandatory|recommended|useful|best|better|enough|easy|"
    r"hard|clear|likely|forbidden|prohibited|correct|acceptable|sufficient|worth)\b.* (?:to|that|if|when)\b"
)
_ITSELF = re.compile(  # "this report" is the one at hand; "those who" are named by what follows
    r"documents?|reports?|files?|filings?|guidance|standards?|manuals?|specifications?|papers?|chapters?|sections?|"
    r"books?|agreements?|contracts?|policy|policies|librar(?:y|ies)|pdfs?|who|whose|that|which"
)
_YEAR = re.compile(r"(?:fy|cy)?(?:19|20)\d\d(?:[-/]\d\d(?:\d\d)?)?", re.IGNORECASE)
_PERIOD = re.compile(
    r"q[1-4]|h[12]|(?:first|second|third|fourth|last)[ -](?:quarter|half)|" + any_of(MIXED.months),
    re.IGNORECASE,
)
_WORD = re.compile(r"(?:first|second|third|fourth)[ -](?:quarter|half)\b|\w+(?:[.\-/&'\u2019]\w+)*", re.IGNORECASE)
_POSSESSED = re.compile(r"['\u2019]s$")


class Kind(Enum):
    """What a word can stand in for: only another one of its kind."""

    LITTLE = auto()
    YEAR = auto()
    PERIOD = auto()
    PLACE = auto()
    NAME = auto()
    NUMBER = auto()
    FIGURE = auto()  # what is counted or measured: revenue, cost, margin
    WORD = auto()


_SLOTS = {Kind.YEAR, Kind.PERIOD, Kind.PLACE, Kind.NUMBER}  # one answer has one of each
_CARRIERS = {Kind.YEAR, Kind.PERIOD, Kind.PLACE}  # alone they ask nothing


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question, where it stands, and whether a comma or the like goes before it."""

    text: str
    low: str  # lower case, without 's
    start: int
    end: int
    kind: Kind
    apart: bool


@dataclass(frozen=True, slots=True)
class Phrase:
    """Neighbouring words of one kind, and the preposition or article that leads to them."""

    lead: Word | None
    words: tuple[Word, ...]
    kind: Kind


def follow_up(question: str, earlier: Sequence[str]) -> str:
    """The question to search with: itself if it stands alone, else with what the last questions (oldest first) said."""
    words = _words(question)
    if not earlier or not _leans(words):
        return question
    for before in reversed(earlier[-EARLIER:]):
        if known := _content(_words(before)):
            return _filled(before, question) or _carried(known, question)
    return question


# --- words ----------------------------------------------------------------------------------------------------------
def _words(text: str) -> list[Word]:
    words: list[Word] = []
    for match in _WORD.finditer(text):
        between = text[words[-1].end : match.start()] if words else ""
        apart = any(mark in between for mark in ",;:.?!()")
        words.append(_word(match, first=not words or any(mark in between for mark in ".:?!"), apart=apart))
    return words


def _word(match: re.Match[str], *, first: bool, apart: bool) -> Word:
    text = match[0]
    bare = _POSSESSED.sub("", text)
    return Word(text, bare.lower(), match.start(), match.end(), _kind(text, bare, first=first), apart)


def _kind(text: str, bare: str, *, first: bool) -> Kind:
    low = bare.lower()
    acronym = bare.isupper() and len(bare) > 1 and not first
    if bare in _WORDS.capital_places or low in _WORDS.places:
        return Kind.PLACE
    if low in _LITTLE and not acronym and bare != "May":
        return Kind.LITTLE
    if _YEAR.fullmatch(bare):
        return Kind.YEAR
    if _PERIOD.fullmatch(bare) and (bare[0].isupper() or low != "march"):
        return Kind.PERIOD
    if bare.isdigit():
        return Kind.NUMBER
    if acronym or (bare[0].isupper() and not first) or (bare[1:].isalpha() and not bare[1:].islower()) or bare != text:
        return Kind.NAME
    return Kind.FIGURE if asks_for_figure(low) else Kind.WORD


def _content(words: Sequence[Word]) -> list[Word]:
    return [word for word in words if word.kind is not Kind.LITTLE]


def _unopened(words: list[Word]) -> list[Word]:
    """The words after "and", "what about" and the like."""
    opening = _OPENING.match(_said(words))
    return words[opening[0].count(" ") :] if opening else words


def _said(words: Sequence[Word]) -> str:
    return "".join(f"{word.low} " for word in words)


def _phrases(words: Sequence[Word]) -> list[Phrase]:
    """The runs of words of one family, without the verb that "who" or "does" brings along."""
    runs: list[list[Word]] = []
    for at, word in enumerate(words):
        if at and not word.apart and _family(word) is _family(words[at - 1]):
            runs[-1].append(word)
        else:
            runs.append([word])
    found, at = [], 0
    for run in runs:
        if run[0].kind is not Kind.LITTLE and (nouns := _nouns(run, words[:at])):
            found.append(Phrase(_lead(words[:at]), tuple(nouns), _chief(run)))
        at += len(run)
    return found


def _family(word: Word) -> Kind:
    return {Kind.FIGURE: Kind.WORD, Kind.PLACE: Kind.NAME}.get(word.kind, word.kind)


def _chief(run: Sequence[Word]) -> Kind:
    kinds = {word.kind for word in run}
    return next((kind for kind in (Kind.FIGURE, Kind.PLACE) if kind in kinds), run[0].kind)


def _nouns(run: list[Word], before: Sequence[Word]) -> list[Word]:
    """The run without its verb: the first word after "who", the last one after "does"."""
    lows = [word.low for word in before if word.low not in _WORDS.determiners]
    if run[0].kind not in (Kind.WORD, Kind.FIGURE) or not lows:
        return run
    if lows[-1] in ("who", "what"):
        return run[1:]
    return run[:-1] if lows[-1] in _WORDS.helping_verbs and len(run) > 1 else run


def _lead(before: Sequence[Word]) -> Word | None:
    """The preposition before a phrase, past its article; or the article."""
    article = before[-1] if before and before[-1].low in _WORDS.determiners else None
    ahead = before[:-1] if article else before
    return ahead[-1] if ahead and ahead[-1].low in _WORDS.prepositions else article


# --- does it lean on what was before? -------------------------------------------------------------------------------
def _leans(words: list[Word]) -> bool:
    """Whether a question cannot be understood alone."""
    rest = _unopened(words)
    content = _content(rest)
    few = sum(word.kind not in _SLOTS for word in content) <= FEW
    if not content:
        return bool(words)
    if len(rest) < len(words) and (few or (_is_fragment(rest) and len(content) <= SEVERAL)):
        return True
    if _is_fragment(rest) and (all(word.kind in _CARRIERS for word in content) or (_is_led(rest) and few)):
        return True
    return _is_ellipsis(rest) or (len(content) <= SEVERAL and _is_english(words) and _dangles(words))


def _is_fragment(words: Sequence[Word]) -> bool:
    return not any(word.low in _WORDS.interrogatives or word.low in _AUXILIARIES for word in words)


def _is_led(words: Sequence[Word]) -> bool:
    return words[0].low in _WORDS.prepositions or words[0].low in _WORDS.comparisons


def _is_ellipsis(words: Sequence[Word]) -> bool:
    """Whether it is a question word and a noun: "in which year?", "how many pages?"."""
    short = len(_content(words)) == 1 and not any(word.low in _AUXILIARIES for word in words)
    return short and words[-1].kind is not Kind.LITTLE and _ELLIPSIS.match(_said(words)) is not None


def _is_english(words: Sequence[Word]) -> bool:
    return sum(word.kind is Kind.LITTLE for word in words) >= FEW


def _dangles(words: Sequence[Word]) -> bool:
    """Whether a word points to something that the question itself does not name."""
    return any(_points(words, at) and not _is_bound(words, at) for at in range(len(words)))


def _points(words: Sequence[Word], at: int) -> bool:
    """Whether this word is a pronoun, and not one of its idle uses: "is it allowed to", "the rules that"."""
    word, last = words[at], at == len(words) - 1
    if word.low not in _PRONOUNS or word.kind is not Kind.LITTLE:
        return False
    if word.low == "it":
        return _IDLE_IT.match(_said(words[at:])) is None
    if word.low in ("there", "then"):
        return last and not (at > 0 and words[at - 1].low in ("is", "are", "was", "were"))
    if word.low in ("one", "ones"):
        chosen = any(
            before.low in _WORDS.determiners | {"which", "another", "other"} for before in words[max(0, at - 2) : at]
        )
        return chosen and (last or (words[at + 1].kind is Kind.LITTLE and words[at + 1].low != "of"))
    if word.low == "that":
        joins = at > 0 and (
            words[at - 1].kind is not Kind.LITTLE or words[at - 1].low in _WORDS.saying_verbs | _PRONOUNS
        )
        return last or not joins
    return last or word.low not in ("this", "these", "those") or not _ITSELF.fullmatch(words[at + 1].low)


def _is_bound(words: Sequence[Word], at: int) -> bool:
    """Whether a clause before the pronoun's own, or for "its" a noun before it, names what it stands for."""
    before = words[:at]
    if words[at].low in _WORDS.possessives:
        return bool(_phrases(before))
    ends = [i for i, word in enumerate(words[: at + 1]) if word.apart or (i < at and word.low in _WORDS.clause_openers)]
    told = (
        at + 1 < len(words) and words[at + 1].low in _AUXILIARIES and words[at - 1].low in _WORDS.saying_verbs
    )  # "say it will"
    return bool(_content(before if told else words[: ends[-1]] if ends else ()))


# --- what is taken over ---------------------------------------------------------------------------------------------
def _filled(before: str, question: str) -> str:
    """The earlier question with the fragment's words in the places of their kind; empty if it is no fragment."""
    rest = _unopened(_words(question))
    new = _phrases(rest)
    if not new or not _is_fragment(rest) or len(before) > LONGEST_FILLED or _keeps_all(rest):
        return ""
    old = _phrases(_words(before))
    changes: list[tuple[int, int, str]] = []
    added = ""
    for phrase in new:
        text = question[phrase.words[0].start : phrase.words[-1].end]
        if place := _alike(phrase, old) or _twin(phrase, old):
            changes.append((place[0].start, place[-1].end, text))
            old = [one for one in old if not set(place) & set(one.words)]
        else:
            added += _addition(phrase, question)
    for start, end, text in sorted(changes, reverse=True):
        before = before[:start] + text + before[end:]
    body = before.rstrip(" ?.!")
    return body + added + before[len(body) :] if added else before


def _keeps_all(words: Sequence[Word]) -> bool:
    """Whether pronouns or a comparison need what was said before as it is."""
    return any(word.low in _WORDS.comparisons for word in words) or _dangles(words)


def _alike(phrase: Phrase, old: Sequence[Phrase]) -> tuple[Word, ...]:
    """The words that a phrase renames: "user mode" for "supervisor mode", by the word they share."""
    if phrase.kind not in (Kind.WORD, Kind.FIGURE):
        return ()
    for at, word in enumerate(phrase.words):
        for one in old:
            for there, other in enumerate(one.words):
                if tokens(word.text) == tokens(other.text):
                    return one.words[max(0, there - at) : there - at + len(phrase.words)]
    return ()


def _twin(phrase: Phrase, old: Sequence[Phrase]) -> tuple[Word, ...]:
    """The words that a phrase takes the place of: those of its kind, rather those with its preposition."""
    same = [one for one in old if one.kind is phrase.kind]
    led = [one for one in same if phrase.lead and one.lead and one.lead.low == phrase.lead.low]
    if led:
        return led[-1].words
    loose = phrase.lead is None or phrase.lead.low in _WORDS.determiners
    if phrase.kind is Kind.WORD and not (loose and len(same) == 1 and len(same[0].words) <= FEW):
        return ()  # which of several things a plain word stands in for is not known
    return same[-1].words if same else ()


def _addition(phrase: Phrase, question: str) -> str:
    led = phrase.lead is not None and phrase.lead.low in _WORDS.prepositions
    start = phrase.lead.start if phrase.lead else phrase.words[0].start
    return f"{' ' if led else ', '}{question[start : phrase.words[-1].end]}"


def _carried(known: Sequence[Word], question: str) -> str:
    """The question, and before it the words it leaves out: "lease Acme 2019: who signed it?"."""
    rest = _unopened(_words(question)) or _words(question)
    dropped = set() if any(word.low in _WORDS.comparisons for word in rest) else _dropped(rest)
    seen = set(tokens(question))
    words: list[str] = []
    for word in known:
        terms = set(tokens(word.text))
        if word.kind not in dropped and terms - seen:
            words.append(word.text)
            seen |= terms
    return f"{' '.join(words[:CARRIED])}: {question[rest[0].start :]}" if words else question


def _dropped(words: Sequence[Word]) -> set[Kind]:
    """The kinds that the question renames; a pronoun may mean any name or figure, so that those are kept."""
    named = {word.kind for word in words}
    return named & (_SLOTS if _dangles(words) else _SLOTS | {Kind.NAME, Kind.FIGURE})
