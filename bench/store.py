"""What keeping costs: build, disk, opening, and what one question asks of the store, at several sizes.

    python bench/store.py 1000 10000 100000

Pages are synthetic: Zipf-distributed terms, 8 passages of about 45 terms each, 384-dimensional unit vectors. Times are
CPU milliseconds of the whole process, all threads.
"""

import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from recto.index_types import IndexedPage, PageTerms, ScoredPage, pairs
from recto.store.sqlite import SqliteStore
from recto.text.analyse import ANALYSER_VERSION
from recto.types import Document, Flag, Page, Passage, Span, UInt32s

SIZES = (1_000, 10_000, 100_000)  # passages
PASSAGES = 8  # a page, as in 10-K reports
PAGES = 300  # a document, at most
TERMS = 45  # a passage: 450 characters without stop words, with its header
HEADING = 40  # terms
WORDS = 70  # a passage
PDF = 4_000  # bytes a page
DIM = 384
QUESTIONS = 50
ASKED = 10  # terms of a question
KEYS = 500  # pages that ranking reads for a question
COMMON = 3  # the most frequent terms are stop words: nobody asks for them
RARE = 2_000
FINGERPRINT = "synthetic"

_RNG = np.random.default_rng(0)
VOCABULARY = _RNG.integers(0, 2**32, 50_000, dtype=np.uint32)
LEXICON = ["".join(map(chr, _RNG.integers(97, 123, length))) for length in _RNG.integers(2, 10, 5_000)]

Figures = dict[str, float]


def measure(sizes: Sequence[int] = SIZES) -> dict[str, Figures]:
    """Figures for each number of passages."""
    return {str(size): _measured(size) for size in sizes}


def _measured(passages: int) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        built = _elsewhere("build", folder, str(passages))
        return {**built, **_disk(Path(folder) / "library", passages), **_elsewhere("ask", folder)}


def _elsewhere(*arguments: str) -> Figures:
    """Run a step in a process of its own, so that its memory is its own."""
    run = subprocess.run([sys.executable, __file__, *arguments], stdout=subprocess.PIPE, check=True)
    figures: Figures = json.loads(run.stdout)
    return figures


