"""What is kept of a shard on object storage: two Lance tables, and the files' bytes as objects of their own.

`documents.lance` has a row for each document, which names the stamps of its parts; `parts.lance` has the parts: pages,
terms and vectors, packed as SQLite holds them. Parts are never changed, and come before the row that names them: so
one commit of one table makes a document visible, whole, or not at all. What no row names is swept away.
"""

import os
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, BinaryIO

from recto.store.lance.bucket import Bucket, refusal, translating_errors
from recto.store.lance.committing import Committing, committing
from recto.store.lance.tables import (
    DOCUMENTS,
    PARTS,
    Stamp,
    among,
    document_of,
    documents_table,
    literal,
    new_stamp,
    numbered,
    parts_table,
    row_of,
)
from recto.store.rows import PackedDocument

if TYPE_CHECKING:
    from lance import LanceDataset

COUNTED = "shards/number"  # object of a library in shards, beside these: how many there are
SOURCES, ORIGINALS = "sources", "originals"  # folders of the files' bytes, each called as its document
TIDY_EVERY = 64  # commits, after which small files are made one and old ones go
FRAGMENT = 16_384  # rows of a file of parts, some 100 MB: a deletion writes those anew that held the document
IN_CONDITION = 1_000  # stamps in one condition


@dataclass(frozen=True, slots=True, kw_only=True)
class StampedVersion:
    """A version of a document: its number, and the stamps of its terms and vectors. Its pages have the number."""

    number: int
    doc: str
    terms: Stamp
    vectors: Stamp  # 0 without vectors

    @property
    def stamps(self) -> set[Stamp]:
        """Those of all its parts."""
        return {self.number, self.terms, self.vectors} - {0}


def shards_at(bucket: Bucket) -> int:
    """How many shards there are below an address; 0 if a library there is, or would be, in one piece."""
    return int(b"".join(bucket.read(COUNTED))) if bucket.objects(COUNTED.partition("/")[0]) else 0


