"""`make bench` in small: every figure is there, and above 0."""

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from places import HERE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("faiss") is None, reason="the baselines are missing: uv sync --group bench"),
]
SECTIONS = {"about", "reading", "adding", "large", "asking", "starting"}
MAY_BE_NOTHING = {"flags", "load_before", "changed"}


def numbers(name: str, value: object) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in MAY_BE_NOTHING:
                yield from numbers(f"{name} {key}", inner)
    elif isinstance(value, int | float):
        yield name, value


def test_the_quick_bench_measures_everything(tmp_path: Path) -> None:
    target = tmp_path / "figures.json"
    command = [sys.executable, "-m", "bench", "--quick", "--json", str(target)]
    shown = subprocess.run(command, cwd=HERE.parent, check=True, capture_output=True, text=True).stdout
    figures = json.loads(target.read_text())
    assert set(figures) == SECTIONS
    assert figures["about"]["commit"]
    assert [name for name, value in numbers("", figures) if not value > 0] == []
    assert "recto --help" in shown
    assert "baseline" in shown
