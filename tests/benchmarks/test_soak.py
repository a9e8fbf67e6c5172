"""`make soak` in small: nothing is lost. Whether anything grows, only a longer one says."""

import os
import subprocess
import sys

import pytest

from support.paths import HERE


@pytest.mark.parametrize(
    "length",
    [
        pytest.param(("--steps", "15"), marks=pytest.mark.slow, id="short"),
        pytest.param(("--minutes", "3"), marks=pytest.mark.soak, id="long"),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="limits and counts what processes have as Linux does")
def test_nothing_is_lost(length: tuple[str, str]) -> None:
    command = [sys.executable, "-m", "bench.soak", *length]
    environment = {**os.environ, "PYTHONPATH": str(HERE)}
    ended = subprocess.run(command, cwd=HERE.parent, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
