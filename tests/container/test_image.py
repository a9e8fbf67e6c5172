"""The image as `make container` built it, run as people run it; without an image there is nothing to try."""

import json
import os
import shlex
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from support.live import soon
from support.paths import EXAMPLES

IMAGE, ENGINE = os.environ.get("IMAGE", ""), shlex.split(os.environ.get("ENGINE", ""))
RUN_ARGS = shlex.split(os.environ.get("RUN_ARGS", ""))
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not IMAGE, reason="there is no image: run `make container`")]
START_S, END_S = 60.0, 5.0
LIMITS = ("--read-only", "--memory", "1g", "--cpus", "1", "--network", "none")
PUBLIC, TOKEN = ("--env", "RECTO_PUBLIC=1"), ("--env", "RECTO_TOKEN=secret")
ODD = ("--env", "LC_ALL=xx_XX", "--env", "TZ=Pacific/Kiritimati")
QUESTION = "What does an error bank hold?"
# Every process of the container, but for the one that asks: its number, its parent's, its state, what it runs.
PROCESSES = """
import os, pathlib
for one in pathlib.Path("/proc").glob("[0-9]*"):
    if one.name != str(os.getpid()):
        state, parent = (one / "stat").read_text().rpartition(")")[2].split()[:2]
        print(one.name, parent, state, (one / "cmdline").read_text().replace("\\0", " "))
"""


def engine(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*ENGINE, *arguments], capture_output=True, text=True, check=check)


class Container:
    """A container that runs."""

    def __init__(self, key: str) -> None:
        self.key = key

    def run(self, *command: str, check: bool = True) -> str:
        return engine("exec", self.key, *command, check=check).stdout

    def log(self) -> str:
        said = engine("logs", self.key)
        return said.stdout + said.stderr

    def healthy(self) -> bool:
        return engine("exec", self.key, "recto", "healthcheck", check=False).returncode == 0

    def code(self) -> int | None:
        """The exit code once it has ended."""
        running, code = engine("inspect", self.key, "--format", "{{.State.Running}} {{.State.ExitCode}}").stdout.split()
        return None if running == "true" else int(code)

    def processes(self) -> dict[int, tuple[int, str, str]]:
        found = {}
        for line in self.run("python", "-c", PROCESSES).splitlines():
            number, parent, state, command = line.split(" ", 3)
            found[int(number)] = int(parent), state, command
        return found

    def server(self) -> int:
        return next(number for number, (_, _, command) in self.processes().items() if "recto serve" in command)


@contextmanager
def container(*options: str) -> Iterator[Container]:
    key = engine("run", "--detach", *LIMITS, *RUN_ARGS, *options, IMAGE).stdout.strip()
    try:
        yield Container(key)
    finally:
        engine("rm", "--force", key, check=False)


@pytest.fixture
def volume() -> Iterator[str]:
    """A new volume for the data, which belongs to whom the image says."""
    name = engine("volume", "create").stdout.strip()
    yield name
    engine("volume", "rm", "--force", name)


def mounted(volume: str) -> tuple[str, ...]:
    return ("--volume", f"{volume}:/data", "--volume", f"{EXAMPLES}:/examples:ro")


@pytest.mark.parametrize("user", ["", "1000:1000", "54321"])
def test_any_user_can_run_it_in_little_room_without_a_network(volume: str, user: str) -> None:
    as_user = ("--user", user) if user else ()
    with container(*mounted(volume), *TOKEN, *ODD, *as_user) as one:
        assert soon(one.healthy, START_S), one.log()
        assert one.run("id", "-u").strip() == (user.partition(":")[0] or "1000")
        assert "1 of " in one.log()
        assert "1.0 GiB, by a limit" in one.log()
        one.run("recto", "add", "/examples/riscv-reri-architecture.pdf")
        answer = json.loads(one.run("recto", "ask", "--json", QUESTION))
        assert answer["citations"]
        began = time.monotonic()
        engine("stop", "-t", "10", one.key)
        assert one.code() == 0
        assert time.monotonic() - began < END_S
        assert "Traceback" not in one.log()


def test_whoever_starts_it_says_who_may_come_in(volume: str) -> None:
    with container(*mounted(volume)) as one:
        assert soon(lambda: one.code() is not None, START_S)
        assert one.code() == 2
        assert "RECTO_TOKEN" in one.log()


def test_a_folder_of_somebody_else_is_named_with_the_cure(volume: str) -> None:
    engine("run", "--rm", "--user", "0", "--entrypoint", "chown", *RUN_ARGS, *mounted(volume), IMAGE, "4242:0", "/data")
    engine("run", "--rm", "--user", "0", "--entrypoint", "chmod", *RUN_ARGS, *mounted(volume), IMAGE, "755", "/data")
    with container(*mounted(volume), *PUBLIC) as one:
        assert soon(lambda: one.code() is not None, START_S)
        assert one.code() == 1
        assert "/data belongs to uid 4242; recto runs as uid 1000" in one.log()
        assert "chown -R 1000 /data" in one.log()


def test_a_killed_server_comes_again_and_leaves_nothing(volume: str) -> None:
    with container(*mounted(volume), *PUBLIC) as one:
        assert soon(one.healthy, START_S)
        first = one.server()
        one.run("python", "-c", f"import os; os.kill({first}, 9)")
        assert soon(lambda: "server ended (killed by SIGKILL)" in one.log())
        assert soon(one.healthy, START_S)
        assert one.server() != first
        assert [found for found in one.processes().values() if found[1] == "Z"] == []
