"""Evidence: the sentences of the best pages, and how well each answers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from recto.text.sentences import Range, grouped, sentences
from recto.types import Floats, Span

SHORTLIST = 16  # sentences a question can afford to encode on two cores; of 12, 16, 24 and 40 none quotes better
ENCODED = 300  # characters of each that are encoded: most sentences whole, no table of words
KEYWORD, SEMANTIC = 0.2, 0.8  # of the z-scores, see bench/quoting.py
PAGE = 0.5  # off for each point that a page's score lies behind the best page's


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page that search found, and its sentences."""

    doc: str
    number: int
    behind: float  # how far its score lies behind the best page's
    text: str
    sentences: tuple[Range, ...] = ()

    @classmethod
    def of(cls, doc: str, number: int, behind: float, text: str) -> Self:
        """A page, not yet split."""
        return cls(doc, number, behind, text)

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
    """The sentences that hold words, in these passages alone: they are the page without its running headers.

    Neighbours with white space alone between them are read as one: a sentence may run from one into the next.
    """
    regions = grouped(within, lambda region, passage: not sheet.text[region[-1][1] : passage[0]].strip())
    places = tuple(place for region in regions for place in sentences(sheet.text, (region[0][0], region[-1][1])))
    split = replace(sheet, sentences=places)
    found = (Candidate(split, index) for index in range(len(places)))
    return [one for one in found if any(map(str.isalpha, one.text))]


def shortlist(found: Sequence[Candidate], keyword: Floats) -> list[int]:
    """Which candidates are worth encoding, best first: by their words and their page."""
    order = np.argsort(-weigh(found, keyword, None), kind="stable")
    return [int(index) for index in order[:SHORTLIST]]


def weigh(found: Sequence[Candidate], keyword: Floats, semantic: Floats | None) -> Floats:
    """How well each candidate answers, (n,), by BM25 and max-sim; without an encoder, by BM25 alone."""
    page = np.array([-PAGE * one.sheet.behind for one in found], np.float32)
    text = z(keyword) if semantic is None else KEYWORD * z(keyword) + SEMANTIC * z(semantic)
    return page + text


def z(values: Floats) -> Floats:
    """Distances from the mean in standard deviations: what was measured on any scale can then be added."""
    spread: Floats = (values - values.mean()) / (values.std() + np.float32(1e-6)) if len(values) else values
    return spread
