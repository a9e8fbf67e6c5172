"""How soon a container answers, what it needs, and whether it stays so: `recto up` with a library of 100 documents.

    python -m bench.container [--image IMAGE] [--soak-minutes 10] [--json FILE] [--quick]

With an image it is run by ENGINE (podman) with RUN_ARGS, as scripts/container.sh does; without one the same command is
run here. Both get two cores. Seconds are wall seconds from the start of the process on; keep the machine quiet. The
documents are pages of the sample PDFs, each a different choice. The written word comes from SmolLM2-135M, which lies
where an image has its model, and whose speed was measured by a start before. The soak asks, draws, uploads and deletes
without a pause; its memory is that of the two processes that stay, and its files are those for the moment's use.
"""

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median

import httpx2
from bench import machine
from bench.meter import Figures, say
from bench.samples import ROOT, shipped
from bench.serving import _free_port
from bench.writing import QUESTIONS, models

from recto import Library
from recto.config import Writing
from recto.model_ref import QUOTE

RESULTS = ROOT / "bench" / "results" / "container.json"
CORES = 2
PAGES = 6  # of a document
START_S = 60.0
END_S = 2.0  # for the kernel to take down what was killed
WARM_UP = 0.2  # of a soak
UPLOAD_EVERY = 5  # questions
LOOK_S = 0.02
LIBRARIES = ("numpy", "onnxruntime", "pypdfium2", "simsimd", "tantivy", "tokenizers", "uvicorn", "xllamacpp")
_STAYS = re.compile(r"\brecto (up|serve)\b")


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    documents: int
    starts: int
    settle_s: float  # until what a start set going has ended
    soak_s: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where `recto up` runs: in a container of the image, or here if there is none."""

    image: str
    home: Path

    @property
    def engine(self) -> list[str]:
        return shlex.split(os.environ.get("ENGINE") or "podman")

    def command(self, told: dict[str, str], model: Path | None) -> list[str]:
        """What starts it, in the foreground, with a model file where an image has its own."""
        if not self.image:
            return [sys.executable, "-m", "recto", "up"]
        baked = ["--volume", f"{model}:/opt/baked/{model.name}:ro"] if model else []
        return [
            *self.engine, "run", "--rm", "--network", "host", "--read-only", "--cpus", str(CORES), "--user",
            f"{os.getuid()}:{os.getgid()}", "--volume", f"{self.home}:/data", *baked,
            *(part for name, value in told.items() for part in ("--env", f"{name}={value}")),
            *shlex.split(os.environ.get("RUN_ARGS", "")), self.image,
        ]  # fmt: skip

    def megabytes(self) -> float:
        """The size of the image."""
        said = subprocess.run(
            [*self.engine, "image", "inspect", self.image, "--format", "{{.Size}}"],
            capture_output=True,
            text=True,
            check=True,
        )
        return round(int(said.stdout) / 1e6, 1)


@dataclass(frozen=True, slots=True)
class Running:
    """A `recto up` that answers."""

    http: httpx2.Client
    began: float  # on the monotonic clock
    home: Path

    def first(self, event: str) -> float:
        """Seconds from the start to the first such event of an answer, asked for as soon as anybody listens."""
        while True:
            with suppress(httpx2.TransportError), self.http.stream("POST", "/api/ask", json=_question(0)) as answer:
                for line in answer.iter_lines():
                    if line == f"event: {event}":
                        return time.monotonic() - self.began
                raise SystemExit(f"the answer came without {event}")
            if time.monotonic() - self.began > START_S:
                raise SystemExit(f"nobody listens after {START_S:g} s")
            time.sleep(LOOK_S)

    def processes(self) -> dict[int, str]:
        """The supervisor and all that it started, by the port that they were told: pids and command lines."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if f"RECTO_PORT={self.http.base_url.port}\0" in (folder / "environ").read_text():
                    found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
        return found

    def megabytes(self, *, staying: bool) -> float:
        """Resident memory of all processes, or of the two that stay."""
        found = self.processes().items()
        return round(sum(_resident(pid) for pid, line in found if not staying or _STAYS.search(line)) / 1e6, 1)

    def files(self) -> int:
        """How many files there are that are for the moment's use only."""
        return sum(path.is_file() for part in ("served", "tmp") for path in (self.home / part).rglob("*"))


