"""Encryption at rest: no byte below an encrypted library's folder tells a word of its documents, whatever happens."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import zlib
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import keyring
import pytest
from click.testing import CliRunner, Result
from keyring.backend import KeyringBackend
from keyring.backends import fail
from keyring.errors import PasswordDeleteError

from recto import config, keys
from recto.cli import recto
from recto.errors import BadSetting, CipherMissing, KeyNeeded, LibraryBusy, LibraryDamaged, UsageProblem
from recto.events import Progress
from recto.library import Library
from recto.library.encrypting import encrypt, exchange
from recto.scratch import MEMORY
from recto.store import copying, driver, is_encrypted, library_path
from recto.store.sqlite import SqliteStore
from recto.types import Added
from support.at_rest import NAME, PDF, QUESTION, TEXT, WORDS, told
from support.forked import Program
from support.live import live, post, soon
from support.pdfs import text_pdf
from support.terminals import Terminal

KEY = "the horse eats no salad of cucumbers"
STRETCHED = f"x'{'0f' * 32}'"  # which costs nothing to try
in_memory = pytest.mark.skipif(not MEMORY.is_dir(), reason="elsewhere temporary files are on a disk")


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "elsewhere" / NAME
    path.parent.mkdir()
    path.write_bytes(PDF)
    path.with_name(f"{WORDS[1]}.md").write_text(f"# {WORDS[2]}\n\n{TEXT}")
    return path


@pytest.fixture
def temporary(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Temporary files lie below the library's folder, so that they are looked at, too."""
    folder = home / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "recto"
    keys.make_file(path)
    return path


def test_the_look_finds_what_is_not_encrypted(home: Path, ledger: Path) -> None:
    with Library(home) as library:
        library.add(ledger)
        assert library.ask(QUESTION).answer.citations
        name = str(home / "library.sqlite")
        assert {name, f"{name}-wal"} & set(told(home))
    assert told(home) == [name]
    (home / "packed").write_bytes(b"xx" + zlib.compress(WORDS[0].upper().encode("utf-16-be")))
    assert str(home / "packed") in told(home)


@in_memory
@pytest.mark.usefixtures("temporary")
def test_nothing_is_told_while_documents_are_added_asked_and_shown(home: Path, ledger: Path) -> None:
    with Library(home, key=KEY) as library:
        for event in library.adding(ledger.parent):
            assert isinstance(event, Progress) or not event.problems
            if isinstance(event, Added) or event.done in (0, event.total):
                assert told(home, PDF) == []
        list(library.encoding())
        assert "111 litres" in library.ask(QUESTION).answer.text
        picture = library.picture(NAME, 0)
        assert told(home, PDF, picture) == []
        library.export(home / "exported")
        library.remove(f"{WORDS[1]}.md")
        assert told(home, PDF, picture) == []
    assert told(home, PDF, picture) == []
    with Library(home, key=KEY, create=False) as library:
        assert [document.name for document in library.documents()] == [NAME]
        assert library.search(QUESTION)[0].document.name == NAME


@in_memory
@pytest.mark.slow
@pytest.mark.usefixtures("temporary")
def test_nothing_is_told_after_a_kill_in_the_middle_of_an_add(home: Path, ledger: Path, key_file: Path) -> None:
    (ledger.parent / "long.pdf").write_bytes(text_pdf(*[f"{TEXT}\nSheet {number}." for number in range(400)]))
    environment = {**os.environ, "RECTO_KEY_FILE": str(key_file)}
    command = [sys.executable, "-m", "recto", "add", "--reread", str(ledger.parent), "--home", str(home)]
    for lines in (0, 1, 2, 1):
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            assert soon(lambda: (home / driver.ENCRYPTED).exists())
            for _ in range(lines):
                child.stdout.readline()
            child.kill()
        assert told(home, PDF) == []
    with Library(home, key=keys.from_file(key_file)) as library:
        assert library.documents()
        library.add(ledger)
        assert library.search(QUESTION)


