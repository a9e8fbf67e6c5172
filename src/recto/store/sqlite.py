"""The store on one machine: SQLite holds the truth; the keyword index and the matrix of vectors are derived from it."""

import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import BinaryIO, Self, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from recto.errors import DiskFull, FileMissing, FileTooLarge, Gone, LibraryBusy, LibraryProblem
from recto.index_types import Field, IndexedPage, PageKey, PageTerms, Row, Similarities, Totals, Version, pairs
from recto.store import file
from recto.store.catalogue import COLUMNS, Catalogue, Kept
from recto.store.file import restore as restore  # beside open_store, for those who bring a backup back
from recto.store.keywords import Damaged, Keywords, Rows, Unusable, View
from recto.store.pages import packed, packed_terms, page_of, passages_of, terms_of
from recto.store.vectors import Matrix, Part, quantised
from recto.types import Document, Floats, Page, Passage, UInt32s

LARGEST = 999_999_000  # bytes of a PDF: SQLite ends a row at 1e9, and a row is a little more than its blob
CHUNK = 1 << 20  # bytes held in memory while a PDF is copied in
KEYWORDS = "keywords"
ROWS_KEPT = 16_384  # pages whose terms stay in memory, about 5 kB each: every question asks for many of them again

T = TypeVar("T")


def open_store(folder: Path) -> "SqliteStore":
    """Open the library of a folder, created if there is none; read-only if it may not be written."""
    return SqliteStore(folder)


