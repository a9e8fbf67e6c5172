"""The store on one machine: SQLite holds the truth; the keyword index and the matrix of vectors are derived from it."""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recto.errors import DiskFull, FileMissing, FileTooLarge, Gone, LibraryProblem
from recto.index_types import (
    Cosines,
    EncoderChoice,
    Field,
    IndexedPage,
    Nearest,
    PageKey,
    PageTerms,
    ScoredPage,
    Statistics,
    Summary,
    Totals,
    Version,
    pairs,
)
from recto.normalize import Moments, quantised
from recto.storage import Removals
from recto.store.catalogue import RECORDS, Catalogue, Record
from recto.store.collections import SqliteCollections, inherit, leave
from recto.store.copying import export
from recto.store.file import DamagedRow, open_file, translating_errors
from recto.store.folders import SqliteFolders
from recto.store.history import SqliteHistory
from recto.store.keyword_index import KeywordIndex
from recto.store.keywords import View
from recto.store.pages import page_of, passages_of, summary_of, terms_of
from recto.store.removals import Choose, SqliteRemovals
from recto.store.room import check_room
from recto.store.rows import PackedDocument, field_arrays, pack
from recto.store.tables import (
    LAST_CHANGE,
    adopt_coming,
    changed_documents,
    copy_source,
    find_record,
    forget_document,
    hand_on_sources,
    insert_document,
    insert_source,
    number,
    read_choice,
    read_packed,
    read_vectors,
    replace_choice,
    replace_terms,
    replace_vectors,
    stored_sizes,
)
from recto.store.tokens import SqliteTokens
from recto.store.vector_file import VectorFile
from recto.store.vectors import Matrix, VectorBlock
from recto.text.memory import forget_all
from recto.types import Document, Floats, Page, Passage, UInt32s

LARGEST = 999_999_000  # bytes of a PDF: SQLite ends a row at 1e9, and a row is a little more than its blob
PAGES_KEPT = 16_384  # pages whose terms stay in memory, about 5 kB each: every question asks for many of them again

ID_DIGITS = 12  # digits of an id that a message shows


@dataclass(frozen=True, slots=True)
class Steady:
    """What a thread has seen of the library since it asked for one state of it."""

    catalogue: Catalogue
    pages: dict[int, bytes] = field(default_factory=dict)  # packed, by key


