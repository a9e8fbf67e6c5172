"""A server that stands: what whoever comes waits for, while others do their worst.

    python -m bench.standing [--json FILE] [--quick]

All at once, and all from this machine: connections that say nothing, questions whose answers are never read, uploads
that are cut, questions that are read. Meanwhile somebody new, from another address, asks for `/healthz`, and then a
question until its first quote, again and again. Figures are seconds beside those of the same server while it is idle,
and their ratios; those of one second or more are counted, and so is what was refused or not answered within 30 s.
Nothing of what the others did may be left at the end. Beside that, what removing very many documents costs, and what
two hundred visitors hold of whom five are here. Linux only.
"""

import argparse
import json
import resource
import socket
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import median

from bench import provenance, synthetic_library, visitors
from bench.cost_meter import CostMeter, Figures, alone, say
from bench.deployment import Deployment
from bench.samples import ROOT, short

from recto import Library
from recto.config import Writing
from recto.model_ref import QUOTE

RESULTS = ROOT / "bench" / "results" / "standing.json"
QUESTION = json.dumps({"question": "How many litres does the pump of hall 3 move?"}).encode()
LIBRARIES = ("uvicorn", "h11", "fastapi", "starlette")
LATE_S = 1.0
LIMIT_S = 30.0  # for one answer
CROWD, NEWCOMER = "127.0.0.1", "127.0.0.2"  # where they come from
SMALL = 4096  # bytes that the system keeps for a client that does not read
ROUND_S = 0.1  # between two who come
SILENT_S = 9.0  # after which those who say nothing come anew: the server hangs up after ten
CUT_S = 1.0  # between two rounds of uploads that are cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """How many do what."""

    silent: int
    unread: int
    cut: int
    questions: int
    seconds: float  # that it lasts


PLAN = ROOT / "tests" / "corpus" / "fda-aiml-samd-action-plan.pdf"
MANY, FEW = 1547, 20  # documents to remove
DOCUMENT_PASSAGES = 8
VISITORS, FEW_VISITORS = (200, 5), (4, 1)  # and how many of them are here
WHOLE = Crowd(silent=1050, unread=60, cut=100, questions=200, seconds=20.0)
QUICK = Crowd(silent=100, unread=6, cut=10, questions=20, seconds=2.0)


def measure(crowd: Crowd, folder: Path) -> Figures:
    """What the newcomer waited for, idle and beside the crowd."""
    with Library(folder, writing=Writing(model=QUOTE)) as library:
        library.add(short(folder / "pumps.pdf"))
    with Deployment("", folder).running() as server:
        server.first("done", json.loads(QUESTION))
        port = server.http.base_url.port or 0
        files = server.temporary_files()
        say("idle")
        idle_waits = _newcomers(port, crowd.seconds / 4)
        say("beside the crowd")
        with _pressing(port, crowd):
            pressed_waits = _newcomers(port, crowd.seconds)
        documents = len(server.http.get("/api/documents").json())
        ratios = {
            name: round(pressed_waits[name]["median_s"] / idle_waits[name]["median_s"], 2)
            for name in idle_waits
            if idle_waits[name]["median_s"]
        }
        leftovers = {"documents": documents, "temporary_files": server.temporary_files() - files}
    return {"crowd": {name: getattr(crowd, name) for name in Crowd.__slots__}, "idle": idle_waits,
            "pressed": pressed_waits, "ratios": ratios, "left": leftovers}  # fmt: skip


def removing(documents: int, folder: Path) -> Figures:
    """What it costs to remove so many documents of two pages or so, which one command names."""
    say(f"removing {documents} documents")
    (original,) = synthetic_library.originals([PLAN], folder / "original")
    part = original.cut(DOCUMENT_PASSAGES)
    home = folder / "many"
    home.mkdir()
    synthetic_library.stock(home, [part], documents * len(part.vectors))
    with Library(home, writing=Writing(model=QUOTE)) as library:
        names = [document.id for document in library.documents()]
        meter = CostMeter()
        library.remove_all(names)
        return {"documents": len(names), "pages": len(names) * part.document.pages, **meter.cost()}


