"""An `ollama` on PATH that plays."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.live import free_port
from support.paths import HERE

Play = Callable[[str], None]
PROGRAM = HERE / "support" / "ollama_program.py"
WRAPPER = """#!{python}
import runpy, sys
sys.path.insert(0, {tests!r})
runpy.run_path({program!r}, run_name="__main__")
"""


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def noted(tmp_path: Path) -> Callable[[], dict[str, Any]]:
    """What the program that runs noted of itself last: `pids` and `environment`."""
    return lambda: json.loads((tmp_path / "noted").read_text())


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: int) -> Play:
    """Let `ollama` play like this, at the port."""
    program = tmp_path / "bin" / "ollama"
    program.parent.mkdir()
    program.write_text(WRAPPER.format(python=sys.executable, tests=str(HERE), program=str(PROGRAM)))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    monkeypatch.setenv("NOTED", str(tmp_path / "noted"))
    monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{port}")
    monkeypatch.delenv("OLLAMA_MODELS", raising=False)
    return lambda how: monkeypatch.setenv("PLAYS", how)
