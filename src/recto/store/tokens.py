"""Who may use the doors of a server: named secrets, in the library's own file, of which only hashes are kept."""

import hashlib
import json
import secrets
import sqlite3
import time
from collections.abc import Sequence
from contextlib import suppress

from recto.errors import LibraryProblem, NameTaken, UnknownToken, UsageProblem
from recto.storage import TOKEN_PREFIX
from recto.store.file import LibraryFile
from recto.store.names import checked_name, folded, nearest
from recto.types import AccessToken

SECRET_BYTES = 32
USED_S = 60.0  # between two notes of the last use, each of which is a write
_ALL = "SELECT hash, name, content, created, used FROM tokens"


class SqliteTokens:
    """The `Tokens` of a library's file. Threads and processes may share it."""

    def __init__(self, file: LibraryFile) -> None:
        self._file = file

    def all(self) -> list[AccessToken]:
        """All of them, by name."""
        with self._file.reading() as connection:
            return [_token(row) for row in connection.execute(f"{_ALL} ORDER BY folded")]

    def add(self, name: str, *, read_only: bool = False, collections: Sequence[str] = ()) -> str:
        """Make one, for some collections by their ids or for everything; its secret, which is shown this one time."""
        name, secret = checked_name(name, "token"), TOKEN_PREFIX + secrets.token_urlsafe(SECRET_BYTES)
        content = json.dumps({"read_only": read_only, "collections": list(collections)})
        with self._file.writing() as connection:
            row = connection.execute("SELECT name FROM tokens WHERE folded = ?", (folded(name),)).fetchone()
            if row:
                raise NameTaken(f"there is a token called {row[0]!r} already", hint="recto token revoke NAME")
            values = hashed(secret), name, folded(name), content, time.time()
            connection.execute("INSERT INTO tokens VALUES (?, ?, ?, ?, ?, NULL)", values)
        return secret

    def revoke(self, name: str) -> AccessToken:
        """Forget one: its secret opens nothing any more. UnknownToken."""
        with self._file.writing() as connection:
            row = connection.execute(f"{_ALL} WHERE folded = ?", (folded(name),)).fetchone()
            if row is None:
                names = nearest(name, (own for (own,) in connection.execute("SELECT name FROM tokens")))
                there = f"; there are {names}" if names else "; there are none"
                raise UnknownToken(f"no token is called {name[:200]!r}{there}", hint="recto token list")
            connection.execute("DELETE FROM tokens WHERE hash = ?", (row[0],))
            return _token(row)

    def of_secret(self, secret: str) -> AccessToken | None:
        """The token of a secret, None if there is none; that it was used is noted, where that can be written."""
        with self._file.reading() as connection:
            row = connection.execute(f"{_ALL} WHERE hash = ?", (hashed(secret),)).fetchone()
        if row is None:
            return None
        token, now = _token(row), time.time()
        if token.used is None or now - token.used > USED_S:
            with suppress(LibraryProblem), self._file.writing() as connection:
                connection.execute("UPDATE tokens SET used = ? WHERE hash = ?", (now, token.hash))
        return token


class NoTokens(SqliteTokens):
    """Those of a library that can have none."""

    def add(self, name: str, *, read_only: bool = False, collections: Sequence[str] = ()) -> str:
        """UsageProblem."""
        what = f"a library on object storage has no tokens, so {name!r} cannot be made"
        raise UsageProblem(what, hint="serve it with one: recto serve --token SECRET")


def hashed(secret: str) -> str:
    """What is kept of a secret. SHA-256 is enough: nobody can try all of 256 random bits, as they can pass phrases."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _token(row: sqlite3.Row | tuple[str, str, str, float, float | None]) -> AccessToken:
    hash, name, content, created, used = row
    limits = json.loads(content)
    return AccessToken(
        hash=hash,
        name=name,
        read_only=limits["read_only"],
        collections=tuple(limits["collections"]),
        created=created,
        used=used,
    )
