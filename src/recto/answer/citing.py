"""Which evidence a written sentence rests on: what shares most of its words, and differs in nothing that matters.

Code decides, not the model that writes. The words of the question are given: models repeat them, and they need no other
support; what a sentence adds to them does, and where a question tells what kind of thing it asks for, it has to add
that. What the rule gets right, and what not, bench/citing.py measures.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

from recto.text.asked_kind import answers_kind, without_numbering, words_of_kind
from recto.text.languages import MIXED
from recto.text.languages.language import any_of
from recto.text.negation import contradict, denies, negates
from recto.text.numbers import Number, claimed_numbers, stated_numbers, unstated_units
from recto.text.refusing import refuses
from recto.text.sentences import sentences
from recto.text.stems import roots, stems

SHARE = 0.35  # of a sentence's words without a question, rare ones counting more: a paraphrase has few of its source's
ADDED = 0.8  # of the words that a sentence adds to its question, which must stand in its source
NEARLY = 0.95  # as well as the best line of its source the one that has the answer must fit the question
ROW = 16  # words: longer lines are prose, whose words follow no heads
LONG = 6  # words of four letters in a clause that must share as many with the source of the whole
SHORT = 3  # of them in a clause that can have a source of its own

_PLACE = r"(?:the |these |this )?(?:provided |given )?(?:documents?|excerpts?|texts?|passages?|evidence|page \d+)"
_LEAD = re.compile(  # what says where it stands, not what: "1. According to the document, "
    r"^(?:\W*(?:\d{1,2}\.)*\d{1,2}[.)]\s+)?"
    r"(?:(?:the )?(?:short |final )?answer(?: is)?: ?)?"
    rf"(?:(?:according to|based on|as (?:stated|described|shown) (?:in|on|by)|in|on) {_PLACE}[^,]{{0,40}}, ?)?",
    re.IGNORECASE,
)
_JOINT = re.compile(
    r"(?:[,;]|[–—:] )\s*(?:and|but|while|whereas|which|because|so|or|yet|then)?\s+(?=\w)"
    r"|\s(?:and therefore|while|whereas|because|and|but|so that)\s(?=\w)"
)
_PART = re.compile(r"[;()]|\n(?![a-z])|,\s|\s(?:and|but|while|whereas)\s")
_CODED = re.compile(r"\b[^\W\d_]+(?:-\d+)+\b|\b[^\W\d]\w*[\d_]\w*\b|\b\d+(?:\.\d+){2,}\b|\b[A-Z]{2,}\b")
_PROPER = re.compile(r"(?<=[a-z,] )[^\W\d_a-zà-ÿ][^\W\d_]+\b")
_WORDS = re.compile(r"(?=\b(\w+(?:[.-]\d+)*))(?=\b(\w+))")
_FIGURE = re.compile(r"\S*\d\S*")
_CONTENT = re.compile(r"[^\W\d_]{4,}")
_WORD = re.compile(r"\w+(?:[.-]\w+)*")
_OR = re.compile(rf"\b{any_of(MIXED.questions.alternatives)}\b", re.IGNORECASE)
_VERBS = MIXED.questions.helping_verbs | MIXED.questions.auxiliaries
_IDLE = MIXED.stop_words | MIXED.polarity.undirected | MIXED.questions.idle  # claim nothing by themselves
MOST_PROPER = 0.3  # of the words of a sentence: in German every noun is written like a name

Overlap = Callable[[str, str], float]  # the share of the first text's words that the second holds, 0 to 1


@dataclass(frozen=True, slots=True)
class CitedSource:
    """A piece of evidence, and what stands above it: the document's name and title, and headings."""

    text: str
    about: str


def claims(sentence: str, question: str) -> bool:
    """Whether a sentence claims anything: refusals, heads, questions and what repeats the question do not."""
    claim = _Claim.of(sentence, question, lambda *_: 0.0)
    if not claim.text or claim.text[-1] in ":?" or refuses(claim.text, question):
        return False
    return bool(claim.is_choice or claim.added or claim.quantities)


