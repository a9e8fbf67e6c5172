"""A store in memory: every look-up is computed in full each time. And an encoder without a model."""

import hashlib
import re
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from threading import RLock

import numpy as np

from recto.errors import FileMissing, Gone, UsageProblem
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
from recto.normalize import Moments
from recto.pdf.passages import passages
from recto.search.bm25 import Int64s, Texts, bm25
from recto.search.candidates import DocumentRouter, Scope
from recto.search.encoder import EncodedText, Encoder
from recto.search.index import headed, indexed_pages, title
from recto.search.query import analyse_query
from recto.search.rank import FORMS
from recto.search.retrieve import PageHit, rerank, retrieve
from recto.storage import Collections, Folders, History, Removals, Store, Tokens
from recto.store.removals import NoRemovals
from recto.text.analyse import ANALYSER_VERSION, term_ids
from recto.types import Document, Flag, Floats, Page, Passage, UInt32s


class HashEncoder:
    """Vectors from the terms of a text: no model, but what shares words is near."""

    fingerprint = "hash"
    dimensions = 64

    def encode(self, texts: Sequence[str], /) -> Floats:
        return np.array([self._vector(text) for text in texts], np.float32).reshape(-1, self.dimensions)

    def states(self, texts: Sequence[str], /) -> list[Floats]:
        return [np.array([self._vector(term) for term in text.split()], np.float32) for text in texts]

    def encode_query(self, text: str, /) -> EncodedText:
        return EncodedText(
            self.encode([text])[0], self.states([text])[0], [word.span() for word in re.finditer(r"\S+", text)]
        )

    def _vector(self, text: str) -> Floats:
        vector = np.full(self.dimensions, 0.01)  # so that a text without terms has a direction too
        for term in term_ids(text).tolist():
            vector += np.random.default_rng(term).standard_normal(self.dimensions)
        return np.asarray(vector / np.linalg.norm(vector), np.float32)


@dataclass(frozen=True, eq=False, kw_only=True)
class Entry:
    """A version of a document, with all that is kept of it."""

    version: Version
    source: bytes
    original: bytes
    pages: list[IndexedPage]
    analyser: int
    summary: Summary | None
    card: bytes
    vectors: Mapping[str, Floats]  # at most those of one encoder
    unrecognised: bool

    @property
    def keys(self) -> list[PageKey]:
        return [PageKey(self.version.document.id, number) for number in range(len(self.pages))]


