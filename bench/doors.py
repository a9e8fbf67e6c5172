"""How soon each door over HTTP gives the first quote, beside `/api/ask` of the same server.

    python -m bench.doors [--json FILE] [--quick]

One question after the other, each door in turn, on one kept connection, without a model that writes. Seconds from the
sending of a request until the words of the first quote have come, of what Dify asks for until the first passage has; a
tool's result comes whole.
The ratios hold on a busy machine, too, as far as it is busy for all of them.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import httpx2
from bench import provenance
from bench.cost_meter import Figures
from bench.deployment import Deployment
from bench.samples import ROOT

from recto import Library
from recto.config import Writing
from recto.model_ref import QUOTE

RESULTS = ROOT / "bench" / "results" / "doors.json"
QUESTION = "What could cause a passing fault?"
WORDS, PASSAGE = b"cosmic rays, voltage glitches", b"riscv-reri-architecture.pdf"
DOCUMENT = ROOT / "examples" / "riscv-reri-architecture.pdf"
ASK, RETRIEVAL = "/api/ask", "/retrieval"
TALK = {"model": "recto", "stream": True}
CALL = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "ask", "arguments": {"question": QUESTION}},
}
DOORS: dict[str, dict[str, Any]] = {
    ASK: {"question": QUESTION, "keep": False},
    "/v1/chat/completions": {**TALK, "messages": [{"role": "user", "content": QUESTION}]},
    "/v1/responses": {**TALK, "input": QUESTION},
    "/mcp": CALL,
    RETRIEVAL: {"query": QUESTION, "knowledge_id": "recto"},
}
HEADERS = {"Accept": "application/json, text/event-stream"}
LIBRARIES = ("fastapi", "mcp", "uvicorn")
ROUNDS, FEW = 60, 2
WARM = 3  # rounds that do not count


def measure(rounds: int, folder: Path) -> Figures:
    """Median seconds of each door, and the ratio to `/api/ask`."""
    with Library(folder, writing=Writing(model=QUOTE)) as library:
        library.add(DOCUMENT)
        list(library.encoding())
    times: dict[str, list[float]] = {door: [] for door in DOORS}
    with Deployment("", folder).running() as server:
        server.first("done", {"question": QUESTION})
        for number in range(WARM + rounds):
            for door in rotated(number):
                wait = first(server.http, door)
                if number >= WARM:
                    times[door].append(wait)
    medians = {door: median(waits) for door, waits in times.items()}
    return {
        "rounds": rounds,
        "doors": {
            door: {"median_s": round(wait, 4), "ratio": round(wait / medians[ASK], 2)} for door, wait in medians.items()
        },
    }


def rotated(number: int) -> Iterator[str]:
    """All doors, each round from another one on."""
    doors = [*DOORS]
    yield from (doors[(number + step) % len(doors)] for step in range(len(doors)))


def first(http: httpx2.Client, door: str) -> float:
    """Seconds until the words of the first quote have come."""
    start, data, wait = time.perf_counter(), b"", 0.0
    mark = PASSAGE if door == RETRIEVAL else WORDS
    with http.stream("POST", door, json=DOORS[door], headers=HEADERS) as answer:
        for chunk in answer.iter_bytes():
            data += chunk
            if not wait and mark in data:
                wait = time.perf_counter() - start
    if not wait:
        raise SystemExit(f"{door} did not quote: {data[-500:]!r}")
    return wait


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help=f"where figures go; without --quick {RESULTS.relative_to(ROOT)}")
    parser.add_argument("--quick", action="store_true", help="a smoke test, whose figures say little")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(FEW if arguments.quick else ROUNDS, Path(folder))
    figures = {"about": provenance.about(LIBRARIES), **measured}
    if target := arguments.json or (None if arguments.quick else RESULTS):
        target.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
