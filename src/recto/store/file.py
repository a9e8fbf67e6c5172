"""The library's one SQLite file: its schema, opening it under all circumstances, and copying it whole."""

import os
import secrets
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import disk_usage
from threading import RLock

from recto.errors import (
    DiskFull,
    KeyNeeded,
    LibraryBusy,
    LibraryClosed,
    LibraryDamaged,
    LibraryMissing,
    LibraryProblem,
    LibraryReadOnly,
    LibraryTooNew,
    LibraryTooOld,
    UnfitFileSystem,
)
from recto.store.driver import BUSY_S, PAGE, connected, errors, is_encrypted, library_path, sync_folder
from recto.store.lease import Lease
from recto.store.room import check_room, give_up, keep_reserve, room_hint

APPLICATION = 0x72656374  # "rect": marks the file as ours (SQLite's application_id, 32 bits)
SCHEMA = 2  # user_version; a file with a greater number is from a newer recto
CACHE_KIB = 16_000  # ranking reads the terms of the same pages again and again
WAL_LIMIT = 8_000_000  # bytes the write-ahead log may keep after a checkpoint
WAL_PAGES = 64  # in the log, after which a commit folds it in: on a full disk there may be no room for more
VACUUM_PAGES = 64, 4096  # given back in one step, which the log must hold: at least, and at most

WRITE_HINT = "allow this user to write the folder, or choose another: RECTO_HOME=FOLDER recto ..."
MEND_HINT = "move the folder away, then bring a backup back (recto import FILE) or add the PDFs again (recto add PATH)"
UNFIT_HINT = "keep the library on a disk of this machine: RECTO_HOME=FOLDER recto ..."

# Numbers are never given twice (AUTOINCREMENT): the keyword index may still hold those of deleted documents.
_TABLES = """
-- The identity is of this copy: the keyword index beside it says which library it was made from.
CREATE TABLE library (identity INTEGER NOT NULL);
-- first: the key of page 0, the others follow; counts: the passages of each page, uint32.
CREATE TABLE documents (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, title TEXT NOT NULL,
  size INTEGER NOT NULL, added REAL NOT NULL, first INTEGER NOT NULL, counts BLOB NOT NULL,
  text_terms INTEGER NOT NULL, heading_terms INTEGER NOT NULL, passage_terms INTEGER NOT NULL
);
CREATE TABLE sources (doc INTEGER PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE pages (key INTEGER PRIMARY KEY AUTOINCREMENT, content BLOB NOT NULL);
CREATE TABLE terms (key INTEGER PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE vectors (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, doc INTEGER NOT NULL UNIQUE, fingerprint TEXT NOT NULL,
  codes BLOB NOT NULL, scales BLOB NOT NULL
);
CREATE INDEX vectors_of ON vectors (fingerprint, doc);
CREATE TABLE changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, doc INTEGER NOT NULL);
"""
# Came after format 2, so that they may be missing, or have no row of a document: whoever reads them must do without.
# originals: the file that a document's PDF was made of. cards: what choosing among documents reads of each.
# keyword_files: the keyword index, if the library is encrypted. unrecognised: the documents whose pictures of text are
# yet to be recognised. members: the ids of the documents that are in each collection.
# synced_folders, synced_files: what is kept in step, and each file as it was dealt with last.
# synced_documents: the documents that came by that and not by hand; `adding` is the folder while they come, else empty.
# tokens: who may use a server's doors, content: JSON of what they may.
# asked, answers: the history, in `answers` the words that it is searched by, and what was said.
# choices: what was chosen for this library. verdicts: what people said of answers, a line of `recto eval` each.
# stored: the bytes of a document's rows, but for its files and vectors.
# notes: what a model wrote of a part of a document, by the hash of what it read and of its name.
# removals: the documents that were removed and can be put back until a time, in seconds since 1970.
# encoder: the one that was chosen. coming_vectors: its own, until every document has them.
_LATER = {
    "summaries": "doc INTEGER PRIMARY KEY, analyser INTEGER NOT NULL, content TEXT NOT NULL",
    "originals": "doc INTEGER PRIMARY KEY, content BLOB NOT NULL",
    "cards": "doc INTEGER PRIMARY KEY, content BLOB NOT NULL",
    "keyword_files": "name TEXT PRIMARY KEY, content BLOB NOT NULL",
    "unrecognised": "doc INTEGER PRIMARY KEY",
    "collections": "id TEXT PRIMARY KEY, name TEXT NOT NULL, folded TEXT NOT NULL UNIQUE, created REAL NOT NULL",
    "tokens": "hash TEXT PRIMARY KEY, name TEXT NOT NULL, folded TEXT NOT NULL UNIQUE, content TEXT NOT NULL, "
    "created REAL NOT NULL, used REAL",
    "stored": "doc INTEGER PRIMARY KEY, bytes INTEGER NOT NULL",
    "notes": "key TEXT PRIMARY KEY, doc INTEGER NOT NULL, content TEXT NOT NULL",
    "removals": "doc INTEGER PRIMARY KEY, until REAL NOT NULL",
    "members": "doc TEXT NOT NULL, collection TEXT NOT NULL, PRIMARY KEY (doc, collection)",
    "synced_folders": ("path BLOB PRIMARY KEY, deletes INTEGER, watched INTEGER NOT NULL, collection TEXT NOT NULL"),
    "synced_files": (
        "folder BLOB NOT NULL, path BLOB NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL, "
        "inode INTEGER NOT NULL, device INTEGER NOT NULL, digest TEXT NOT NULL, docs TEXT NOT NULL, "
        "problem TEXT NOT NULL, PRIMARY KEY (folder, path)"
    ),
    "synced_documents": "doc TEXT PRIMARY KEY, adding BLOB NOT NULL",
    "asked": (
        "id INTEGER PRIMARY KEY AUTOINCREMENT, conversation INTEGER NOT NULL, asked REAL NOT NULL,"
        " question TEXT NOT NULL, searched_for TEXT NOT NULL, state TEXT NOT NULL, kind TEXT NOT NULL,"
        " problem TEXT NOT NULL, cited TEXT NOT NULL"
    ),
    "answers": "id INTEGER PRIMARY KEY, words TEXT NOT NULL, content BLOB NOT NULL",
    "verdicts": "turn INTEGER PRIMARY KEY, line TEXT NOT NULL",
    "choices": "name TEXT PRIMARY KEY, value TEXT NOT NULL",
    "encoder": "name TEXT NOT NULL, former TEXT NOT NULL",
    "coming_vectors": "doc INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL, codes BLOB NOT NULL, scales BLOB NOT NULL",
}