class SqliteStore:
    """A `Store` in one folder. Threads may share it: one connection reads, another writes, each behind a lock."""

    def __init__(self, folder: Path) -> None:
        self._file = file.opened(folder)
        self._reads, self._writes = RLock(), RLock()
        self._catalogue = Catalogue(0, ())
        self._matrix = Matrix(("", 0, 0), ())
        self._read: dict[PageKey, Row] = {}
        self._keywords: Keywords | None = None
        self._borrowed: tempfile.TemporaryDirectory[str] | None = None
        self._caught_up: bool | None = None  # the keyword index; None: not tried; False: in vain, until the next write

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Writing

    def put(
        self, document: Document, source: Path, pages: Sequence[IndexedPage], *, replaces: str | None = None
    ) -> None:
        """Keep a document and its PDF's bytes; the same id replaces it; `replaces` is deleted in the same step."""
        _check(document, pages)
        with _pdf(source) as pdf, self._writing() as connection:
            for old in {document.id, replaces} - {None}:
                _forget(connection, str(old))
            seq = _insert(connection, document, pages)
            _copy(connection, seq, pdf, document)
        self._catch_up()

    def delete(self, doc: str) -> bool:
        """Forget a document everywhere. False if it was not there."""
        with self._writing() as connection:
            gone = _forget(connection, doc)
        if gone:
            self._shrink()
            self._catch_up()
        return gone

    def put_vectors(self, version: Version, fingerprint: str, vectors: Floats) -> bool:
        """Keep one vector for each passage of a document, (n, dim), of length 1; ignored if the document is gone."""
        doc = version.document.id
        codes, scales = quantised(vectors)
        with self._writing() as connection:
            found = connection.execute("SELECT seq, counts FROM documents WHERE seq = ?", (version.number,)).fetchone()
            if found is None:
                return False
            seq, counts = found
            passages = int(np.frombuffer(counts, "<u4").sum())
            if len(vectors) != passages:
                raise ValueError(f"{len(vectors)} vectors for the {passages} passages of {doc}")
            if not passages:
                return True
            connection.execute("DELETE FROM vectors WHERE doc = ?", (seq,))
            row = seq, fingerprint, codes.tobytes(), scales.astype("<f4").tobytes()
            connection.execute("INSERT INTO vectors (doc, fingerprint, codes, scales) VALUES (?, ?, ?, ?)", row)
            return True

    # Documents and pages

    def documents(self) -> list[Document]:
        """All documents, in the order in which they were added."""
        return [each.document for each in self._current().kept]

    def source(self, doc: str) -> bytes:
        """The PDF's own bytes."""
        with self._reading() as connection:
            for kept in self._current().of([doc]):
                return self._blob(connection, "SELECT content FROM sources WHERE doc = ?", kept.seq)
        raise Gone(doc)

    def copy_source(self, doc: str, target: Path) -> None:
        """Write the PDF's own bytes to a file. Gone if there is no such document."""
        with self._reading() as connection, target.open("wb") as file:
            for kept in self._current().of([doc]):
                with connection.blobopen("sources", "content", kept.seq, readonly=True) as blob:
                    shutil.copyfileobj(blob, file, CHUNK)
                return
        raise Gone(doc)

    def page(self, doc: str, number: int) -> Page:
        """One page with its words. KeyError if there is none."""
        with self._reading() as connection:
            return page_of(self._content(connection, doc, number), number)

    def passages(self, doc: str, number: int) -> list[Passage]:
        """The passages of one page, in order."""
        with self._reading() as connection:
            return passages_of(self._content(connection, doc, number), doc, number)

    # What ranking reads

    def rows(self, docs: Sequence[str]) -> list[Row]:
        """Every page of these documents, in key order."""
        return self._rows([(key, kept) for kept in self._current().of(docs) for key in kept.keys])

    def rows_of(self, keys: Sequence[PageKey]) -> list[Row]:
        """These pages, in key order; keys that are gone are left out."""
        return self._rows(list(self._current().located(keys)))

    def totals(self) -> Totals:
        """The sizes of the collection."""
        return self._current().totals

    def frequencies(self, field: Field, terms: UInt32s) -> NDArray[np.int64]:
        """In how many pages ("text", "heading") or passages each term occurs."""
        nowhere = np.zeros(len(terms), np.int64)
        counts, pending = self._ask(lambda view, missing: view.count(field, terms, without=missing), nowhere)
        for row in self.rows([each.document.id for each in pending]):
            for array in _entries(row.terms, field):
                found = np.concatenate((array, pairs(array))) if field == "text" else array
                counts = counts + np.isin(terms, found)
        return counts

    def candidates(self, field: Field, terms: UInt32s, k: int, docs: Sequence[str] | None = None) -> list[PageKey]:
        """The pages that match best by keywords, best first; pages not yet in the keyword index come with them."""
        scope = None if docs is None else {each.seq for each in self._current().of(docs)}
        found, pending = self._ask(
            lambda view, missing: view.find(field, terms, k, only=scope, without=missing), list[int]()
        )
        waiting = [key for each in pending if scope is None or each.seq in scope for key in each.keys]
        return found + waiting

    # Vectors

    def unencoded(self, fingerprint: str) -> list[Version]:
        """The documents without vectors of this encoder, oldest first."""
        with self._reading() as connection:
            query = "SELECT doc FROM vectors WHERE fingerprint = ?"
            encoded = {doc for (doc,) in connection.execute(query, (fingerprint,))}
            kept = self._current().kept
        return [Version(each.document, each.seq) for each in kept if each.seq not in encoded and each.counts.any()]

    def similarities(self, vector: Floats, fingerprint: str, docs: Sequence[str] | None = None) -> Similarities:
        """The cosine of a vector (dim,) with every passage encoded by this encoder."""
        with self._reading() as connection:
            catalogue = self._current()
            matrix = self._matrix = self._refreshed(connection, fingerprint, catalogue)
        scope = None if docs is None else [each.seq for each in catalogue.of(docs)]
        return Similarities(*matrix.cosines(vector, scope))

    # The keyword index

    def lagging(self) -> int:
        """How many changes are saved but not yet in the keyword index."""
        applied = 0
        with suppress(Unusable):
            applied = self._index().look().applied
        with self._reading() as connection:
            return _number(connection, "SELECT count(*) FROM changes WHERE seq > ?", applied)

    def refresh(self) -> None:
        """Bring the keyword index up to date; rebuild it if it is damaged."""
        self._catch_up()

    # The whole

    def export(self, target: Path) -> None:
        """Write everything to one file."""
        file.export(self._file.path, target)

    def close(self) -> None:
        """Let go of files and locks."""
        with self._writes, self._reads:
            self._file.close()
            if self._borrowed:
                self._borrowed.cleanup()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """One state of the library throughout, whatever others commit meanwhile."""
        with self._reads, file.told(self._file.path), file.snapshot(self._file.reader):
            yield self._file.reader

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        connection = self._file.writing()
        with self._writes, file.told(self._file.path), file.transaction(connection):
            yield connection

    def _shrink(self) -> None:
        """Give the room of what was deleted back, also in the write-ahead log. On a full disk that can wait."""
        with self._writes:
            for step in ("wal_checkpoint(TRUNCATE)", "incremental_vacuum", "wal_checkpoint(TRUNCATE)"):
                with suppress(LibraryProblem), file.told(self._file.path):
                    self._file.writing().executescript(f"PRAGMA {step}")  # execute would stop after one page

    def _current(self) -> Catalogue:
        """The catalogue, read anew when anyone has changed the library."""
        with self._reading() as connection:
            version = _number(connection, LAST_CHANGE)
            if version != self._catalogue.version:
                records = connection.execute(f"SELECT {COLUMNS} FROM documents ORDER BY seq")
                self._catalogue = Catalogue(version, records)
            return self._catalogue

    def _content(self, connection: sqlite3.Connection, doc: str, number: int) -> bytes:
        """The packed page."""
        for kept in self._current().of([doc]):
            if 0 <= number < len(kept.counts):
                return self._blob(connection, "SELECT content FROM pages WHERE key = ?", kept.first + number)
        raise Gone(str((doc, number)))

    def _blob(self, connection: sqlite3.Connection, query: str, key: int) -> bytes:
        """What must be there, as the catalogue says so."""
        found = connection.execute(query, (key,)).fetchone()
        if found is None or not isinstance(found[0], bytes):
            raise file.damaged(self._file.path, f"nothing for {query.removesuffix('?')}{key}")
        return found[0]

    def _rows(self, wanted: Sequence[tuple[int, Kept]]) -> list[Row]:
        """From memory where possible: a key is never given to another page, so what was read once stays right."""
        with self._reading() as connection:
            absent = {key: kept for key, kept in wanted if key not in self._read}
            if len(self._read) + len(absent) > ROWS_KEPT:
                self._read, absent = {}, dict(wanted)
            query = "SELECT key, content FROM terms WHERE key IN (SELECT value FROM json_each(?))"
            for key, content in connection.execute(query, (str(list(absent)),)):
                kept = absent[key]
                self._read[key] = Row(key, kept.document.id, key - kept.first, self._terms(content))
            return [self._read[key] for key, _ in wanted if key in self._read]

    def _pages(self, connection: sqlite3.Connection, keys: range) -> Rows:
        query = "SELECT key, content FROM terms WHERE key >= ? AND key < ? ORDER BY key"
        for key, content in connection.execute(query, (keys.start, keys.stop)):
            yield key, self._terms(content)

    def _terms(self, content: bytes) -> PageTerms:
        try:
            return terms_of(content)
        except ValueError as problem:
            raise file.damaged(self._file.path, problem) from problem

    def _refreshed(self, connection: sqlite3.Connection, fingerprint: str, catalogue: Catalogue) -> Matrix:
        """The matrix as it is if nothing has changed; else one for which only what is new is read."""
        last = _number(connection, "SELECT coalesce(max(seq), 0) FROM vectors")
        state = fingerprint, catalogue.version, last
        if state == self._matrix.state:
            return self._matrix
        query = "SELECT doc, seq FROM vectors WHERE fingerprint = ?"
        wanted = dict(connection.execute(query, (fingerprint,)))
        known = self._matrix.parts()
        encoded = [(wanted[each.seq], each) for each in catalogue.kept if each.seq in wanted]
        return Matrix(state, [known.get(seq) or self._part(connection, seq, kept) for seq, kept in encoded])

    def _part(self, connection: sqlite3.Connection, seq: int, kept: Kept) -> Part:
        passages = int(kept.counts.sum())
        found = connection.execute("SELECT codes, scales FROM vectors WHERE seq = ?", (seq,)).fetchone()
        if found is None or len(found[1]) != 4 * passages:
            raise file.damaged(self._file.path, f"no vectors for the {passages} passages of {kept.document.name!r}")
        codes = np.frombuffer(found[0], np.int8).reshape(passages, -1)
        pages = np.repeat(np.array(kept.keys, np.int64), kept.counts)
        return Part(seq, kept.seq, pages, codes, np.frombuffer(found[1], "<f4"))

    def _ask(self, question: Callable[[View, list[int]], T], nothing: T) -> tuple[T, list[Kept]]:
        """Ask the keyword index, mended at need; with the answer come the documents that it does not know."""
        if self._caught_up is None:
            self._catch_up()
        for _ in range(2):
            try:
                view, missing = self._view()
                answer, unknown = question(view, missing), set(missing)
                return answer, [each for each in self._current().kept if each.seq in unknown]
            except Unusable as problem:
                if not self._mended(problem):
                    break
        return nothing, self._current().kept

    def _view(self) -> tuple[View, list[int]]:
        """The newest view of the keyword index, and the documents whose changes it has not seen."""
        view = self._index().view
        version = self._current().version
        if view is None or view.applied > version:
            raise Unusable("not open, or of another library")
        if view.applied < version:
            view = self._index().look()
        with self._reading() as connection:
            return view, _changed(connection, view.applied)

    def _mended(self, problem: Unusable) -> bool:
        """Mend the keyword index, but not again and again: after a failure the next write tries."""
        if not self._caught_up:
            return False
        if isinstance(problem, Damaged):
            self._index().distrust()
        self._catch_up()
        return self._caught_up

    def _catch_up(self) -> None:
        """Replay what the keyword index has not seen. If that fails, the documents are safe and `lagging` says so."""
        try:
            if not self._is_level():
                self._replay()
            self._caught_up = True
        except (Unusable, LibraryBusy, DiskFull):
            self._caught_up = False

    def _is_level(self) -> bool:
        version = self._current().version
        try:
            return not self._index().damaged and self._index().look().applied == version
        except Unusable:
            return False

    def _replay(self) -> None:
        """Replay the changes; if that fails, or they are not those of this index, build it anew."""
        index = self._index()
        with self._alone() as connection:
            last = _number(connection, LAST_CHANGE)
            try:
                applied = index.look().applied
                if index.damaged or not 0 < applied <= last:
                    raise Unusable("damaged, new, or of another library")
                index.replay(self._since(connection, applied), last)
            except Unusable:
                index.rebuild(self._since(connection, 0), last)

    def _since(self, connection: sqlite3.Connection, change: int) -> Iterator[tuple[int, Rows]]:
        """The documents that changed after a change, with their pages: none if they are gone."""
        for doc in _changed(connection, change):
            yield doc, self._pages(connection, _keys(connection, doc))

    @contextmanager
    def _alone(self) -> Iterator[sqlite3.Connection]:
        """Whoever holds SQLite's write lock may write the keyword index. One that is borrowed is nobody else's."""
        if self._borrowed:
            with self._reading() as connection:
                yield connection
        else:
            with self._writing() as connection:
                yield connection

    def _index(self) -> Keywords:
        with self._reading() as connection:
            if self._keywords is None:
                identity = _number(connection, "SELECT identity FROM library")
                self._keywords = Keywords(self._index_folder(), identity)
            return self._keywords

    def _index_folder(self) -> Path:
        """The folder beside the file; if nothing may be written there, a copy, for tantivy locks even to read."""
        folder = self._file.path.with_name(KEYWORDS)
        if isinstance(self._file.writer, sqlite3.Connection):
            return folder
        try:
            self._borrowed = self._borrowed or tempfile.TemporaryDirectory(prefix="recto-")
            copy = Path(self._borrowed.name) / KEYWORDS
            copy.mkdir(exist_ok=True)
        except OSError as problem:
            raise Unusable(str(problem)) from problem
        with suppress(OSError):  # then it is made from SQLite
            for each in folder.iterdir():
                shutil.copyfile(each, copy / each.name)  # not its rights: they may forbid writing
        return copy


