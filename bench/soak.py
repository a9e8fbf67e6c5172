"""Everything at once for half an hour: does anything grow, is anything lost?

    PYTHONPATH=tests python -m bench.soak [--minutes 30 | --steps N] [--seed N]        or: make soak

In an order drawn by the seed, a server beside a model that plays one (the tests') is asked, left in mid-answer, given
files whole and cut, and told to remove some; other processes add a folder of files that change, and are killed at it;
the processes that read are killed; no file may grow for a while, as on a full disk; the server is killed at the
beginning. In this process a public server has visitors, whose clock jumps. At the end memory, handles, processes and
files are compared with those at the beginning, and the library with what was reported of it: each document whole, each
passage with its vector, the keyword index as the truth says. Exits with 1 if anything grew, or was lost. Linux only.
"""

import argparse
import hashlib
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import median
from types import SimpleNamespace

import httpx2
from bench.cost_meter import family, resident, say
from starlette.testclient import TestClient

from recto import Library
from recto.config import Writing
from recto.model_ref import QUOTE
from recto.server import tenants
from recto.server.tenants import HEADER, MultiTenant, Quota
from recto.store.driver import NAME
from recto.store.sqlite import SqliteStore
from recto.text.analyse import term_ids
from support.clock import Clock
from support.live import Live, live, post
from support.openai_server import KEY, OpenAIServer
from support.pdfs import text_pdf
from support.served import public, settled
from support.store_contract import found

DOCUMENTS = 12  # about so many are in the library
SAMPLE_EVERY = 5  # steps
FEWEST = 20  # samples that say whether anything grows
WARM_UP = 0.25  # of the samples
LONGEST_JUMP_S = 7200.0
REST_S = 2 * Quota().sleep_s
ROOM = 200_000  # bytes that files may grow while the disk is full
FULL = {"disk_full"}


@dataclass(frozen=True, slots=True)
class Holdings:
    """What there is between two steps, in the server with its children, and here, where the visitors are."""

    server_mb: float
    visitors_mb: float
    processes: int
    handles: int
    threads: int
    files: int  # of the server's that are for the moment


LIMITS: dict[str, Callable[[float], float]] = {
    "server_mb": lambda early: 1.1 * early + 20,
    "visitors_mb": lambda early: 1.1 * early + 20,
    "processes": lambda early: early + 1,
    "handles": lambda early: early + 8,
    "threads": lambda early: early + 4,
    "files": lambda early: early + DOCUMENTS,  # pictures
}


def made(name: str, turn: int) -> bytes:
    """A document of some pages, in which words stand that no other has."""
    word = f"{name}x{turn}"
    page = "\n".join(f"The pump {word} of hall {hall} moves {turn + hall} litres a minute." for hall in range(20))
    return text_pdf(*[f"{page}\nPage {number} of everything." for number in range(1 + turn % 3)])