def supporting(sentence: str, sources: Sequence[CitedSource], overlap: Overlap, question: str = "") -> tuple[int, ...]:
    """The sources that support a sentence: one, or one for each of its two clauses; none if a part has no support.

    A number or name that is not there, a word turned around and a word that only another source has refuse support; so
    does another kind of thing than the question asks for, and a row that fits the question less than another one.
    """
    claim = _Claim.of(sentence, question, overlap)
    if not claims(sentence, question) or not answers_kind(question, claim.text):
        return ()
    if claim.is_choice:  # then what the question says is no more certain than anything else
        claim = replace(claim, question="")
    index = claim.source(sources)
    if index is not None:
        clauses = list(_clauses(claim.text, LONG))
        if len(clauses) == 1 or all(overlap(clause, sources[index].text) >= SHARE for clause in clauses):
            return (index,)
    indexes = [replace(claim, text=clause).source(sources) for clause in _clauses(claim.text, SHORT)]
    supported = sorted({index for index in indexes if index is not None})
    return tuple(supported) if len(indexes) == len(supported) == 2 else ()


@dataclass(frozen=True, slots=True)
class _Claim:
    """A sentence or a clause of one, held against the question that it answers; the question may be empty."""

    text: str
    question: str
    overlap: Overlap

    @classmethod
    def of(cls, sentence: str, question: str, overlap: Overlap) -> Self:
        return cls(_LEAD.sub("", sentence, count=1).strip(), question, overlap)

    @property
    def is_choice(self) -> bool:
        """Whether the question's own words may answer it: yes or no, or one of two things."""
        first = next(iter(_WORD.findall(self.question.casefold())), "")
        return first in _VERBS or _OR.search(self.question) is not None

    @property
    def given(self) -> str:
        """The words of the question, and others for what it asks for."""
        return " ".join([self.question, *words_of_kind(self.question)])

    @property
    def added(self) -> str:
        """The words that it adds to the question, without numbers and what has no content."""
        words = self._words
        given = set() if self.is_choice else set(roots(_WORD.findall(self.given.casefold())))
        return " ".join(word for word, root in zip(words, roots(words), strict=True) if root not in given)

    @property
    def _words(self) -> list[str]:
        months = {name for name in _PROPER.findall(self.text) if name.casefold() in MIXED.months}  # May is not may
        spoken = [word for word in _WORD.findall(self.text) if not word[0].isdigit()]
        return [word.casefold() for word in spoken if word in months or word.casefold() not in _IDLE]

    @property
    def quantities(self) -> list[Number]:
        """The numbers that it adds."""
        return _lacking(list(claimed_numbers(self.text)), [] if self.is_choice else stated_numbers(self.question))

    def source(self, sources: Sequence[CitedSource]) -> int | None:
        """The source with most of its words, unless it differs: the second best is not looked for then."""
        added = self.added if self.question else self.text

        def holds(source: CitedSource) -> float:
            return self.overlap(added, source.text) if added else 1.0

        def fit(index: int) -> float:
            return holds(sources[index]) + self.overlap(f"{self.question} {self.text}", sources[index].text)

        best = max(range(len(sources)), key=fit, default=None)
        if best is None or holds(sources[best]) < (ADDED if self.question else SHARE if self._words else 0.0):
            return None
        return None if self._differs(sources[best], [*sources[:best], *sources[best + 1 :]]) else best

    def _differs(self, source: CitedSource, rivals: Sequence[CitedSource]) -> bool:
        around = f"{source.text}\n{source.about}\n{self.given}"
        claim_stems = _stems(self.text) - _stems(around)
        heads = [line.strip(" :") for line in source.text.split("\n")[:-1]]  # a sentence ends otherwise
        is_head = self.text.strip(" .:") in heads and not claimed_numbers(self.text)
        return (
            is_head
            or self._differs_in_numbers(source)
            or self._differs_in_names(source.text, around)
            or contradict(self.text, source.text)
            or (negates(self.text) and not denies(source.text))
            or any(claim_stems & _stems(rival.text) for rival in rivals)
            or self._is_of_another_row(source.text)
        )

    def _part(self, text: str, left_out: re.Pattern[str]) -> str:
        """The part of a text that it repeats, or that answers the question: some words are not looked at."""
        words = left_out.sub(" ", f"{self.question} {self.text}") if self.question else self.text
        return max(_PART.split(text), key=lambda part: self.overlap(words, part))

    def _differs_in_names(self, text: str, around: str) -> bool:
        """Whether a name is nowhere around, or is an identifier where the part that it repeats has another one."""
        proper = _PROPER.findall(self.text)
        if len(proper) > MOST_PROPER * len(self.text.split()):
            proper = []
        coded = set(_CODED.findall(self.text))
        names = {name.casefold() for name in [*coded, *proper]}
        if not names <= {word.casefold() for words in _WORDS.findall(around) for word in words}:
            return True
        added = coded - set(_CODED.findall(self.question))
        in_part = set(_CODED.findall(self._part(text, _CODED))) - set(_CODED.findall(self.question))
        return bool(self.question and added and in_part) and not added & in_part

    def _differs_in_numbers(self, source: CitedSource) -> bool:
        """Whether a number is not in the source, or is that of another part of it.

        A year may stand in what is above the source. A number is another part's if the part that the claim repeats has
        one of the same unit that the claim leaves out.
        """
        numbers = self.quantities
        years = [number for number in numbers if number.is_year]
        quantities = [number for number in numbers if not number.is_year]
        in_text, above = stated_numbers(without_numbering(self.question, source.text)), stated_numbers(source.about)
        in_part = stated_numbers(self._part(source.text, _FIGURE), source.text)
        is_absent = _lacking(years, [*in_text, *above]) or _lacking(quantities, in_text)
        if is_absent or unstated_units(quantities, f"{source.text}\n{source.about}"):
            return True
        dropped = _lacking(in_part, quantities)
        foreign = _lacking(quantities, in_part)
        return any(_lacks_unit(number, in_text) for number in quantities) or any(
            number.unit == match.unit for number in foreign for match in dropped if not match.is_year
        )

    def _is_of_another_row(self, text: str) -> bool:
        """Whether its numbers stand in a row whose words fit the question less than those of another row."""
        quantities, added = [number for number in self.quantities if not number.is_year], self.added
        if not quantities or not self.question:
            return False

        def fit(row: str) -> float:
            covered, precision = self.overlap(self.question, row), self.overlap(_FIGURE.sub(" ", row), self.question)
            return covered * (1 + precision) / 2

        def answers(row: str) -> bool:
            is_there = not _lacking(quantities, stated_numbers(row, text))
            return is_there and (not added or self.overlap(added, row) >= ADDED)

        lines = [text[start:end] for start, end in sentences(text)]
        rows = [line for line in lines if len(line.split()) <= ROW and stated_numbers(line)]
        fits = [fit(row) for row in rows if answers(row)]
        rival_fits = [fit(row) for row in rows if not answers(row)]
        return bool(fits and rival_fits) and max(fits) < NEARLY * max(rival_fits)


def _lacking(numbers: Sequence[Number], matches: Sequence[Number]) -> list[Number]:
    """Those of the numbers that are not among the matches."""
    return [number for number in numbers if not any(number.matches(match) for match in matches)]


def _lacks_unit(number: Number, numbers: Sequence[Number]) -> bool:
    """Whether it has a unit that it lacks among the numbers, though another one of them has it."""
    matches = [match for match in numbers if number.matches(match)]
    units = {match.unit for match in numbers}
    return number.unit in units - {""} and not any(match.unit for match in matches)


def _stems(text: str) -> set[str]:
    return set(stems(list(set(_CONTENT.findall(text.casefold())) - MIXED.polarity.undirected)))


def _clauses(claim: str, least: int) -> Iterator[str]:
    """The parts of a sentence of at least so many words."""
    start = 0
    for joint in _JOINT.finditer(claim):
        parts = claim[start : joint.start()], claim[joint.end() :]
        if min(len(_CONTENT.findall(part)) for part in parts) >= least:
            yield parts[0]
            start = joint.end()
    yield claim[start:]
