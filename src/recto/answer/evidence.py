"""Evidence: the sentences of the best pages, and how well each answers."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple, Self

import numpy as np

from recto.normalize import Float64s, z
from recto.text.sentences import Range, grouped, sentences
from recto.types import Floats, Passage

SHORTLIST = 16  # sentences a question can afford to encode on two cores: of 24 no more are quoted rightly
ENCODED = 300  # characters of each that are encoded: most sentences whole, no table of words
KEYWORD, SEMANTIC = 0.2, 0.8  # of the z-scores, see bench/quoting.py
PAGE = 0.5  # off for each point of a page's score gap


class Excerpt(NamedTuple):
    """A part of a text that the encoder reads whole."""

    text: str
    start: int
    end: int

    @classmethod
    def whole(cls, text: str) -> Self:
        """All of a text."""
        return cls(text, 0, len(text))


@dataclass(frozen=True, slots=True)
class SourcePassage:
    """A passage of a page that search found."""

    place: Range
    text: str  # as the encoder reads it: below its document's title and its headings
    cosine: float | None  # with the question; None if it is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePage:
    """A page that search found, and its sentences once it is split."""

    doc: str
    number: int
    score_gap: float  # how far its score lies behind the best page's
    text: str
    passages: tuple[SourcePassage, ...] = ()  # in order: the page without its running headers
    sentences: tuple[Range, ...] = ()
    beside: "Callable[[int], SourcePage | None] | None" = None  # the page of a number, split: tables go on overleaf

    @property
    def key(self) -> tuple[str, int]:
        """Its document and number."""
        return self.doc, self.number

    def neighbour(self, step: int) -> "SourcePage | None":
        """The page after (1) or before (-1) it, if there is one."""
        return self.beside(self.number + step) if self.beside else None


@dataclass(frozen=True, slots=True)
class PageReader:
    """How the pages of documents are read, each by its document and number."""

    text: Callable[[str, int], str]
    passages: Callable[[str, int], Sequence[Passage]]
    counts: Mapping[str, int]  # pages of each document

    def beside(self, doc: str, number: int) -> SourcePage | None:
        """A page, split into sentences, or None if the document has none of that number."""
        if not 0 <= number < self.counts[doc]:
            return None
        passages = [
            SourcePassage((passage.span.start, passage.span.end), passage.text, None)
            for passage in self.passages(doc, number)
        ]
        page = SourcePage(
            doc=doc,
            number=number,
            score_gap=0.0,
            text=self.text(doc, number),
            passages=tuple(passages),
            beside=partial(self.beside, doc),
        )
        return split(page)


@dataclass(frozen=True, slots=True)
class CandidateSentence:
    """A sentence that may answer."""

    page: SourcePage
    index: int  # among the page's sentences

    @property
    def text(self) -> str:
        """Its words."""
        return self.page.text[slice(*self.page.sentences[self.index])]

    @property
    def passage(self) -> SourcePassage:
        """The one in which it begins."""
        starts = [passage.place[0] for passage in self.page.passages]
        return self.page.passages[bisect_right(starts, self.page.sentences[self.index][0]) - 1]

    @property
    def in_passage(self) -> Excerpt:
        """The sentence within its passage, as far as it stands there."""
        passage, (start, end) = self.passage, self.page.sentences[self.index]
        before = len(passage.text) - (passage.place[1] - passage.place[0]) - passage.place[0]
        return Excerpt(passage.text, before + start, min(before + end, len(passage.text)))


def split(page: SourcePage) -> SourcePage:
    """The page with the sentences of its passages.

    Neighbours with white space alone between them are read as one: a sentence may run from one into the next.
    """
    within = [passage.place for passage in page.passages]
    regions = grouped(within, lambda region, passage: not page.text[region[-1][1] : passage[0]].strip())
    places = [place for region in regions for place in sentences(page.text, (region[0][0], region[-1][1]))]
    return replace(page, sentences=tuple(places))


def candidates(page: SourcePage) -> list[CandidateSentence]:
    """The sentences of a page's passages that hold words."""
    page = split(page)
    return [
        CandidateSentence(page, index)
        for index, place in enumerate(page.sentences)
        if any(map(str.isalpha, page.text[slice(*place)]))
    ]


def shortlist(sentences: Sequence[CandidateSentence], keyword: Floats) -> list[int]:
    """Which sentences are worth encoding, best first: by their words, their passage's meaning and their page."""
    scores = z(keyword) + z(_passage_cosines(sentences)) + _page_scores(sentences)
    return [int(index) for index in np.argsort(-scores, kind="stable")[:SHORTLIST]]


def blended(alone: Floats, inside: Sequence[int], in_passage: Floats) -> Floats:
    """The max-sim of sentences as standard scores, (n,).

    For those `inside` passages that were read whole, (len(inside),), the mean of how they do alone and how they do in
    their passages: context helps prose, and by itself blurs tables.
    """
    scores = z(alone)
    scores[inside] = (scores[inside] + z(in_passage) + scores[inside].mean()) / 2
    return np.asarray(scores, np.float32)


def weigh(sentences: Sequence[CandidateSentence], keyword: Floats, semantic: Floats | None) -> Floats:
    """How well each sentence answers, (n,), by BM25 and max-sim; without an encoder, by BM25 alone."""
    text = z(keyword) if semantic is None else KEYWORD * z(keyword) + SEMANTIC * semantic
    return np.asarray(_page_scores(sentences) + text, np.float32)


def _page_scores(sentences: Sequence[CandidateSentence]) -> Float64s:
    return np.array([-PAGE * sentence.page.score_gap for sentence in sentences])


def _passage_cosines(sentences: Sequence[CandidateSentence]) -> Float64s:
    """What is known of each sentence's passage; one of which nothing is known counts like the worst known."""
    cosines = [sentence.passage.cosine for sentence in sentences]
    least = min((cosine for cosine in cosines if cosine is not None), default=0.0)
    return np.array([least if cosine is None else cosine for cosine in cosines])