class Soak:
    """One server with its library, and what was reported of it."""

    def __init__(self, folder: Path, chance: random.Random, engine: str) -> None:
        self.chance, self.folder, self.home = chance, folder / "synced", folder / "home"
        self.folder.mkdir()
        self.home.mkdir()
        self.steps: Counter[str] = Counter()
        self.problems: list[str] = []
        self.turn = 0
        self.truth: dict[str, str] = {}  # names that were reported as added, and the SHA-256 of their files
        self._running = ExitStack()
        self._remote = {
            "RECTO_MODEL": "remote", "RECTO_REMOTE_URL": f"{engine}/v1", "RECTO_REMOTE_MODEL": "some/model",
            "RECTO_REMOTE_TOKEN": KEY, "RECTO_ALLOW_REMOTE": "1", "RECTO_OCR": "off",
        }  # fmt: skip
        self.server = self._start()

    def _start(self) -> Live:
        return self._running.enter_context(live(self.home, **self._remote))

    def close(self) -> None:
        """End the server."""
        self._running.close()

    def fault(self, what: str) -> None:
        """Note what must not be."""
        self.problems.append(what)
        say(f"FAULT: {what}")

    def made_document(self, name: str = "") -> tuple[str, bytes]:
        """A new document, under a name of its own unless it has one."""
        self.turn += 1
        name = name or f"upload{self.turn}.pdf"
        return name, made(name.removesuffix(".pdf"), self.turn)

    # --- what is done
    def ask(self) -> None:
        """A question about a document that must be quoted, and one that is left in mid-answer."""
        name = self.chance.choice([*self.truth, ""])
        document = next((entry for entry in self.documents() if entry["name"] == name), None)
        word = self._word(name) if document else "nothing"
        answer = self.server.http.post("/api/ask", json={"question": f"How many litres does the pump {word} move?"})
        if answer.status_code != 200 or "event: done" not in answer.text:
            self.fault(f"a question was answered {answer.status_code}: {answer.text[-200:]}")
        elif document and f'"{document["id"]}"' not in answer.text:
            self.fault(f"{name} was not found by its own word {word}")

    def leave(self) -> None:
        """A question whose asker goes."""
        with self.server.http.stream("POST", "/api/ask", json={"question": "How many litres a minute?"}) as answer:
            for _ in zip(range(self.chance.randint(1, 9)), answer.iter_lines(), strict=False):
                pass

    def look(self) -> None:
        """A search, a picture and a page."""
        self.server.http.get("/api/search", params={"q": "litres of hall 3"}).raise_for_status()
        if documents := self.documents():
            path = f"/api/documents/{self.chance.choice(documents)['id']}/pages/1"
            self.server.http.get(path).raise_for_status()
            self.server.http.get(f"{path}/picture").raise_for_status()

    def upload(self) -> None:
        """A file that comes whole."""
        name, content = self.made_document()
        outcome = self._uploaded(name, content)
        if outcome != "added":
            self.fault(f"{name} was not added: {outcome}")

    def _uploaded(self, name: str, content: bytes) -> str:
        """What becomes of a file: `added`, or the kind of its problem."""
        answer = self.server.http.post("/api/documents", params={"name": name}, content=content)
        if answer.status_code != 202:
            return str(answer.json()["title"])
        upload = settled(self.server.http, answer.json()["id"], encoded=False)  # type: ignore[arg-type]
        self.server.http.delete(f"/api/uploads/{upload['id']}")
        outcome = upload["outcome"]
        if outcome["status"] == "added":
            self.truth[name] = hashlib.sha256(content).hexdigest()
        return str(outcome["problem"]["kind"] if outcome["problem"] else outcome["status"])

    def cut(self) -> None:
        """A file of which only the beginning comes."""
        _, content = self.made_document()
        with closing(self.server.connect()) as client:
            client.sendall(post("/api/documents?name=cut.pdf", content[:-500], "application/pdf", length=len(content)))

    def remove(self) -> None:
        """Documents go as long as there are too many."""
        while len(self.truth) > DOCUMENTS:
            self._remove(self.chance.choice([*self.truth]))

    def _remove(self, name: str) -> None:
        key = self.truth.pop(name)
        answer = self.server.http.delete(f"/api/documents/{key}")
        if answer.status_code != 204:
            self.fault(f"{name} could not be removed: {answer.text}")

    def sync(self) -> None:
        """Another process adds a folder of which a file has changed; sometimes it is killed at that."""
        name, content = self.made_document(f"synced{self.chance.randrange(3)}.pdf")
        (self.folder / name).write_bytes(content)
        command = [sys.executable, "-m", "recto", "add", "--replace", "--no-wait", str(self.folder)]
        with subprocess.Popen([*command, "--home", str(self.home)], stdout=subprocess.DEVNULL) as child:
            if killed := self.chance.random() < 0.4:
                time.sleep(self.chance.uniform(0.5, 4))
                child.kill()
        kept_ids = {entry["name"]: entry["id"] for entry in self.documents() if entry["name"].startswith("synced")}
        digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in self.folder.iterdir()}
        former = {name: key for name, key in self.truth.items() if name in digests}
        if not killed and (child.returncode or kept_ids != digests):
            self.fault(f"a folder was added with {child.returncode}: {kept_ids}, not {digests}")
        for name in former:
            if kept_ids.get(name) not in (former[name], digests[name]):
                self.fault(f"{name} was lost when the process that added it was killed")
        self.truth |= kept_ids

    def kill(self) -> None:
        """One of the server's children ends at once."""
        children = [pid for pid in family(self.server.process.pid) if pid != self.server.process.pid]
        if children:
            with suppress(ProcessLookupError):
                os.kill(self.chance.choice(children), signal.SIGKILL)

    def full(self) -> None:
        """No file grows much; what does not fit is refused, all is still answered, and documents can be removed."""
        pid = self.server.process.pid
        _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        largest = max(path.stat().st_size for path in self.home.glob(f"{NAME}*"))
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (largest + ROOM, most))
        try:
            name, content = self.made_document()
            outcome = self._uploaded(name, content + b"\n%" + b"x" * 9 * largest)
            if outcome not in FULL:
                self.fault(f"on a full disk {name} was answered {outcome}")
            self.ask()
            if len(self.truth) > 3:
                self._remove(next(name for name in self.truth if name.startswith("upload")))
        finally:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))

    def restart(self) -> None:
        """The server is killed, and started again."""
        for pid in family(self.server.process.pid):
            os.kill(pid, signal.SIGKILL)
        self._running.close()
        self.server = self._start()

    # --- what there is
    def documents(self) -> list[dict[str, str]]:
        """Those of the library, as the server says."""
        entries: list[dict[str, str]] = self.server.http.get("/api/documents").raise_for_status().json()
        return entries

    def _word(self, name: str) -> str:
        """The word of a document that no other has."""
        key = self.truth[name]
        stem = name.removesuffix(".pdf")
        return next(f"{stem}x{turn}" for turn in range(self.turn, 0, -1) if _digest(stem, turn) == key)

    def sample(self) -> Holdings:
        """What there is now."""
        pids = [*family(self.server.process.pid)]
        all_pids = [*pids, os.getpid()]
        threads = [task for pid in all_pids for task in _entries(f"/proc/{pid}/task")]
        return Holdings(
            server_mb=resident(self.server.process.pid) / 1e6,
            visitors_mb=resident(os.getpid()) / 1e6 - resident(self.server.process.pid) / 1e6,
            processes=len(pids),
            handles=sum(len(_entries(f"/proc/{pid}/fd")) for pid in all_pids),
            threads=len(threads),
            files=sum(path.is_file() for path in (self.home / "served").rglob("*")),
        )

    def check(self) -> None:
        """Hold the library, once nobody has it open, against what was reported."""
        with Library(self.home, writing=Writing(model=QUOTE)) as library:
            library.warm()  # and encode what was not when the server ended
            deque(library.encoding(), maxlen=0)
            encoder = library.encoder
        with closing(sqlite3.connect(self.home / NAME)) as connection:
            verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            self.fault(f"the file is damaged: {verdict}")
        with SqliteStore(self.home) as store:
            documents = {document.name: document for document in store.documents()}
            if {name: document.id for name, document in documents.items()} != self.truth:
                self.fault(f"in the library are {sorted(documents)}, reported were {sorted(self.truth)}")
            pages = {document.id: document.pages for document in documents.values()}
            for key in pages:
                if hashlib.sha256(store.source(key)).hexdigest() != key:
                    self.fault(f"{key} has other bytes")
            every = {(key, number) for key, count in pages.items() for number in range(count)}
            if found(store, "text", term_ids("everything").tolist()) != every or store.lagging():
                self.fault("the keyword index is not what the truth says")
            if encoder is None or store.unencoded(encoder.fingerprint):
                self.fault("there are passages without vectors")
            elif store.nearest(encoder.encode(["pump"])[0], encoder.fingerprint, 1).moments.count != len(every):
                self.fault("pages are missing among the vectors")