class MemoryStore:
    """A `Store` that lasts as long as the process."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._numbers = count(1)
        self._choice = EncoderChoice()
        self._notes: dict[tuple[str, str], str] = {}
        self._lock = RLock()

    @property
    def collections(self) -> Collections:
        raise NotImplementedError

    @property
    def folders(self) -> Folders:
        raise UsageProblem("a store in memory is kept in step with no folder")

    @property
    def removals(self) -> Removals:
        return NoRemovals(self.delete)

    @property
    def tokens(self) -> Tokens:
        raise NotImplementedError

    @property
    def history(self) -> History:
        raise NotImplementedError("what was asked is kept in files only")

    # Writing

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
        if source is None:
            pdf, content = self._entry(document.id).source, self._entry(document.id).original
        else:
            content = _content(document, original or source)
            pdf = source.read_bytes() if original else content
        if [item.page.number for item in pages] != list(range(document.pages)):
            raise ValueError(f"{document.name!r} has {document.pages} pages")
        with self._lock:
            version = Version(document, next(self._numbers))
            for doc in {document.id, replaces}:
                self._entries.pop(doc or "", None)
            self._entries[document.id] = Entry(
                version=version,
                source=pdf,
                original=content,
                pages=list(pages),
                analyser=analyser,
                summary=summary,
                card=card,
                vectors={},
                unrecognised=unrecognised,
            )
            return version

    def check_writable(self, size: int = 0) -> None:
        pass

    def choose_encoder(self, choice: EncoderChoice) -> None:
        self._choice = choice

    def encoder_choice(self) -> EncoderChoice:
        return self._choice

    def adopt_vectors(self, fingerprint: str) -> None:
        self._choice = EncoderChoice(self._choice.name)

    def delete(self, *docs: str) -> bool:
        with self._lock:
            return any([self._entries.pop(doc, None) is not None for doc in docs])

    def put_vectors(self, version: Version, fingerprint: str, vectors: Floats) -> bool:
        with self._lock:
            entry = self._current(version)
            if entry is None:
                return False
            passages = sum(len(item.passages) for item in entry.pages)
            if len(vectors) != passages:
                raise ValueError(f"{len(vectors)} vectors for the {passages} passages of {version.document.id}")
            self._entries[version.document.id] = replace(entry, vectors={fingerprint: vectors} if passages else {})
            return True

    def put_terms(self, version: Version, analyser: int, terms: Sequence[PageTerms]) -> bool:
        with self._lock:
            entry = self._current(version)
            if entry is None:
                return False
            if len(terms) != len(entry.pages):
                raise ValueError(f"the terms of {len(terms)} pages do not fit the passages of {version.document.id}")
            pages = [IndexedPage(item.page, item.passages, own) for item, own in zip(entry.pages, terms, strict=True)]
            self._entries[version.document.id] = replace(entry, pages=pages, analyser=analyser)
            return True

    def _current(self, version: Version) -> Entry | None:
        entry = self._entries.get(version.document.id)
        return entry if entry is not None and entry.version.number == version.number else None

    # Documents and pages

    def documents(self) -> list[Document]:
        with self._lock:
            return [entry.version.document for entry in self._entries.values()]

    def source(self, doc: str) -> bytes:
        return self._entry(doc).source

    def copy_source(self, doc: str, target: Path) -> None:
        target.write_bytes(self._entry(doc).source)

    def copy_original(self, doc: str, target: Path) -> None:
        target.write_bytes(self._entry(doc).original)

    def steady(self) -> AbstractContextManager[None]:
        return nullcontext()  # nobody else writes

    def pages(self, keys: Sequence[PageKey]) -> list[Page]:
        return [self.page(*key) for key in keys]

    def page(self, doc: str, number: int) -> Page:
        return self._item(doc, number).page

    def passages(self, doc: str, number: int) -> list[Passage]:
        return list(self._item(doc, number).passages)

    def summary(self, doc: str) -> Summary | None:
        return self._entry(doc).summary

    def note(self, doc: str, key: str) -> str | None:
        return self._notes.get((doc, key))

    def keep_note(self, doc: str, key: str, text: str) -> None:
        self._notes[doc, key] = text

    def summaries(self) -> dict[str, Summary]:
        return {doc: own.summary for doc, own in self._entries.items() if own.summary}

    def _entry(self, doc: str) -> Entry:
        try:
            return self._entries[doc]
        except KeyError:
            raise Gone(f"the document {doc} is gone") from None

    def _item(self, doc: str, number: int) -> IndexedPage:
        entry = self._entry(doc)
        if not 0 <= number < len(entry.pages):
            raise Gone(f"{doc} has {len(entry.pages)} pages, and no page {number}")
        return entry.pages[number]

    def cards(self) -> dict[str, bytes]:
        return {doc: entry.card for doc, entry in self._entries.items() if entry.card}

    # Work that waits

    def unencoded(self, fingerprint: str) -> list[Version]:
        return [
            entry.version
            for entry in self._scope(None)
            if fingerprint not in entry.vectors and any(item.passages for item in entry.pages)
        ]

    def outdated(self, analyser: int) -> list[Version]:
        return [entry.version for entry in self._scope(None) if entry.analyser != analyser]

    def unrecognised(self) -> list[Document]:
        return [entry.version.document for entry in self._scope(None) if entry.unrecognised]

    # Looking up

    def lexical(
        self,
        terms: Mapping[Field, UInt32s],
        k: int,
        docs: Sequence[str] | None = None,
        statistics: Mapping[Field, Statistics] | None = None,
    ) -> dict[Field, list[ScoredPage]]:
        return {
            field: self._best(field, wanted, docs, (statistics or {}).get(field))[:k] for field, wanted in terms.items()
        }

    def _best(
        self, field: Field, terms: UInt32s, docs: Sequence[str] | None, statistics: Statistics | None
    ) -> list[ScoredPage]:
        """The library's own statistics, whatever the scope."""
        arrays = [(key, array) for key, page in self._pages() for array in _arrays(page, field)]
        wanted, first = np.unique(terms, return_index=True)
        if statistics:
            statistics = replace(statistics, frequencies=statistics.frequencies[first])
        scores = bm25(Texts.of([array for _, array in arrays]), wanted, FORMS[field], statistics=statistics)
        best: dict[PageKey, float] = {}
        for at in np.argsort(-scores, kind="stable").tolist():
            key = arrays[at][0]
            if scores[at] > 0 and (docs is None or key.doc in docs):
                best.setdefault(key, float(scores[at]))
        return [ScoredPage(key, score) for key, score in best.items()]

    def nearest(self, vector: Floats, fingerprint: str, k: int, docs: Sequence[str] | None = None) -> Nearest:
        keys = [key for entry in self._scope(docs) for key in entry.keys]
        cosines = self.cosines(vector, fingerprint, keys)
        parts = np.split(cosines.values.astype(np.float64), np.cumsum(cosines.counts)[:-1])
        pages = [ScoredPage(key, float(part.max())) for key, part in zip(keys, parts, strict=False) if part.size]
        moments = Moments.of(np.array([page.score for page in pages], np.float64))
        return Nearest(sorted(pages, key=lambda page: -page.score)[:k], moments)

    def cosines(self, vector: Floats, fingerprint: str, pages: Sequence[PageKey]) -> Cosines:
        entries = {entry.version.document.id: entry for entry in self._scope(None)}
        parts = [self._vectors(entries.get(key.doc), key.page, fingerprint) for key in pages]
        values = [part @ vector for part in parts if part.size]
        counts = np.array([len(part) for part in parts], np.int64)
        return Cosines(counts, np.concatenate([np.empty(0, np.float32), *values]))

    def _vectors(self, entry: Entry | None, number: int, fingerprint: str) -> Floats:
        if entry is None or fingerprint not in entry.vectors or not 0 <= number < len(entry.pages):
            return np.empty((0, 0), np.float32)
        counts = [len(item.passages) for item in entry.pages]
        start = sum(counts[:number])
        return entry.vectors[fingerprint][start : start + counts[number]]

    def page_terms(self, pages: Sequence[PageKey]) -> dict[PageKey, PageTerms]:
        known = dict(self._pages())
        return {key: known[key] for key in pages if key in known}

    def totals(self) -> Totals:
        terms = [page for _, page in self._pages()]
        return Totals(
            pages=len(terms),
            passages=sum(len(page.passages) for page in terms),
            text_terms=sum(page.text.size for page in terms),
            heading_terms=sum(page.heading.size for page in terms),
            passage_terms=sum(passage.size for page in terms for passage in page.passages),
        )

    def frequencies(self, field: Field, terms: UInt32s) -> Int64s:
        counts = np.zeros(terms.size, np.int64)
        for _, page in self._pages():
            for array in _arrays(page, field):
                counts += np.isin(terms, np.concatenate([array, pairs(array)]) if field == "text" else array)
        return counts

    def _scope(self, docs: Sequence[str] | None) -> list[Entry]:
        with self._lock:
            return [entry for doc, entry in self._entries.items() if docs is None or doc in docs]

    def _pages(self) -> list[tuple[PageKey, PageTerms]]:
        return [
            (key, item.terms) for entry in self._scope(None) for key, item in zip(entry.keys, entry.pages, strict=True)
        ]

    # The whole

    def state(self) -> str:
        return repr([(entry.version, entry.analyser) for entry in self._scope(None)])

    def missing(self, since: float) -> tuple[str, ...]:
        return ()

    def sizes(self) -> dict[str, int]:
        return {document.id: document.size for document in self.documents()}

    def lagging(self) -> int:
        return 0

    def export(self, target: Path) -> None:
        raise NotImplementedError

    def close(self) -> None:
        pass


