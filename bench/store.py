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
from recto.types import Document, Flag, Floats, Page, Passage, Span, UInt32s

SIZES = (1_000, 10_000, 100_000)  # passages
PASSAGES = 8  # a page, as in 10-K reports
PAGES = 300  # a document, at most
TERMS = 45  # a passage: 450 characters without stop words, with its header
HEADING = 40  # terms
WORDS = 70  # a passage
PDF = 4_000  # bytes a page
DIM = 384
QUESTIONS = 50
QUESTION_TERMS = 10  # terms of a question
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
    figures = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            built = _in_a_process("build", folder, str(size))
            figures[str(size)] = {**built, **_in_a_process("ask", folder)}
    return figures


def _in_a_process(*arguments: str) -> Figures:
    """Run a step in a process of its own, so that its memory is its own."""
    run = subprocess.run([sys.executable, __file__, *arguments], stdout=subprocess.PIPE, check=True)
    figures: Figures = json.loads(run.stdout)
    return figures


def build(folder: Path, passages: int) -> Figures:
    """Make a library of so many passages: CPU, memory and disk."""
    library = folder / "library"
    puts, vectors = [], []
    pages = -(-passages // PASSAGES)
    with SqliteStore(library) as store:
        for seed, start in enumerate(range(0, pages, PAGES)):
            count = min(PAGES, pages - start)
            document, source, indexed = _document(folder, seed, count)
            start_s = time.process_time()
            version = store.put(document, source, indexed, analyser=ANALYSER_VERSION)
            puts.append((time.process_time() - start_s) * 1e3 / count * PAGES)
            units = _units(count * PASSAGES)
            vectors.append(_cpu(lambda: store.put_vectors(version, FINGERPRINT, units)))  # noqa: B023
            source.unlink()
        pdfs = sum(document.size for document in store.documents())
    peak_rss_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    truth = (library / "library.sqlite").stat().st_size - pdfs
    index = sum(path.stat().st_size for path in (library / "keywords").iterdir())
    return {
        "put_300_pages_cpu_ms_p50": _quantile(puts, 0.5),
        "put_300_pages_cpu_ms_max": max(puts),
        "put_vectors_cpu_ms_p50": _quantile(vectors, 0.5),
        "build_peak_rss_mb": peak_rss_mb,
        "disk_bytes_per_passage": (truth + index) / passages,
        "keywords_bytes_per_passage": index / passages,
    }


def ask(library: Path) -> Figures:
    """Open a library and ask it: CPU and memory."""
    stores: list[SqliteStore] = []
    opening = _cpu(lambda: stores.append(SqliteStore(library)))
    listing = _cpu(lambda: stores[0].documents())
    before = _rss()
    rng = np.random.default_rng(1)
    with stores[0] as store:
        first = _cpu(lambda: _ask(store, rng))
        costs = [_ask(store, rng) for _ in range(QUESTIONS)]
        within = [store.documents()[0].id]
        inside = [_ask(store, rng, within)["question"] for _ in range(QUESTIONS)]
    figures = {
        f"{part}_cpu_ms_p{q}": _quantile([cost[part] for cost in costs], q / 100) for part in costs[0] for q in (50, 95)
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
    single = VOCABULARY[rng.integers(COMMON, RARE, QUESTION_TERMS)]
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


def _document(folder: Path, seed: int, count: int) -> tuple[Document, Path, list[IndexedPage]]:
    rng = np.random.default_rng(seed)
    content = rng.bytes(PDF * count)
    source = folder / f"{seed}.pdf"
    source.write_bytes(content)
    id = hashlib.sha256(content).hexdigest()
    pages = [_page(rng, id, number) for number in range(count)]
    document = Document(
        id=id, name=f"{seed}.pdf", title=f"Report {seed}", pages=count, size=len(content), added=float(seed)
    )
    return document, source, pages


def _page(rng: np.random.Generator, id: str, number: int) -> IndexedPage:
    words = [LEXICON[i] for i in np.minimum(rng.zipf(1.3, WORDS * PASSAGES), len(LEXICON)) - 1]
    lengths = np.array([len(word) for word in words])
    starts = np.cumsum(lengths + 1) - lengths - 1
    spans = np.stack((starts, starts + lengths), axis=1).astype(np.uint32)
    # Lines of 14 words, as a page is set.
    column, line = np.arange(len(words)) % 14, np.arange(len(words)) // 14
    x, y = 6000 + column * 3900, 5000 + line * 1300
    boxes = np.stack((x, y, x + lengths * 380, y + 900), axis=1).astype(np.uint16)
    text = " ".join(words)
    page = Page(number=number, width=612.0, height=792.0, flag=Flag.TEXT, text=text, spans=spans, boxes=boxes)
    bounds = spans.reshape(PASSAGES, WORDS, 2)[:, [0, -1], [0, 1]].tolist()
    passages = tuple(Passage(Span(id, number, a, b), page.text[a:b], "Item 7. Discussion") for a, b in bounds)
    arrays = tuple(_terms(rng, TERMS) for _ in range(PASSAGES))
    terms = PageTerms(
        text=np.concatenate(arrays),
        heading=_terms(rng, HEADING),
        passages=arrays,
        rows=(),
        digits=0.5,
        short=False,
        contents=arrays[0][:0],
    )
    return IndexedPage(page, passages, terms)


def _terms(rng: np.random.Generator, count: int) -> UInt32s:
    terms: UInt32s = VOCABULARY[np.minimum(rng.zipf(1.3, count), len(VOCABULARY)) - 1]
    return terms


def _units(count: int) -> Floats:
    vectors = _RNG.standard_normal((count, DIM), dtype=np.float32)
    units: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return units


def _cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1e3


def _quantile(values: Sequence[float], q: float) -> float:
    return float(np.quantile(values, q))


def _rss() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def main() -> None:
    """Print the figures for the sizes given, or do one step of `measure`."""
    match sys.argv[1:]:
        case ["build", folder, passages]:
            figures: object = build(Path(folder), int(passages))
        case ["ask", folder]:
            figures = ask(Path(folder) / "library")
        case sizes:
            figures = measure([int(size) for size in sizes] or SIZES)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