def _digest(stem: str, turn: int) -> str:
    return hashlib.sha256(made(stem, turn)).hexdigest()


def _entries(folder: str) -> list[Path]:
    with suppress(OSError):  # it has just ended
        return [*Path(folder).iterdir()]
    return []


class Visitors:
    """Those of a public server in this process, whose clock jumps."""

    def __init__(self, http: TestClient, rooms: MultiTenant, soak: Soak, clock: Clock) -> None:
        self._http, self._rooms, self._soak, self._clock = http, rooms, soak, clock
        self._tokens: list[str] = []

    def visit(self) -> None:
        """Somebody comes, or comes back, uploads something and asks about it."""
        chance = self._soak.chance
        if not self._tokens or chance.random() < 0.5:
            self._tokens.append(self._http.post("/api/visitors").raise_for_status().json()["visitor"])
        headers = {HEADER: chance.choice(self._tokens[-9:])}
        name, content = self._soak.made_document()
        answer = self._http.post("/api/documents", params={"name": name}, content=content, headers=headers)
        if answer.status_code in (410, 409):  # the visit is over, or the library is full
            self._tokens.remove(headers[HEADER])
            return
        outcome = settled(self._http, answer.raise_for_status().json()["id"], headers, encoded=False)["outcome"]
        question = {"question": f"How many litres does the pump {name.removesuffix('.pdf')}x{self._soak.turn} move?"}
        response = self._http.post("/api/ask", json=question, headers=headers)
        if outcome["status"] != "added" or outcome["document"]["id"] not in response.text:
            self._soak.fault(f"a visitor's {name} was {outcome['status']}, and is not quoted: {response.status_code}")

    def jump(self) -> None:
        """Time passes, for the visitors alone."""
        self._clock.advance(self._soak.chance.uniform(1, LONGEST_JUMP_S))
        self._rooms.sweep()

    def rest(self) -> None:
        """Nobody asks for a while, so that all their libraries sleep."""
        self._clock.advance(REST_S)
        self._rooms.sweep()


