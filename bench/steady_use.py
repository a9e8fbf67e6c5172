"""Ten minutes of use without a pause: ask, draw, upload and delete, and look whether memory and files grow."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median

import httpx2
from bench.cost_meter import Figures
from bench.deployment import LOOK_S, RunningServer
from bench.writing import QUESTIONS

WARM_UP = 0.2  # of a soak
UPLOAD_EVERY = 5  # questions


@dataclass(frozen=True, slots=True)
class Sample:
    """What there is between two questions."""

    megabytes: float
    processes: int
    files: int


def question(number: int) -> dict[str, str]:
    """A question of the set, as the API takes it."""
    return {"question": QUESTIONS[number % len(QUESTIONS)]}


def measure(server: RunningServer, seconds: float, uploads: Sequence[Path]) -> Figures:
    """Use a server; the first fifth after the warm-up is compared with the last fifth."""
    samples: list[Sample] = []
    server.first("done", question(0))
    start = time.monotonic()
    for number in count():
        if time.monotonic() - start > seconds:
            break
        server.http.post("/api/ask", json=question(number)).raise_for_status()
        documents = server.http.get("/api/documents").json()
        key = documents[number % len(documents)]["id"]
        server.http.get(f"/api/documents/{key}/pages/1/picture").raise_for_status()
        if number % UPLOAD_EVERY == 0:
            _upload_and_delete(server.http, uploads[number // UPLOAD_EVERY % len(uploads)])
        memory_mb = server.megabytes(staying=True)
        samples.append(Sample(memory_mb, len(server.processes()), server.temporary_files()))
    warm = samples[int(len(samples) * WARM_UP) :]
    fifth = max(1, len(warm) // 5)
    parts = {"early": warm[:fifth], "late": warm[-fifth:]}
    memory = {name: median(sample.megabytes for sample in part) for name, part in parts.items()}
    return {
        "seconds": seconds,
        "questions": len(samples),
        "uploads_and_deletes": len(samples) // UPLOAD_EVERY,
        **{f"{name}_mb": round(megabytes, 1) for name, megabytes in memory.items()},
        "growth": round(memory["late"] / memory["early"] - 1, 4),
        "processes": {name: max(sample.processes for sample in part) for name, part in parts.items()},
        "files": {name: max(sample.files for sample in part) for name, part in parts.items()},
    }


def _upload_and_delete(http: httpx2.Client, path: Path) -> None:
    response = http.post("/api/documents", params={"name": path.name}, content=path.read_bytes())
    key = response.raise_for_status().json()["id"]
    while True:
        (upload,) = (upload for upload in http.get("/api/uploads").json() if upload["id"] == key)
        if upload["state"] == "failed":
            raise SystemExit(f"{path.name}: {upload}")
        if upload["state"] == "done":
            break
        time.sleep(LOOK_S)
    http.delete(f"/api/uploads/{key}").raise_for_status()
    http.delete(f"/api/documents/{upload['document']}").raise_for_status()