class SqliteStore:
    """A `Store` in one folder. Threads may share it: one connection reads, another writes, each behind a lock."""

    def __init__(
        self, folder: Path, *, create: bool = True, temporary: bool = False, key: str = "", silence: str = ""
    ) -> None:
        """Open it, or with `create` make it: encrypted, if there is a key. KeyNeeded if another one opens it.

        `silence` is why no history is kept, if none is.
        """
        self._file = open_file(folder, create=create, temporary=temporary, key=key)
        self.collections, self.tokens = SqliteCollections(self._file), SqliteTokens(self._file)
        self.folders = SqliteFolders(self._file)
        self._index = KeywordIndex(self._file, self._newest)
        self._catalogue = Catalogue(0, ())
        self._matrix = Matrix(("", 0, 0), ())
        self._vector_file = VectorFile(self._file)
        self.history = SqliteHistory(self._file, self.documents, self.pages, silence=silence)
        self.removals: Removals = SqliteRemovals(self._file, changed=self._index.note_write, delete=self._delete)
        self._terms_read: dict[int, PageTerms] = {}  # by key
        self._own = threading.local()  # `steady`: what a thread has seen, None outside
        with suppress(LibraryProblem):  # which is said when something is asked
            self.removals.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Writing

    def check_writable(self, size: int = 0) -> None:
        """LibraryReadOnly, DiskFull, or LibraryDamaged if the file was moved away: why nothing can be written.

        What was removed and can be put back is deleted, if its room is needed.
        """
        self._file.check_writable()
        if not size:
            return
        needed = 2 * size  # in the log, and then in the file
        try:
            check_room(self._file.path, needed)
        except DiskFull:
            if not self.removals.finish(*(removal.document.id for removal in self.removals.all())):
                raise
            check_room(self._file.path, needed)

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
        """Keep a document, its PDF's bytes, and those of the `original` that the PDF was made of; in one step.

        Without a source those that are there stay. Gone if there are none.
        """
        rows = pack(document, pages, analyser=analyser, summary=summary, unrecognised=unrecognised, card=card)
        paths = {table: path for table, path in (("sources", source), ("originals", original)) if path}
        with ExitStack() as stack:
            files = {table: stack.enter_context(open_source(path, document)) for table, path in paths.items()}
            connection = stack.enter_context(self._file.writing())
            inherit(connection, document.id, replaces)
            former = None if paths else self._document(document.id).seq
            replaced = any(
                [forget_document(connection, old, sources=bool(paths)) for old in {document.id, replaces} if old]
            )
            seq = insert_document(connection, rows)
            digests = [insert_source(connection, table, seq, file) for table, file in files.items()]
            if former is not None:
                hand_on_sources(connection, former, seq)
            elif digests[-1] != document.id:
                raise FileMissing(f"{document.name!r} changed while it was being added", hint="recto add it again")
        self._file.keep_reserve()
        self._index.note_write()
        if replaced:
            self._forget_vectors()
        return Version(document, seq)

    def delete(self, *docs: str) -> bool:
        """Forget documents everywhere, in one step. False if none of them was there."""
        return self._delete(lambda _: docs)

    def _delete(self, choose: Choose) -> bool:
        """Forget the documents that are chosen in the same step."""
        try:
            deleted = self._forget(choose)
        except DiskFull:
            with self._file.reading() as connection:
                docs = choose(connection)
            deleted = any([self._forget_without_room(doc) for doc in docs])
        if deleted:
            self._index.note_write()
            self._forget_vectors()
        return deleted

    def _forget(self, choose: Choose, *, overwriting: bool = True) -> bool:
        with self._file.writing(grows=False) as connection:
            docs = choose(connection)
            connection.execute(f"PRAGMA secure_delete = {'ON' if overwriting else 'FAST'}")
            try:
                deleted = any([forget_document(connection, doc) for doc in docs])
                for doc in docs:
                    leave(connection, doc)
            finally:
                connection.execute("PRAGMA secure_delete = ON")
        if deleted:
            self._file.shrink()
        return deleted

    def _forget_without_room(self, doc: str) -> bool:
        """Forget a document on a full disk: to overwrite it would take as much room in the log as it has."""
        self._file.fold()  # that is all it takes where the log may not grow, as by `ulimit -f`
        while True:
            try:
                return self._forget(lambda _: [doc], overwriting=False)
            except DiskFull:
                if not self._file.make_room():
                    raise

    def _forget_vectors(self) -> None:
        """Have those of documents that are gone leave no bytes in the mapped file."""
        fingerprint = self._vector_file.fingerprint()
        if fingerprint is not None:
            self._vectors(fingerprint)

    def put_vectors(self, version: Version, fingerprint: str, vectors: Floats) -> bool:
        """Keep one vector for each passage of a version, (n, dim), of length 1. False if that version is gone."""
        codes, scales = quantised(vectors)
        with self._file.writing() as connection:
            record = find_record(connection, version.number)
            if record is None:
                return False
            passages = int(record.counts.sum())
            if len(vectors) != passages:
                raise ValueError(f"{len(vectors)} vectors for the {passages} passages of {version.document.id}")
            in_use = read_choice(connection).former in ("", fingerprint)
            packed = {"codes": codes.tobytes(), "scales": scales.astype("<f4").tobytes()}
            if passages and in_use:
                replace_vectors(connection, record.seq, fingerprint, **packed)
            elif passages:
                row = record.seq, fingerprint, *packed.values()
                connection.execute("INSERT OR REPLACE INTO coming_vectors VALUES (?, ?, ?, ?)", row)
        if in_use and self._vector_file.is_due(passages, self._newest().totals.passages):
            with suppress(LibraryProblem):  # the vectors are safe, and a question makes the file
                self._vectors(fingerprint)  # now, so that no question waits for it
        return True

    def choose_encoder(self, choice: EncoderChoice) -> None:
        """Let another encoder encode; until every document has its vectors those of the former one are searched."""
        with self._file.writing() as connection:
            replace_choice(connection, choice)

    def adopt_vectors(self, fingerprint: str) -> None:
        """Put the vectors of this encoder in the place of those of the former one, in one step, if there is one."""
        if self.encoder_choice().former not in ("", fingerprint):
            with self._file.writing() as connection:
                adopt_coming(connection, fingerprint)

    def put_terms(self, version: Version, analyser: int, terms: Sequence[PageTerms]) -> bool:
        """Put other terms, one for each page, in the place of those of a version. False if that version is gone."""
        with self._file.writing() as connection:
            record = find_record(connection, version.number)
            if record is None:
                return False
            if [len(page.passages) for page in terms] != record.counts.tolist():
                raise ValueError(f"the terms of {len(terms)} pages do not fit the passages of {version.document.id}")
            replace_terms(connection, record, analyser, terms)
        self._index.note_write()
        return True

    # Documents and pages

    def documents(self) -> list[Document]:
        """All documents, in the order in which they were added."""
        return list(self._current().documents)

    def source(self, doc: str) -> bytes:
        """The PDF's own bytes. Gone if there is no such document."""
        with self._reading() as connection:
            seq = self._document(doc).seq
            row = connection.execute("SELECT content FROM sources WHERE doc = ?", (seq,)).fetchone()
            if row is None or not isinstance(row[0], bytes):
                raise DamagedRow(f"no bytes of the document {seq}")
            return row[0]

    def copy_source(self, doc: str, target: Path) -> None:
        """Write the PDF's own bytes to a file, a piece at a time. Gone if there is no such document."""
        with self._reading() as connection:
            copy_source(connection, "sources", self._document(doc).seq, target)

    def copy_original(self, doc: str, target: Path) -> None:
        """Write the file that was added: the PDF, or what it was made of. Gone if there is no such document."""
        with self._reading() as connection:
            seq = self._document(doc).seq
            originals = number(connection, "SELECT count(*) FROM originals WHERE doc = ?", seq)
            copy_source(connection, "originals" if originals else "sources", seq, target)

    @contextmanager
    def steady(self) -> Iterator[None]:
        """The documents stay those of its beginning for the thread that asks, and each page is read once.

        Nothing is locked meanwhile: what is deleted is Gone once further pages of it are asked for.
        """
        outer = getattr(self._own, "steady", None)
        self._own.steady = outer or Steady(self._newest())
        try:
            yield
        finally:
            self._own.steady = outer

    def pages(self, keys: Sequence[PageKey]) -> list[Page]:
        """Some pages with their words, read in one go. Gone if one is not there."""
        with translating_errors(self._file.path):
            return [page_of(blob, key.page) for key, blob in zip(keys, self._contents(keys), strict=True)]

    def page(self, doc: str, number: int) -> Page:
        """One page with its words. Gone if there is none."""
        (page,) = self.pages([PageKey(doc, number)])
        return page

    def passages(self, doc: str, number: int) -> list[Passage]:
        """The passages of one page, in order. Gone if there is no such page."""
        with translating_errors(self._file.path):
            (blob,) = self._contents([PageKey(doc, number)])
            return passages_of(blob, doc, number)

    def summary(self, doc: str) -> Summary | None:
        """The summary that was put with a document, None if there was none. Gone if there is no such document."""
        with self._reading() as connection:
            query = "SELECT content FROM summaries WHERE doc = ?"
            row = connection.execute(query, (self._document(doc).seq,)).fetchone()
            return summary_of(row[0]) if row and row[0] else None

    def note(self, doc: str, key: str) -> str | None:
        """What a model wrote of a part of a document, None if nothing."""
        with self._reading() as connection:
            query = "SELECT content FROM notes WHERE key = ? AND doc = ?"
            row = connection.execute(query, (key, self._document(doc).seq)).fetchone()
            return row and str(row[0])

    def keep_note(self, doc: str, key: str, text: str) -> None:
        """Keep it as long as the document is there as it is; nothing where nothing may be written."""
        with suppress(LibraryProblem), self._file.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO notes VALUES (?, ?, ?)", (key, self._document(doc).seq, text))

    def summaries(self) -> dict[str, Summary]:
        """By document the summary that was put with it; documents without one are left out."""
        with self._reading() as connection:
            contents = dict(connection.execute("SELECT doc, content FROM summaries WHERE content != ''"))
            records = self._current().records
        return {own.document.id: summary_of(contents[own.seq]) for own in records if own.seq in contents}

    def cards(self) -> dict[str, bytes]:
        """By document the card that was put with it; documents without one are left out."""
        with self._reading() as connection:
            query = "SELECT id, content FROM cards JOIN documents ON doc = seq"
            return dict(connection.execute(query))

    def encoder_choice(self) -> EncoderChoice:
        """Which encoder was chosen."""
        with self._file.read_lock, translating_errors(self._file.path):
            return read_choice(self._file.reader)  # one statement needs no state that stays

    # Work that waits

    def unencoded(self, fingerprint: str) -> list[Version]:
        """The documents without vectors of this encoder, oldest first."""
        with self._reading() as connection:
            tables = ("vectors", "coming_vectors")
            queries = (f"SELECT doc FROM {table} WHERE fingerprint = ?" for table in tables)
            encoded = {doc for query in queries for (doc,) in connection.execute(query, (fingerprint,))}
            records = self._current().records
        return [record.version for record in records if record.seq not in encoded and record.counts.any()]

    def outdated(self, analyser: int) -> list[Version]:
        """The documents whose terms another version of the analyser made, oldest first."""
        return [record.version for record in self._current().records if record.analyser != analyser]

    def unrecognised(self) -> list[Document]:
        """The documents whose pictures of text are yet to be recognised, oldest first."""
        with self._reading() as connection:
            marked = {doc for (doc,) in connection.execute("SELECT doc FROM unrecognised")}
            return [record.document for record in self._current().records if record.seq in marked]

    # Looking up

    def lexical(
        self,
        terms: Mapping[Field, UInt32s],
        k: int,
        docs: Sequence[str] | None = None,
        statistics: Mapping[Field, Statistics] | None = None,
    ) -> dict[Field, list[ScoredPage]]:
        """For each field the k pages that hold its terms best, by BM25."""
        scope = None if docs is None else {record.seq for record in self._current().of(docs)}

        def best(view: View, unseen: Sequence[int]) -> dict[Field, dict[int, float]]:
            known = statistics or {field: view.statistics(field, terms[field], without=unseen) for field in terms}
            return {
                field: view.find(field, terms[field], k, known[field], only=scope, without=unseen) for field in terms
            }

        empty: dict[Field, dict[int, float]] = {field: {} for field in terms}
        catalogue = self._current()
        hits, pending = self._index.ask(best, empty, catalogue)
        waiting = [key for record in pending if scope is None or record.seq in scope for key in record.keys]
        return {field: catalogue.scored(scores | dict.fromkeys(waiting, 0.0)) for field, scores in hits.items()}

    def nearest(self, vector: Floats, fingerprint: str, k: int, docs: Sequence[str] | None = None) -> Nearest:
        """The k pages whose best passage is nearest to a vector (dim,), of those that this encoder encoded."""
        catalogue, matrix = self._vectors(fingerprint)
        keys, cosines = matrix.best(vector, None if docs is None else [record.seq for record in catalogue.of(docs)])
        first = np.argpartition(-cosines, k)[:k] if k < cosines.size else np.arange(cosines.size)
        first = first[np.lexsort((keys[first], -cosines[first]))]
        best: NDArray[np.float64] = cosines.astype(np.float64)
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
            for key, content in connection.execute(query, (str(absent),)) if absent else ():
                self._terms_read[key] = terms_of(content)
            terms = self._terms_read
            return {page: terms[key] for page, key in zip(pages, keys, strict=True) if key in terms}

    def totals(self) -> Totals:
        """The sizes of the collection."""
        return self._current().totals

    def frequencies(self, field: Field, terms: UInt32s) -> NDArray[np.int64]:
        """In how many pages ("text", "heading") or passages each term occurs."""
        zeros = np.zeros(len(terms), np.int64)
        counts, pending = self._index.ask(
            lambda view, unseen: view.count(field, terms, without=unseen), zeros, self._current()
        )
        for record in pending:
            pages = [PageKey(record.document.id, number) for number in range(record.document.pages)]
            for page in self.page_terms(pages).values():
                for array in field_arrays(page, field):
                    entry = np.concatenate((array, pairs(array))) if field == "text" else array
                    counts = counts + np.isin(terms, entry)
        return counts

    # The whole

    def state(self) -> str:
        """What is another whenever documents or their terms are."""
        return self._current().state

    def missing(self, since: float) -> tuple[str, ...]:
        """None: it has all that it has."""
        return ()

    def sizes(self) -> dict[str, int]:
        """By document the bytes that it takes in the file, but for what SQLite adds."""
        with self._reading() as connection:
            return stored_sizes(connection, self._current().records)

    def lagging(self) -> int:
        """How many changes are saved but not yet in the keyword index."""
        return self._index.lagging()

    def export(self, target: Path) -> None:
        """Write everything to one file, under the same key."""
        export(self._file.path, target, self._file.key)

    def packed(self) -> list[PackedDocument]:
        """All documents with their vectors, without the files' bytes."""
        with self._reading() as connection:
            return [read_packed(connection, record) for record in self._current().records]

    def close(self) -> None:
        """Let go of files and locks."""
        self._index.close()
        self._file.close()

    def _reading(self) -> AbstractContextManager[sqlite3.Connection]:
        """One state of the library; a store whose truth lies elsewhere looks there first."""
        return self._file.reading()

    def _current(self) -> Catalogue:
        """The catalogue of the thread's steady state, else the newest."""
        steady: Steady | None = getattr(self._own, "steady", None)
        return steady.catalogue if steady else self._newest()

    def _newest(self) -> Catalogue:
        """The catalogue, read anew when anyone has changed the library."""
        with self._reading() as connection:
            change = number(connection, LAST_CHANGE)
            if change != self._catalogue.change:
                changed = set(changed_documents(connection, self._catalogue.change))
                for key in (key for record in self._catalogue.records if record.seq in changed for key in record.keys):
                    self._terms_read.pop(key, None)
                former = {record.seq for record in self._catalogue.records}
                self._catalogue = Catalogue(change, connection.execute(f"{RECORDS} ORDER BY first"))
                if former - {record.seq for record in self._catalogue.records}:
                    forget_all()  # whoever removed it, in whatever process
            return self._catalogue

    def _document(self, doc: str) -> Record:
        record = self._current().get(doc)
        if record is None:
            raise _gone(doc)
        return record

    def _contents(self, pages: Sequence[PageKey]) -> list[bytes]:
        """The packed pages, in one statement those that are not in memory. Gone if one is not there."""
        keys = [self._key(page) for page in pages]
        steady: Steady | None = getattr(self._own, "steady", None)
        contents = steady.pages if steady else {}
        if absent := [key for key in keys if key not in contents]:
            with self._reading() as connection:
                query = "SELECT key, content FROM pages WHERE key IN (SELECT value FROM json_each(?))"
                contents.update(connection.execute(query, (str(absent),)))
                for page, key in zip(pages, keys, strict=True):
                    if not isinstance(contents.get(key), bytes):
                        record = self._newest().get(page.doc)
                        if record is None or key not in record.keys:
                            raise _gone(page.doc)
                        raise DamagedRow(f"nothing for page {key}")
        return [contents[key] for key in keys]

    def _key(self, page: PageKey) -> int:
        """The key of a page. Gone if there is none."""
        record = self._document(page.doc)
        if not 0 <= page.page < len(record.counts):
            what = f"{record.document.name!r} has pages 1 to {len(record.counts)}, not {page.page + 1}"
            raise Gone(what, hint="recto list")
        return record.first + page.page

    def _vectors(self, fingerprint: str) -> tuple[Catalogue, Matrix]:
        """The matrix as it is if nothing has changed; else one for which only what is new is read."""
        with self._reading() as connection:
            catalogue = self._current()
            last = number(connection, "SELECT coalesce(max(seq), 0) FROM vectors")
            state = fingerprint, catalogue.change, last
            if state != self._matrix.state:
                query = "SELECT doc, seq FROM vectors WHERE fingerprint = ?"
                numbers = dict(connection.execute(query, (fingerprint,)))
                encoded = {numbers[record.seq]: record for record in catalogue.records if record.seq in numbers}
                mapped = self._vector_file.block(fingerprint, encoded, set(numbers.values()))
                former, in_file = self._matrix.parts(), {part.seq for part in mapped.parts}
                absent = {seq: record for seq, record in encoded.items() if seq not in in_file}
                parts = [former.get(seq) or read_vectors(connection, seq, record) for seq, record in absent.items()]
                self._matrix = Matrix(state, [mapped, VectorBlock.of(parts)])
            return catalogue, self._matrix


def _gone(doc: str) -> Gone:
    return Gone(f"the document {doc[:ID_DIGITS]} is not in the library any more", hint="recto list")


def open_source(path: Path, document: Document) -> BufferedReader:
    """The file, open. FileProblem if it cannot be read or is too large."""
    try:
        size = path.stat().st_size
        if size > LARGEST:
            what = f"{document.name!r} has {size:,} bytes; at most {LARGEST:,} can be kept"
            raise FileTooLarge(what, hint="split it, a PDF for example with `qpdf --split-pages`")
        return path.open("rb")
    except OSError as problem:
        raise FileMissing(f"{path} cannot be read: {problem.strerror}") from problem
