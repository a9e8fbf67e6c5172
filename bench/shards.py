"""A library in shards against the same in one piece: whether questions find the same, and what they cost.

    python -m bench.shards [--passages 20000] [--questions 500] [--shards 3] [--json FILE]

The passages are made (`bench.made_text`), the encoder is the real one. Router and shards are in one process, so CPU is
that of all of them together; look-ups and bytes are those that would travel.
"""

import argparse
import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
from bench import provenance
from bench.cost_meter import Figures, say
from bench.made_text import Writer, put
from bench.samples import ROOT
from bench.scale import real_vectors

from recto.ingest.placing import shard_number
from recto.search.candidates import DocumentRouter, DocumentTerms, Scope
from recto.search.encoder import FINGERPRINT, Encoder
from recto.search.encoders import KINDS, USUAL
from recto.search.query import analyse_query
from recto.search.retrieve import PageHit, rerank, retrieve
from recto.storage import Store
from recto.store.shards import ShardedStore
from recto.store.shards.answering import answer_look_up
from recto.store.shards.remote import RemoteShard
from recto.store.sqlite import SqliteStore
from recto.text.analyse import ANALYSER_VERSION
from recto.types import Floats

RESULTS = ROOT / "bench" / "results" / "shards.json"
LIBRARIES = ("numpy", "onnxruntime", "simsimd", "tokenizers")
HITS = 10
SHARD_S = 600.0  # this machine may be busy


class CountedLine:
    """A store behind a line that counts what goes over it."""

    def __init__(self, store: Store) -> None:
        self.store, self.look_ups, self.bytes = store, 0, 0

    def __call__(self, request: bytes, _: float | None) -> bytes:
        answer = answer_look_up(self.store, request)
        self.look_ups += 1
        self.bytes += len(request) + len(answer)
        return answer


def measure(passages: int, questions: int, shards: int, folder: Path) -> Figures:
    """All figures."""
    real = real_vectors(folder / "real")
    whole = SqliteStore(folder / "whole")
    parts = [SqliteStore(folder / f"shard-{number}") for number in range(shards)]
    say(f"{passages:,} passages: building")
    fill(whole, parts, passages, real, folder)
    lines = [CountedLine(part) for part in parts]
    remote = [RemoteShard(f"shard {number}", line) for number, line in enumerate(lines)]
    with closing(ShardedStore(remote, folder, deadline_s=SHARD_S, look_s=1.0)) as sharded:
        figures = compared(whole, sharded, lines, Writer(real).questions(questions))
    for store in (whole, *parts):
        store.close()
    return {"about": provenance.about(LIBRARIES), "passages": passages, "shards": shards, **figures}


def fill(whole: Store, parts: Sequence[Store], passages: int, real: Floats, folder: Path) -> None:
    """Put each document into the one library, and into the shard of its hash."""
    for made in Writer(real).documents(passages):
        source = put(made, folder)
        document = replace(made.document, id=hashlib.sha256(source.read_bytes()).hexdigest())
        card = DocumentTerms.of(document, [item.page for item in made.pages]).card
        for store in (whole, parts[shard_number(document.id, len(parts))]):
            version = store.put(document, source, made.pages, analyser=ANALYSER_VERSION, card=card)
            store.put_vectors(version, FINGERPRINT, made.vectors)


def compared(whole: Store, sharded: Store, lines: Sequence[CountedLine], questions: Sequence[str]) -> Figures:
    """What both find, question by question, and what that costs."""
    encoder = KINDS[USUAL].open(1)
    in_whole, in_shards = (searcher(store, encoder) for store in (whole, sharded))
    in_whole(questions[0]), in_shards(questions[0])  # reads what stays
    look_ups, sent = sum(line.look_ups for line in lines), sum(line.bytes for line in lines)
    costs: dict[str, list[float]] = {"whole": [], "shards": []}
    same, largest = 0, 0.0
    for question in questions:
        start = time.process_time()
        expected = in_whole(question)
        middle = time.process_time()
        found = in_shards(question)
        costs["whole"].append((middle - start) * 1e3)
        costs["shards"].append((time.process_time() - middle) * 1e3)
        same += places(found) == places(expected)
        largest = max([largest, *(abs(a.score - b.score) for a, b in zip(found, expected, strict=False))])
    count = len(questions)
    return {
        "questions": count,
        "same_pages_in_the_same_order": same,
        "largest_difference_of_a_score": float(f"{largest:.1e}"),
        "look_ups_per_question": round((sum(line.look_ups for line in lines) - look_ups) / count / len(lines), 1),
        "kilobytes_per_question": round((sum(line.bytes for line in lines) - sent) / count / 1e3),
        "search_cpu_ms_p50": {name: round(float(np.median(own)), 1) for name, own in costs.items()},
    }


def searcher(store: Store, encoder: Encoder) -> Callable[[str], list[PageHit]]:
    """What a library's search does, below the boxes."""
    router = DocumentRouter()

    def search(question: str) -> list[PageHit]:
        query = analyse_query(question, encoder, store)
        with store.steady():
            scope = Scope(docs=store.documents(), store=store, encoder=encoder, router=router)
            return rerank(query, retrieve(query, scope, HITS), scope)[:HITS]

    return search


def places(hits: Sequence[PageHit]) -> list[tuple[str, int, int]]:
    """The pages and passages that were found, in their order."""
    return [(hit.doc, hit.page, hit.passage) for hit in hits]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, default=20_000)
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--shards", type=int, default=3)
    parser.add_argument("--json", type=Path, default=RESULTS, help=f"where figures go: {RESULTS.relative_to(ROOT)}")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(arguments.passages, arguments.questions, arguments.shards, Path(folder))
    arguments.json.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