def _content(document: Document, source: Path) -> bytes:
    try:
        content = source.read_bytes()
    except OSError as problem:
        raise FileMissing(f"{source} cannot be read: {problem.strerror}") from problem
    if hashlib.sha256(content).hexdigest() != document.id:
        raise FileMissing(f"{document.name!r} changed while it was being added")
    return content


def _arrays(page: PageTerms, field: Field) -> Sequence[UInt32s]:
    return {"text": (page.text,), "heading": (page.heading,), "passages": page.passages}[field]


def text_page(number: int, text: str) -> Page:
    """A page without boxes."""
    return Page(
        number=number,
        width=612,
        height=792,
        flag=Flag.TEXT,
        text=text,
        spans=np.empty((0, 2), np.uint32),
        boxes=np.empty((0, 4), np.uint16),
    )


def cut_document(name: str, pages: Sequence[Page], *, added: float = 0.0) -> tuple[Document, list[IndexedPage]]:
    """Cut and analyse a document; its name stands for its bytes."""
    content = name.encode()
    document = Document(
        id=hashlib.sha256(content).hexdigest(),
        name=name,
        title=title(name),
        pages=len(pages),
        size=len(content),
        added=added,
    )
    return document, indexed_pages(document.title, pages, [passages(page, document.id) for page in pages])


def vectors_of(document: Document, pages: Sequence[IndexedPage], encoder: Encoder) -> Floats:
    """A vector for each passage."""
    return encoder.encode([headed(document.title, passage) for item in pages for passage in item.passages])


def put_pages(store: Store, name: str, pages: Sequence[Page], encoder: Encoder | None = None) -> Document:
    """Cut, analyse and put a document, and give its passages their vectors; its name stands for its bytes."""
    document, indexed = cut_document(name, pages)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source")
        source.write_bytes(name.encode())
        version = store.put(document, source, indexed, analyser=ANALYSER_VERSION)
    if encoder is not None:
        store.put_vectors(version, encoder.fingerprint, vectors_of(document, indexed, encoder))
    return document


def find(
    question: str,
    store: Store,
    encoder: Encoder | None,
    docs: Sequence[Document],
    k: int,
    *,
    router: DocumentRouter | None = None,
) -> list[PageHit]:
    """What a library's search does, below the boxes; with a router it remembers the documents."""
    query = analyse_query(question, encoder, store)
    scope = Scope(docs=docs, store=store, encoder=encoder, router=router or DocumentRouter())
    return rerank(query, retrieve(query, scope, k), scope)[:k]
