"""Follow-up questions: what a question leaves unsaid is taken from those before it, by rules and without a model.

A question leans on those before it if it opens like an afterthought, names nothing, or points with a word that stands
for nothing in it. The rules are English; a question in another language is left as it is, very short ones aside.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

from recto.search.references import asks_of_document
from recto.text.analyse import asks_for_figure, tokens
from recto.text.languages import MIXED
from recto.text.languages.language import any_of

EARLIER = 3  # questions looked back at
LONGEST_FILLED = 300  # characters: in a longer question nothing is exchanged, its words are carried over
CARRIED = 12  # words
FEW = 2  # words of content, with which an afterthought cannot stand alone even if it has a verb
SEVERAL = 6  # words of content, with which a fragment or a pronoun still leans

_ROLES = MIXED.questions
_AUXILIARIES = _ROLES.helping_verbs | _ROLES.auxiliaries
_PRONOUNS = _ROLES.possessives | _ROLES.pronouns
_LITTLE = (
    MIXED.stop_words
    | _ROLES.prepositions
    | _ROLES.determiners
    | _ROLES.interrogatives
    | _AUXILIARIES
    | _ROLES.clause_openers
    | _PRONOUNS
    | _ROLES.saying_verbs
    | _ROLES.comparisons
    | _ROLES.fillers
)

_OPENING = re.compile(
    r"^(?:(?:ok|okay|yes|thanks|thank you) )*"
    rf"(?:{any_of(_ROLES.connectives)} )*"
    r"(?:(?:what|how) about |what of |(?:the )?same (?:question )?(?:for|in|with) )?"
)
_ELLIPSIS = re.compile(r"^(?:(?:in|on|at|for|by|to|from|of|with) )?(?:which|what|whose|how many|how much|any) ")
_IDLE_IT = re.compile(  # "it" stands for what follows: "is it allowed to ...", "how long does it take to ..."
    r"^it (?:that|who|which)\b|"
    r"^it (?:(?:is|was|be|ever|still|also|not|really) )*(?:takes?|took|costs?|means?|possible|necessary|required|"
    r"allowed|permitted|true|legal|lawful|safe|common|important|mandatory|recommended|useful|best|better|enough|easy|"
    r"hard|clear|likely|forbidden|prohibited|correct|acceptable|sufficient|worth)\b.* (?:to|that|if|when)\b"
)
_AT_HAND = re.compile(  # "this report" is the one at hand; "those who" are named by what follows
    r"documents?|reports?|files?|filings?|guidance|standards?|manuals?|specifications?|papers?|chapters?|sections?|"
    r"books?|agreements?|contracts?|policy|policies|librar(?:y|ies)|pdfs?|who|whose|that|which"
)
_YEAR = re.compile(r"(?:fy|cy)?(?:19|20)\d\d(?:[-/]\d\d(?:\d\d)?)?", re.IGNORECASE)
_PERIOD = re.compile(
    rf"q[1-4]|h[12]|(?:first|second|third|fourth|last)[ -](?:quarter|half)|{any_of(MIXED.months)}", re.IGNORECASE
)
_TOKEN = re.compile(r"(?:first|second|third|fourth)[ -](?:quarter|half)\b|\w+(?:[.\-/&'\u2019]\w+)*", re.IGNORECASE)
_POSSESSIVE_ENDING = re.compile(r"['\u2019]s$")


class WordKind(Enum):
    """What a word can stand in for: only another one of its kind."""

    LITTLE = auto()
    YEAR = auto()
    PERIOD = auto()
    PLACE = auto()
    NAME = auto()
    NUMBER = auto()
    FIGURE = auto()  # what is counted or measured: revenue, cost, margin
    WORD = auto()


_FAMILIES = {WordKind.FIGURE: WordKind.WORD, WordKind.PLACE: WordKind.NAME}  # kinds that make one phrase together
_SLOTS = {WordKind.YEAR, WordKind.PERIOD, WordKind.PLACE, WordKind.NUMBER}  # one answer has one of each
_CARRIERS = {WordKind.YEAR, WordKind.PERIOD, WordKind.PLACE}  # alone they ask nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word of a question, where it stands, and whether a comma or the like goes before it."""

    text: str
    low: str  # lower case, without 's
    start: int
    end: int
    kind: WordKind
    after_mark: bool


@dataclass(frozen=True, slots=True)
class Phrase:
    """Neighbouring words of one family, and the preposition or article that leads to them."""

    lead: Word | None
    words: tuple[Word, ...]
    kind: WordKind


def follow_up(question: str, earlier: Sequence[str]) -> str:
    """The question to search with: itself if it stands alone, else with what the last questions (oldest first) said."""
    words = _words(question)
    opening = _OPENING.match(_lowered(words))  # "and", "what about" and the like
    body = words[opening[0].count(" ") :] if opening else words
    if not earlier or asks_of_document(question) or not _leans(words, body):
        return question
    for previous in reversed(earlier[-EARLIER:]):
        if content := _content(_words(previous)):
            return _filled(previous, question, body) or _carried(content, question, body or words)
    return question


