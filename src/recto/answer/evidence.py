"""Evidence: the sentences of the best pages, and how well each answers."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple, Self

import numpy as np

from recto.normalize import Float64s, z
from recto.text.asked_kind import AskedKind, holds
from recto.text.grids import with_grids, with_rows
from recto.text.sentences import Range, below_headings, grouped
from recto.text.tables import Table, tables
from recto.types import Floats, Grid, NamedPlace

SHORTLIST = 16  # sentences a question can afford to encode on two cores: of 24 no more are quoted rightly
WORDLESS = 2  # times as many where none holds a word of the question, as one in another language: they are in no order
ENCODED = 300  # characters of each that are encoded: most sentences whole, no table of words
KEYWORD = 0.2  # of the z-scores, the rest is meaning: see bench/quoting.py
UNTRAINED = 0.5  # the same, in a language that the encoder was not trained on: see docs/languages.md
PAGE = 0.5  # off for each point of a page's score gap
PLACE = 3.0  # on for a sentence in a place that the question names: the best of them goes before all others
KIND = 0.7  # on for one with the kind of thing that is asked for, times the log of one in how many has it


class TextSpan(NamedTuple):
    """Characters of a text that the encoder reads whole."""

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
    running: bool = False  # of a running head or foot


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePage:
    """A page that search found, and its sentences once it is split."""

    doc: str
    number: int
    score_gap: float  # how far its score lies behind the best page's
    text: str
    passages: tuple[SourcePassage, ...] = ()  # in order: the page without its running headers
    edges: tuple[SourcePassage, ...] = ()  # of these headers and footers what no page before says
    running: bool = False  # True if it is but what of its running heads and feet can be quoted
    sentences: tuple[Range, ...] = ()
    grids: tuple[Grid, ...] = ()  # its tables as their words' boxes show them
    headings: tuple[Range, ...] = ()  # lines that are headings, in order
    places: tuple[NamedPlace, ...] = ()  # that the question names on it
    beside: "Callable[[int], SourcePage | None] | None" = None  # the page of a number, split: tables go on overleaf

    @property
    def key(self) -> tuple[str, int, bool]:
        """Its document and number, and which part of the page it is."""
        return self.doc, self.number, self.running

    @property
    def furniture(self) -> "SourcePage":
        """Its running heads and feet, each a sentence by itself, as a page that goes on nowhere."""
        lines, none = tuple(edge.place for edge in self.edges), ()
        return replace(
            self, passages=self.edges, edges=none, running=True, sentences=lines, grids=none, places=none, beside=None
        )

    @property
    def tables(self) -> list[Table]:
        """Its tables, by boxes where there are any, else by lines of text."""
        return with_grids(self.text, tables(self.text, self.sentences), self.grids)

    def neighbour(self, step: int) -> "SourcePage | None":
        """The page after (1) or before (-1) it, if there is one."""
        return self.beside(self.number + step) if self.beside else None


@dataclass(frozen=True, slots=True)
class PageReader:
    """How the pages of documents are read, each by its document and number."""

    text: Callable[[str, int], str]
    passages: Callable[[str, int], Sequence[SourcePassage]]
    counts: Mapping[str, int]  # pages of each document
    grids: Callable[[str, int], Sequence[Grid]] = lambda doc, number: ()
    headings: Callable[[str, int], Sequence[Range]] = lambda doc, number: ()

    def source(self, doc: str, number: int, score_gap: float = 0.0, places: tuple[NamedPlace, ...] = ()) -> SourcePage:
        """A page, split into sentences; its neighbours are read when they are looked at."""

        @cache
        def beside(neighbour: int) -> SourcePage | None:
            return self.source(doc, neighbour) if 0 <= neighbour < self.counts[doc] else None

        passages = self.passages(doc, number)
        page = SourcePage(
            doc=doc,
            number=number,
            score_gap=score_gap,
            text=self.text(doc, number),
            passages=tuple(passage for passage in passages if not passage.running),
            edges=tuple(passage for passage in passages if passage.running),
            grids=tuple(self.grids(doc, number)),
            headings=tuple(self.headings(doc, number)),
            places=places,
            beside=beside,
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
    def placed(self) -> bool:
        """Whether it stands in a place that the question names."""
        start, end = self.page.sentences[self.index]
        return any(place.span.start < end and start < place.span.end for place in self.page.places)

    @property
    def in_passage(self) -> TextSpan:
        """The sentence within its passage, as far as it stands there."""
        passage, (start, end) = self.passage, self.page.sentences[self.index]
        before = len(passage.text) - (passage.place[1] - passage.place[0]) - passage.place[0]
        return TextSpan(passage.text, before + start, min(before + end, len(passage.text)))


def split(page: SourcePage) -> SourcePage:
    """The page with its sentences, in its passages alone: they are the page without its running headers.

    Neighbours with white space alone between them are read as one: a sentence may run from one into the next. None
    runs into a heading, or on from it.
    """
    within = [passage.place for passage in page.passages]
    regions = grouped(within, lambda region, passage: not page.text[region[-1][1] : passage[0]].strip())
    whole = [(region[0][0], region[-1][1]) for region in regions]
    places = [place for region in whole for place in below_headings(page.text, region, page.headings)]
    return replace(page, sentences=tuple(with_rows(page.text, places, page.grids)))


def candidates(page: SourcePage) -> list[CandidateSentence]:
    """The sentences of a split page that hold words, and its running heads and feet."""
    return [
        CandidateSentence(part, index)
        for part in (page, page.furniture)
        for index, place in enumerate(part.sentences)
        if any(map(str.isalpha, part.text[slice(*place)]))
    ]


def priors(sentences: Sequence[CandidateSentence], kind: AskedKind | None) -> Float64s:
    """What speaks for each sentence beside its words, (n,): its page, its place, and that it has what is asked for."""
    scores = np.array([PLACE * sentence.placed - PAGE * sentence.page.score_gap for sentence in sentences])
    having = np.array([kind is not None and holds(kind, sentence.text) for sentence in sentences], bool)
    rarity = np.log(max(len(having), 1) / max(having.sum(), 1))
    return np.asarray(scores + KIND * rarity * having)


def shortlist(sentences: Sequence[CandidateSentence], keyword: Floats, prior: Float64s) -> list[int]:
    """Which sentences are worth encoding, best first: by their words, their passage's meaning and their `priors`.

    A passage of which nothing is known counts like the worst known.
    """
    cosines = [sentence.passage.cosine for sentence in sentences]
    least = min((cosine for cosine in cosines if cosine is not None), default=0.0)
    meaning = z(np.array([least if cosine is None else cosine for cosine in cosines]))
    scores = z(keyword) + meaning + prior
    most = SHORTLIST if keyword.any() else WORDLESS * SHORTLIST
    return [int(index) for index in np.argsort(-scores, kind="stable")[:most]]


def blended(alone: Floats, inside: Sequence[int], in_passage: Floats) -> Floats:
    """The max-sim of sentences as standard scores, (n,).

    For those `inside` passages that were read whole, (len(inside),), the mean of how they do alone and how they do in
    their passages: context helps prose, and by itself blurs tables.
    """
    scores = z(alone)
    scores[inside] = (scores[inside] + z(in_passage) + scores[inside].mean()) / 2
    return np.asarray(scores, np.float32)


def weigh(keyword: Floats, semantic: Floats | None, prior: Float64s, *, trained: bool = True) -> Floats:
    """How well each sentence answers, (n,), by BM25, max-sim and its prior; without an encoder, without max-sim."""
    share = KEYWORD if trained else UNTRAINED
    text = z(keyword) if semantic is None else share * z(keyword) + (1 - share) * semantic
    return np.asarray(prior + text, np.float32)
