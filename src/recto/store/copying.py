"""Whole libraries copied: to one file and back, and under another key."""

import sqlite3
from contextlib import ExitStack, closing, suppress
from pathlib import Path

from recto.errors import FileMissing, LibraryBusy, LibraryDamaged, LibraryProblem, UsageProblem
from recto.store.driver import (
    ENCRYPTED,
    NAME,
    PAGE,
    WHOLE,
    connected,
    errors,
    library_path,
    new_salt,
    sync_folder,
    take_place,
)
from recto.store.file import (
    APPLICATION,
    SCHEMA,
    identity,
    missing,
    open_file,
    readable,
    transaction,
    translating_errors,
)
from recto.store.lease import Lease
from recto.store.removals import finish_all
from recto.store.room import check_room

EMPTY_HINT = "import into an empty one: RECTO_HOME=FOLDER recto import FILE"
PART = ".part"
ALONE_MS = 2000  # to wait for others to end


def _copied(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Copy a whole library, by SQLite's online backup; the copy gets an identity of its own."""
    source.backup(target)
    with transaction(target):
        target.execute("UPDATE library SET identity = ?", (identity(),))


def export(library: Path, target: Path, key: str) -> None:
    """Write a library to one new file, under the same key; it appears only when it is whole."""
    if not library.exists():
        raise missing(library)
    if target.exists():
        raise UsageProblem(f"{target} exists already", hint="choose another name, or remove that file first")
    part = target.with_name(f"{target.name}{PART}")
    try:
        with (
            translating_errors(target, writes=True),
            closing(readable(library, key)) as source,
            closing(connected(part, "mode=rwc", key)) as connection,
        ):
            _copied(source, connection)
            connection.execute("PRAGMA journal_mode = DELETE")  # one file, without companions
            connection.execute("PRAGMA secure_delete = ON")
            with transaction(connection):
                finish_all(connection)  # what was removed does not go along
        part.rename(target)
        sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)


def restore(source: Path, folder: Path, *, key: str = "", source_key: str = "") -> None:
    """Bring an exported file into an empty library; with a key into an encrypted one."""
    if not source.is_file():
        raise FileMissing(f"there is no file {source}", hint="recto import FILE")
    with translating_errors(source), closing(readable(source, source_key)) as backup:
        (verdict,) = backup.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise LibraryDamaged(f"{source} is damaged: {verdict}", hint="use another backup")
        with closing(open_file(folder, key=key)) as file:
            if isinstance(file.writer, LibraryProblem):
                raise file.writer
            query = "SELECT count(*) FROM documents WHERE seq NOT IN (SELECT doc FROM removals)"
            (documents,) = file.reader.execute(query).fetchone()
            if documents:
                what = f"the library in {file.path.parent} already holds {documents} documents"
                raise UsageProblem(what, hint=EMPTY_HINT)
            if not (file.key or source_key):
                with translating_errors(file.path, writes=True):
                    _copied(backup, file.writer)
                return
    with (
        translating_errors(file.path, writes=True),
        closing(connected(source, "mode=ro", source_key, cipher=True)) as connection,
    ):
        _replace(connection, file.path.with_name(ENCRYPTED if key else NAME), key)


def change_key(folder: Path, key: str, new_key: str) -> None:
    """Write a library anew under another key, or none. LibraryBusy if anybody has it open; this process must not.

    The new file takes the place of the old one when it is whole. Folders that hold words of documents go as well.
    """
    path = library_path(folder)
    with ExitStack() as stack:
        with suppress(OSError):  # a full disk, which is said below
            stack.enter_context(closing(Lease(folder)))  # SQLite would not see who has it open on another machine
        stack.enter_context(translating_errors(path, writes=True))
        connection = stack.enter_context(closing(connected(path, "mode=rw", key, cipher=True)))
        connection.execute(f"PRAGMA busy_timeout = {ALONE_MS}")
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        try:
            connection.execute("PRAGMA journal_mode = DELETE")  # only who is alone may do that
        except errors("OperationalError") as problem:
            raise LibraryBusy(f"another program has {path} open", hint="end it, then try again") from problem
        _replace(connection, path.with_name(ENCRYPTED if new_key else NAME), new_key)


def _replace(connection: sqlite3.Connection, target: Path, key: str) -> None:
    """Write what the connection reads to a file under this key, which then takes the place of the library."""
    part = target.with_name(f"{target.name}{PART}")
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    check_room(part, pages * PAGE)
    try:
        _forget(part)  # of one that was killed
        connection.execute("ATTACH DATABASE ? AS copy KEY ?", (str(part), key))
        if key:
            connection.execute(f"PRAGMA copy.cipher_page_size = {PAGE}")
            connection.execute(f"PRAGMA copy.cipher_salt = {new_salt()}")
        connection.execute(f"PRAGMA copy.page_size = {PAGE}")
        connection.execute("PRAGMA copy.auto_vacuum = INCREMENTAL")
        with transaction(connection):
            connection.execute("SELECT sqlcipher_export('copy')").fetchone()
            connection.execute("UPDATE copy.library SET identity = ?", (identity(),))
            connection.execute(f"PRAGMA copy.application_id = {APPLICATION}")
            connection.execute(f"PRAGMA copy.user_version = {SCHEMA}")
        connection.execute("DETACH DATABASE copy")
        part.replace(target.with_name(f"{target.name}{WHOLE}"))
        sync_folder(target.parent)
        take_place(target)
    finally:
        _forget(part)


def _forget(part: Path) -> None:
    """Delete an unfinished file, its journal, and what tied the journals of both files together."""
    for path in (part, part.with_name(f"{part.name}-journal"), *part.parent.glob("library.sql*-mj*")):
        path.unlink(missing_ok=True)
