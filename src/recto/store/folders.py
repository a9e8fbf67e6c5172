"""Folders that are kept in step, in the library's own file: what was in them, and which documents came from there."""

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from recto.store.file import LibraryFile
from recto.types import FileState, Problem, SyncedFile, SyncedFolder


class SqliteFolders:
    """The `Folders` of a library's file. Paths are bytes there: a name need not be Unicode."""

    def __init__(self, file: LibraryFile) -> None:
        self._file = file

    def all(self) -> list[SyncedFolder]:
        """All of them, by path."""
        with self._file.reading() as connection:
            rows = connection.execute("SELECT path, deletes, watched, collection FROM synced_folders ORDER BY path")
            return [
                SyncedFolder(
                    path=os.fsdecode(path),
                    deletes=None if deletes is None else bool(deletes),
                    watched=bool(watched),
                    collection=collection,
                )
                for path, deletes, watched, collection in rows
            ]

    def put(self, folder: SyncedFolder) -> None:
        """Keep what is to be known of a folder, which may be new."""
        row = os.fsencode(folder.path), folder.deletes, folder.watched, folder.collection
        with self._file.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO synced_folders VALUES (?, ?, ?, ?)", row)

    def forget(self, path: str) -> None:
        """Forget a folder, not its documents: they count as added by hand, unless another folder holds them."""
        with self._file.writing() as connection:
            for table, column in (("synced_folders", "path"), ("synced_files", "folder")):
                connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (os.fsencode(path),))
            rows = connection.execute("SELECT docs FROM synced_files")
            held = {doc for (docs,) in rows for doc in docs.split()}
            query = "DELETE FROM synced_documents WHERE doc NOT IN (SELECT value FROM json_each(?))"
            connection.execute(query, (json.dumps(sorted(held)),))

    def files(self, path: str) -> dict[str, SyncedFile]:
        """The files of a folder, by their path below it."""
        query = "SELECT path, size, modified, inode, device, digest, docs, problem FROM synced_files WHERE folder = ?"
        with self._file.reading() as connection:
            return {
                os.fsdecode(name): SyncedFile(
                    state=FileState(*state),
                    digest=digest,
                    docs=tuple(docs.split()),
                    problem=Problem(**json.loads(problem)) if problem else None,
                )
                for name, *state, digest, docs, problem in connection.execute(query, (os.fsencode(path),))
            }

    def record(self, path: str, files: Mapping[str, SyncedFile], *, without: Iterable[str] = ()) -> None:
        """Keep how files of a folder were dealt with, and forget others, in one step; their documents are complete."""
        folder = os.fsencode(path)
        rows = [
            (
                folder,
                os.fsencode(name),
                *file.state,
                file.digest,
                " ".join(file.docs),
                json.dumps(asdict(file.problem)) if file.problem else "",
            )
            for name, file in files.items()
        ]
        with self._file.writing() as connection:
            query = "DELETE FROM synced_files WHERE folder = ? AND path = ?"
            connection.executemany(query, ((folder, os.fsencode(name)) for name in without))
            connection.executemany("INSERT OR REPLACE INTO synced_files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            docs = ((doc,) for file in files.values() for doc in file.docs)
            connection.executemany("UPDATE synced_documents SET adding = x'' WHERE doc = ?", docs)

    def claim(self, path: str, doc: str) -> None:
        """Note, before a document is added, that it comes from a folder: a killed process leaves it to the next."""
        with self._file.writing() as connection:
            row = doc, os.fsencode(path)
            connection.execute("INSERT OR REPLACE INTO synced_documents VALUES (?, ?)", row)

    def claimed(self, path: str) -> dict[str, bool]:
        """The documents that came from folders and not by hand, and whether they are complete.

        Those that another folder is adding now are left out, unless that folder was forgotten.
        """
        query = (
            "SELECT doc, adding = x'' FROM synced_documents "
            "WHERE adding IN (x'', ?) OR adding NOT IN (SELECT path FROM synced_folders)"
        )
        with self._file.reading() as connection:
            return {doc: bool(complete) for doc, complete in connection.execute(query, (os.fsencode(path),))}

    def keep(self, *docs: str) -> None:
        """Note that documents were added by hand, too: no folder takes them away any more."""
        with self._file.reading() as connection:
            claimed = {doc for (doc,) in connection.execute("SELECT doc FROM synced_documents")}.intersection(docs)
        if claimed:  # a library that may not be written is no obstacle otherwise
            with self._file.writing() as connection:
                connection.executemany("DELETE FROM synced_documents WHERE doc = ?", ((doc,) for doc in claimed))

    def places(self) -> dict[str, list[tuple[str, bool]]]:
        """By document the paths of its files below their folders; whether it is such a file itself, or attached to it.

        Of all folders: a document stays as long as one holds it.
        """
        places = defaultdict(list)
        with self._file.reading() as connection:
            for path, docs in connection.execute("SELECT path, docs FROM synced_files"):
                for number, doc in enumerate(docs.split()):
                    places[doc].append((os.fsdecode(path), number == 0))
        return places

    def paths(self, doc: str) -> list[Path]:
        """Where the files of a document lie."""
        query = "SELECT folder, path FROM synced_files WHERE digest = ?"
        with self._file.reading() as connection:
            rows = connection.execute(query, (doc,)).fetchall()
        return [Path(os.fsdecode(folder), os.fsdecode(path)) for folder, path in rows]
