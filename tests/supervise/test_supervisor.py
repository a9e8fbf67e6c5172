"""Programs that are slow, die, never answer or do not end: real processes, one of which plays Ollama."""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from recto import processes, supervise
from recto.errors import BadSetting, EngineMissing
from recto.supervise import Died, Event, Late, Ready, Service, Started, Supervisor, services
from support.live import soon
from support.ollama_server import VERSION

Play = Callable[[str], None]
Noted = Callable[[], dict[str, Any]]


@pytest.fixture
def ollama(tmp_path: Path, port: int) -> Callable[[], Service]:
    return lambda: services.ollama(f"127.0.0.1:{port}", tmp_path, 2)


def events(service: Service, count: int) -> list[Event]:
    """The first events; then it is ended."""
    with closing(Supervisor([service]).run()) as run:
        return list(islice(run, count))


def alive(pid: int) -> bool:
    """Whether the process runs: one that is only waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(noted: Noted) -> bool:
    """Whether the program and its own process end."""
    return soon(lambda: not any(alive(pid) for pid in noted()["pids"]))


def test_a_slow_one_is_waited_for(play: Play, ollama: Callable[[], Service], noted: Noted) -> None:
    play("slow")
    started, ready = events(ollama(), 2)
    assert isinstance(started, Started)
    assert isinstance(ready, Ready)
    assert ready.after_s > 0.6
    assert ready.status == f"version {VERSION}"
    assert gone(noted)


def test_one_that_dies_at_once_is_started_less_and_less_often(
    play: Play, ollama: Callable[[], Service], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "BACK_OFF_S", 0.1)
    monkeypatch.setattr(supervise, "LONGEST_BACK_OFF_S", 0.3)
    play("dies")
    found = events(ollama(), 8)
    deaths = [event for event in found if isinstance(event, Died)]
    assert [(event.why, event.restart_s) for event in deaths] == [
        ("exit code 1", wait) for wait in (0.1, 0.2, 0.3, 0.3)
    ]
    assert "not good enough" in (tmp_path / "logs" / "ollama.log").read_text()


def test_one_that_dies_later_is_started_again_and_what_it_leaves_is_ended(
    play: Play, ollama: Callable[[], Service], noted: Noted
) -> None:
    play("dies-later")
    with closing(Supervisor([ollama()]).run()) as run:
        assert [type(event) for event in islice(run, 2)] == [Started, Ready]
        program, left = noted()["pids"]
        os.kill(program, signal.SIGUSR1)
        assert next(run) == Died("ollama", "exit code 3", supervise.BACK_OFF_S)
        assert soon(lambda: not alive(left))
        assert [type(event) for event in islice(run, 2)] == [Started, Ready]


def test_one_that_never_answers_is_told_once_and_ends_all_the_same(
    play: Play, ollama: Callable[[], Service], noted: Noted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "LATE_S", 0.5)
    play("deaf")
    with closing(Supervisor([ollama()]).run()) as run:
        _, late = islice(run, 2)
        assert isinstance(late, Late)
        assert soon((tmp_path / "noted").exists)
    assert gone(noted)


def test_an_old_version_is_used_with_a_warning(play: Play, ollama: Callable[[], Service]) -> None:
    play("0.5.13")
    _, ready = events(ollama(), 2)
    assert isinstance(ready, Ready)
    assert ready.status == "version 0.5.13, older than 0.9: models that think will answer late"


def test_one_that_does_not_end_is_ended(
    play: Play, ollama: Callable[[], Service], noted: Noted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "END_S", 0.3)
    play("stubborn")
    events(ollama(), 2)
    assert gone(noted)


def test_what_it_is_told(
    play: Play, ollama: Callable[[], Service], noted: Noted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/")  # as users without a name have it in a container
    play("well")
    events(ollama(), 2)
    told = noted()["environment"]
    assert told["HOME"] == str(tmp_path)
    assert told["OLLAMA_MODELS"] == str(tmp_path / ".ollama" / "models")
    assert (told["OLLAMA_KEEP_ALIVE"], told["LLAMA_ARG_THREADS"], told["OLLAMA_NO_CLOUD"]) == ("-1", "2", "1")


def test_a_home_that_can_be_written_stays(
    play: Play, ollama: Callable[[], Service], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play("well")
    mine = tmp_path / "mine"
    mine.mkdir()
    monkeypatch.setenv("HOME", str(mine))
    assert ollama().environment["OLLAMA_MODELS"] == str(mine / ".ollama" / "models")
    monkeypatch.setenv("OLLAMA_MODELS", "/models")
    assert ollama().environment["OLLAMA_MODELS"] == "/models"


def test_what_is_not_installed_or_elsewhere_cannot_be_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, play: Play
) -> None:
    for host, port in (("", 11434), ("0.0.0.0", 11434), ("http://localhost:99", 99), ("[::1]:7", 7)):
        assert services.ollama_port(host) == port
    for host in ("ollama:11434", "http://10.0.0.7", "localhost:many"):
        with pytest.raises(BadSetting, match="on this machine"):
            services.ollama(host, tmp_path, 2)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineMissing):
        services.ollama("", tmp_path, 2)


def service(*command: str, vital: bool) -> Service:
    return Service(name="server", command=command, environment={}, status=lambda: "", log=None, vital=vital)


def test_a_vital_one_that_cannot_start_ends_all_with_its_code() -> None:
    other = service(sys.executable, "-c", "import time; time.sleep(600)", vital=False)
    supervisor = Supervisor([other, service(sys.executable, "-c", "exit(2)", vital=True)])
    found = list(supervisor.run())
    assert Died("server", "exit code 2", None) in found
    assert supervisor.exit_code == 2
    assert not any(alive(event.pid) for event in found if isinstance(event, Started))


def test_a_program_that_vanished_is_looked_for_again(tmp_path: Path) -> None:
    (died,) = events(service(str(tmp_path / "gone"), vital=True), 1)
    assert died == Died("server", f"{tmp_path / 'gone'}: No such file or directory", supervise.BACK_OFF_S)


def test_a_long_log_is_begun_anew(play: Play, ollama: Callable[[], Service], tmp_path: Path) -> None:
    log = tmp_path / "logs" / "ollama.log"
    log.parent.mkdir()
    log.write_bytes(bytes(processes.LOG_LIMIT + 1))
    play("well")
    events(ollama(), 2)
    assert 0 < log.stat().st_size < processes.LOG_LIMIT
