"""Evidence: the sentences of the best pages, and how well each answers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recto.answer.sentences import Range, sentences
from recto.types import Floats, Span

SHORTLIST = 24  # sentences a question can afford to encode on two cores within the 200 ms of a quoted answer
ENCODED = 300  # characters of each that are encoded: most sentences whole, no table of words
KEYWORD, SEMANTIC = 0.4, 0.6  # of the z-scores, see bench/quoting.py
PAGE = 0.5  # for the best page's sentences; the n-th page's get an n-th of it


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page that search found, and its sentences."""

    doc: str
    number: int
    rank: int  # among the pages found, from 0
    text: str
    sentences: tuple[Range, ...]

    @classmethod
    def of(cls, doc: str, number: int, rank: int, text: str) -> "Sheet":
        """Split a page's text."""
        return cls(doc, number, rank, text, tuple(sentences(text)))

    def span(self, place: Range) -> Span:
        """What cites this place."""
        return Span(self.doc, self.number, *place)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer."""

    sheet: Sheet
    index: int  # among the sheet's sentences

    @property
    def place(self) -> Range:
        """Where it stands in its page's text."""
        return self.sheet.sentences[self.index]

    @property
    def text(self) -> str:
        """Its words."""
        return self.sheet.text[slice(*self.place)]


def candidates(sheet: Sheet, within: Sequence[Range]) -> list[Candidate]:
    """The sentences that hold words and lie in one of these places: the page without its running headers."""
    found = (Candidate(sheet, index) for index in range(len(sheet.sentences)))
    return [one for one in found if _inside(one.place, within) and any(map(str.isalpha, one.text))]


def _inside(place: Range, within: Sequence[Range]) -> bool:
    return any(start < place[1] and place[0] < end for start, end in within)


def shortlist(found: Sequence[Candidate], keyword: Floats) -> list[int]:
    """Which candidates are worth encoding, best first: by their words and their page."""
    order = np.argsort(-weigh(found, keyword, None), kind="stable")
    return [int(index) for index in order[:SHORTLIST]]


def weigh(found: Sequence[Candidate], keyword: Floats, semantic: Floats | None) -> Floats:
    """How well each candidate answers, (n,), by BM25 and max-sim; without an encoder, by BM25 alone."""
    page = np.array([PAGE / (1 + one.sheet.rank) for one in found], np.float32)
    text = _z(keyword) if semantic is None else KEYWORD * _z(keyword) + SEMANTIC * _z(semantic)
    return page + text


def _z(values: Floats) -> Floats:
    spread: Floats = (values - values.mean()) / (values.std() + np.float32(1e-6)) if len(values) else values
    return spread
