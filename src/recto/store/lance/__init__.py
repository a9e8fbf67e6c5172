"""The store of many machines: the truth on object storage, and a copy of it here that answers.

What is looked up lies in the copy, so that a question never waits for object storage, and finds and ranks as in a
library of one machine. The copy is a library of SQLite without the files' bytes; it is thrown away when damaged.
"""

import hashlib
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, suppress
from io import BytesIO
from pathlib import Path

from recto.errors import FileMissing, LibraryDamaged, LibraryTooOld, StoreDenied, StoreUnreachable, UsageProblem
from recto.index_types import EncoderChoice, IndexedPage, PageTerms, Summary, Version
from recto.normalize import quantised
from recto.scratch import locked
from recto.store.catalogue import Record
from recto.store.collections import NoCollections
from recto.store.lance.bucket import Vanished
from recto.store.lance.shard import ORIGINALS, SOURCES, Shard, StampedVersion, shards_at
from recto.store.pages import packed_terms, terms_of
from recto.store.removals import NoRemovals
from recto.store.rows import PackedDocument, field_sizes, pack
from recto.store.sqlite import SqliteStore, open_source
from recto.store.tables import (
    find_record,
    forget_document,
    insert_document,
    insert_source,
    replace_terms,
    replace_vectors,
)
from recto.store.tokens import NoTokens
from recto.types import Document, Floats

POLL_S = 5.0  # for so long a question may not see what others have committed
STALE_S = 600.0  # without an answer of the storage, after which the copy is no answer any more
BATCH = 64  # documents copied in one transaction
FOLLOWING = "following"  # file, whose lock a process has that copies
SHARED = "a library on object storage is asked by many, and keeps no history"
ATTEMPTS = 5  # at reading a state that a committer tidies away meanwhile

_STAMPS = (
    "CREATE TABLE IF NOT EXISTS stamps (doc INTEGER PRIMARY KEY, terms INTEGER NOT NULL, vectors INTEGER NOT NULL)"
)


