"""`recto bench`: one's own figures, and a preset that suits the machine."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from recto import Library
from recto.cli import recto
from recto.evaluate.speed import MEMORY, suggestion, timed_stage
from recto.events import AddEvent, Progress, Stage
from recto.llm.presets import PRESETS
from recto.llm.speeds import Speeds
from recto.search.encoder import MiniLM
from recto.types import Added, AddStatus, Document

FAST = Speeds(prefill=1000.0, overhead_s=0.1, decode=100.0, load_s=1.0)
GB = 1_000_000_000


@dataclass
class Clock:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


def bench(home: Path, *options: str) -> str:
    done = CliRunner().invoke(recto, ["bench", "--quick", "--home", str(home), *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.slow
def test_the_table_of_a_library_with_a_model(pumps: Path, smol: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECTO_MODEL", str(smol))
    said = json.loads(bench(pumps, "--json"))
    figures = {one["name"]: one["value"] for one in said["figures"]}
    assert all(value > 0 for value in figures.values())
    assert {
        "reading a page",
        "searching, median",
        "a model reads",
        "a model writes",
        "first written word",
    } <= figures.keys()
    assert said["suggestion"]["preset"] in PRESETS


def test_without_a_model_the_smallest_is_suggested(pumps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECTO_MODEL", "quote")
    assert "suggested: fast (no model is here" in bench(pumps)


def test_the_encoder_is_loaded_before_adding_is_measured(pumps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECTO_MODEL", "quote")
    steps: list[str] = []
    load, add = MiniLM.open, Library.adding

    def noted_load(*, threads: int) -> MiniLM:
        steps.append("load")
        return load(threads=threads)

    def noted_add(library: Library, *paths: Path) -> Iterator[AddEvent]:
        steps.append("add")
        return add(library, *paths)

    monkeypatch.setattr(MiniLM, "open", noted_load)
    monkeypatch.setattr(Library, "adding", noted_add)
    bench(pumps)
    added = steps.index("add")
    assert "load" in steps[:added]
    assert "load" not in steps[added:]


def test_reading_a_page_is_timed_without_what_comes_before_and_behind() -> None:
    clock = Clock()

    def added() -> Iterator[AddEvent]:
        clock.seconds += 50  # processes start, and the file is opened
        yield Progress(stage=Stage.READING, name="a.pdf", done=0, total=2, eta_s=None)
        for number in (1, 2):
            clock.seconds += 3
            yield Progress(stage=Stage.READING, name="a.pdf", done=number, total=2, eta_s=None)
        clock.seconds += 70  # it is kept, and a page of it recognised
        yield Progress(stage=Stage.OCR, name="a.pdf", done=1, total=1, eta_s=None)
        document = Document(id="1" * 64, name="a.pdf", title="a", pages=2, size=1000, added=0.0)
        yield Added(document=document, status=AddStatus.ADDED, passages=5, seconds=126.0, flags={})

    outcome, reading_s = timed_stage(added(), Stage.READING, clock)
    assert (outcome.seconds, reading_s) == (126, 6)


def test_an_empty_library_has_nothing_to_measure(home: Path) -> None:
    done = CliRunner().invoke(recto, ["bench", "--home", str(home)])
    assert done.exit_code == 1
    assert "is empty" in done.stderr


def test_speed_and_memory_decide_together() -> None:
    small = PRESETS["fast"].size
    assert suggestion(FAST, small, 32 * GB, 10.0).preset == "best"
    assert suggestion(FAST, small, int(MEMORY * small) + 1, 2.0).preset == "fast"
    slow = Speeds(prefill=160.0, overhead_s=0.1, decode=20.0, load_s=1.0)
    assert suggestion(slow, small, 32 * GB, 2.0).preset == "fast"
    slower = suggestion(Speeds(prefill=50.0, overhead_s=0.1, decode=5.0, load_s=1.0), small, 32 * GB, 2.0)
    assert (slower.preset, "more than the 2 s" in slower.why) == ("fast", True)
    assert suggestion(FAST, small, GB // 4, 2.0).preset == ""