class Shard:
    """The tables and objects below one address. Whoever writes has the shard's turn; whoever reads needs nothing."""

    def __init__(self, address: str) -> None:
        """BadSetting, StoreToolsMissing; nothing is asked of the storage yet."""
        self.bucket = Bucket(address)
        os.environ.setdefault("LANCE_LOG", "error")  # else it tells the terminal of each table that it makes

    # Reading

    def version(self) -> int:
        """The number of the newest commit of documents; 0 before the first."""
        table = self._open(DOCUMENTS)
        return 0 if table is None else table.version

    def entries(self) -> list[StampedVersion]:
        """The newest version of each document, in the order in which they were put."""
        names = ["number", "id", "terms", "vectors"]
        rows = self.rows(DOCUMENTS, names)
        entries = [
            StampedVersion(number=row["number"], doc=row["id"], terms=row["terms"], vectors=row["vectors"])
            for row in rows
        ]
        newest = {entry.doc: entry for entry in sorted(entries, key=lambda entry: entry.number)}
        return sorted(newest.values(), key=lambda entry: entry.number)

    def documents(
        self, entries: Sequence[StampedVersion], held: Collection[Stamp] = ()
    ) -> Iterator[tuple[StampedVersion, PackedDocument]]:
        """These documents with their parts but for those `held`.

        Those that have changed since are left out, and those of which a part is missing.
        """
        parts = self._parts({stamp for entry in entries for stamp in entry.stamps}.difference(held))
        condition = among("number", [entry.number for entry in entries])
        rows = {row["number"]: row for row in self.rows(DOCUMENTS, None, condition)}
        for entry in entries:
            row = rows.get(entry.number)
            if row is None or (row["terms"], row["vectors"]) != (entry.terms, entry.vectors):
                continue
            contents, terms = parts.get(entry.number, []), parts.get(entry.terms, [])
            codes, scales = parts.get(entry.vectors) or (b"", b"")
            count = len(row["counts"]) // 4
            if len(terms) == count == (count if entry.number in held else len(contents)):
                document = document_of(row)
                yield entry, replace(document, pages=contents, terms=terms, codes=codes, scales=scales)

    # Writing

    def check_writable(self) -> None:
        """Raise why nothing can be written, before anything is read to be put."""
        self.bucket.put("writable", b"")

    def put(
        self,
        documents: Sequence[PackedDocument],
        files: Mapping[str, bytes | BinaryIO],
        *,
        replaces: Sequence[str] = (),
    ) -> list[int]:
        """Put documents in one commit, in the place of those of the same ids and of `replaces`; their numbers."""
        with committing(self.bucket) as own:
            start = ((self.version() + 1) << 32) | (secrets.randbits(16) << 16)
            rows, parts = [], list[tuple[int, int, bytes]]()
            for number, document in enumerate(documents, start):
                row = row_of(number, document)
                rows.append(row)
                parts += numbered(number, document.pages) + numbered(row["terms"], document.terms)
                parts += numbered(row["vectors"], [document.codes, document.scales] if row["vectors"] else [])
            for path, content in files.items():
                self.bucket.put(path, content)
            self._append(parts)
            self._commit(own, rows, replaces)
            if replaces:
                self._tidy()
        return [row["number"] for row in rows]

    def delete(self, docs: Iterable[str]) -> bool:
        """Delete documents, with their bytes: nothing of them is in the bucket afterwards. False if none was there."""
        with committing(self.bucket) as own:
            condition = self._those_of(docs)
            if condition is None:
                return False
            own.check()
            with translating_errors(self.bucket.uri):
                self._table(DOCUMENTS).delete(condition)
            self._tidy()
        return True

    def put_parts(self, number: int, column: str, parts: Sequence[bytes], **values: str | int) -> bool:
        """Put other terms or vectors of a version in the place of those it has. False if that version is gone."""
        condition = among("number", [number])
        with committing(self.bucket) as own:
            if not self.rows(DOCUMENTS, ["number"], condition):
                return False
            stamp = new_stamp()
            self._append(numbered(stamp, parts))
            own.check()
            updates = {name: literal(value) for name, value in {column: stamp, **values}.items()}
            with translating_errors(self.bucket.uri):
                self._table(DOCUMENTS).update(updates, where=condition)
            self._tidy_sometimes()
        return True

    # The tables

    def _those_of(self, docs: Iterable[str]) -> str | None:
        """The condition for the rows of documents, by their numbers: Lance keeps it, and an id would be a trace."""
        numbers = [row["number"] for row in self.rows(DOCUMENTS, ["number"], among("id", docs))]
        return among("number", numbers) if numbers else None

    def _open(self, name: str) -> "LanceDataset | None":
        """The newest version of a table; None if it was never made."""
        import lance

        uri = f"{self.bucket.uri}/{name}"
        try:
            return lance.dataset(uri)
        except (OSError, ValueError) as problem:
            if f"{name} was not found" in str(problem):
                return None
            raise refusal(uri, str(problem)) from problem

    def _table(self, name: str) -> "LanceDataset":
        table = self._open(name)
        if table is None:
            raise refusal(self.bucket.uri, f"{name} was there and is not")
        return table

    def rows(self, name: str, columns: list[str] | None = None, condition: str = "") -> list[dict[str, Any]]:
        """The rows of a table as it is now, some of their columns."""
        table = self._open(name)
        if table is None or condition.endswith("()"):
            return []
        with translating_errors(self.bucket.uri):
            rows: list[dict[str, Any]] = table.to_table(columns=columns, filter=condition or None).to_pylist()
        return rows

    def _parts(self, stamps: set[Stamp]) -> dict[Stamp, list[bytes]]:
        """The parts of each stamp, in their order."""
        parts: dict[Stamp, list[bytes]] = {}
        ordered = sorted(stamps)
        for start in range(0, len(ordered), IN_CONDITION):
            rows = self.rows(PARTS, None, among("stamp", ordered[start : start + IN_CONDITION]))
            for row in sorted(rows, key=lambda row: (row["stamp"], row["place"])):
                parts.setdefault(row["stamp"], []).append(row["content"])
        return parts

    def _append(self, parts: Sequence[tuple[Stamp, int, bytes]]) -> None:
        import lance

        table = parts_table(parts)
        with translating_errors(self.bucket.uri):
            lance.write_dataset(table, f"{self.bucket.uri}/{PARTS}", mode="append", max_rows_per_file=FRAGMENT)

    def _commit(self, own: Committing, rows: list[dict[str, Any]], replaces: Sequence[str]) -> None:
        """Make documents visible, and those that they replace invisible, in one step."""
        import lance

        table, present = documents_table(rows), self._open(DOCUMENTS)
        own.check()
        with translating_errors(self.bucket.uri):
            if present is None:
                lance.write_dataset(table, f"{self.bucket.uri}/{DOCUMENTS}", mode="create")
                return
            merge = present.merge_insert("id").when_matched_update_all().when_not_matched_insert_all()
            if condition := self._those_of(replaces):
                merge = merge.when_not_matched_by_source_delete(condition)
            merge.execute(table)
        self._tidy_sometimes()

    def _tidy_sometimes(self) -> None:
        if self.version() % TIDY_EVERY == 0:
            self._tidy()

    def _tidy(self) -> None:
        """Sweep away what no document names, and every byte of it: by writing anew the files that held it."""
        entries = self.entries()
        live = {stamp for entry in entries for stamp in entry.stamps}
        with translating_errors(self.bucket.uri):
            parts = self._table(PARTS)
            dead = sorted(set(parts.to_table(columns=["stamp"])["stamp"].unique().to_pylist()) - live)
            for start in range(0, len(dead), IN_CONDITION):
                parts.delete(among("stamp", dead[start : start + IN_CONDITION]))
            for table in (parts, self._table(DOCUMENTS)):
                table.optimize.compact_files(target_rows_per_fragment=FRAGMENT, materialize_deletions_threshold=0.0)
                table.cleanup_old_versions(older_than=timedelta(0))
        docs = {entry.doc for entry in entries}
        for folder in (SOURCES, ORIGINALS):
            paths = [entry["path"] for entry in self.bucket.objects(folder)]
            self.bucket.delete([path for path in paths if path.rpartition("/")[2] not in docs])
