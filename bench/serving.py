"""What the page costs, beside the same page in Streamlit: starting, memory, one person, and twenty at once.

    python -m bench.serving [--json FILE] [--quick]

Both serve the same library of the example PDFs, and the same generator writes for both, a token every 10 ms, in a
process that is not counted. CPU is that of the server's process and its children. Sessions ask over HTTP and over
Streamlit's own messages; one person's clicks are timed in Chromium. CPU of a token is the difference between answers
of many tokens and of few: finding and quoting fall out. Seconds are wall seconds: keep the machine quiet.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import httpx2
import numpy as np
from bench import clicking, provenance, sessions
from bench.cost_meter import Figures, resident, say, spent
from bench.samples import ROOT
from bench.sessions import Reply
from bench.writing import QUESTIONS

from recto import Library
from recto.config import Writing
from recto.model_ref import QUOTE

RESULTS = ROOT / "bench" / "results" / "serving.json"
EXAMPLES = sorted(ROOT.glob("examples/*.pdf"))
LONG, SHORT = 120, 20  # tokens of an answer
START_S = 60
LOOK_S = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingPlan:
    """How much is measured."""

    starts: int
    clicks: int  # questions of each person
    people: int
    within_s: float  # in which they ask, one after the other


WHOLE = ServingPlan(starts=7, clicks=8, people=20, within_s=10.0)
QUICK = ServingPlan(starts=1, clicks=1, people=2, within_s=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two servers that are compared."""

    name: str
    command: Sequence[str]  # without the port
    ready: str  # the path that says so
    ask: sessions.Ask
    look: clicking.Look