def as_searched(questions: Sequence[str]) -> list[str]:
    """Questions of a conversation, oldest first, each as it was searched after those before it."""
    searched: list[str] = []
    for question in questions:
        searched.append(follow_up(question, searched))
    return searched


# --- words ----------------------------------------------------------------------------------------------------------
def _words(text: str) -> list[Word]:
    words: list[Word] = []
    for match in _TOKEN.finditer(text):
        between = text[words[-1].end : match.start()] if words else ""
        bare = _POSSESSIVE_ENDING.sub("", match[0])
        begins = not words or any(mark in between for mark in ".:?!")
        word = Word(
            text=match[0],
            low=bare.lower(),
            start=match.start(),
            end=match.end(),
            kind=_kind(match[0], bare, begins=begins),
            after_mark=any(mark in between for mark in ",;:.?!()"),
        )
        words.append(word)
    return words


def _kind(text: str, bare: str, *, begins: bool) -> WordKind:
    """The kind of a word, as written and without 's; `begins` if a capital may be that of a sentence."""
    low = bare.lower()
    acronym = bare.isupper() and len(bare) > 1 and not begins
    if bare in _ROLES.capital_places or low in _ROLES.places:
        return WordKind.PLACE
    if low in _LITTLE and not acronym and bare != "May":
        return WordKind.LITTLE
    if _YEAR.fullmatch(bare):
        return WordKind.YEAR
    if _PERIOD.fullmatch(bare) and (bare[0].isupper() or low != "march"):
        return WordKind.PERIOD
    if bare.isdigit():
        return WordKind.NUMBER
    mixed_case = bare[1:].isalpha() and not bare[1:].islower()
    if acronym or (bare[0].isupper() and not begins) or mixed_case or bare != text:
        return WordKind.NAME
    return WordKind.FIGURE if asks_for_figure(low) else WordKind.WORD


def _content(words: Sequence[Word]) -> list[Word]:
    return [word for word in words if word.kind is not WordKind.LITTLE]


def _lowered(words: Sequence[Word]) -> str:
    """The words as patterns see them, each with a space behind."""
    return "".join(f"{word.low} " for word in words)


def _phrases(words: Sequence[Word]) -> list[Phrase]:
    """The runs of words of one family, without their verb: the first word after "who", the last one after "does"."""
    families = [_FAMILIES.get(word.kind, word.kind) for word in words]
    starts = [at for at, word in enumerate(words) if not at or word.after_mark or families[at] is not families[at - 1]]
    phrases = []
    for start, end in pairwise([*starts, len(words)]):
        before, run = words[:start], words[start:end]
        nouns = run
        leading = next((word.low for word in reversed(before) if word.low not in _ROLES.determiners), "")
        if run[0].kind in (WordKind.WORD, WordKind.FIGURE):
            if leading in ("who", "what"):
                nouns = run[1:]
            elif leading in _ROLES.helping_verbs and len(run) > 1:
                nouns = run[:-1]
        if nouns and families[start] is not WordKind.LITTLE:
            article = before[-1] if before and before[-1].low in _ROLES.determiners else None
            ahead = before[:-1] if article else before
            lead = ahead[-1] if ahead and ahead[-1].low in _ROLES.prepositions else article
            kinds = {word.kind for word in run}
            chief = next((kind for kind in (WordKind.FIGURE, WordKind.PLACE) if kind in kinds), run[0].kind)
            phrases.append(Phrase(lead, tuple(nouns), chief))
    return phrases


# --- does it lean on what was before? -------------------------------------------------------------------------------
def _leans(words: Sequence[Word], body: Sequence[Word]) -> bool:
    """Whether a question cannot be understood alone; `body` are its words after the opening."""
    content = _content(body)
    if not content:
        return bool(words)
    few = sum(word.kind not in _SLOTS for word in content) <= FEW
    fragment = _is_fragment(body)
    if len(body) < len(words) and (few or (fragment and len(content) <= SEVERAL)):
        return True
    led = body[0].low in _ROLES.prepositions | _ROLES.comparisons
    if fragment and (all(word.kind in _CARRIERS for word in content) or (led and few)):
        return True
    # A question word and a noun: "in which year?", "how many pages?".
    bare = len(content) == 1 and not any(word.low in _AUXILIARIES for word in body)
    if bare and body[-1].kind is not WordKind.LITTLE and _ELLIPSIS.match(_lowered(body)):
        return True
    english = sum(word.kind is WordKind.LITTLE for word in words) >= FEW
    return english and len(content) <= SEVERAL and _dangles(words)


def _is_fragment(words: Sequence[Word]) -> bool:
    return not any(word.low in _ROLES.interrogatives or word.low in _AUXILIARIES for word in words)


def _compares(words: Sequence[Word]) -> bool:
    return any(word.low in _ROLES.comparisons for word in words)


