"""The one place where a library's file is opened: by Python's SQLite, or by SQLCipher's if it is encrypted.

Which of the two is told by the file's name alone. To look into a file that is open would let go of SQLite's locks:
POSIX drops those of a process when it closes the file, and the two copies of SQLite do not know of each other.
"""

import os
import re
import secrets
import sqlite3
import sys
from contextlib import ExitStack, closing, suppress
from functools import lru_cache
from hashlib import pbkdf2_hmac
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any, cast

from recto.errors import CipherMissing, KeyNeeded, LibraryDamaged, LibraryReadOnly
from recto.store.room import KEYWORDS, VECTORS

if TYPE_CHECKING:
    from types import ModuleType

NAME, ENCRYPTED = "library.sqlite", "library.sqlcipher"
WHOLE = ".whole"  # behind the name of a library that was written under another key: it takes the place of the former
DERIVED = (KEYWORDS, VECTORS, "evaluation", "served", "tmp")  # folders that hold words of documents, and are made again
PAGE = 16384  # bytes: 15 % less disk than with SQLite's 4096, which a row of terms or words does not fill evenly
BUSY_S = 30.0  # a document of 10,000 pages is written in less
MARK = b"recto"  # what the salt begins with, and so the file: tells an exported file from a damaged one
SALT = 16  # bytes; those behind the mark are random
KEY = 32  # bytes
ROUNDS = 256_000  # of PBKDF2 with HMAC-SHA512: SQLCipher 4's own
STRETCHED = re.compile(rf"x'[0-9a-f]{{{2 * KEY}}}(?:[0-9a-f]{{{2 * SALT}}})?'", re.IGNORECASE)  # SQLCipher's: no phrase
CIPHER = "sqlcipher3.dbapi2"
INSTALL = "pip install 'recto-pdf[encrypt]'"


def library_path(folder: Path, *, encrypted: bool = False) -> Path:
    """The file of the library in this folder; of one that is to be made, the one that is `encrypted` or not.

    One that was whole under another key when its process was killed takes its place first. LibraryDamaged if both are
    there: somebody brought one.
    """
    plain, cipher = folder.absolute() / NAME, folder.absolute() / ENCRYPTED
    for path in (plain, cipher):
        if path.with_name(f"{path.name}{WHOLE}").exists():
            take_place(path)
    if plain.exists() and cipher.exists():
        what = f"{plain} and {cipher} are both there: a library is one of them"
        raise LibraryDamaged(what, hint=f"move the one away that you do not need: mv {plain} ELSEWHERE")
    if plain.exists():
        return plain
    return cipher if encrypted or cipher.exists() else plain


def take_place(path: Path) -> None:
    """Put the whole file in the place of the library, its unencrypted or encrypted form and what was derived from it.

    Each step may be the last one of a process: whoever opens the library next does them again, from the first.
    """
    former = path.with_name(NAME if path.name == ENCRYPTED else ENCRYPTED)
    try:
        for name in (f"{former.name}-journal", former.name):  # a killed process leaves its journal
            former.with_name(name).unlink(missing_ok=True)
        for name in DERIVED:
            rmtree(path.with_name(name), ignore_errors=True)
        with suppress(FileNotFoundError):  # somebody else was faster
            path.with_name(f"{path.name}{WHOLE}").replace(path)
    except OSError as problem:
        what = (
            f"a library was written under another key, and cannot take its place in {path.parent}: {problem.strerror}"
        )
        raise LibraryReadOnly(what, hint="allow this user to write the folder") from problem
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder outlive a loss of power, where the system can do that."""
    with suppress(OSError):  # Windows opens no folders
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def is_encrypted(path: Path) -> bool:
    """Whether this is the file of an encrypted library, by its name."""
    return path.name == ENCRYPTED


def holds_mark(path: Path) -> bool:
    """Whether a file that nobody has open, an exported one, was encrypted by recto."""
    with suppress(OSError), path.open("rb") as file:
        return file.read(len(MARK)) == MARK
    return False


def connected(path: Path, options: str, key: str = "", *, cipher: bool = False) -> sqlite3.Connection:
    """A connection, by SQLCipher if there is a key, or it is to be used in any case.

    CipherMissing if that is not installed; KeyNeeded if the key does not open the file.
    """
    connect: Any = _cipher().connect if key or cipher else sqlite3.connect
    more = {"factory": _cipher_connection()} if key or cipher else {}
    uri = f"{path.absolute().as_uri()}?{options}"
    with ExitStack() as stack:
        connection = connect(uri, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False, **more)
        stack.enter_context(closing(connection))
        if key:
            _unlock(connection, path, key)
        stack.pop_all()
        return cast(sqlite3.Connection, connection)


def _unlock(connection: Any, path: Path, key: str) -> None:  # noqa: ANN401 - SQLCipher's has no types
    """Give a new connection the key of the file, or of the one that is to be made. KeyNeeded if it does not fit."""
    connection.execute("PRAGMA cipher_log_level = NONE")  # it would print into whatever runs us
    connection.set_key(key)
    if not path.exists() or not path.stat().st_size:
        connection.execute(f"PRAGMA cipher_salt = {new_salt()}")
    if not STRETCHED.fullmatch(key):
        (salt,) = connection.execute("PRAGMA cipher_salt").fetchone()  # of the file, as SQLCipher reads it
        connection.set_key(_stretch(key, salt))
    connection.execute(f"PRAGMA cipher_page_size = {PAGE}")
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except errors("DatabaseError") as problem:
        if getattr(problem, "sqlite_errorcode", 0) != sqlite3.SQLITE_NOTADB:
            raise
        what = f"the key that was given does not open {path} (or the file is damaged)"
        raise KeyNeeded(what, hint="give the right key: type it, or RECTO_KEY_FILE=FILE recto ...") from problem


@lru_cache(maxsize=16)
def _stretch(phrase: str, salt: str) -> str:
    """A pass phrase as a key, as SQLCipher 4 makes it: in 0.1 s, once for all connections of this process."""
    key = pbkdf2_hmac("sha512", phrase.encode(), bytes.fromhex(salt), ROUNDS, KEY)
    return f"x'{key.hex()}{salt}'"


def new_salt() -> str:
    """As SQLCipher wants it: random, behind the mark."""
    return f"\"x'{(MARK + secrets.token_bytes(SALT - len(MARK))).hex()}'\""


def errors(name: str = "Error") -> tuple[type[sqlite3.Error], ...]:
    """The class of errors of this name, of each SQLite that is in use: theirs are not Python's."""
    modules = [sqlite3, *filter(None, [sys.modules.get(CIPHER)])]
    return tuple(getattr(module, name) for module in modules)


def _cipher() -> "ModuleType":
    try:
        from sqlcipher3 import dbapi2
    except ImportError as problem:
        what = f"SQLCipher, which encrypts libraries, is not installed ({problem})"
        raise CipherMissing(what, hint=INSTALL) from problem
    return cast("ModuleType", dbapi2)


def _cipher_connection() -> type:
    """SQLCipher's connection, with Python's name for a blob's stream."""

    class CipherConnection(_cipher().Connection):  # type: ignore[misc]
        def blobopen(self, table: str, column: str, row: int, /, *, readonly: bool = False) -> object:
            return self.open_blob(table, column, row, readonly)

    return CipherConnection