WEIGHTS = {
    "ask": 30, "leave": 8, "look": 14, "upload": 14, "cut": 6, "sync": 4, "kill": 6, "full": 4, "visit": 8, "jump": 6,
}  # fmt: skip


def run(soak: Soak, visitors: Visitors, over: Callable[[int], bool]) -> Iterator[Holdings]:
    """Do one thing after the other until it is over; the server is killed once, at the beginning."""
    number = 0
    while not over(number):
        name = "restart" if number == SAMPLE_EVERY else soak.chance.choices([*WEIGHTS], [*WEIGHTS.values()])[0]
        soak.steps[name] += 1
        try:
            getattr(visitors if name in ("visit", "jump") else soak, name)()
            soak.remove()
        except (httpx2.HTTPError, AssertionError) as problem:
            soak.fault(f"{name}: {type(problem).__name__}: {problem}")
        number += 1
        if number % SAMPLE_EVERY == 0:
            visitors.rest()
            yield soak.sample()


def grown(samples: list[Holdings]) -> Iterator[tuple[str, float, float, float]]:
    """Of each figure: early, late, and the most that it may be late."""
    warm = samples[int(len(samples) * WARM_UP) :]
    fifth = max(1, len(warm) // 5)
    for field in fields(Holdings):
        early, late = (median(getattr(sample, field.name) for sample in part) for part in (warm[:fifth], warm[-fifth:]))
        yield field.name, early, late, LIMITS[field.name](early)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--steps", type=int, default=0, help="in the place of minutes")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    clock = Clock()
    vars(tenants)["time"] = SimpleNamespace(monotonic=clock)  # theirs alone
    end = time.monotonic() + 60 * arguments.minutes
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        engine = stack.enter_context(OpenAIServer())
        soak = Soak(folder, random.Random(arguments.seed), engine.url)
        with closing(soak):
            http, rooms = stack.enter_context(public(folder / "public", Quota()))
            visitors = Visitors(http, rooms, soak, clock)
            steps = arguments.steps
            samples = [*run(soak, visitors, lambda number: number >= steps if steps else time.monotonic() >= end)]
            if soak.server.traceback():
                soak.fault(f"an error that nobody had foreseen: {soak.server.log.read_text()[-2000:]}")
        soak.check()
    print(f"steps: {dict(sorted(soak.steps.items()))}")
    growing = []
    for name, early, late, limit in grown(samples):
        growing += [name] if late > limit else []
        print(f"{name:12} {early:9.1f} {late:9.1f}   limit {limit:9.1f}")
    if len(samples) < FEWEST:
        growing = []  # they are still warming up
    print(f"grew: {', '.join(growing) or 'nothing'}; faults: {len(soak.problems)}")
    sys.exit(bool(growing or soak.problems))


if __name__ == "__main__":
    main()