class DamagedRow(Exception):
    """A row does not hold what it must; `translating_errors` makes a `LibraryDamaged` of it."""


Inode = tuple[int, int]  # device and number


@dataclass(slots=True, kw_only=True)
class LibraryFile:
    """A library's file: a connection that reads, and one that writes or the reason why there is none.

    Threads may share it: each connection stands behind a lock.
    """

    path: Path
    reader: sqlite3.Connection
    writer: sqlite3.Connection | LibraryProblem
    key: str = field(default="", repr=False)
    inodes: dict[Path, Inode] = field(default_factory=dict)  # of the files that the connections hold open
    lease: Lease | None = None  # None: of an empty, a read-only or a temporary library
    temporary: bool = False
    read_lock: AbstractContextManager[object] = field(default_factory=RLock)
    write_lock: AbstractContextManager[object] = field(default_factory=RLock)

    @property
    def read_only(self) -> bool:
        """Whether nothing may be written."""
        return isinstance(self.writer, LibraryProblem)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One state of the library throughout, whatever others commit meanwhile; may be nested."""
        with self.read_lock, translating_errors(self.path), snapshot(self.reader):
            yield self.reader

    @property
    def displaced(self) -> bool:
        """Whether a file that is open was moved or deleted, or another one put in its place."""
        return inodes(self.inodes) != self.inodes

    def check_writable(self) -> None:
        """Raise why nothing can be written: LibraryReadOnly, DiskFull; LibraryDamaged if the file is not there.

        LibraryBusy if another machine has taken the library over.
        """
        if isinstance(self.writer, DiskFull):
            self._open_again()
        if self.displaced:
            what = f"{self.path} was moved, deleted or exchanged while it was open; nothing is written any more"
            raise LibraryDamaged(what, hint="bring the file back, or end recto and start it again")
        if isinstance(self.writer, LibraryProblem):
            raise self.writer
        if self.lease:
            self.lease.check()

    @contextmanager
    def writing(self, *, grows: bool = True) -> Iterator[sqlite3.Connection]:
        """One transaction, after those of others; nothing is said to be kept that is lost when recto ends.

        DiskFull if it `grows` beyond what the disk has room for, in the log and then in the file.
        """
        self.check_writable()
        assert not isinstance(self.writer, LibraryProblem)
        with self.write_lock, translating_errors(self.path, writes=True), transaction(self.writer):
            yield self.writer
            self.check_writable()
            if grows:
                (pages,) = self.writer.execute("PRAGMA page_count").fetchone()
                growth = max(pages * PAGE - self.path.stat().st_size, 0)
                check_room(self.path, growth + min(growth, 1024 * CACHE_KIB))  # the cache is not in the log yet
        self.check_writable()  # again: it may go at any moment

    def make_room(self) -> bool:
        """Give up what is kept for this, then what is derived; False if nothing is left of that."""
        return give_up(self.path.parent)

    def _open_again(self) -> None:
        """Open for writing what could not be so for want of room, if there is some now."""
        with self.write_lock, self.read_lock, suppress(DiskFull):
            if not self.reader.in_transaction:
                file = _writable(self.path, self.key)
                self.reader.close()
                self.reader, self.writer, self.inodes = file.reader, file.writer, file.inodes

    def shrink(self) -> None:
        """Give the room of what was deleted back, also in the write-ahead log. On a full disk that can wait."""
        if isinstance(self.writer, LibraryProblem):
            return
        with self.write_lock:
            self.fold()  # first what overwrites the text
            free = self._free(self.writer)
            while free:
                pages = min(max(disk_usage(self.path.parent).free // (8 * PAGE), VACUUM_PAGES[0]), VACUUM_PAGES[1])
                with suppress(LibraryProblem), translating_errors(self.path):
                    self.writer.executescript(f"PRAGMA incremental_vacuum({pages})")  # execute would stop after one
                folded, before, free = self.fold(), free, self._free(self.writer)
                if not folded or free >= before:
                    break
        self.keep_reserve()

    def keep_reserve(self) -> None:
        """Take room for removing, which a library that goes with its process does not need."""
        if not self.temporary:
            keep_reserve(self.path.parent)

    def fold(self) -> bool:
        """Fold the log into the file; False if somebody reads on, or for want of room."""
        with suppress(LibraryProblem), translating_errors(self.path), self.write_lock:
            self.check_writable()
            assert not isinstance(self.writer, LibraryProblem)
            (busy, *_) = self.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy
        return False

    def _free(self, writer: sqlite3.Connection) -> int:
        """How many pages of the file hold nothing."""
        with translating_errors(self.path):
            (pages,) = writer.execute("PRAGMA freelist_count").fetchone()
            return int(pages)

    def close(self) -> None:
        """Close both; the last one to leave folds the write-ahead log into the file."""
        with self.write_lock, self.read_lock:
            self.reader.close()
            if not isinstance(self.writer, LibraryProblem):
                self.writer.close()
        if self.lease:
            self.lease.close()


def open_file(folder: Path, *, create: bool = True, temporary: bool = False, key: str = "") -> LibraryFile:
    """Open or create a library; read-only if its folder may not be written or its disk is full.

    Without `create` nothing is written where there is none: it is empty then, and stays so. A `temporary` one goes with
    its process: no room is kept for it. One that is made is encrypted if there is a key; one that is there may be
    without it. LibraryBusy if another machine has it open.
    """
    path = library_path(folder, encrypted=bool(key))
    key = key if is_encrypted(path) else ""
    refusal: LibraryProblem
    if not create and not path.exists():
        return LibraryFile(path=path, reader=_empty(), writer=missing(path))
    try:
        _make_folder(path.parent)
    except OSError as problem:
        refusal = LibraryReadOnly(f"{path.parent} cannot be created: {problem.strerror}", hint=WRITE_HINT)
    else:
        if all(os.access(place, os.W_OK) for place in (path.parent, path) if place.exists()):
            return _leased(path, key, temporary=temporary)
        what = f"the library in {path.parent} may be read but not written"
        refusal = LibraryReadOnly(what, hint=WRITE_HINT)
    return _refused(path, key, refusal)


def _refused(path: Path, key: str, refusal: LibraryProblem) -> LibraryFile:
    """A library that can only be read. The refusal itself if there is none."""
    if not path.exists():
        raise refusal
    return LibraryFile(path=path, reader=readable(path, key), writer=refusal, key=key, inodes=inodes([path]))


def _leased(path: Path, key: str, *, temporary: bool) -> LibraryFile:
    """Open for writing, unless another machine does so; to read if the disk is full."""
    with ExitStack() as stack:
        lease = None
        if not temporary:
            with suppress(OSError):  # a full disk, on which there was no library before
                lease = stack.enter_context(closing(Lease(path.parent)))
        is_new = not (path.exists() and path.stat().st_size)
        try:
            try:
                file = _writable(path, key)
            except (LibraryDamaged, KeyNeeded):
                if not (key and is_new):
                    raise
                file = _writable(path, key)  # with the salt of another process, which made it at the same moment
        except DiskFull as problem:
            file = _refused(path, key, problem)
        file.lease, file.temporary = lease, temporary
        stack.pop_all()
        return file


def _make_folder(folder: Path) -> None:
    """Make a folder that outlives a loss of power: SQLite sees to the names within it, not to its own."""
    new = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for place in new:
        sync_folder(place.parent)


def _writable(path: Path, key: str) -> LibraryFile:
    with translating_errors(path, writes=True), ExitStack() as stack:
        writer = stack.enter_context(closing(_connected(path, "mode=rwc", key)))
        if not _recognised(writer, path):
            _create(writer)
        _add_later_tables(writer)
        writer.execute("PRAGMA synchronous = FULL")
        writer.execute("PRAGMA secure_delete = ON")  # what a person removes is overwritten, not only forgotten
        writer.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT}")
        writer.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
        if writer.execute("PRAGMA journal_mode").fetchone() != ("wal",):  # what changed the key was killed
            writer.execute("PRAGMA journal_mode = WAL")
        reader = stack.enter_context(closing(_connected(path, "mode=rw", key)))
        reader.execute("PRAGMA query_only = ON")
        stack.pop_all()
        open_inodes = inodes([path, *(path.with_name(f"{path.name}{ending}") for ending in ("-wal", "-shm"))])
        return LibraryFile(path=path, reader=reader, writer=writer, key=key, inodes=open_inodes)


def inodes(paths: Iterable[Path]) -> dict[Path, Inode]:
    """What tells each file from others; those that are not there are left out."""
    numbers = {}
    for path in paths:
        with suppress(OSError):
            state = path.stat()
            numbers[path] = state.st_dev, state.st_ino
    return numbers


def _empty() -> sqlite3.Connection:
    """An empty library in memory."""
    with ExitStack() as stack:
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        stack.enter_context(closing(connection))
        _create(connection)
        _add_later_tables(connection)
        stack.pop_all()
        return connection


def missing(path: Path) -> LibraryMissing:
    """The error where there is no library."""
    return LibraryMissing(
        f"there is no library in {path.parent}", hint="check the spelling, or recto add FILE-OR-FOLDER"
    )


def _add_later_tables(connection: sqlite3.Connection, kind: str = "") -> None:
    (names,) = zip(*connection.execute("SELECT name FROM sqlite_master"), strict=True)
    for name, columns in _LATER.items():
        if name not in names:
            connection.execute(f"CREATE {kind} TABLE IF NOT EXISTS {name} ({columns})")


def readable(path: Path, key: str) -> sqlite3.Connection:
    """Read where nothing may be written: SQLite must be told to do without its shared-memory file then."""
    with translating_errors(path):
        try:
            return _checked(path, "mode=ro", key)
        except errors("OperationalError") as problem:
            wal = path.with_name(f"{path.name}-wal")
            unseen = wal.exists() and wal.stat().st_size  # commits that immutable mode would not see
            if unseen or _code(problem) & _KIND == sqlite3.SQLITE_BUSY:
                raise
            return _checked(path, "mode=ro&immutable=1", key)


def _checked(path: Path, options: str, key: str) -> sqlite3.Connection:
    with ExitStack() as stack:
        connection = stack.enter_context(closing(_connected(path, options, key)))
        if not _recognised(connection, path):
            raise LibraryDamaged(f"{path} is empty", hint=MEND_HINT)
        connection.execute("PRAGMA temp_store = MEMORY")
        _add_later_tables(connection, "TEMPORARY")  # empty, and gone with the connection
        stack.pop_all()
        return connection


def _connected(path: Path, options: str, key: str) -> sqlite3.Connection:
    with ExitStack() as stack:
        connection = stack.enter_context(closing(connected(path, options, key)))
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")  # the first look at a file that may be damaged
        stack.pop_all()
        return connection


def _recognised(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the file is a library of this version; False if it is still empty."""
    # The tables first: they come with the others in one transaction of whoever creates the library at this moment.
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if not (application or version or tables):
        return False
    if application != APPLICATION:
        raise LibraryDamaged(f"{path} is a SQLite file, but not one of recto", hint=MEND_HINT)
    if version > SCHEMA:
        raise LibraryTooNew(
            f"{path} has format {version}; this recto reads format {SCHEMA}", hint="pip install --upgrade recto-pdf"
        )
    if version < SCHEMA:
        raise LibraryTooOld(
            f"{path} has format {version}, of a recto before the first release; this one reads format {SCHEMA}",
            hint=f"move {path.parent} away and add the documents again",
        )
    return True