def _newcomers(port: int, seconds: float) -> Figures:
    waits: dict[str, list[float | None]] = {"healthz": [], "first_quote": []}
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        waits["healthz"].append(_wait(port, _get("/healthz"), b'"ok"', NEWCOMER))
        waits["first_quote"].append(_wait(port, _post("/api/ask", QUESTION), b"event: quoted", NEWCOMER))
        time.sleep(ROUND_S)
    return {name: _spread(times) for name, times in waits.items()}


def _spread(times: list[float | None]) -> Figures:
    answered = [wait for wait in times if wait is not None]
    return {
        "count": len(times),
        "median_s": round(median(answered), 4),
        "worst_s": round(max(answered), 4),
        "late": sum(wait >= LATE_S for wait in answered),
        "unanswered": len(times) - len(answered),
    }


def _wait(port: int, request: bytes, mark: bytes, address: str = CROWD) -> float | None:
    """Seconds from a connection's beginning until the mark came; None if it never does."""
    start, data = time.monotonic(), b""
    with suppress(OSError), _connected(port, address) as client:
        client.sendall(request)
        while mark not in data:
            if not (more := client.recv(1 << 16)):
                return None
            data += more
        return time.monotonic() - start
    return None


@contextmanager
def _pressing(port: int, crowd: Crowd) -> Iterator[None]:
    """The crowd, in a process of its own, as long as the block runs."""
    context = get_context("spawn")
    ended = context.Event()
    process = context.Process(target=_press, args=(port, crowd, ended))
    process.start()
    try:
        yield
    finally:
        ended.set()
        process.join()


def _press(port: int, crowd: Crowd, ended: Event) -> None:
    def silent() -> None:
        while not ended.is_set():
            with ExitStack() as stack, suppress(OSError):
                for _ in range(crowd.silent):
                    stack.enter_context(_connected(port))
                ended.wait(SILENT_S)

    def cut() -> None:
        while not ended.wait(CUT_S):
            for _ in range(crowd.cut):
                with suppress(OSError):
                    _cut(port)

    with ExitStack() as stack, ThreadPoolExecutor(crowd.questions + 2) as threads:
        for _ in range(crowd.unread):
            stack.enter_context(_connected(port, holds=SMALL)).sendall(_post("/api/ask", QUESTION))
        threads.submit(silent)
        threads.submit(cut)
        for _ in range(crowd.questions):
            threads.submit(_wait, port, _post("/api/ask", QUESTION), b"event: done")
        ended.wait()


def _cut(port: int) -> None:
    with _connected(port) as client:
        client.sendall(_post("/api/documents?name=cut.pdf", b"%PDF-1.7 and no more", length=1 << 20))


def _connected(port: int, address: str = CROWD, *, holds: int = 0) -> socket.socket:
    client = socket.socket()
    client.bind((address, 0))
    if holds:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, holds)
    client.settimeout(LIMIT_S)
    client.connect(("127.0.0.1", port))
    return client


def _get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()


def _post(path: str, body: bytes, *, length: int = 0) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {length or len(body)}\r\n\r\n".encode() + body


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help=f"where figures go; without --quick {RESULTS.relative_to(ROOT)}")
    parser.add_argument("--quick", action="store_true", help="a smoke test, whose figures say little")
    arguments = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # each of the crowd is a file here, too
    with tempfile.TemporaryDirectory() as folder:
        quick, root = arguments.quick, Path(folder)
        about = provenance.about(LIBRARIES)
        # In fresh processes, which are to be made before this one has threads.
        others = {
            "visitors": visitors.measure(*(FEW_VISITORS if quick else VISITORS), root / "visitors"),
            "removing": alone(removing, FEW if quick else MANY, root)[0],
        }
        figures = {"about": about, **measure(QUICK if quick else WHOLE, root / "library"), **others}
    if target := arguments.json or (None if arguments.quick else RESULTS):
        target.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
