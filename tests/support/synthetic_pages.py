"""Small documents made directly from the types: no PDF is read. The same seed always gives the same document."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recto.index_types import IndexedPage, PageTerms
from recto.types import Document, Flag, Floats, Page, Passage, Span, UInt16s, UInt32s

WORDS = ["alpha", "naïve", "数字", "12.5", "\U0001f600", "revenue", "\ud83d", "margin"]  # also half a surrogate pair
LENGTH = 12  # words and terms of a passage
DIM = 8
ANALYSER = 1  # the version of the analyser that is said to have made the terms


@dataclass(frozen=True, eq=False, kw_only=True)
class Made:
    """A document as `put` takes it, with a file of its bytes and a unit vector for each passage."""

    document: Document
    source: Path
    pages: tuple[IndexedPage, ...]
    vectors: Floats

    @property
    def id(self) -> str:
        return self.document.id


def make(folder: Path, seed: int, *, pages: int = 3, passages: int = 2, name: str = "", vocabulary: int = 50) -> Made:
    rng = np.random.default_rng(seed)
    content = b"%PDF-1.7\n" + rng.bytes(5000)
    source = folder / f"{seed}.pdf"
    source.write_bytes(content)
    id = hashlib.sha256(content).hexdigest()
    document = Document(
        id=id,
        name=name or f"file {seed}.pdf",
        title=f"title {seed}",
        pages=pages,
        size=len(content),
        added=1e9 + seed,
    )
    indexed = tuple(_page(rng, id, number, passages=passages, vocabulary=vocabulary) for number in range(pages))
    return Made(document=document, source=source, pages=indexed, vectors=units(seed, pages * passages))


def units(seed: int, count: int, dim: int = DIM) -> Floats:
    vectors = np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)
    units: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return units


def ids(numbers: Sequence[int]) -> UInt32s:
    """Term ids as the analyser makes them: spread over all 32 bits."""
    return np.array(numbers, np.uint32) * np.uint32(2654435761) + np.uint32(7)


def same_page(left: Page, right: Page) -> bool:
    plain = [
        (page.number, page.width, page.height, page.flag, page.text, page.label, page.hidden, page.traits)
        for page in (left, right)
    ]
    arrays = (left.spans, right.spans), (left.boxes, right.boxes)
    return plain[0] == plain[1] and all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in arrays)


def same_terms(left: PageTerms, right: PageTerms) -> bool:
    habits = [(terms.digits, terms.short, len(terms.passages), len(terms.rows)) for terms in (left, right)]
    arrays = zip(
        *((terms.text, terms.heading, *terms.passages, *terms.rows, terms.contents) for terms in (left, right)),
        strict=False,
    )
    return habits[0] == habits[1] and all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in arrays)


def _page(rng: np.random.Generator, id: str, number: int, *, passages: int, vocabulary: int) -> IndexedPage:
    words = [WORDS[i] for i in rng.integers(0, len(WORDS), LENGTH * passages)]
    lengths = np.array([len(word) for word in words], np.int64)
    starts = np.cumsum(lengths + 1) - lengths - 1
    spans = np.stack((starts, starts + lengths), axis=1).astype(np.uint32)
    text, boxes = " ".join(words), _boxes(rng, len(words))
    page = Page(number=number, width=612.0, height=791.999, flag=Flag.TEXT, text=text, spans=spans, boxes=boxes)
    cut = tuple(_passage(id, page, i) for i in range(passages))
    arrays = tuple(ids(rng.integers(0, vocabulary, LENGTH).tolist()) for _ in range(passages))
    whole = np.concatenate([ids([]), *arrays])
    return IndexedPage(
        page,
        cut,
        PageTerms(
            text=whole,
            heading=whole[:4],
            passages=arrays,
            rows=arrays[:1],
            digits=float(rng.standard_normal()),
            short=bool(number % 2),
            contents=np.arange(min(passages, 1) if number % 3 == 0 else 0, dtype=np.uint32),
        ),
    )


def _passage(id: str, page: Page, index: int) -> Passage:
    spans = page.spans[index * LENGTH : (index + 1) * LENGTH]
    start, end = int(spans[0, 0]), int(spans[-1, 1])
    return Passage(Span(id, page.number, start, end), page.text[start:end], f"Part {index}")


def _boxes(rng: np.random.Generator, count: int) -> UInt16s:
    """Any boxes: neighbours need not stand on one line."""
    ends = np.sort(rng.integers(0, 65536, (count, 2, 2)), axis=1)
    return ends.reshape(count, 4).astype(np.uint16)
