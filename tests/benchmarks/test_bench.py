"""`make bench` in small: every figure is there, and above 0."""

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from support.paths import HERE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("faiss") is None, reason="the baselines are missing: uv sync --group bench"),
]
SECTIONS = {"about", "reading", "adding", "large", "asking", "starting"}
RESULTS = HERE.parent / "bench" / "results"
MAY_BE_NOTHING = {"flags", "load_before", "changed"}


def numbers(name: str, value: object) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in MAY_BE_NOTHING:
                yield from numbers(f"{name} {key}", inner)
    elif isinstance(value, int | float):
        yield name, value


def run(*command: str) -> str:
    ended = subprocess.run([sys.executable, "-m", *command], cwd=HERE.parent, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_the_quick_bench_of_written_answers(tmp_path: Path) -> None:
    target = tmp_path / "writing.json"
    run("bench.writing", "--quick", "--json", str(target))
    about, found = json.loads(target.read_text()).values()
    assert about["runs"]
    assert found["ours"]["written"] == found["ours"]["asked"] == 2
    assert min(found["naive"]["first_s"], found["ours"]["first_s"]) > 0
    assert set(found) >= {
        "ratio",
        "announced",
        "read_ahead",
        "while_adding",
        "while_others_compute",
        "stopping",
        "memory",
    }


def test_citations_are_as_good_as_the_results_say(tmp_path: Path) -> None:
    run("bench.citing", "--json", str(tmp_path / "citing.json"))
    now, kept = (json.loads(path.read_text()) for path in (tmp_path / "citing.json", RESULTS / "citing.json"))
    assert now["all"] == kept["all"], "run `python -m bench.citing`"
    assert now["not_looked_at"] == kept["not_looked_at"]


def test_the_quick_bench_of_containers_measures_everything_but_an_image(tmp_path: Path) -> None:
    target = tmp_path / "container.json"
    run("bench.container", "--quick", "--soak-minutes", "0.03", "--json", str(target))
    found = json.loads(target.read_text())
    soak = found.pop("soak")
    assert [name for name, value in numbers("", found) if not value > 0] == []
    assert soak["questions"] > 0
    assert soak["processes"]["late"] == 3  # the supervisor, the server, and what draws pages


def test_the_quick_bench_measures_everything(tmp_path: Path) -> None:
    target = tmp_path / "figures.json"
    shown = run("bench", "--quick", "--json", str(target))
    figures = json.loads(target.read_text())
    assert set(figures) == SECTIONS
    assert figures["about"]["commit"]
    assert [name for name, value in numbers("", figures) if not value > 0] == []
    assert "recto --help" in shown
    assert "baseline" in shown
