"""One machine at a time has a library open: machines are told apart by their start, and by the device of the folder."""

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from recto.errors import LibraryBusy
from recto.store import driver, file, lease
from recto.store.copying import change_key
from recto.store.sqlite import SqliteStore
from support.lost_power import tracer
from support.store_contract import put
from support.synthetic_pages import make

Move = Callable[[str, str], None]


@pytest.fixture
def on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Move:
    """Go on as another machine, or as one that was started anew."""

    def on(host: str, start: str = "1") -> None:
        folder = tmp_path / f"{host}-{start}"
        folder.mkdir(exist_ok=True)
        (folder / "boot").write_text(f"{host} {start}\n")
        (folder / "machine").write_text(f"{host}\n")
        monkeypatch.setattr(lease, "BOOT_ID", folder / "boot")
        monkeypatch.setattr(lease, "MACHINE_ID", folder / "machine")
        monkeypatch.setattr("socket.gethostname", lambda: host)

    return on


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that keeps locks to itself, as sshfs does."""
    monkeypatch.setattr(lease, "_lock", lambda *_, **__: True)


def test_a_second_machine_is_refused_by_the_name_of_the_first(home: Path, on: Move) -> None:
    on("oak")
    with SqliteStore(home):
        on("elm")
        times = (home / lease.FILE).stat().st_mtime_ns
        with pytest.raises(LibraryBusy, match="is open on oak, another machine") as refused:
            SqliteStore(home)
        assert (home / lease.FILE).stat().st_mtime_ns == times  # or a third would take it for a beat
        assert "RECTO_HOME" in refused.value.hint
        with pytest.raises(LibraryBusy):
            SqliteStore(home, create=False)
    with SqliteStore(home):
        on("oak")
        with pytest.raises(LibraryBusy, match="is open on elm"):
            SqliteStore(home)


def test_no_key_is_changed_under_another_machine(home: Path, on: Move) -> None:
    on("oak")
    with SqliteStore(home):
        on("elm")
        with pytest.raises(LibraryBusy, match="is open on oak"):
            change_key(home, "", "the horse eats no salad")


def test_processes_and_containers_of_one_machine_share_a_library(
    home: Path, on: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    on("oak")
    with SqliteStore(home):
        monkeypatch.setattr("socket.gethostname", lambda: "4f2a17c0")
        monkeypatch.setattr(lease, "MACHINE_ID", home / "none")
        with SqliteStore(home):
            pass
        on("elm")
        with pytest.raises(LibraryBusy, match="is open on oak"):  # the second has left it to the first
            SqliteStore(home)


def test_a_folder_that_one_machine_sees_twice_is_opened_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = lease.Holder.here(home)
    with SqliteStore(home):
        monkeypatch.setattr(lease.Holder, "here", lambda _: replace(here, device=here.device + 1))
        with pytest.raises(LibraryBusy, match=f"is open on {here.host}"):
            SqliteStore(home)


def left(home: Path) -> None:
    """What a machine leaves that lost its power."""
    with SqliteStore(home):
        words = (home / lease.FILE).read_bytes()
    assert len(words) == len((home / lease.FILE).read_bytes()) == lease.LENGTH
    (home / lease.FILE).write_bytes(words)


def test_a_machine_that_was_started_anew_does_not_wait_for_itself(
    home: Path, on: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    on("oak", "1")
    left(home)
    monkeypatch.setattr(lease.Lease, "_beats", lambda *_: pytest.fail("nobody is to be waited for"))
    on("oak", "2")
    with SqliteStore(home):
        pass


def test_whoever_does_not_stir_any_more_is_not_there(
    home: Path, on: Move, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    on("oak")
    left(home)
    monkeypatch.setattr(lease, "PATIENCE_S", 0.2)
    on("elm")
    with SqliteStore(home):
        pass
    assert caplog.messages == []
    on("oak")
    left(home)
    monkeypatch.setattr(lease, "SILENT_S", 0.1)
    on("elm")
    with SqliteStore(home):
        pass
    (message,) = caplog.messages
    assert message.startswith(f"recto waits up to 0 s: oak had {home} open")


@pytest.mark.parametrize("words", [b"", b"\0" * 512, b"{}", b"oak\n", b'{"host": ["oak"]}', b"[1]", b"\xff" * 9])
def test_what_is_no_name_keeps_nobody_out(home: Path, words: bytes) -> None:
    (home / lease.FILE).write_bytes(words)
    with SqliteStore(home):
        pass


@pytest.mark.usefixtures("no_locks")
def test_without_locks_a_machine_is_noticed_by_its_beats(home: Path, on: Move, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "BEAT_S", 0.02)
    monkeypatch.setattr(lease, "PATIENCE_S", 600.0)
    on("oak")
    with SqliteStore(home):
        on("elm")
        with pytest.raises(LibraryBusy, match="is open on oak"):
            SqliteStore(home)


@pytest.mark.usefixtures("no_locks")
def test_a_machine_that_slept_writes_nothing_when_another_has_the_library(
    home: Path, on: Move, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "BEAT_S", 600.0)
    monkeypatch.setattr(lease, "PATIENCE_S", 0.2)
    on("oak")
    with SqliteStore(home) as asleep:
        on("elm")
        with SqliteStore(home) as store:
            put(store, make(tmp_path, 1))
            with pytest.raises(LibraryBusy, match="was taken over by elm"):
                put(asleep, make(tmp_path, 2))
            with pytest.raises(LibraryBusy):
                asleep.check_writable()
            asleep.close()
            store.check_writable()


def test_closing_ends_the_beats(home: Path) -> None:
    before = threading.active_count()
    with SqliteStore(home):
        assert threading.active_count() == before + 1
    assert threading.active_count() == before


def test_a_library_that_goes_with_its_process_is_nobody_elses(home: Path, tmp_path: Path) -> None:
    with SqliteStore(home, temporary=True) as store:
        put(store, make(tmp_path, 1))
        store.delete(*(document.id for document in store.documents()))
    assert sorted(path.name for path in home.iterdir()) == ["keywords", driver.NAME]


@pytest.mark.slow
@pytest.mark.parametrize(("call", "error"), [("mmap", "ENODEV"), ("fcntl", "ENOLCK")])
def test_a_file_system_that_shares_nothing_is_called_so(home: Path, call: str, error: str) -> None:
    shared = home / f"{driver.NAME}-shm"
    options = ["-f", "-P", str(shared), "-e", f"trace={call}", "-e", f"inject={call}:error={error}"]
    script = "import sys; from recto.errors import UnfitFileSystem; from recto.store.file import open_file\n"
    script += "try: open_file(__import__('pathlib').Path(sys.argv[1]))\n"
    script += "except UnfitFileSystem as problem: print(problem.hint, end='')"
    command = [tracer(), "-o", "/dev/null", *options, sys.executable, "-c", script, str(home)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said == file.UNFIT_HINT


@pytest.mark.slow
def test_where_the_name_cannot_be_locked_one_machine_works_on(home: Path) -> None:
    options = ["-f", "-P", str(home / lease.FILE), "-e", "trace=fcntl", "-e", "inject=fcntl:error=ENOLCK"]
    command = [sys.executable, "-m", "recto", "list", "--home", str(home)]
    with SqliteStore(home):
        pass
    subprocess.run([tracer(), "-o", "/dev/null", *options, *command], check=True, capture_output=True)