class LanceStore(SqliteStore):
    """A `Store` on object storage. What is written goes there; the copy in a folder here follows, and is read."""

    def __init__(self, address: str, folder: Path, *, poll_s: float = POLL_S) -> None:
        """Open it, and bring the copy up to date: at first that reads all of it.

        BadSetting, StoreToolsMissing; LibraryMissing without the bucket, StoreDenied, StoreUnreachable.
        """
        self.shard = Shard(address)
        self._poll_s, self._looked, self._reached = poll_s, 0.0, 0.0
        self._version = -1  # of the shard, in the copy
        self._copying = threading.Lock()
        written = self.shard.bucket.objects("writer")  # says best what is wrong with the bucket
        if not written and (shards := shards_at(self.shard.bucket)):
            what = f"{address} is a library of {shards} shards, each to be served by itself"
            raise UsageProblem(what, hint=f"RECTO_STORE={address}/shard-0 recto serve, and so on; then recto route")
        try:
            super().__init__(folder, silence=SHARED)
        except (LibraryDamaged, LibraryTooOld):
            shutil.rmtree(folder)
            super().__init__(folder, silence=SHARED)
        self.collections, self.tokens = NoCollections(self._file), NoTokens(self._file)
        self.removals = NoRemovals(self.delete)
        with ExitStack() as stack:
            stack.callback(super().close)
            with self._file.writing() as connection:
                connection.execute(_STAMPS)
            self.catch_up()
            stack.pop_all()

    # Writing

    def check_writable(self, size: int = 0) -> None:
        """StoreDenied, StoreUnreachable, or what keeps the copy from being written."""
        super().check_writable(0)
        self.shard.check_writable()

    def put(
        self,
        document: Document,
        source: Path | None,
        pages: Sequence[IndexedPage],
        *,
        analyser: int,
        summary: Summary | None = None,
        replaces: str | None = None,
        original: Path | None = None,
        unrecognised: bool = False,
        card: bytes = b"",
    ) -> Version:
        """Keep a document and its files' bytes on object storage; it is whole there before it is seen.

        Without a source the bytes that are there stay.
        """
        rows = pack(document, pages, analyser=analyser, summary=summary, unrecognised=unrecognised, card=card)
        paths = {folder: path for folder, path in ((SOURCES, source), (ORIGINALS, original)) if path}
        if not paths:
            self._document(document.id)
        with ExitStack() as stack:
            files = {
                f"{folder}/{document.id}": stack.enter_context(open_source(path, document))
                for folder, path in paths.items()
            }
            for added in list(files.values())[-1:]:
                if hashlib.file_digest(added, "sha256").hexdigest() != document.id:
                    raise FileMissing(f"{document.name!r} changed while it was being added", hint="recto add it again")
                added.seek(0)
            (number,) = self.shard.put([rows], files, replaces=[replaces] if replaces else [])
        self.catch_up()
        return Version(document, number)

    def delete(self, *docs: str) -> bool:
        """Forget documents there and here, in one step each. False if none of them was there."""
        deleted = bool(docs) and self.shard.delete(docs)
        self.catch_up()
        return deleted

    def put_vectors(self, version: Version, fingerprint: str, vectors: Floats) -> bool:
        """Keep one vector for each passage of a version, (n, dim), of length 1. False if that version is gone."""
        record = self._record(version)
        if record is None:
            return False
        passages = int(record.counts.sum())
        if len(vectors) != passages:
            raise ValueError(f"{len(vectors)} vectors for the {passages} passages of {version.document.id}")
        codes, scales = quantised(vectors)
        parts = [codes.tobytes(), scales.astype("<f4").tobytes()]
        return not passages or self._put_parts(version, "vectors", parts, fingerprint=fingerprint)

    def choose_encoder(self, choice: EncoderChoice) -> None:
        """UsageProblem: whatever fills it from elsewhere would have to choose the same at the same moment."""
        raise UsageProblem(
            "a library on object storage keeps its encoder", hint="choose it in a library on this machine"
        )

    def put_terms(self, version: Version, analyser: int, terms: Sequence[PageTerms]) -> bool:
        """Put other terms, one for each page, in the place of those of a version. False if that version is gone."""
        record = self._record(version)
        if record is None:
            return False
        if [len(page.passages) for page in terms] != record.counts.tolist():
            raise ValueError(f"the terms of {len(terms)} pages do not fit the passages of {version.document.id}")
        sizes = zip(("text_terms", "heading_terms", "passage_terms"), field_sizes(terms), strict=True)
        return self._put_parts(
            version, "terms", [packed_terms(page) for page in terms], analyser=analyser, **dict(sizes)
        )

    def _put_parts(self, version: Version, column: str, parts: Sequence[bytes], **values: str | int) -> bool:
        put = self.shard.put_parts(version.number, column, parts, **values)
        self.catch_up()
        return put

    def _record(self, version: Version) -> Record | None:
        with self._file.reading() as connection:
            return find_record(connection, version.number)

    # What lies on object storage alone

    def source(self, doc: str) -> bytes:
        """The PDF's own bytes. Gone if there is no such document."""
        return b"".join(self._bytes(doc, SOURCES))

    def copy_source(self, doc: str, target: Path) -> None:
        """Write the PDF's own bytes to a file, a piece at a time. Gone if there is no such document."""
        with target.open("wb") as file:
            file.writelines(self._bytes(doc, SOURCES))

    def copy_original(self, doc: str, target: Path) -> None:
        """Write the file that was added: the PDF, or what it was made of. Gone if there is no such document."""
        with target.open("wb") as file:
            file.writelines(self._bytes(doc, ORIGINALS if self._has_original(doc) else SOURCES))

    def export(self, target: Path) -> None:
        """Write everything to one file, a library of one machine."""
        super().export(target)
        with closing(sqlite3.connect(target)) as connection, connection:
            connection.execute("DROP TABLE stamps")
            for record in self._current().records:
                doc = record.document.id
                insert_source(connection, "sources", record.seq, BytesIO(self.source(doc)))
                if self._has_original(doc):
                    original = BytesIO(b"".join(self._bytes(doc, ORIGINALS)))
                    insert_source(connection, "originals", record.seq, original)

    def _has_original(self, doc: str) -> bool:
        return bool(self.shard.bucket.objects(f"{ORIGINALS}/{doc}"))

    def _bytes(self, doc: str, folder: str) -> Iterator[bytes]:
        self._document(doc)
        try:
            yield from self.shard.bucket.read(f"{folder}/{doc}")
        except Vanished as problem:
            self.catch_up()
            self._document(doc)
            what = f"the bytes of the document {doc} are not in the bucket"
            raise LibraryDamaged(what, hint="add the document again: recto add --reread FILE") from problem

    # The copy

    def catch_up(self) -> None:
        """Bring the copy to the shard's newest state."""
        with self._copying:
            self._follow(wait=True)

    def _reading(self) -> AbstractContextManager[sqlite3.Connection]:
        """One state of the copy, after a look at the shard if the last was some time ago and nobody reads yet."""
        steady = getattr(self._own, "steady", None) is not None
        due = time.monotonic() - self._looked >= self._poll_s and not steady and not self._file.reader.in_transaction
        if due and self._copying.acquire(blocking=False):
            try:
                with suppress(BlockingIOError):  # another process is at it
                    self._follow(wait=False)
            except (StoreUnreachable, StoreDenied):
                if time.monotonic() - self._reached > STALE_S:
                    raise
            finally:
                self._copying.release()
        return super()._reading()

    def _follow(self, *, wait: bool) -> None:
        """Look at the shard, and copy what is new; after another process that does so with the same copy, if any."""
        self._looked = time.monotonic()
        for left in reversed(range(ATTEMPTS)):
            try:
                with locked(self._file.path.with_name(FOLLOWING), wait=wait):
                    version = self.shard.version()
                    if version != self._version:
                        self._copy(self.shard.entries())
            except Vanished:
                if not left:
                    raise
            else:
                self._version, self._reached = version, self._looked
                return

    def _copy(self, entries: Sequence[StampedVersion]) -> None:
        """Make the copy hold these documents, and no others; a few at once, each whole."""
        with self._file.reading() as connection:
            query = "SELECT doc, terms, vectors FROM stamps JOIN documents ON doc = seq"
            held = {doc: stamps for doc, *stamps in connection.execute(query)}
        changed = [entry for entry in entries if held.get(entry.number) != [entry.terms, entry.vectors]]
        gone = held.keys() - {entry.number for entry in entries}
        replaced = {entry.doc for entry in changed}
        for start in range(0, len(changed), BATCH) or range(bool(gone)):
            documents = list(self.shard.documents(changed[start : start + BATCH], held.keys()))
            with self._file.writing() as connection:
                for seq in [] if start else gone:
                    record = find_record(connection, seq)
                    if record is not None and record.document.id not in replaced:
                        forget_document(connection, record.document.id)
                for entry, packed in documents:
                    _apply(connection, entry, packed)
            self._index.note_write()
        if gone:
            self._file.shrink()
            self._forget_vectors()


def _apply(connection: sqlite3.Connection, entry: StampedVersion, packed: PackedDocument) -> None:
    """Put a document that is new, or the terms and vectors of one that is there."""
    record = find_record(connection, entry.number)
    if record is None and len(packed.pages) == packed.document.pages:
        forget_document(connection, entry.doc)
        insert_document(connection, packed, entry.number)
    elif (entry.terms,) not in connection.execute("SELECT terms FROM stamps WHERE doc = ?", (entry.number,)):
        assert record is not None
        replace_terms(connection, record, packed.analyser, [terms_of(blob) for blob in packed.terms])
    if packed.codes:
        replace_vectors(connection, entry.number, packed.fingerprint, codes=packed.codes, scales=packed.scales)
    connection.execute("INSERT OR REPLACE INTO stamps VALUES (?, ?, ?)", (entry.number, entry.terms, entry.vectors))