def _build(folder: Path, passages: int) -> Figures:
    puts, vectors = [], []
    with SqliteStore(folder / "library") as store:
        for seed, count in enumerate(_documents(passages)):
            document, source, pages = _document(folder, seed, count)
            began = time.process_time()
            version = store.put(document, source, pages, analyser=ANALYSER_VERSION)
            puts.append((time.process_time() - began) * 1e3 / count * PAGES)
            units = _units(count * PASSAGES)
            vectors.append(_cpu(lambda: store.put_vectors(version, FINGERPRINT, units)))  # noqa: B023
            source.unlink()
    return {
        "put_300_pages_cpu_ms_p50": _quantile(puts, 0.5),
        "put_300_pages_cpu_ms_max": max(puts),
        "put_vectors_cpu_ms_p50": _quantile(vectors, 0.5),
        "build_peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _disk(library: Path, passages: int) -> Figures:
    with SqliteStore(library) as store:
        pdfs = sum(document.size for document in store.documents())
    truth = (library / "library.sqlite").stat().st_size - pdfs
    index = sum(each.stat().st_size for each in (library / "keywords").iterdir())
    return {"disk_bytes_per_passage": (truth + index) / passages, "keywords_bytes_per_passage": index / passages}


def _questions(library: Path) -> Figures:
    opened: list[SqliteStore] = []
    opening = _cpu(lambda: opened.append(SqliteStore(library)))
    listing = _cpu(lambda: opened[0].documents())
    before = _rss()
    rng = np.random.default_rng(1)
    with opened[0] as store:
        first = _cpu(lambda: _ask(store, rng))
        costs = [_ask(store, rng) for _ in range(QUESTIONS)]
        within = [store.documents()[0].id]
        inside = [_ask(store, rng, within)["question"] for _ in range(QUESTIONS)]
    figures = {
        f"{part}_cpu_ms_p{q}": _quantile([c[part] for c in costs], q / 100) for part in costs[0] for q in (50, 95)
    }
    return {
        "open_cpu_ms": opening,
        "list_cpu_ms": listing,
        "first_question_cpu_ms": first,
        **figures,
        "question_in_one_document_cpu_ms_p50": _quantile(inside, 0.5),
        "rss_open_mb": before,
        "rss_asked_mb": _rss(),
    }


def _ask(store: SqliteStore, rng: np.random.Generator, docs: Sequence[str] | None = None) -> Figures:
    """What one question asks of the store."""
    single = VOCABULARY[rng.integers(COMMON, RARE, ASKED)]
    terms, vector = np.concatenate((single, pairs(single))), _units(1)[0]
    hits: list[ScoredPage] = []
    costs = {
        "lexical": _cpu(lambda: hits.extend(store.lexical({"text": terms, "passages": single}, KEYS, docs)["text"])),
        "page_terms": _cpu(lambda: store.page_terms([hit.key for hit in hits])),
        "frequencies": _cpu(lambda: store.frequencies("text", terms))
        + _cpu(lambda: store.frequencies("passages", single)),
        "nearest": _cpu(lambda: store.nearest(vector, FINGERPRINT, KEYS, docs)),
        "cosines": _cpu(lambda: store.cosines(vector, FINGERPRINT, [hit.key for hit in hits])),
    }
    return {**costs, "question": sum(costs.values())}


def _documents(passages: int) -> list[int]:
    """Pages of each document."""
    pages = -(-passages // PASSAGES)
    return [min(PAGES, pages - start) for start in range(0, pages, PAGES)]


def _document(folder: Path, seed: int, count: int) -> tuple[Document, Path, list[IndexedPage]]:
    rng = np.random.default_rng(seed)
    content = rng.bytes(PDF * count)
    source = folder / f"{seed}.pdf"
    source.write_bytes(content)
    id = hashlib.sha256(content).hexdigest()
    pages = [_page(rng, id, number) for number in range(count)]
    return Document(id, f"{seed}.pdf", f"Report {seed}", count, len(content), float(seed)), source, pages


def _page(rng: np.random.Generator, id: str, number: int) -> IndexedPage:
    words = [LEXICON[i] for i in np.minimum(rng.zipf(1.3, WORDS * PASSAGES), len(LEXICON)) - 1]
    lengths = np.array([len(word) for word in words])
    starts = np.cumsum(lengths + 1) - lengths - 1
    spans = np.stack((starts, starts + lengths), axis=1).astype(np.uint32)
    page = Page(number, 612.0, 792.0, Flag.TEXT, " ".join(words), spans, _boxes(lengths))
    bounds = spans.reshape(PASSAGES, WORDS, 2)[:, [0, -1], [0, 1]].tolist()
    passages = tuple(Passage(Span(id, number, a, b), page.text[a:b], "Item 7. Discussion") for a, b in bounds)
    arrays = tuple(_terms(rng, TERMS) for _ in range(PASSAGES))
    return IndexedPage(
        page,
        passages,
        PageTerms(
            text=np.concatenate(arrays),
            heading=_terms(rng, HEADING),
            passages=arrays,
            rows=(),
            digits=0.5,
            short=False,
        ),
    )


def _terms(rng: np.random.Generator, count: int) -> UInt32s:
    return VOCABULARY[np.minimum(rng.zipf(1.3, count), len(VOCABULARY)) - 1]


def _boxes(lengths: np.ndarray) -> np.ndarray:
    """Lines of 14 words, as a page is set."""
    column, line = np.arange(len(lengths)) % 14, np.arange(len(lengths)) // 14
    left, top = 6000 + column * 3900, 5000 + line * 1300
    return np.stack((left, top, left + lengths * 380, top + 900), axis=1).astype(np.uint16)


def _units(count: int) -> np.ndarray:
    vectors = _RNG.standard_normal((count, DIM), dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1e3


def _quantile(values: Sequence[float], q: float) -> float:
    return float(np.quantile(values, q))


def _rss() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def main() -> None:
    """Print the figures for the sizes given, or do one step of `measure`."""
    match sys.argv[1:]:
        case ["build", folder, passages]:
            figures: object = _build(Path(folder), int(passages))
        case ["ask", folder]:
            figures = _questions(Path(folder) / "library")
        case sizes:
            figures = measure([int(size) for size in sizes] or SIZES)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
