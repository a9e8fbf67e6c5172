"""How everything grows with the library: made passages, from ten thousand on, stage by stage.

    python -m bench.scale [--sizes 10000 100000 1000000] [--json FILE] [--home FOLDER]

Building is measured document by document, as `recto add` puts them: rows, vectors, keyword index. Then a new process
opens the library, asks a first question, and more; the stages are those of its threads. The plain recipe searches
the same vectors in a process of its own. CPU milliseconds of all threads, wall where it says so. A library in FOLDER
stays there, and one that is there is asked as it is.
"""

import argparse
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from bench import minilm, provenance, query_latency, samples, synthetic_library
from bench.cost_meter import CostMeter, Figures, alone, resident, say
from bench.made_text import Writer, put
from bench.samples import ROOT

from recto import Library
from recto.search import retrieve
from recto.search.candidates import DocumentRouter, DocumentTerms
from recto.search.encoder import FINGERPRINT, MiniLM
from recto.store.keyword_index import KeywordIndex
from recto.store.sqlite import SqliteStore
from recto.text.analyse import ANALYSER_VERSION
from recto.types import Floats

RESULTS = ROOT / "bench" / "results" / "scale.json"
SIZES = (10_000, 100_000)
QUESTIONS = 60
STAGES = {
    "encoding the question": (MiniLM, "encode_query"),
    "reading three passages again": (MiniLM, "states"),
    "nearest": (SqliteStore, "nearest"),
    "words": (SqliteStore, "lexical"),
    "counts of terms": (SqliteStore, "frequencies"),
    "terms of candidates": (SqliteStore, "page_terms"),
    "fit of documents": (DocumentRouter, "fits"),
    "bm25 of candidates": (retrieve, "word_scores"),
    "pages": (SqliteStore, "pages"),
}


def measure(sizes: Sequence[int], folder: Path) -> Figures:
    """All figures."""
    about, models = provenance.about(), folder / "models"
    alone(minilm.build, models)
    real, _ = alone(real_vectors, folder / "real")
    figures: Figures = {"about": {**about, "passages": __doc__}, "sizes": {}}
    for size in sizes:
        home = folder / str(size)
        say(f"{size:,} passages: building")
        built = {} if home.exists() else alone(build, home, size, real)[0]
        say(f"{size:,} passages: asking")
        after_adding, _ = alone(first_search, home, real)
        asked, peak_mb = alone(ask, home, real)
        questions = Writer(real).questions(QUESTIONS)
        recipe, _ = alone(query_latency.with_recipe, home, models, questions)
        ratio = round(asked["search"]["cpu_ms_p95"] / recipe["search"]["cpu_ms_p95"], 2)
        figures["sizes"][str(size)] = {
            **built,
            **after_adding,
            **asked,
            "peak_rss_mb": peak_mb,
            "recipe": recipe["search"],
            "search_p95_of_the_recipes": ratio,
        }
    return figures


def real_vectors(folder: Path) -> Floats:
    """Those of the passages of the sample PDFs, (n, dim)."""
    originals = synthetic_library.originals(samples.shipped(), folder)
    return np.concatenate([original.vectors for original in originals])


def build(home: Path, size: int, real: Floats) -> Figures:
    """Put so many passages, a document at a time."""
    home.mkdir()
    vectors, cpu = [], {"rows": 0.0, "keywords": 0.0, "vectors": 0.0}
    with timed({"keywords": (KeywordIndex, "note_write")}) as spent, SqliteStore(home) as store:
        for made in Writer(real).documents(size):
            source = put(made, home)
            document = replace(made.document, id=hashlib.sha256(source.read_bytes()).hexdigest())
            card = DocumentTerms.of(document, [item.page for item in made.pages]).card
            start = time.process_time()
            version = store.put(document, source, made.pages, analyser=ANALYSER_VERSION, card=card)
            cpu["rows"] += time.process_time() - start
            start = time.process_time()
            store.put_vectors(version, FINGERPRINT, made.vectors)
            cpu["vectors"] += time.process_time() - start
            vectors.append(made.vectors)
        cpu["keywords"] = spent["keywords"]
        cpu["rows"] -= cpu["keywords"]
    np.save(home / query_latency.VECTORS, np.concatenate(vectors))
    files = {"sqlite": [home / "library.sqlite"], "keywords": [*(home / "keywords").iterdir()]}
    return {
        "cpu_us_per_passage": {step: round(seconds / size * 1e6, 1) for step, seconds in cpu.items()},
        "disk_bytes_per_passage": {
            name: round(sum(path.stat().st_size for path in paths) / size) for name, paths in files.items()
        },
    }


def ask(home: Path, real: Floats) -> Figures:
    """Open the library and ask it; memory is that of a process that has done nothing else."""
    questions = Writer(real).questions(QUESTIONS)
    meter = CostMeter()
    with Library(home) as library:
        library.search(questions[0])
        first, memory = meter.cost(), {"first": memory_mb()}
        with timed(STAGES) as spent:
            search = query_latency.latency(library.search, questions)
        stages = {stage: round(seconds / len(questions) * 1e3, 2) for stage, seconds in spent.items()}
        answers = query_latency.latency(lambda question: library.ask(question).answer, questions[: QUESTIONS // 3])
        memory["asked"] = memory_mb()
    return {
        "open_and_first_search": first,
        "search": search,
        "stages_cpu_ms": stages,
        "quoted_answer": answers,
        "rss_mb": {when: resident for when, (resident, _) in memory.items()},
        "anonymous_mb": {when: own for when, (_, own) in memory.items()},
    }


def first_search(home: Path, real: Floats) -> Figures:
    """The first question after adding, in a new process."""
    questions = Writer(real).questions(1)
    meter = CostMeter()
    with Library(home) as library:
        library.search(questions[0])
    return {"first_search_after_adding": meter.cost()}


def memory_mb() -> tuple[float, float]:
    """What this process holds: mapped files included, which the system may take back at any moment, and without."""
    lines = (line.split() for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("RssAnon"))
    (_, anonymous_kib, *_), *_ = lines
    return round(resident(os.getpid()) / 1e6, 1), round(int(anonymous_kib) * 1024 / 1e6, 1)


@contextmanager
def timed(stages: dict[str, tuple[object, str]]) -> Iterator[dict[str, float]]:
    """CPU seconds of the calling threads in these functions, while the block runs."""
    spent = dict.fromkeys(stages, 0.0)
    former = {stage: getattr(owner, name) for stage, (owner, name) in stages.items()}

    def counting(stage: str, function: Callable[..., object]) -> Callable[..., object]:
        def counted(*arguments: object, **keywords: object) -> object:
            start = time.thread_time()
            try:
                return function(*arguments, **keywords)
            finally:
                spent[stage] += time.thread_time() - start

        return counted

    for stage, (owner, name) in stages.items():
        setattr(owner, name, counting(stage, former[stage]))
    try:
        yield spent
    finally:
        for stage, (owner, name) in stages.items():
            setattr(owner, name, former[stage])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="passages of each library")
    parser.add_argument("--home", type=Path, help="a folder in which the libraries stay")
    parser.add_argument("--json", type=Path, default=RESULTS, help=f"where figures go: {RESULTS.relative_to(ROOT)}")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(arguments.sizes, arguments.home or Path(folder))
    arguments.json.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
