"""What ranking and keeping say to each other: the terms of a page, and what is looked up by them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from recto.types import Document, Floats, Page, Passage, UInt32s

PAIR = np.uint32(0x9E3779B1)  # 2**32 / golden ratio (Knuth, TAOCP 3, 6.4): spreads the left neighbour over all bits


def pairs(terms: UInt32s) -> UInt32s:
    """The ids of each two neighbouring terms: n terms give n - 1 pairs."""
    return (terms[:-1] * PAIR) ^ terms[1:]


@dataclass(frozen=True, slots=True, eq=False)
class PageTerms:
    """What ranking keeps of a page: term ids (32-bit hashes of analysed tokens) in reading order, and two habits."""

    text: UInt32s  # the whole page
    heading: UInt32s  # its first lines
    passages: tuple[UInt32s, ...]  # one array a passage, header included
    rows: tuple[UInt32s, ...]  # one array a row of a table, heads of its columns included
    digits: float  # z-score of the page's share of digits among the document's pages
    short: bool  # too little text to be an answer


@dataclass(frozen=True, slots=True, eq=False)
class IndexedPage:
    """A page as the store takes it: text and boxes, passages, and what ranking keeps (one term array a passage)."""

    page: Page
    passages: tuple[Passage, ...]
    terms: PageTerms


Field = Literal["text", "heading", "passages"]  # the three arrays of PageTerms; "text" is looked up with its pairs
PageKey = int  # a page's number in the whole store; a document's pages have consecutive keys in page order


@dataclass(frozen=True, slots=True)
class Row:
    """What ranking needs of one page."""

    key: PageKey
    doc: str
    number: int
    terms: PageTerms


@dataclass(frozen=True, slots=True)
class Totals:
    """Sizes of the whole collection, from which BM25 takes its averages. Text terms are counted without pairs."""

    pages: int
    passages: int
    text_terms: int
    heading_terms: int
    passage_terms: int


@dataclass(frozen=True, slots=True, eq=False)
class Similarities:
    """A cosine for each passage that has a vector: `pages` int64 (n,) keys, ascending, and `cosines` float32 (n,)."""

    pages: NDArray[np.int64]
    cosines: Floats


@dataclass(frozen=True, slots=True)
class Version:
    """A document as it was put once."""

    document: Document
    number: int