def _create(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA page_size = {PAGE}")
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # so that the file can shrink after a deletion
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode not in ("wal", "memory"):
        raise UnfitFileSystem(f"the folder's file system cannot hold a library ({mode})", hint=UNFIT_HINT)
    with transaction(connection):
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version:  # another process was faster
            return
        for statement in _TABLES.split(";\n"):  # executescript would commit first
            connection.execute(statement)
        connection.execute("INSERT INTO library VALUES (?)", (identity(),))
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {SCHEMA}")


def identity() -> int:
    """A number that no other library has."""
    return secrets.randbelow(2**62) + 1


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """One state of the library for several reads; may be nested."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:  # an error may have ended it
            connection.execute("COMMIT")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing; waits for other writers."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


_KIND = 0xFF  # the part of SQLite's result code that says what kind of error it is
_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_FSYNC}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR}
_UNFIT = {
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMMAP,
    sqlite3.SQLITE_IOERR_SHMLOCK,
    sqlite3.SQLITE_IOERR_LOCK,
    sqlite3.SQLITE_IOERR_RDLOCK,
    sqlite3.SQLITE_PROTOCOL,
}
_REFUSED = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}


@contextmanager
def translating_errors(path: Path, *, writes: bool = False) -> Iterator[None]:
    """Turn what SQLite says about a file into recto's own errors.

    SQLCipher says only that the disk failed, not at what: while it `writes`, that there was no room, or a quota.
    """
    try:
        yield
    except (DamagedRow, zlib.error, UnicodeDecodeError) as problem:  # the last: the text of an error about damage
        raise damaged(path, problem) from problem
    except errors() as problem:
        code = _code(problem)
        kind = code & _KIND
        if isinstance(problem, errors("ProgrammingError")) and "closed" in str(problem):
            raise LibraryClosed("the library was closed meanwhile", hint="open it again") from problem
        if code in _FULL or (writes and code == sqlite3.SQLITE_IOERR):
            raise DiskFull(f"no room to write {path}: {problem}", hint=room_hint(path.parent)) from problem
        if code in _UNFIT:
            what = f"the file system of {path.parent} cannot hold a library: it locks or shares no files ({problem})"
            raise UnfitFileSystem(what, hint=UNFIT_HINT) from problem
        if kind in _DAMAGED:
            raise damaged(path, problem) from problem
        if kind in _REFUSED:
            raise LibraryReadOnly(f"{path} cannot be opened or written: {problem}", hint=WRITE_HINT) from problem
        if kind == sqlite3.SQLITE_BUSY:
            hint = f"wait until the other recto has finished; if none runs, the disk locks no files: {UNFIT_HINT}"
            what = f"{path} was locked by another process for over {BUSY_S:.0f} s"
            raise LibraryBusy(what, hint=hint) from problem
        raise


def damaged(path: Path, problem: object) -> LibraryDamaged:
    """The error for a file that SQLite, or what lies in it, cannot be read."""
    return LibraryDamaged(f"{path} is damaged: {problem}", hint=MEND_HINT)


def _code(problem: sqlite3.Error) -> int:
    """SQLite's result code. What has none is text that is not UTF-8 (damage), or a mistake of ours."""
    unreadable = isinstance(problem, errors("OperationalError"))
    return getattr(problem, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT if unreadable else sqlite3.SQLITE_OK)