def _resident(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


@contextmanager
def _running(place: Place, model: Path | None = None) -> Iterator[Running]:
    """`recto up` from its start on; all of it is to be gone at the end."""
    port, temporary = _free_port(), place.home / "tmp"
    written = str(model.name if place.image else model) if model else QUOTE
    told = {
        "RECTO_HOST": "127.0.0.1",
        "RECTO_PORT": str(port),
        "RECTO_MODEL": written,
        "RECTO_PATIENCE": f"{START_S:g}",  # a slow machine gives a large figure, not none
    }
    if not place.image:
        temporary.mkdir(exist_ok=True)
        told |= {"RECTO_HOME": str(place.home), "TMPDIR": str(temporary)}
    began = time.monotonic()
    process = subprocess.Popen(
        place.command(told, model),
        env=os.environ if place.image else {**os.environ, **told},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=_two_cores,
    )
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=START_S) as http:
        found = Running(http, began, place.home)
        yield found
        process.terminate()
        process.wait(20)
        until = time.monotonic() + END_S
        while (left := found.processes()) and time.monotonic() < until:
            time.sleep(LOOK_S)
        if left:
            raise SystemExit(f"still there {END_S:g} s after the end: {left}")


def _two_cores() -> None:
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])


def measure(plan: Plan, image: str, folder: Path) -> Figures:
    """All figures."""
    place = Place(image, folder / "library")
    about = {
        **machine.about(LIBRARIES),
        "runs": "in a container" if image else "without a container",
        "model": models()[0].stem,
    }
    say(f"adding {plan.documents} documents")
    later = _filled(place.home, plan.documents, folder)
    say("starting")
    quoted = [_first(place, "quoted", None) for _ in range(plan.starts)]
    written = [_first(place, "token", models()[0]) for _ in range(plan.starts + 1)]
    figures: Figures = {
        "about": about,
        "documents": plan.documents,
        "starts": plan.starts,
        "quoted_s": _spread(quoted),
        "written_s": {"first_ever": round(written[0], 3), **_spread(written[1:])},
        "idle_mb": _idle(place, plan.settle_s),
    }
    if image:
        figures["image_mb"] = place.megabytes()
    if plan.soak_s:
        say(f"soaking for {plan.soak_s / 60:g} minutes")
        figures["soak"] = _soak(place, plan.soak_s, later)
    return figures


def _filled(home: Path, documents: int, folder: Path) -> list[Path]:
    """Add documents; what was not added is for uploads."""
    paths = _varied(documents + UPLOAD_EVERY, folder / "pdfs")
    with Library(home, writing=Writing(model=QUOTE)) as library:
        library.add(*paths[:documents])
    return paths[documents:]