RECTO = Side(
    name="recto",
    command=("recto", "serve", "--no-open", "--port"),
    ready="/readyz",
    ask=sessions.of_recto,
    look=clicking.RECTO,
)
STREAMLIT = Side(
    name="streamlit",
    command=(
        "streamlit", "run", str(ROOT / "bench" / "streamlit_chat.py"), "--server.headless", "true",
        "--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none", "--server.port",
    ),
    ready="/_stcore/health",
    ask=sessions.of_streamlit,
    look=clicking.STREAMLIT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadyServer:
    """A server that answers."""

    url: str
    pid: int
    ready: Figures

    def rss_mb(self) -> float:
        """Resident memory of the server's processes, MB."""
        return round(resident(self.pid) / 1e6, 1)


def measure(plan: ServingPlan, folder: Path) -> Figures:
    """All figures."""
    home, port = folder / "library", free_port()
    with Library(home, writing=Writing(model=QUOTE)) as library:
        library.add(*EXAMPLES)
    generator = f"http://127.0.0.1:{port}"
    with _process(
        [sys.executable, "-m", "uvicorn", "bench.generator:app", "--port", str(port), "--log-level", "error"]
    ):
        _await(f"{generator}/v1/models")
        sides = {side.name: _side(side, plan, home, generator) for side in (RECTO, STREAMLIT)}
    return {"about": {**provenance.about(), "generator": "a token every 10 ms"}, **sides}


def _side(side: Side, plan: ServingPlan, home: Path, generator: str) -> Figures:
    say(f"{side.name}: starting")
    _set_tokens(generator, LONG)
    starts = [_start(side, home, generator) for _ in range(plan.starts + 1)]
    with _serving(side, home, generator) as server:
        say(f"{side.name}: one person")
        idle = server.rss_mb()
        sessions.many(side.ask, server.url, QUESTIONS[:1], 0)  # what the first question loads is in `starting`
        clicks = clicking.clicks(server.url, side.look, QUESTIONS[: plan.clicks])
        memory = {"idle": idle, "after_chat": server.rss_mb()}
        one_by_one = partial(sessions.one_by_one, side.ask, server.url, QUESTIONS[:1] * plan.clicks)
        token_ms = _cpu_ms_per_token(server, generator, one_by_one)
        say(f"{side.name}: {plan.people} people")
        many = _many(side, plan, server, generator)
        memory["after_many"] = server.rss_mb()
    return {
        # The first start reads the program from disk, and does not count.
        "starting": {key: round(median(start[key] for start in starts[1:]), 3) for key in starts[0]},
        "rss_mb": memory,
        "one": {
            **_spread("quote_ms", [click["quote"] for click in clicks]),
            **_spread("word_ms", [click["word"] for click in clicks]),
            "cpu_ms_per_token": token_ms,
        },
        "many": many,
    }


def _start(side: Side, home: Path, generator: str) -> Figures:
    with _serving(side, home, generator) as server:
        ready = time.monotonic()
        sessions.many(side.ask, server.url, QUESTIONS[:1], 0)
        return {**server.ready, "ready_and_answered_s": server.ready["wall_s"] + time.monotonic() - ready}


def _many(side: Side, plan: ServingPlan, server: ReadyServer, generator: str) -> Figures:
    """Everybody within some seconds, and everybody at once."""
    questions = [QUESTIONS[number % len(QUESTIONS)] for number in range(plan.people)]
    spread = sessions.many(side.ask, server.url, questions, plan.within_s)
    burst = sessions.many(side.ask, server.url, questions, 0)
    once_more = partial(sessions.many, side.ask, server.url, questions, within_s=plan.within_s)
    return {
        "people": plan.people,
        "within_s": plan.within_s,
        **_spread("first_word_s", [reply.first_s for reply in spread]),
        **_spread("whole_answer_s", [reply.total_s for reply in spread]),
        "all_at_once": _spread("first_word_s", [reply.first_s for reply in burst]),
        "cpu_ms_per_token": _cpu_ms_per_token(server, generator, once_more),
    }


def _cpu_ms_per_token(server: ReadyServer, generator: str, ask: Callable[[], Sequence[Reply]]) -> float:
    """CPU milliseconds for each token beyond the first ones."""
    cpu_s, answers = {}, 0
    for tokens in (SHORT, LONG):
        _set_tokens(generator, tokens)
        before = spent(server.pid)
        answers = len(ask())
        cpu_s[tokens] = spent(server.pid) - before
    return round((cpu_s[LONG] - cpu_s[SHORT]) * 1e3 / (answers * (LONG - SHORT)), 3)


def _set_tokens(generator: str, tokens: int) -> None:
    httpx2.put(f"{generator}/tokens/{tokens}").raise_for_status()


@contextmanager
def _serving(side: Side, home: Path, generator: str) -> Iterator[ReadyServer]:
    """The server, ready."""
    settings = {
        "RECTO_HOME": str(home),
        "RECTO_MODEL": "remote",
        "RECTO_REMOTE_URL": f"{generator}/v1",
        "RECTO_REMOTE_MODEL": "clock",
    }
    port = free_port()
    with _process([sys.executable, "-m", *side.command, str(port)], settings) as process:
        start, url = time.monotonic(), f"http://127.0.0.1:{port}"
        _await(f"{url}{side.ready}")
        ready = {"cpu_s": spent(process.pid), "wall_s": time.monotonic() - start}
        yield ReadyServer(url, process.pid, ready)


@contextmanager
def _process(command: Sequence[str], settings: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command, env={**os.environ, **(settings or {})}, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def _await(url: str) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        with suppress(httpx2.TransportError):
            if httpx2.get(url).is_success:
                return
        time.sleep(LOOK_S)
    raise SystemExit(f"{url} does not answer after {START_S} s")


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _spread(name: str, values: Sequence[float]) -> Figures:
    return {f"{name}_p50": round(median(values), 3), f"{name}_p95": round(float(np.quantile(values, 0.95)), 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help=f"where figures go; without --quick {RESULTS.relative_to(ROOT)}")
    parser.add_argument("--quick", action="store_true", help="a smoke test, whose figures say little")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(QUICK if arguments.quick else WHOLE, Path(folder))
    if target := arguments.json or (None if arguments.quick else RESULTS):
        target.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
