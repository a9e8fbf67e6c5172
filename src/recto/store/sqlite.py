"""The store on one machine: SQLite holds the truth; the keyword index and the matrix of vectors are derived from it."""

import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import BinaryIO, Self, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from recto.errors import DiskFull, FileMissing, FileTooLarge, Gone, LibraryBusy, LibraryProblem
from recto.index_types import (
    Cosines,
    Field,
    IndexedPage,
    Nearest,
    PageKey,
    PageTerms,
    ScoredPage,
    Summary,
    Totals,
    Version,
    pairs,
)
from recto.normalize import Moments
from recto.store import file
from recto.store.catalogue import COLUMNS, RECORDS, Catalogue, Record
from recto.store.keywords import Damaged, Keywords, Rows, Unusable, View
from recto.store.pages import packed, packed_summary, packed_terms, page_of, passages_of, summary_of, terms_of
from recto.store.vectors import Matrix, Part, quantised
from recto.types import Document, Floats, Page, Passage, UInt32s

LARGEST = 999_999_000  # bytes of a PDF: SQLite ends a row at 1e9, and a row is a little more than its blob
CHUNK = 1 << 20  # bytes held in memory while a PDF is copied in
KEYWORDS = "keywords"
PAGES_KEPT = 16_384  # pages whose terms stay in memory, about 5 kB each: every question asks for many of them again

SHOWN = 12  # digits of an id that a message shows

T = TypeVar("T")


