"""What ranking and keeping say to each other: the terms of a page, what is looked up by them, and what comes back."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recto.normalize import Float64s, Moments
from recto.types import Document, Flag, Floats, Page, Passage, Problem, UInt32s

PAIR = np.uint32(0x9E3779B1)  # 2**32 / golden ratio (Knuth, TAOCP 3, 6.4): spreads the left neighbour over all bits


def pairs(terms: UInt32s) -> UInt32s:
    """The ids of each two neighbouring terms: n terms give n - 1 pairs."""
    return (terms[:-1] * PAIR) ^ terms[1:]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PageTerms:
    """What ranking keeps of a page: term ids (32-bit hashes of analysed tokens) in reading order, and its habits."""

    text: UInt32s  # the whole page
    heading: UInt32s  # its first lines
    passages: tuple[UInt32s, ...]  # one array a passage, header included
    rows: tuple[UInt32s, ...]  # one array a row of a table, heads of its columns included
    digits: float  # z-score of the page's share of digits among the document's pages
    short: bool  # too little text to be an answer
    contents: UInt32s  # which of its passages but say where something stands, see recto.text.contents


@dataclass(frozen=True, slots=True, eq=False)
class IndexedPage:
    """A page as the store takes it: text and boxes, passages, and what ranking keeps (one term array a passage)."""

    page: Page
    passages: tuple[Passage, ...]
    terms: PageTerms

    def __post_init__(self) -> None:
        if len(self.passages) != len(self.terms.passages):
            counts = f"{len(self.passages)} passages and {len(self.terms.passages)} term arrays"
            raise ValueError(f"page {self.page.number} has {counts}")


Field = Literal["text", "heading", "passages"]  # the three arrays of PageTerms; "text" is looked up with its pairs


class PageKey(NamedTuple):
    """A page of the store: its document's id, and its number from 0."""

    doc: str
    page: int


class EncoderChoice(NamedTuple):
    """Which encoder a library chose."""

    name: str = ""  # empty if nobody chose
    former: str = ""  # the fingerprint of the one by which it is searched until everything is encoded, empty if it is


class ScoredPage(NamedTuple):
    """A page that a look-up found, and what that look-up scores it with."""

    key: PageKey
    score: float


@dataclass(frozen=True, slots=True)
class Version:
    """A document as it was put at one time: put again it has a greater number, and no number is given twice."""

    document: Document
    number: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What is worked out once when a document is put, because every look at the library asks for it."""

    passages: int
    flags: dict[Flag, int]  # how many pages came to their text in which way
    subjects: tuple[str, ...]  # headings that make good questions, best first
    hidden: int = 0  # words left out because the pages do not show them
    uncertain: int = 0  # words that were recognised with low confidence
    path: str = ""  # where the file lay that was added
    problems: tuple[Problem, ...] = ()  # what went wrong when it was read

    @property
    def troubles(self) -> tuple[Problem, ...]:
        """What is wrong with the document as it stands, and what mends it."""
        troubles = list(self.problems)
        if (garbled := self.flags[Flag.GARBLED]) and not any(own.kind == "no_ocr" for own in troubles):
            what = f"{_counted(garbled, 'page')} garbled: a font does not say which letters it shows"
            troubles.append(
                Problem("garbled", what, "recto add --reread FILE, with OCR: recto doctor says whether it is there")
            )
        if self.hidden:
            what = f"{_counted(self.hidden, 'word')} of hidden text left out"
            troubles.append(Problem("hidden_text", what, "recto add --reread --hidden FILE"))
        return tuple(troubles)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s'[: count != 1]}"


@dataclass(frozen=True, slots=True, eq=False)
class Statistics:
    """What BM25 must know of texts it does not see."""

    texts: int
    mean_length: float  # in terms
    frequencies: NDArray[np.int64]  # (q,): in how many texts each query term occurs

    @property
    def idf(self) -> Float64s:
        """How rare each query term is (q,)."""
        return np.log1p((self.texts - self.frequencies + 0.5) / (self.frequencies + 0.5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sizes of the whole collection, from which BM25 takes its averages. Text terms are counted without pairs."""

    pages: int
    passages: int
    text_terms: int
    heading_terms: int
    passage_terms: int

    def statistics(self, field: Field, frequencies: NDArray[np.int64]) -> Statistics:
        """Those of a field, for terms that occur in so many of its texts, (q,)."""
        texts = self.passages if field == "passages" else self.pages
        terms = {"text": self.text_terms, "heading": self.heading_terms, "passages": self.passage_terms}[field]
        if field == "text":
            terms += max(terms - texts, 0)  # pairs
        return Statistics(texts, terms / max(texts, 1), frequencies)


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """The pages with the largest cosines, best first, and the moments of all pages of the scope that have vectors."""

    pages: list[ScoredPage]
    moments: Moments


@dataclass(frozen=True, slots=True, eq=False)
class Cosines:
    """The cosines of the passages of n pages, laid end to end: page `i` has `counts[i]`, 0 if it has no vectors."""

    counts: NDArray[np.int64]  # (n,)
    values: Floats  # (sum of counts,)