def _varied(documents: int, folder: Path) -> list[Path]:
    """So many PDFs, each of other pages of the samples."""
    import pikepdf

    folder.mkdir()
    sources, made = shipped(), []
    for number in range(documents):
        with pikepdf.open(sources[number % len(sources)]) as source, pikepdf.new() as chosen:
            pages, turn = len(source.pages), number // len(sources)
            wanted = {(turn * PAGES // 2 + step) % pages for step in range(min(PAGES, pages))}
            for page in sorted(wanted):
                chosen.add_pages_from(source, slice(page, page + 1))
            chosen.docinfo["/Title"] = f"choice {number}"
            made.append(folder / f"{number:03}-{sources[number % len(sources)].name}")
            chosen.save(made[-1])
    return made


def _first(place: Place, event: str, model: Path | None) -> float:
    with _running(place, model) as server:
        return server.first(event)


def _spread(seconds: list[float]) -> Figures:
    return {"median": round(median(seconds), 3), "most": round(max(seconds), 3)}


def _idle(place: Place, settle_s: float) -> Figures:
    """Memory of all processes without a model, before the first question and after it."""
    with _running(place) as server:
        while not _listens(server):
            time.sleep(LOOK_S)
        time.sleep(settle_s)
        before = server.megabytes(staying=False)
        server.first("done")
        time.sleep(settle_s)
        return {"before_a_question": before, "after_one": server.megabytes(staying=False)}


def _listens(server: Running) -> bool:
    with suppress(httpx2.TransportError):
        return server.http.get("/readyz").is_success
    return False


def _question(number: int) -> dict[str, str]:
    return {"question": QUESTIONS[number % len(QUESTIONS)]}


# --- the soak --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Sample:
    """What there is between two questions."""

    megabytes: float
    processes: int
    files: int


def _soak(place: Place, seconds: float, uploads: list[Path]) -> Figures:
    """Ask, draw, upload and delete; the memory of the first fifth after the warm-up is compared with the last's."""
    samples: list[Sample] = []
    with _running(place) as server:
        server.first("done")
        began = time.monotonic()
        for number in count():
            if time.monotonic() - began > seconds:
                break
            _use(server, number, uploads)
            samples.append(Sample(server.megabytes(staying=True), len(server.processes()), server.files()))
    warm = samples[int(len(samples) * WARM_UP) :]
    fifth = max(1, len(warm) // 5)
    early, late = warm[:fifth], warm[-fifth:]
    return {
        "seconds": seconds,
        "questions": len(samples),
        "uploads_and_deletes": len(samples) // UPLOAD_EVERY,
        **{f"{name}_mb": round(_megabytes(part), 1) for name, part in _named(early, late)},
        "growth": round(_megabytes(late) / _megabytes(early) - 1, 4),
        "processes": {name: max(one.processes for one in part) for name, part in _named(early, late)},
        "files": {name: max(one.files for one in part) for name, part in _named(early, late)},
    }


def _named(early: list[Sample], late: list[Sample]) -> tuple[tuple[str, list[Sample]], ...]:
    return ("early", early), ("late", late)


def _megabytes(samples: list[Sample]) -> float:
    return median(one.megabytes for one in samples)


def _use(server: Running, number: int, uploads: list[Path]) -> None:
    """A question and the picture of a page; every fifth time a document comes and goes."""
    server.http.post("/api/ask", json=_question(number)).raise_for_status()
    documents = server.http.get("/api/documents").json()
    key = documents[number % len(documents)]["id"]
    server.http.get(f"/api/documents/{key}/pages/1/picture").raise_for_status()
    if number % UPLOAD_EVERY == 0:
        _come_and_go(server.http, uploads[number // UPLOAD_EVERY % len(uploads)])


def _come_and_go(http: httpx2.Client, path: Path) -> None:
    sent = http.post("/api/documents", params={"name": path.name}, content=path.read_bytes()).raise_for_status().json()
    while True:
        (state,) = (one for one in http.get("/api/uploads").json() if one["id"] == sent["id"])
        if state["state"] == "failed":
            raise SystemExit(f"{path.name}: {state}")
        if state["state"] == "done":
            break
        time.sleep(LOOK_S)
    http.delete(f"/api/uploads/{sent['id']}").raise_for_status()
    http.delete(f"/api/documents/{state['document']}").raise_for_status()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--image", default="", help="an image that ENGINE has")
    parser.add_argument("--soak-minutes", type=float, default=0.0)
    parser.add_argument("--json", type=Path, help=f"where figures go; without --quick {RESULTS.relative_to(ROOT)}")
    parser.add_argument("--quick", action="store_true", help="a smoke test, whose figures say little")
    arguments = parser.parse_args()
    documents, starts, settle_s = (5, 1, 0.5) if arguments.quick else (100, 5, 5.0)
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Plan(documents, starts, settle_s, arguments.soak_minutes * 60), arguments.image, Path(folder))
    if target := arguments.json or (None if arguments.quick else RESULTS):
        target.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
