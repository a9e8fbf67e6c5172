"""Collections in the library's own file: named sets of documents, which know these by their ids."""

import json
import secrets
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from recto.errors import NameTaken, UnknownCollection, UsageProblem
from recto.store.file import LibraryFile
from recto.store.names import checked_name, folded, nearest
from recto.types import Collection

ID_BYTES = 8
KIND = "collection"
_ALL = """
SELECT collections.id, collections.name, collections.created, count(documents.id) FROM collections
LEFT JOIN members ON collection = collections.id
LEFT JOIN documents ON documents.id = members.doc AND seq NOT IN (SELECT doc FROM removals)
GROUP BY collections.id ORDER BY folded
"""


class SqliteCollections:
    """The `Collections` of a library's file. Threads and processes may share it."""

    def __init__(self, file: LibraryFile) -> None:
        self._file = file

    def all(self) -> list[Collection]:
        """All of them, by name."""
        with self._file.reading() as connection:
            return _collections(connection)

    def find(self, name: str) -> Collection:
        """The one of this name, whatever its case, or of this id. UnknownCollection if there is none."""
        return among(self.all(), name)

    def documents(self, ids: Iterable[str]) -> frozenset[str]:
        """The ids of the documents that are in any of these. UnknownCollection if not one of them is there any more."""
        query = (
            "SELECT doc FROM collections LEFT JOIN members ON collection = collections.id "
            "WHERE collections.id IN (SELECT value FROM json_each(?))"
        )
        with self._file.reading() as connection:
            rows = connection.execute(query, (json.dumps(list(ids)),)).fetchall()
            if not rows:
                raise UnknownCollection("the collection was deleted meanwhile", hint="recto collection list")
            return frozenset(doc for (doc,) in rows if doc)

    def of_documents(self) -> dict[str, list[str]]:
        """By id of each document that is in any the names of its collections, in their order."""
        names: dict[str, list[str]] = {}
        with self._file.reading() as connection:
            query = "SELECT doc, name FROM members JOIN collections ON collection = id ORDER BY folded"
            for doc, name in connection.execute(query):
                names.setdefault(doc, []).append(name)
        return names

    def create(self, name: str, docs: Sequence[str] = ()) -> Collection:
        """Make one with these documents. BadName, NameTaken."""
        name = checked_name(name, KIND)
        with self._file.writing() as connection:
            _check_free(connection, name)
            id = secrets.token_hex(ID_BYTES)
            connection.execute("INSERT INTO collections VALUES (?, ?, ?, ?)", (id, name, folded(name), time.time()))
            _fill(connection, id, docs)
            return among(_collections(connection), id)

    def rename(self, name: str, new_name: str) -> Collection:
        """Call it otherwise; its documents and its id stay. BadName, NameTaken, UnknownCollection."""
        new_name = checked_name(new_name, KIND)
        with self._changing(name) as (connection, id):
            _check_free(connection, new_name, besides=id)
            connection.execute(
                "UPDATE collections SET name = ?, folded = ? WHERE id = ?", (new_name, folded(new_name), id)
            )
            return among(_collections(connection), id)

    def delete(self, name: str) -> Collection:
        """Forget one; its documents stay in the library. What it was. UnknownCollection."""
        with self._changing(name) as (connection, id):
            collection = among(_collections(connection), id)
            connection.execute("DELETE FROM members WHERE collection = ?", (id,))
            connection.execute("DELETE FROM collections WHERE id = ?", (id,))
            return collection

    def add(self, name: str, docs: Sequence[str]) -> Collection:
        """Put documents in; those that are in it, or not in the library, are passed over. UnknownCollection."""
        with self._changing(name) as (connection, id):
            _fill(connection, id, docs)
            return among(_collections(connection), id)

    def discard(self, name: str, docs: Sequence[str]) -> Collection:
        """Take documents out, which stay in the library. UnknownCollection."""
        with self._changing(name) as (connection, id):
            rows = ((id, doc) for doc in docs)
            connection.executemany("DELETE FROM members WHERE collection = ? AND doc = ?", rows)
            return among(_collections(connection), id)

    @contextmanager
    def _changing(self, name: str) -> Iterator[tuple[sqlite3.Connection, str]]:
        """A transaction that changes one of them, and its id."""
        with self._file.writing() as connection:
            yield connection, among(_collections(connection), name).id


class NoCollections(SqliteCollections):
    """Those of a library that can have none: there is none, and none can be made."""

    def create(self, name: str, docs: Sequence[str] = ()) -> Collection:
        """UsageProblem."""
        what = f"a library on object storage has no collections, so {name!r} cannot be made"
        raise UsageProblem(what, hint="one library each: RECTO_STORE=ADDRESS/NAME")


def among(collections: Sequence[Collection], name: str) -> Collection:
    """The one of them with this name or id. UnknownCollection if there is none, with the names that are like it."""
    wanted = folded(name)
    for collection in collections:
        if folded(collection.name) == wanted:
            return collection
    for collection in collections:
        if collection.id == name:
            return collection
    names = nearest(name, (collection.name for collection in collections))
    there = f"; there are {names}" if names else "; there are none yet"
    raise UnknownCollection(
        f"no collection is called {name[:200]!r}{there}", hint="recto collection list, or recto collection create NAME"
    )


def inherit(connection: sqlite3.Connection, doc: str, older: str | None) -> None:
    """Before a document is put: let it be where the one is that it replaces, else where it was, if it is there."""
    connection.execute("DELETE FROM members WHERE doc = ? AND doc NOT IN (SELECT id FROM documents)", (doc,))
    if older and older != doc:
        query = "INSERT OR IGNORE INTO members SELECT ?, collection FROM members WHERE doc = ?"
        connection.execute(query, (doc, older))
        leave(connection, older)


def leave(connection: sqlite3.Connection, doc: str) -> None:
    """Take a document out of all."""
    connection.execute("DELETE FROM members WHERE doc = ?", (doc,))


def _collections(connection: sqlite3.Connection) -> list[Collection]:
    return [
        Collection(id=id, name=name, created=created, documents=count)
        for id, name, created, count in connection.execute(_ALL)
    ]


def _check_free(connection: sqlite3.Connection, name: str, besides: str = "") -> None:
    query = "SELECT name FROM collections WHERE folded = ? AND id != ?"
    if row := connection.execute(query, (folded(name), besides)).fetchone():
        raise NameTaken(f"there is a collection called {row[0]!r} already", hint="recto collection list")


def _fill(connection: sqlite3.Connection, id: str, docs: Iterable[str]) -> None:
    query = "INSERT OR IGNORE INTO members SELECT id, ? FROM documents WHERE id = ?"
    connection.executemany(query, ((id, doc) for doc in docs))