def _dangles(words: Sequence[Word]) -> bool:
    """Whether a word points to something that the question itself does not name."""
    for at, word in enumerate(words):
        if not _points(words, at):
            continue
        # For "its" a noun before it, for others a clause before their own may name what they stand for.
        before, after = words[:at], words[at + 1 : at + 2]
        if word.low in _ROLES.possessives:
            is_bound = bool(_phrases(before))
        elif after and after[0].low in _AUXILIARIES and words[at - 1].low in _ROLES.saying_verbs:
            is_bound = bool(_content(before))  # "does it say it will"
        else:
            openers = [place for place in range(at) if words[place].low in _ROLES.clause_openers]
            marks = [place for place in range(at + 1) if words[place].after_mark]
            is_bound = bool(_content(words[: max(openers + marks, default=0)]))
        if not is_bound:
            return True
    return False


def _points(words: Sequence[Word], at: int) -> bool:
    """Whether this word is a pronoun, and not one of its idle uses: "is it allowed to", "the rules that"."""
    word, last = words[at], at == len(words) - 1
    if word.low not in _PRONOUNS or word.kind is not WordKind.LITTLE:
        return False
    if word.low == "it":
        return _IDLE_IT.match(_lowered(words[at:])) is None
    if word.low in ("there", "then"):
        return last and not (at > 0 and words[at - 1].low in ("is", "are", "was", "were"))
    if word.low in ("one", "ones"):
        choosing = _ROLES.determiners | {"which", "another", "other"}
        chooses = any(before.low in choosing for before in words[max(0, at - 2) : at])
        return chooses and (last or (words[at + 1].kind is WordKind.LITTLE and words[at + 1].low != "of"))
    if word.low == "that":
        saying = _ROLES.saying_verbs | _PRONOUNS
        joins = at > 0 and (words[at - 1].kind is not WordKind.LITTLE or words[at - 1].low in saying)
        return last or not joins
    return last or word.low not in ("this", "these", "those") or not _AT_HAND.fullmatch(words[at + 1].low)


# --- what is taken over ---------------------------------------------------------------------------------------------
def _filled(previous: str, question: str, body: Sequence[Word]) -> str:
    """The earlier question with the fragment's words in the places of their kind.

    Empty if it is no fragment, or if pronouns or a comparison need what was said before as it is.
    """
    phrases = _phrases(body)
    if not phrases or not _is_fragment(body) or len(previous) > LONGEST_FILLED or _compares(body) or _dangles(body):
        return ""
    unchanged = _phrases(_words(previous))
    changes: list[tuple[int, int, str]] = []
    addition = ""
    for phrase in phrases:
        start, end = phrase.words[0].start, phrase.words[-1].end
        if place := _counterpart(phrase, unchanged):
            changes.append((place[0].start, place[-1].end, question[start:end]))
            unchanged = [candidate for candidate in unchanged if not set(place) & set(candidate.words)]
        elif phrase.lead is None:
            addition += f", {question[start:end]}"
        else:
            comma = "" if phrase.lead.low in _ROLES.prepositions else ","
            addition += f"{comma} {question[phrase.lead.start : end]}"
    filled = previous
    for start, end, text in sorted(changes, reverse=True):
        filled = filled[:start] + text + filled[end:]
    unmarked = filled.rstrip(" ?.!") if addition else filled
    return unmarked + addition + filled[len(unmarked) :]


def _counterpart(phrase: Phrase, candidates: Sequence[Phrase]) -> tuple[Word, ...]:
    """The words that a phrase takes the place of: those it renames, else those of its kind and of its preposition.

    "User mode" renames "supervisor mode", by the word they share.
    """
    if phrase.kind in (WordKind.WORD, WordKind.FIGURE):
        for at, word in enumerate(phrase.words):
            for candidate in candidates:
                for place, twin in enumerate(candidate.words):
                    if tokens(word.text) == tokens(twin.text):
                        return candidate.words[max(0, place - at) : place - at + len(phrase.words)]
    alike = [candidate for candidate in candidates if candidate.kind is phrase.kind]
    lead = phrase.lead.low if phrase.lead else ""
    led_alike = [candidate for candidate in alike if lead and candidate.lead and candidate.lead.low == lead]
    if led_alike:
        return led_alike[-1].words
    loose = not lead or lead in _ROLES.determiners
    if phrase.kind is WordKind.WORD and not (loose and len(alike) == 1 and len(alike[0].words) <= FEW):
        return ()  # which of several things a plain word stands in for is not known
    return alike[-1].words if alike else ()


def _carried(content: Sequence[Word], question: str, body: Sequence[Word]) -> str:
    """The question, and before it the words it leaves out: "lease Acme 2019: who signed it?"."""
    dropped: set[WordKind] = set()
    if not _compares(body):
        # What the question renames goes; a pronoun may mean any name or figure, so that those are carried.
        renames = _SLOTS if _dangles(body) else _SLOTS | {WordKind.NAME, WordKind.FIGURE}
        dropped = renames & {word.kind for word in body}
    known_terms = set(tokens(question))
    carried: list[str] = []
    for word in content:
        terms = set(tokens(word.text))
        if word.kind not in dropped and terms - known_terms:
            carried.append(word.text)
            known_terms |= terms
    return f"{' '.join(carried[:CARRIED])}: {question[body[0].start :]}" if carried else question
