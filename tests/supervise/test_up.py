"""`recto up` and `recto healthcheck`: what follows from the surroundings, and the whole of it as processes."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner

from recto import config
from recto.cli import recto
from recto.cli import up as up_command
from recto.cli.address import Address
from recto.cli.up import HUB, UpOptions, check_home, server_address
from recto.config import CI, CONTAINER, LOCAL, SPACE
from recto.errors import BadSetting, LibraryReadOnly
from support.live import free_port, small_disk, soon
from support.processes import children

DEFAULTS = UpOptions()
LIMIT_S = 120.0  # for what takes seconds on a quiet machine


class Up:
    """`recto up` in a process of its own."""

    def __init__(self, port: int, log: Path, process: subprocess.Popen[bytes]) -> None:
        self.port, self.log, self.process = port, log, process

    def said(self, text: str, times: int = 1) -> bool:
        return self.log.read_text().count(text) >= times

    def healthy(self) -> bool:
        return CliRunner().invoke(recto, ["healthcheck", "--port", str(self.port)]).exit_code == 0

    def server(self) -> int:
        """The server's process."""
        return int(self.log.read_text().rpartition("server started (process ")[2].partition(")")[0])

    def family(self) -> list[int]:
        return [self.process.pid, *descendants(self.process.pid)]


@contextmanager
def up(home: Path, *options: str) -> Iterator[Up]:
    port, log = free_port(), home.parent / "up.log"
    command = [sys.executable, "-m", "recto", "up", "--host", "127.0.0.1", "--port", str(port), "--home", str(home)]
    with log.open("wb") as to:
        process = subprocess.Popen([*command, *options], stderr=to)
    try:
        yield Up(port, log, process)
    finally:
        process.terminate()
        process.wait(LIMIT_S)


def descendants(pid: int) -> Iterator[int]:
    for child in children(pid):
        yield child
        yield from descendants(child)


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
def test_what_is_killed_comes_again_and_the_end_is_an_end(
    home: Path, play: Callable[[str], None], noted: Callable[[], dict[str, Any]]
) -> None:
    play("well")  # and prints more than a pipe holds
    with up(home, "--ollama") as one:
        assert soon(lambda: one.said("server ready") and one.said("ollama ready"), LIMIT_S), one.log.read_text()
        assert one.healthy()
        first = one.server()
        os.kill(first, signal.SIGKILL)
        os.kill(noted()["pids"][0], signal.SIGKILL)
        assert soon(lambda: one.said("server ready", 2) and one.said("ollama ready", 2), LIMIT_S), one.log.read_text()
        assert one.healthy()
        assert one.server() != first
        family = one.family()
        assert len(family) == 4  # itself, the server, Ollama and what Ollama runs
        one.process.terminate()
        assert one.process.wait(LIMIT_S) == 0
        assert soon(lambda: not any(map(runs, family)))
        assert not one.healthy()
        assert not one.said("Traceback")


@pytest.mark.slow
def test_all_ends_with_a_supervisor_that_is_killed(home: Path, play: Callable[[str], None]) -> None:
    play("well")
    with up(home, "--ollama") as one:
        assert soon(lambda: one.said("server ready") and one.said("ollama ready"), LIMIT_S)
        family = one.family()
        one.process.kill()
        one.process.wait(LIMIT_S)
        assert soon(lambda: not any(map(runs, family)))


@pytest.mark.slow
def test_a_full_disk_is_told_and_what_is_there_can_be_asked(tmp_path: Path, pumps: Path) -> None:
    home = tmp_path / "disk"
    with small_disk(home, 30):
        for name in ("library.sqlite", "pumps.pdf"):
            (home / name).write_bytes((pumps / name).read_bytes())
        with pytest.raises(OSError, match="No space"):
            (home / "filler").write_bytes(bytes(shutil.disk_usage(home).free + 1))
        with up(home) as one:
            assert soon(one.healthy, LIMIT_S), one.log.read_text()
            assert one.said("nearly full")
            with httpx2.Client(base_url=f"http://127.0.0.1:{one.port}", timeout=LIMIT_S) as http:
                assert len(http.get("/api/documents").json()) == 1
                said = http.post("/api/documents?name=new.pdf", content=(pumps / "pumps.pdf").read_bytes())
                assert said.status_code == 507