@in_memory
@pytest.mark.slow
@pytest.mark.usefixtures("temporary")
def test_a_server_tells_nothing_while_files_come_and_pages_are_shown(home: Path, key_file: Path) -> None:
    with live(home, RECTO_KEY_FILE=str(key_file), RECTO_MODEL="quote") as server:
        sent = server.http.post("/api/documents", params={"name": NAME}, content=PDF).json()["id"]
        with closing(server.connect()) as client:  # an upload that stays on its way
            client.sendall(
                post("/api/documents?name=half.pdf", PDF[: len(PDF) // 2], "application/pdf", length=len(PDF))
            )
            states = {upload["id"]: upload for upload in server.http.get("/api/uploads").json()}
            assert soon(lambda: _state(server.http.get("/api/uploads").json(), sent) == "done"), states
            doc = server.http.get("/api/documents").json()[0]["id"]
            picture = server.http.get(f"/api/documents/{doc}/pages/1/picture", params={"width": 800}).content
            assert picture.startswith(b"\x89PNG")
            asked = server.http.post("/api/ask", json={"question": QUESTION}).text
            assert "111 litres" in asked
            assert told(home, PDF, picture) == []
            memory = MEMORY / f"recto-{os.getuid()}"
            assert told(memory, PDF, picture)
            server.process.kill()
            server.process.wait()
        assert told(home, PDF, picture) == []
    with live(home, RECTO_KEY_FILE=str(key_file), RECTO_MODEL="quote") as server:
        assert server.http.get("/api/documents").json()[0]["name"] == NAME
        server.http.post("/api/documents", params={"name": "b.pdf"}, content=text_pdf("The sluice opens at noon."))
        assert told(memory, picture) == []  # what the killed one left in memory


def _state(uploads: list[dict[str, str]], key: str) -> str:
    return next(upload["state"] for upload in uploads if upload["id"] == key)


# --- keys ------------------------------------------------------------------------------------------------------------
def test_another_key_is_refused_and_changes_nothing(home: Path, ledger: Path) -> None:
    with Library(home, key=KEY) as library:
        library.add(ledger)
    before = (home / driver.ENCRYPTED).read_bytes()
    for key in ("a wrong pass phrase", KEY + " ", keys.made()):
        with pytest.raises(KeyNeeded, match="does not open"):
            Library(home, key=key)
    with pytest.raises(KeyNeeded, match="no key was given"):
        Library(home)
    assert (home / driver.ENCRYPTED).read_bytes() == before
    assert sorted(path.name for path in home.iterdir()) == [driver.ENCRYPTED, "machine", "reserve"]


def test_the_file_can_be_opened_by_other_programs_of_sqlcipher(home: Path, ledger: Path) -> None:
    from sqlcipher3 import dbapi2

    with Library(home, key=KEY) as library:
        library.add(ledger)
    with closing(dbapi2.connect(str(home / driver.ENCRYPTED))) as connection:
        connection.set_key(KEY)
        connection.execute(f"PRAGMA cipher_page_size = {driver.PAGE}")
        assert connection.execute("SELECT name FROM documents").fetchall() == [(NAME,)]


@pytest.mark.parametrize("key", [KEY, "Schlüssel zum Büro", "x'12345678'", STRETCHED, f"X'{'0F' * 48}'"])
@pytest.mark.parametrize("ours", [True, False])
def test_a_key_is_what_it_is_to_sqlcipher(tmp_path: Path, key: str, ours: bool) -> None:
    from sqlcipher3 import dbapi2

    path = tmp_path / driver.ENCRYPTED

    def by_recto() -> closing[sqlite3.Connection]:
        return closing(driver.connected(path, "mode=rwc", key))

    def by_sqlcipher() -> closing[sqlite3.Connection]:
        connection = dbapi2.connect(str(path))
        connection.set_key(key)
        connection.execute(f"PRAGMA cipher_page_size = {driver.PAGE}")
        return closing(connection)

    making, reading = (by_recto, by_sqlcipher) if ours else (by_sqlcipher, by_recto)
    with making() as connection:
        connection.execute("CREATE TABLE kept (word TEXT)")
    with reading() as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("kept",)]


def test_a_library_is_encrypted_and_its_key_changed_and_removed(home: Path, ledger: Path) -> None:
    with Library(home) as library:
        library.add(ledger)
        settings = library.settings
        library.search(QUESTION)
    assert encrypt(settings, KEY, in_ring=False)
    assert told(home) == []
    assert not (home / "keywords").exists()
    with pytest.raises(UsageProblem, match="encrypted already"):
        encrypt(settings, KEY, in_ring=False)
    locked = replace(settings, key=KEY)
    with Library(home, key=KEY) as library:
        assert library.search(QUESTION)
        with pytest.raises(LibraryBusy):
            exchange(locked, "another pass phrase")
        assert library.search(QUESTION)
    exchange(locked, "another pass phrase")
    with pytest.raises(KeyNeeded):
        Library(home, key=KEY)
    with Library(home, key="another pass phrase") as library:
        assert library.search(QUESTION)
        assert library.settings.key == "another pass phrase"
    exchange(replace(settings, key="another pass phrase"), "")
    assert sorted(path.name for path in home.iterdir()) == ["library.sqlite", "machine", "reserve"]
    with Library(home) as library:
        assert library.search(QUESTION)
    with pytest.raises(UsageProblem, match="not encrypted"):
        exchange(settings, KEY)


def test_a_cut_off_exchange_leaves_the_former_library(
    home: Path, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Library(home) as library:
        library.add(ledger)
        settings = library.settings
    with monkeypatch.context() as context:
        context.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            encrypt(settings, KEY, in_ring=False)
    assert not list(home.glob("*.part*"))
    with Library(home) as library:
        assert library.search(QUESTION)
        library.add(ledger.with_name(f"{WORDS[1]}.md"))
        assert (home / "library.sqlite-wal").exists()
    (home / driver.ENCRYPTED).touch()
    with pytest.raises(LibraryDamaged, match="both there"):
        Library(home)


def change(folder: str, key: str) -> None:
    sys.stdout.write("now\n")
    sys.stdout.flush()
    copying.change_key(Path(folder), "", key)


@pytest.mark.slow
def test_a_kill_while_a_library_is_encrypted_loses_nothing(home: Path, ledger: Path, tmp_path: Path) -> None:
    with Library(home) as library:
        library.add(ledger)
        settings = library.settings
    chance = random.Random(2026)
    key = keys.made()
    for number in range(6):  # any moment; the next test stops at each step
        copy = tmp_path / f"copy {number}"
        shutil.copytree(home, copy)
        with Program(change, copy, key) as changing:
            changing.stdout.readline()
            time.sleep(chance.uniform(0, 0.08))
            changing.kill()
        with Library(copy, key=key) as library:
            assert len(library.documents()) == 1
            assert library.search(QUESTION)
        if not (copy / driver.ENCRYPTED).exists():
            encrypt(replace(settings, home=copy), key, in_ring=False)
        assert told(copy) == []
        assert sorted(path.name for path in copy.iterdir() if path.is_file()) == [
            driver.ENCRYPTED,
            "machine",
            "reserve",
        ]


KILLED_AT = """
import os, shutil, signal, sys
from itertools import count
from pathlib import Path
from recto.store import copying
home, copies, key, new_key = sys.argv[1:]
for step in count(1):
    copy = Path(shutil.copytree(home, f"{copies}/{step:03}"))
    if not (pid := os.fork()):
        left = step
        def look(event, arguments):
            global left
            if event in ("os.rename", "os.remove", "os.rmdir"):
                left -= 1
                if not left:
                    os.kill(os.getpid(), signal.SIGKILL)
        sys.addaudithook(look)
        copying.change_key(copy, key, new_key)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    if status != signal.SIGKILL:
        sys.exit(status)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("key", "new_key"), [("", STRETCHED), (STRETCHED, f"x'{'f0' * 32}'"), (STRETCHED, "")])
def test_a_kill_before_any_step_of_a_new_key_is_made_good_by_the_next_who_opens(
    home: Path, ledger: Path, tmp_path: Path, key: str, new_key: str
) -> None:
    with Library(home, key=key) as library:
        library.add(ledger)
    copies = tmp_path / "copies"
    copies.mkdir()
    subprocess.run([sys.executable, "-c", KILLED_AT, str(home), str(copies), key, new_key], check=True)
    opened_by = []
    for copy in sorted(copies.iterdir()):
        for attempt in (new_key, key):
            if bool(attempt) != is_encrypted(library_path(copy)):
                continue
            with suppress(KeyNeeded), SqliteStore(copy, key=attempt) as store:
                assert [document.name for document in store.documents()] == [NAME]
                opened_by.append(attempt)
                break
        else:
            pytest.fail(f"nobody can open what step {copy.name} left: {list(copy.iterdir())}")
        if new_key and opened_by[-1] == new_key:
            assert told(copy) == []
        if bool(new_key) != bool(key) and opened_by[-1] == new_key:
            assert list(copy.glob(f"{driver.NAME if new_key else driver.ENCRYPTED}*")) == []
    assert opened_by == sorted(opened_by, key=lambda opener: opener == new_key)  # the old one first, then the new one
    assert {key, new_key} == set(opened_by)


def test_an_exported_library_is_imported_with_its_key(
    home: Path, ledger: Path, tmp_path: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = keys.from_file(key_file)
    with Library(home, key=key) as library:
        library.add(ledger)
        library.export(tmp_path / "backup")
    assert told(tmp_path / "backup") == []
    with pytest.raises(KeyNeeded):
        Library.imported(tmp_path / "backup", tmp_path / "again")
    monkeypatch.setenv("RECTO_KEY_FILE", str(key_file))
    with Library.imported(tmp_path / "backup", tmp_path / "again") as library:
        assert library.search(QUESTION)
        assert library.settings.key == key
    monkeypatch.delenv("RECTO_KEY_FILE")
    with Library(tmp_path / "plain") as library:
        library.add(ledger)
        library.export(tmp_path / "unencrypted")
    monkeypatch.setenv("RECTO_KEY_FILE", str(key_file))
    with Library.imported(tmp_path / "unencrypted", tmp_path / "encrypted") as library:
        assert library.search(QUESTION)
    assert told(tmp_path / "encrypted") == []
    damaged = bytearray((tmp_path / "backup").read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (tmp_path / "damaged").write_bytes(damaged)
    with pytest.raises(LibraryDamaged):
        Library.imported(tmp_path / "damaged", tmp_path / "third")


def test_a_key_file_is_for_its_owner_alone(
    home: Path, tmp_path: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert keys.make_file(key_file) == keys.from_file(key_file)
    for content, mode, why in (
        (b"short", 0o600, "at least 8"),
        (b"\xff\xfe\xff", 0o600, "no text"),
        (b"a" * 20, 0o644, "by others"),
    ):
        path = tmp_path / "key"
        path.write_bytes(content)
        path.chmod(mode)
        monkeypatch.setenv("RECTO_KEY_FILE", str(path))
        with pytest.raises(BadSetting, match=why):
            Library(home)
    monkeypatch.setenv("RECTO_KEY_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(BadSetting, match="cannot be read"):
        Library(home)
    assert list(home.iterdir()) == []


class Ring(KeyringBackend):
    """A key ring in memory."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError("there is none")


def test_the_key_ring_opens_a_library(home: Path, ledger: Path) -> None:
    former, ring = keyring.get_keyring(), Ring()
    keyring.set_keyring(ring)
    try:
        settings = config.load(home)
        encrypt(settings, keys.made(), in_ring=True)
        with Library(home) as library:
            library.add(ledger)
        first = dict(ring.entries)
        exchange(settings, keys.made(), in_ring=True)
        assert ring.entries.keys() == first.keys()
        assert ring.entries != first
        with Library(home) as library:
            assert library.search(QUESTION)
        ring.entries = {entry: first.get(entry, key) for entry, key in ring.entries.items()} | {
            ("recto", f"{home} (next key)"): next(iter(ring.entries.values()))  # as where the change was cut off
        }
        with Library(home) as library:
            assert library.search(QUESTION)
        assert ring.entries.keys() == first.keys()
        exchange(settings, KEY)
        assert ring.entries == {}
        with pytest.raises(KeyNeeded):
            Library(home)
    finally:
        keyring.set_keyring(former)


def test_no_key_ring_is_said(home: Path) -> None:
    former = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    try:
        with pytest.raises(BadSetting, match="key ring took no key"):
            encrypt(config.load(home), keys.made(), in_ring=True)
    finally:
        keyring.set_keyring(former)
    assert list(home.iterdir()) == []


def test_without_sqlcipher_the_command_that_installs_it_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Library(home, key=KEY):
        pass
    monkeypatch.setitem(sys.modules, "sqlcipher3", None)
    with pytest.raises(CipherMissing) as caught:
        Library(home, key=KEY)
    assert caught.value.hint == "pip install 'recto-pdf[encrypt]'"


# --- the command line ------------------------------------------------------------------------------------------------
def _run(*arguments: object, **environment: str) -> Result:
    return CliRunner().invoke(recto, [str(argument) for argument in arguments], env=environment)


def test_commands_say_what_an_encrypted_library_needs(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECTO_KEY_FILE", "")  # and so it is again when the test ends
    monkeypatch.setenv("RECTO_HOME", str(home))
    key, other = tmp_path / "key", tmp_path / "another"
    assert _run("init", "--encrypt", RECTO_KEY_FILE=str(key)).exit_code == 0
    refused = _run("list")
    assert (refused.exit_code, "no key was given" in refused.output, "RECTO_KEY_FILE" in refused.output) == (
        1,
        True,
        True,
    )
    assert _run("init", "--encrypt", RECTO_KEY_FILE=str(key)).exit_code == 2
    assert '"encrypted": true' in _run("doctor", "--json", RECTO_KEY_FILE=str(key)).output
    nobody = _run("init", "--encrypt", "--home", tmp_path / "other")
    assert (nobody.exit_code, "nobody is here" in nobody.output) == (2, True)
    changed = _run("key", "change", "--new-key-file", other, RECTO_KEY_FILE=str(key))
    assert changed.exit_code == 0, changed.output
    wrong = _run("search", "anything", RECTO_KEY_FILE=str(key))
    assert (wrong.exit_code, "does not open" in wrong.output, "ERROR" in wrong.output) == (1, True, False)
    assert _run("list", "--key-file", other).exit_code == 0
    assert _run("key", "remove", "--key-file", other).exit_code == 0
    monkeypatch.setenv("RECTO_KEY_FILE", "")  # the option is one of the process
    assert _run("list").exit_code == 0


@pytest.mark.slow
def test_a_terminal_asks_for_the_pass_phrase(home: Path) -> None:
    environment = {"RECTO_HOME": str(home), "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    making = Terminal("init", "--encrypt", env=environment)
    making.wait_for("New pass phrase:")
    making.type(f"{KEY}\r")
    making.wait_for("Repeat for confirmation:")
    making.type(f"{KEY}\r")
    assert making.end() == 0, making.output
    assert KEY not in making.output
    listing = Terminal("list", env=environment)
    listing.wait_for("Pass phrase of the library")
    listing.type(f"{KEY}\r")
    assert listing.end() == 0, listing.output
