"""Documents that were removed and can be put back for a while, in the library's own file.

Their rows stay as they are, marked: the catalogue, by which everything is found, leaves them out. So nothing has to be
read or encoded again when one is put back, and a process that is killed leaves either state whole.
"""

import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from math import inf

from recto.errors import DiskFull, Gone
from recto.store.catalogue import REMOVED_RECORDS, Record
from recto.store.collections import leave
from recto.store.file import LibraryFile
from recto.store.tables import forget_document
from recto.types import Document, Removal

Choose = Callable[[sqlite3.Connection], Sequence[str]]  # documents, by their ids

_CHANGED = "INSERT INTO changes (doc) SELECT seq FROM documents WHERE id IN (SELECT value FROM json_each(?))"


class SqliteRemovals:
    """The `Removals` of a library's file. Threads and processes may share it."""

    offered = True

    def __init__(self, file: LibraryFile, *, changed: Callable[[], None], delete: Callable[[Choose], bool]) -> None:
        """`changed` is called when documents have gone or come back, and `delete` deletes some."""
        self._file, self._changed, self._delete = file, changed, delete

    def all(self) -> list[Removal]:
        """All of them, in the order in which the documents were added."""
        with self._file.reading() as connection:
            times = dict(connection.execute("SELECT doc, until FROM removals"))
            records = [Record.of(row) for row in connection.execute(f"{REMOVED_RECORDS} ORDER BY first")]
        return [Removal(record.document, times[record.seq]) for record in records]

    def put(self, docs: Sequence[str], until: float) -> list[Removal]:
        """Remove documents in one step, so that they can be put back until then; on a full disk they are deleted."""
        try:
            with self._file.writing(grows=False) as connection:
                query = "INSERT OR REPLACE INTO removals SELECT seq, ? FROM documents WHERE id = ?"
                connection.executemany(query, ((until, doc) for doc in docs))
                connection.execute(_CHANGED, (json.dumps(list(docs)),))
        except DiskFull:
            self._delete(lambda _: docs)
        self._changed()
        return [removal for removal in self.all() if removal.document.id in docs]

    def undo(self, doc: str) -> Document:
        """Put a document back. Gone if it was deleted, or was not removed."""
        with self._file.writing(grows=False) as connection:
            query = "DELETE FROM removals WHERE until > ? AND doc IN (SELECT seq FROM documents WHERE id = ?)"
            removal = next((removal for removal in self.all() if removal.document.id == doc), None)
            if removal is None or not connection.execute(query, (time.time(), doc)).rowcount:
                raise lost(doc)
            connection.execute(_CHANGED, (json.dumps([doc]),))
        self._changed()
        return removal.document

    def finish(self, *docs: str) -> bool:
        """Delete these now, or without any those whose time is over; whether there were any."""
        due = inf if docs else time.time()
        if not any(removal.until <= due for removal in self.all()) or self._file.read_only:
            return False
        return self._delete(
            lambda connection: [doc for doc in due_removals(connection, due) if not docs or doc in docs]
        )


class NoRemovals:
    """Those of a store in which nothing can be put back: what is removed is deleted at once."""

    offered = False

    def __init__(self, delete: Callable[..., bool]) -> None:
        self._delete = delete

    def all(self) -> list[Removal]:
        """None."""
        return []

    def put(self, docs: Sequence[str], until: float) -> list[Removal]:
        """Delete documents; none can be put back, whatever the time."""
        self._delete(*docs)
        return []

    def undo(self, doc: str) -> Document:
        """Gone."""
        raise lost(doc)

    def finish(self, *docs: str) -> bool:
        """False: nothing is left to be done."""
        return False


def due_removals(connection: sqlite3.Connection, until: float = inf) -> list[str]:
    """The documents that were removed and whose time is over by then."""
    query = "SELECT id FROM documents JOIN removals ON doc = seq WHERE until <= ?"
    return [id for (id,) in connection.execute(query, (until,))]


def finish_all(connection: sqlite3.Connection) -> None:
    """Delete all of them, within a transaction."""
    for doc in due_removals(connection):
        forget_document(connection, doc)
        leave(connection, doc)


def lost(doc: str) -> Gone:
    """What is said where there is nothing to be put back."""
    return Gone(f"the document {doc[:12]} cannot be put back any more", hint="recto add its file again")