@pytest.mark.slow
def test_a_port_that_is_taken_ends_it_with_the_reason(home: Path, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)), up(home, "--port", str(port)) as one:
        assert one.process.wait(LIMIT_S) == 2
        assert one.said("in use")


# --- what follows from the surroundings ------------------------------------------------------------------------------
def address(host: str, port: int, token: str, *, public: bool, embed: tuple[str, ...] = ()) -> Address:
    return Address(host=host, port=port, token=token, public=public, embed=embed)


@pytest.mark.parametrize(
    ("around", "options", "expected"),
    [
        (LOCAL, DEFAULTS, address("127.0.0.1", 8765, "", public=False)),
        (CI, DEFAULTS, address("127.0.0.1", 8765, "", public=False)),
        (CONTAINER, UpOptions(token="secret"), address("0.0.0.0", 8000, "secret", public=False)),
        (CONTAINER, UpOptions(public=True, port=80), address("0.0.0.0", 80, "", public=True)),
        (SPACE, DEFAULTS, address("0.0.0.0", 7860, "", public=True, embed=(HUB,))),
        (SPACE, UpOptions(token="secret"), address("0.0.0.0", 7860, "secret", public=False, embed=(HUB,))),
    ],
)
def test_the_address(around: str, options: UpOptions, expected: Address) -> None:
    listening = server_address(options, around)
    assert listening == expected
    listening.check()


@pytest.mark.parametrize(("around", "options"), [(CONTAINER, DEFAULTS), (SPACE, UpOptions(public=False))])
def test_what_others_can_reach_needs_a_token_or_is_public(around: str, options: UpOptions) -> None:
    with pytest.raises(BadSetting) as refused:
        server_address(options, around).check()
    assert "RECTO_TOKEN" in refused.value.hint
    assert "RECTO_PUBLIC=1" in refused.value.hint


def test_the_surroundings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECTO_BAKED", "/opt/baked")  # in our own image, whoever runs it
    assert config.environment() == CONTAINER
    monkeypatch.setenv("SPACE_ID", "somebody/something")
    assert config.environment() == SPACE


def test_options_are_variables_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("HOST", "::1"), ("PORT", "99"), ("PUBLIC", ""), ("OLLAMA", "1"), ("EMBED", "https://a.b")):
        monkeypatch.setenv(f"RECTO_{name}", value)
    monkeypatch.setenv("PORT", "98")
    monkeypatch.setenv("RECTO_FOLDERS", "/papers:/mail")
    found: list[UpOptions] = []
    monkeypatch.setattr(up_command, "run", lambda options, home: found.append(options) or 0)
    assert CliRunner().invoke(recto, ["up"]).exit_code == 0
    monkeypatch.delenv("RECTO_PORT")
    assert CliRunner().invoke(recto, ["up", "--no-public"]).exit_code == 0
    folders = Path("/papers"), Path("/mail")
    expected = UpOptions(host="::1", port=99, ollama=True, embed=("https://a.b",), folders=folders)
    assert found == [expected, replace(expected, port=98, public=False)]


@contextmanager
def somebody() -> Iterator[None]:
    """Not root while the block runs, but uid 1000."""
    groups = os.getgroups()
    os.setgroups([])
    os.setresuid(1000, 1000, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)
        os.setgroups(groups)


@pytest.mark.skipif(os.getuid() != 0, reason="becoming another user needs root")
@pytest.mark.parametrize("inside", ["", "new", "new/library"])
@pytest.mark.parametrize("mode", [0o755, 0o700])
def test_a_folder_of_somebody_else_is_named_with_the_cure(inside: str, mode: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(mode)
        with somebody(), pytest.raises(LibraryReadOnly) as refused:
            check_home(Path(folder, inside))
        assert refused.value.message.startswith(f"{folder} belongs to uid 0; recto runs as uid 1000")
        assert refused.value.hint.startswith(f"chown -R 1000 {folder} ")


@pytest.mark.skipif(os.getuid() != 0, reason="becoming another user needs root")
def test_an_own_folder_that_is_closed_is_to_be_opened() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, 1000, 0)
        Path(folder).chmod(0)
        with somebody(), pytest.raises(LibraryReadOnly) as refused:
            check_home(Path(folder))
        assert refused.value.hint == f"chmod u+rwx {folder}"