class SqliteStore:
    """A `Store` in one folder. Threads may share it: one connection reads, another writes, each behind a lock."""

    def __init__(self, folder: Path) -> None:
        self._file = file.opened(folder)
        self._reads, self._writes = RLock(), RLock()
        self._catalogue = Catalogue(0, ())
        self._matrix = Matrix(("", 0, 0), ())
        self._terms_read: dict[int, PageTerms] = {}  # by key
        self._keywords: Keywords | None = None
        self._borrowed: tempfile.TemporaryDirectory[str] | None = None
        self._caught_up: bool | None = None  # the keyword index; None: not tried; False: in vain, until the next write

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Writing

    def put(
        self,
        document: Document,
        source: Path,
        pages: Sequence[IndexedPage],
        *,
        analyser: int,
        summary: Summary | None = None,
        replaces: str | None = None,
    ) -> Version:
        """Keep a document and its PDF's bytes; the same id replaces it; `replaces` is deleted in the same step."""
        _check(document, pages)
        with _pdf(source) as pdf, self._writing() as connection:
            for old in {document.id, replaces} - {None}:
                _forget(connection, str(old))
            seq = _insert(connection, document, pages)
            content = "" if summary is None else packed_summary(summary)
            connection.execute("INSERT INTO summaries VALUES (?, ?, ?)", (seq, analyser, content))
            _copy(connection, seq, pdf, document)
        self._catch_up()
        return Version(document, seq)

    def delete(self, doc: str) -> bool:
        """Forget a document everywhere. False if it was not there."""
        with self._writing() as connection:
            gone = _forget(connection, doc)
        if gone:
            self._shrink()
            self._catch_up()
        return gone

    def put_vectors(self, version: Version, fingerprint: str, vectors: Floats) -> bool:
        """Keep one vector for each passage of a version, (n, dim), of length 1. False if that version is gone."""
        codes, scales = quantised(vectors)
        with self._writing() as connection:
            record = _record(connection, version.number)
            if record is None:
                return False
            passages = int(record.counts.sum())
            if len(vectors) != passages:
                raise ValueError(f"{len(vectors)} vectors for the {passages} passages of {version.document.id}")
            if passages:
                connection.execute("DELETE FROM vectors WHERE doc = ?", (record.seq,))
                row = record.seq, fingerprint, codes.tobytes(), scales.astype("<f4").tobytes()
                connection.execute("INSERT INTO vectors (doc, fingerprint, codes, scales) VALUES (?, ?, ?, ?)", row)
            return True

    def put_terms(self, version: Version, analyser: int, terms: Sequence[PageTerms]) -> bool:
        """Put other terms, one for each page, in the place of those of a version. False if that version is gone."""
        with self._writing() as connection:
            record = _record(connection, version.number)
            if record is None:
                return False
            if [len(page.passages) for page in terms] != record.counts.tolist():
                raise ValueError(f"the terms of {len(terms)} pages do not fit the passages of {version.document.id}")
            rows = zip(map(packed_terms, terms), record.keys, strict=True)
            connection.executemany("UPDATE terms SET content = ? WHERE key = ?", rows)
            query = "UPDATE documents SET text_terms = ?, heading_terms = ?, passage_terms = ? WHERE seq = ?"
            connection.execute(query, (*_sizes(terms), record.seq))
            query = (
                "INSERT INTO summaries VALUES (?, ?, '') ON CONFLICT (doc) DO UPDATE SET analyser = excluded.analyser"
            )
            connection.execute(query, (record.seq, analyser))
            connection.execute("INSERT INTO changes (doc) VALUES (?)", (record.seq,))
        self._catch_up()
        return True

    # Documents and pages

    def documents(self) -> list[Document]:
        """All documents, in the order in which they were added."""
        return [record.document for record in self._current().records]

    def source(self, doc: str) -> bytes:
        """The PDF's own bytes. Gone if there is no such document."""
        with self._reading() as connection:
            return self._blob(connection, "SELECT content FROM sources WHERE doc = ?", self._document(doc).seq)

    def copy_source(self, doc: str, target: Path) -> None:
        """Write the PDF's own bytes to a file, a piece at a time. Gone if there is no such document."""
        with self._reading() as connection:
            seq = self._document(doc).seq
            with connection.blobopen("sources", "content", seq, readonly=True) as blob, target.open("wb") as copy:
                shutil.copyfileobj(blob, copy, CHUNK)

    def page(self, doc: str, number: int) -> Page:
        """One page with its words. Gone if there is none."""
        with self._reading() as connection:
            return page_of(self._content(connection, doc, number), number)

    def passages(self, doc: str, number: int) -> list[Passage]:
        """The passages of one page, in order. Gone if there is no such page."""
        with self._reading() as connection:
            return passages_of(self._content(connection, doc, number), doc, number)

    def summary(self, doc: str) -> Summary | None:
        """The summary that was put with a document, None if there was none. Gone if there is no such document."""
        with self._reading() as connection:
            query = "SELECT content FROM summaries WHERE doc = ?"
            row = connection.execute(query, (self._document(doc).seq,)).fetchone()
            return summary_of(row[0]) if row and row[0] else None

    # Work that waits

    def unencoded(self, fingerprint: str) -> list[Version]:
        """The documents without vectors of this encoder, oldest first."""
        with self._reading() as connection:
            query = "SELECT doc FROM vectors WHERE fingerprint = ?"
            encoded = {doc for (doc,) in connection.execute(query, (fingerprint,))}
            records = self._current().records
        return [record.version for record in records if record.seq not in encoded and record.counts.any()]

    def outdated(self, analyser: int) -> list[Version]:
        """The documents whose terms another version of the analyser made, oldest first."""
        return [record.version for record in self._current().records if record.analyser != analyser]

    # Looking up

    def lexical(
        self, terms: Mapping[Field, UInt32s], k: int, docs: Sequence[str] | None = None
    ) -> dict[Field, list[ScoredPage]]:
        """For each field the k pages that hold its terms best, by tantivy's BM25."""
        scope = None if docs is None else {record.seq for record in self._current().of(docs)}

        def found(view: View, missing: Sequence[int]) -> dict[Field, dict[int, float]]:
            return {field: view.find(field, terms[field], k, only=scope, without=missing) for field in terms}

        nothing: dict[Field, dict[int, float]] = {field: {} for field in terms}
        hits, pending = self._ask(found, nothing)
        unseen = [key for record in pending if scope is None or record.seq in scope for key in record.keys]
        catalogue = self._current()
        return {field: catalogue.scored(scores | dict.fromkeys(unseen, 0.0)) for field, scores in hits.items()}

    def nearest(self, vector: Floats, fingerprint: str, k: int, docs: Sequence[str] | None = None) -> Nearest:
        """The k pages whose best passage is nearest to a vector (dim,), of those that this encoder encoded."""
        catalogue, matrix = self._vectors(fingerprint)
        keys, cosines = matrix.best(vector, None if docs is None else [record.seq for record in catalogue.of(docs)])
        best: NDArray[np.float64] = cosines.astype(np.float64)
        first = np.argsort(-best)[:k]
        scores = dict(zip(keys[first].tolist(), best[first].tolist(), strict=True))
        return Nearest(catalogue.scored(scores), Moments.of(best))

    def cosines(self, vector: Floats, fingerprint: str, pages: Sequence[PageKey]) -> Cosines:
        """The cosine of a vector (dim,) with each passage of these pages."""
        catalogue, matrix = self._vectors(fingerprint)
        return matrix.cosines(vector, catalogue.keys(pages))

    def page_terms(self, pages: Sequence[PageKey]) -> dict[PageKey, PageTerms]:
        """From memory where possible: `_current` forgets there what has changed."""
        with self._reading() as connection:
            keys = self._current().keys(pages).tolist()
            absent = [key for key in keys if key >= 0 and key not in self._terms_read]
            if len(self._terms_read) + len(absent) > PAGES_KEPT:
                self._terms_read, absent = {}, [key for key in keys if key >= 0]
            query = "SELECT key, content FROM terms WHERE key IN (SELECT value FROM json_each(?))"
            for key, content in connection.execute(query, (str(absent),)):
                self._terms_read[key] = self._terms(content)
            known = self._terms_read
            return {page: known[key] for page, key in zip(pages, keys, strict=True) if key in known}

    def totals(self) -> Totals:
        """The sizes of the collection."""
        return self._current().totals

    def frequencies(self, field: Field, terms: UInt32s) -> NDArray[np.int64]:
        """In how many pages ("text", "heading") or passages each term occurs."""
        nowhere = np.zeros(len(terms), np.int64)
        counts, pending = self._ask(lambda view, missing: view.count(field, terms, without=missing), nowhere)
        for record in pending:
            pages = [PageKey(record.document.id, number) for number in range(record.document.pages)]
            for page in self.page_terms(pages).values():
                for array in _entries(page, field):
                    held = np.concatenate((array, pairs(array))) if field == "text" else array
                    counts = counts + np.isin(terms, held)
        return counts

    # The keyword index

    def lagging(self) -> int:
        """How many changes are saved but not yet in the keyword index."""
        applied = 0
        with suppress(Unusable):
            applied = self._index().look().applied
        with self._reading() as connection:
            return _number(connection, "SELECT count(*) FROM changes WHERE seq > ?", applied)

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
            change = _number(connection, LAST_CHANGE)
            if change != self._catalogue.change:
                changed = set(_changed(connection, self._catalogue.change))
                for key in (key for record in self._catalogue.records if record.seq in changed for key in record.keys):
                    self._terms_read.pop(key, None)
                self._catalogue = Catalogue(change, connection.execute(f"{RECORDS} ORDER BY seq"))
            return self._catalogue

    def _document(self, doc: str) -> Record:
        record = self._current().get(doc)
        if record is None:
            raise Gone(f"the document {doc[:SHOWN]} is not in the library any more", hint="recto list")
        return record

    def _content(self, connection: sqlite3.Connection, doc: str, number: int) -> bytes:
        """The packed page."""
        record = self._document(doc)
        if not 0 <= number < len(record.counts):
            what = f"{record.document.name!r} has pages 1 to {len(record.counts)}, not {number + 1}"
            raise Gone(what, hint="recto list")
        return self._blob(connection, "SELECT content FROM pages WHERE key = ?", record.first + number)

    def _blob(self, connection: sqlite3.Connection, query: str, key: int) -> bytes:
        """What must be there, as the catalogue says so."""
        found = connection.execute(query, (key,)).fetchone()
        if found is None or not isinstance(found[0], bytes):
            raise file.damaged(self._file.path, f"nothing for {query.removesuffix('?')}{key}")
        return found[0]

    def _pages(self, connection: sqlite3.Connection, keys: range) -> Rows:
        query = "SELECT key, content FROM terms WHERE key >= ? AND key < ? ORDER BY key"
        for key, content in connection.execute(query, (keys.start, keys.stop)):
            yield key, self._terms(content)

    def _terms(self, content: bytes) -> PageTerms:
        try:
            return terms_of(content)
        except ValueError as problem:
            raise file.damaged(self._file.path, problem) from problem

    def _vectors(self, fingerprint: str) -> tuple[Catalogue, Matrix]:
        """The matrix as it is if nothing has changed; else one for which only what is new is read."""
        with self._reading() as connection:
            catalogue = self._current()
            last = _number(connection, "SELECT coalesce(max(seq), 0) FROM vectors")
            state = fingerprint, catalogue.change, last
            if state != self._matrix.state:
                query = "SELECT doc, seq FROM vectors WHERE fingerprint = ?"
                numbers = dict(connection.execute(query, (fingerprint,)))
                known = self._matrix.parts()
                encoded = [(numbers[record.seq], record) for record in catalogue.records if record.seq in numbers]
                parts = [known.get(number) or self._part(connection, number, record) for number, record in encoded]
                self._matrix = Matrix(state, parts)
            return catalogue, self._matrix

    def _part(self, connection: sqlite3.Connection, number: int, record: Record) -> Part:
        passages = int(record.counts.sum())
        row = connection.execute("SELECT codes, scales FROM vectors WHERE seq = ?", (number,)).fetchone()
        if row is None or len(row[1]) != 4 * passages:
            raise file.damaged(self._file.path, f"no vectors for the {passages} passages of {record.document.name!r}")
        return Part(
            seq=number,
            doc=record.seq,
            pages=np.repeat(np.array(record.keys, np.int64), record.counts),
            codes=np.frombuffer(row[0], np.int8).reshape(passages, -1),
            scales=np.frombuffer(row[1], "<f4"),
        )

    def _ask(self, question: Callable[[View, list[int]], T], nothing: T) -> tuple[T, list[Record]]:
        """Ask the keyword index, mended at need; with the answer come the documents that it does not know."""
        if self._caught_up is None:
            self._catch_up()
        for _ in range(2):
            try:
                view, missing = self._view()
                answer, unknown = question(view, missing), set(missing)
                return answer, [record for record in self._current().records if record.seq in unknown]
            except Unusable as problem:
                if not self._mended(problem):
                    break
        return nothing, self._current().records

    def _view(self) -> tuple[View, list[int]]:
        """The newest view of the keyword index, and the documents whose changes it has not seen."""
        view = self._index().view
        change = self._current().change
        if view is None or view.applied > change:
            raise Unusable("not open, or of another library")
        if view.applied < change:
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
        change = self._current().change
        try:
            return not self._index().damaged and self._index().look().applied == change
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
    record = _record(connection, seq)
    return range(0) if record is None else record.keys


def _record(connection: sqlite3.Connection, seq: int) -> Record | None:
    """The record of a version, None if it is gone."""
    row = connection.execute(f"{RECORDS} WHERE seq = ?", (seq,)).fetchone()
    return None if row is None else Record.of(row)


def _sizes(terms: Sequence[PageTerms]) -> list[int]:
    """How many terms each field has."""
    return [sum(len(array) for page in terms for array in _entries(page, field)) for field in get_args(Field)]


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
    connection.execute("DELETE FROM summaries WHERE doc = ?", (seq,))
    connection.execute("DELETE FROM documents WHERE seq = ?", (seq,))
    connection.execute("INSERT INTO changes (doc) VALUES (?)", (seq,))
    return True


def _insert(connection: sqlite3.Connection, document: Document, pages: Sequence[IndexedPage]) -> int:
    first = 1 + _number(connection, "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'pages'")
    keys = range(first, first + len(pages))
    counts = np.array([len(item.passages) for item in pages], "<u4").tobytes()
    sizes = _sizes([item.terms for item in pages])
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