LAST_CHANGE = "SELECT coalesce(max(seq), 0) FROM changes"


def _number(connection: sqlite3.Connection, query: str, *values: object) -> int:
    return int(connection.execute(query, values).fetchone()[0])


def _changed(connection: sqlite3.Connection, after: int) -> list[int]:
    query = "SELECT DISTINCT doc FROM changes WHERE seq > ? ORDER BY doc"
    return [doc for (doc,) in connection.execute(query, (after,))]


def _keys(connection: sqlite3.Connection, seq: int) -> range:
    """The keys of a document's pages: none if it is gone."""
    for first, counts in connection.execute("SELECT first, counts FROM documents WHERE seq = ?", (seq,)):
        return _range(first, counts)
    return range(0)


def _range(first: int, counts: bytes) -> range:
    return range(first, first + len(counts) // 4)


def _entries(terms: PageTerms, field: Field) -> Sequence[UInt32s]:
    return terms.passages if field == "passages" else [getattr(terms, field)]


def _check(document: Document, pages: Sequence[IndexedPage]) -> None:
    if document.size > LARGEST:
        hint = "split the PDF, for example with `qpdf --split-pages`"
        raise FileTooLarge(f"{document.name!r} has {document.size:,} bytes; at most {LARGEST:,} can be kept", hint=hint)
    numbers = [item.page.number for item in pages]
    if numbers != list(range(document.pages)):
        raise ValueError(f"{document.name!r} has {document.pages} pages, got the pages {numbers[:5]}...")
    for item in pages:
        if len(item.passages) != len(item.terms.passages):
            counts = f"{len(item.passages)} passages and {len(item.terms.passages)} term arrays"
            raise ValueError(f"page {item.page.number} has {counts}")


def _pdf(source: Path) -> BinaryIO:
    try:
        return source.open("rb")
    except OSError as problem:
        raise FileMissing(f"{source} cannot be read: {problem.strerror}") from problem


def _forget(connection: sqlite3.Connection, doc: str) -> bool:
    found = connection.execute("SELECT seq, first, counts FROM documents WHERE id = ?", (doc,)).fetchone()
    if found is None:
        return False
    seq, first, counts = found
    keys = _range(first, counts)
    connection.execute("DELETE FROM pages WHERE key >= ? AND key < ?", (keys.start, keys.stop))
    connection.execute("DELETE FROM terms WHERE key >= ? AND key < ?", (keys.start, keys.stop))
    connection.execute("DELETE FROM sources WHERE doc = ?", (seq,))
    connection.execute("DELETE FROM vectors WHERE doc = ?", (seq,))
    connection.execute("DELETE FROM documents WHERE seq = ?", (seq,))
    connection.execute("INSERT INTO changes (doc) VALUES (?)", (seq,))
    return True


def _insert(connection: sqlite3.Connection, document: Document, pages: Sequence[IndexedPage]) -> int:
    first = 1 + _number(connection, "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'pages'")
    keys = range(first, first + len(pages))
    counts = np.array([len(item.passages) for item in pages], "<u4").tobytes()
    sizes = [sum(len(array) for item in pages for array in _entries(item.terms, field)) for field in get_args(Field)]
    values = None, document.id, document.name, document.title, document.size, document.added, first, counts, *sizes
    marks = ", ".join("?" * len(values))
    seq = connection.execute(f"INSERT INTO documents ({COLUMNS}) VALUES ({marks})", values).lastrowid
    connection.executemany("INSERT INTO pages VALUES (?, ?)", zip(keys, map(packed, pages), strict=True))
    terms = (packed_terms(item.terms) for item in pages)
    connection.executemany("INSERT INTO terms VALUES (?, ?)", zip(keys, terms, strict=True))
    connection.execute("INSERT INTO changes (doc) VALUES (?)", (seq,))
    return int(seq or 0)


def _copy(connection: sqlite3.Connection, seq: int, pdf: BinaryIO, document: Document) -> None:
    """Stream the PDF in. Its hash must still be its id: it may have been written anew while it was being read."""
    connection.execute("INSERT INTO sources VALUES (?, zeroblob(?))", (seq, document.size))
    digest, left = hashlib.sha256(), document.size
    with connection.blobopen("sources", "content", seq) as blob:
        while chunk := pdf.read(min(CHUNK, left)):
            blob.write(chunk)
            digest.update(chunk)
            left -= len(chunk)
    if digest.hexdigest() != document.id or pdf.read(1):
        raise FileMissing(f"{document.name!r} changed while it was being added", hint="recto add it again")
