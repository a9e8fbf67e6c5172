"""Libraries of any size, made of the sample PDFs' own pages.

The first copy of each document is the real one. In the others one word in five of four letters or more is another word
of the same length, drawn as often as it occurs: so every page keeps its layout and its boxes, and is like no other. The
vectors of a copy are those of the real passages with noise added, of length 1 again, at a cosine of about 0.9.
"""

import hashlib
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import numpy as np

from recto import machine
from recto.library.adding import AddOptions, add_file
from recto.pdf.read import Reader
from recto.search.encoder import FINGERPRINT, MiniLM
from recto.search.index import headed, indexed_pages
from recto.store.sqlite import SqliteStore
from recto.text.analyse import ANALYSER_VERSION
from recto.types import Document, Floats, Page, Passage

CHANGED = 0.2  # of the words
NOISE = 0.5  # length of the noise beside a vector of length 1: a cosine of 1 / sqrt(1 + NOISE**2)

_WORD = re.compile(r"[A-Za-z]{4,}")

Exchange = Callable[[str], str]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Original:
    """A real document: its pages, their passages, and a vector for each passage."""

    document: Document
    pages: Sequence[Page]
    passages: Sequence[Sequence[Passage]]
    vectors: Floats

    def cut(self, passages: int) -> "Original":
        """Its first pages, with so many passages or a few more."""
        counts = np.cumsum([len(page) for page in self.passages])
        pages = int(np.searchsorted(counts, passages)) + 1
        return Original(
            document=replace(self.document, pages=min(pages, len(self.pages))),
            pages=self.pages[:pages],
            passages=self.passages[:pages],
            vectors=self.vectors[: counts[:pages][-1]],
        )


def originals(paths: Sequence[Path], folder: Path) -> list[Original]:
    """Read the PDFs as recto does, and encode their passages once."""
    encoder = MiniLM.open(threads=machine.available_cores())
    with SqliteStore(folder) as store, Reader() as reader:
        for path in paths:
            list(add_file(path, store, reader, AddOptions()))
        originals = []
        for document in store.documents():
            numbers = range(document.pages)
            passages = [store.passages(document.id, number) for number in numbers]
            vectors = encoder.encode([headed(document.title, passage) for page in passages for passage in page])
            pages = [store.page(document.id, number) for number in numbers]
            originals.append(Original(document=document, pages=pages, passages=passages, vectors=vectors))
        return originals


def stock(home: Path, originals: Sequence[Original], passages: int) -> Floats:
    """Fill a library with so many passages, or a few more; return their vectors."""
    vectors = []
    with SqliteStore(home) as store:
        for copy in _copies(originals, passages):
            # Its name stands for the bytes of its PDF, which no question asks for.
            content = copy.document.name.encode()
            source = home / "source"
            source.write_bytes(content)
            document = replace(copy.document, id=hashlib.sha256(content).hexdigest(), size=len(content))
            indexed = indexed_pages(document.title, copy.pages, copy.passages)
            version = store.put(document, source, indexed, analyser=ANALYSER_VERSION)
            store.put_vectors(version, FINGERPRINT, copy.vectors)
            vectors.append(copy.vectors)
    return np.concatenate(vectors)


def _copies(originals: Sequence[Original], passages: int) -> Iterator[Original]:
    """The documents, then copies of them with other words, until there are enough passages."""
    rng, noise = random.Random(0), np.random.default_rng(0)
    exchange = _exchange(originals, rng)
    for number in count(1):
        for original in originals:
            copy = original.cut(passages)
            yield copy if number == 1 else _changed(copy, number, exchange, noise)
            passages -= len(copy.vectors)
            if passages <= 0:
                return


def _exchange(originals: Sequence[Original], rng: random.Random) -> Exchange:
    """A function that puts other words into a text, each as long as the one it replaces."""
    pool: dict[int, list[str]] = defaultdict(list)
    for original in originals:
        for page in original.pages:
            for word in _WORD.findall(page.text):
                pool[len(word)].append(word)

    def replacement(match: re.Match[str]) -> str:
        return rng.choice(pool[len(match[0])]) if rng.random() < CHANGED else match[0]

    return lambda text: _WORD.sub(replacement, text)


def _changed(original: Original, number: int, exchange: Exchange, noise: np.random.Generator) -> Original:
    """A copy with other words, and with noise on its vectors."""
    name, title = Path(original.document.name), original.document.title
    document = replace(original.document, name=f"{name.stem} {number}{name.suffix}", title=f"{title} {number}")
    pages = [replace(page, text=exchange(page.text)) for page in original.pages]
    passages = [
        [replace(passage, text=page.text[passage.span.start : passage.span.end]) for passage in page_passages]
        for page, page_passages in zip(pages, original.passages, strict=True)
    ]
    deviation = NOISE / np.sqrt(original.vectors.shape[1])
    moved = original.vectors + noise.normal(0, deviation, original.vectors.shape).astype(np.float32)
    vectors: Floats = moved / np.linalg.norm(moved, axis=1, keepdims=True)
    return Original(document=document, pages=pages, passages=passages, vectors=vectors)
