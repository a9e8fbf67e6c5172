"""Evidence: the sentences of the best pages, and how well each answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from recto.normalize import z
from recto.text.sentences import Range, grouped, sentences
from recto.types import Floats, Passage

SHORTLIST = 16  # sentences a question can afford to encode on two cores; of 12, 16, 24 and 40 none quotes better
ENCODED = 300  # characters of each that are encoded: most sentences whole, no table of words
KEYWORD, SEMANTIC = 0.2, 0.8  # of the z-scores, see bench/quoting.py
PAGE = 0.5  # off for each point of a page's score gap


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePage:
    """A page that search found, and its sentences once it is split."""

    doc: str
    number: int
    score_gap: float  # how far its score lies behind the best page's
    text: str
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

    def source(self, doc: str, number: int, score_gap: float = 0.0) -> SourcePage:
        """A page, split into sentences; its neighbours are read when they are looked at."""

        def beside(neighbour: int) -> SourcePage | None:
            return self.source(doc, neighbour) if 0 <= neighbour < self.counts[doc] else None

        text, spans = self.text(doc, number), [passage.span for passage in self.passages(doc, number)]
        page = SourcePage(doc=doc, number=number, score_gap=score_gap, text=text, beside=beside)
        return split(page, [(span.start, span.end) for span in spans])


@dataclass(frozen=True, slots=True)
class CandidateSentence:
    """A sentence that may answer."""

    page: SourcePage
    index: int  # among the page's sentences

    @property
    def text(self) -> str:
        """Its words."""
        return self.page.text[slice(*self.page.sentences[self.index])]


def split(page: SourcePage, within: Sequence[Range]) -> SourcePage:
    """The page with its sentences, in these passages alone: they are the page without its running headers.

    Neighbours with white space alone between them are read as one: a sentence may run from one into the next.
    """
    regions = grouped(within, lambda region, passage: not page.text[region[-1][1] : passage[0]].strip())
    places = [place for region in regions for place in sentences(page.text, (region[0][0], region[-1][1]))]
    return replace(page, sentences=tuple(places))


def candidates(page: SourcePage) -> list[CandidateSentence]:
    """The sentences of a split page that hold words."""
    return [
        CandidateSentence(page, index)
        for index, place in enumerate(page.sentences)
        if any(map(str.isalpha, page.text[slice(*place)]))
    ]


def shortlist(sentences: Sequence[CandidateSentence], keyword: Floats) -> list[int]:
    """Which sentences are worth encoding, best first: by their words and their page."""
    order = np.argsort(-weigh(sentences, keyword, None), kind="stable")
    return [int(index) for index in order[:SHORTLIST]]


def weigh(sentences: Sequence[CandidateSentence], keyword: Floats, semantic: Floats | None) -> Floats:
    """How well each sentence answers, (n,), by BM25 and max-sim; without an encoder, by BM25 alone."""
    page = np.array([-PAGE * sentence.page.score_gap for sentence in sentences], np.float32)
    text = z(keyword) if semantic is None else KEYWORD * z(keyword) + SEMANTIC * z(semantic)
    return np.asarray(page + text, np.float32)
