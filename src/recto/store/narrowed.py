"""A store as if it held no documents but those of some collections: the one place that keeps the others out of sight.

Whoever is given it, a question about a collection or the holder of a token, can reach nothing else, whatever the door.
What remains of the others are counts of words, with which ranking weighs terms.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recto.errors import AccessDenied, Gone, UnknownTurn
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
)
from recto.storage import TURNS, Collections, Folders, History, Removals, Store, Tokens
from recto.store.collections import among
from recto.store.removals import lost
from recto.types import (
    Collection,
    Document,
    Floats,
    Page,
    Passage,
    Removal,
    SyncedFile,
    SyncedFolder,
    Turn,
    UInt32s,
)

OWNER_HINT = "ask the owner of the library, or use another token"


class NarrowedStore:
    """A `Store` of the documents that are in any of these collections, as they are at each moment."""

    def __init__(self, store: Store, collections: Sequence[str] | None, *, read_only: bool = False) -> None:
        """Narrow a store to collections, by their ids, or with None to nothing; `read_only` lets nothing be changed."""
        self._store, self._ids, self._read_only = store, collections, read_only
        self.collections = NarrowedCollections(store.collections, collections, read_only=read_only)
        self.history: History = NoHistory()
        self.folders = NarrowedFolders(store.folders, visible=collections is None)
        self._own = threading.local()  # `docs`: what a thread sees while it asks for one state, None outside

    def __eq__(self, value: object) -> bool:
        """Whether it reads the same files: pictures are drawn from one copy of each, whoever looks at them."""
        return self._store == (value._store if isinstance(value, NarrowedStore) else value)

    def __hash__(self) -> int:
        return hash(self._store)

    def _docs(self) -> frozenset[str]:
        """The ids of the documents that can be seen."""
        docs: frozenset[str] | None = getattr(self._own, "docs", None)
        if docs is None:
            docs = frozenset(document.id for document in self._store.documents())
            if self._ids is not None:
                docs &= self._store.collections.documents(self._ids)
        return docs

    def _present(self) -> list[str]:
        """The ids of the collections that it is narrowed to, as far as they are still there."""
        return [] if self._ids is None else [collection.id for collection in self.collections.all()]

    def _check(self, docs: Iterable[str]) -> None:
        """Gone if one of them cannot be seen."""
        if unseen := set(docs) - self._docs():
            raise Gone(f"the document {min(unseen)[:12]} is not in these collections", hint="recto list")

    def _check_changes(self) -> None:
        if self._read_only:
            raise AccessDenied("this token is for reading: it changes nothing in the library", hint=OWNER_HINT)

    @property
    def removals(self) -> Removals:
        """What was removed of what can be seen."""
        return NarrowedRemovals(self, self._store, self._ids)

    @property
    def tokens(self) -> Tokens:
        """AccessDenied: who may come in decides the owner."""
        raise AccessDenied("tokens are made and revoked by the owner of the library", hint=OWNER_HINT)

    # Writing

    def check_writable(self, size: int = 0) -> None:
        """AccessDenied if nothing may be changed; else as the store."""
        self._check_changes()
        self._store.check_writable(size)

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
        """Keep a document, and put it into the collections. One that is elsewhere in the library stays as it is."""
        self._check_changes()
        docs = self._docs()
        if document.id not in docs and any(own.id == document.id for own in self._store.documents()):
            version = Version(document, 0)  # of nobody's: those of the store count from 1
            self.delete(*({replaces} - {None, document.id} if replaces else ()))
        else:
            version = self._store.put(
                document,
                source,
                pages,
                analyser=analyser,
                summary=summary,
                replaces=replaces,
                original=original,
                unrecognised=unrecognised,
                card=card,
            )
        for id in self._present():
            self._store.collections.add(id, [document.id])
        return version

    def delete(self, *docs: str) -> bool:
        """Take documents out of the collections, and forget those that are in no other one."""
        visible, own = self.taken_out(docs)
        self._store.delete(*own)
        return bool(visible)

    def taken_out(self, docs: Iterable[str]) -> tuple[list[str], list[str]]:
        """Take those out of the collections that are in others, too; which could be seen, and which are left.

        AccessDenied if nothing may be changed.
        """
        self._check_changes()
        visible = [doc for doc in docs if doc in self._docs()]
        names = {collection.name for collection in self.collections.all()}
        elsewhere = {doc for doc, of in self._store.collections.of_documents().items() if set(of) - names}
        shared = [] if self._ids is None else [doc for doc in visible if doc in elsewhere]
        for id in self._present() if shared else ():
            self._store.collections.discard(id, shared)
        return visible, [doc for doc in visible if doc not in shared]

    def encoder_choice(self) -> EncoderChoice:
        """As the store."""
        return self._store.encoder_choice()

    def choose_encoder(self, choice: EncoderChoice) -> None:
        """AccessDenied: which encoder is used is for the whole library."""
        raise AccessDenied("another sentence encoder is chosen for the whole library", hint=OWNER_HINT)

    def adopt_vectors(self, fingerprint: str) -> None:
        """As the store: what is derived is no change."""
        self._store.adopt_vectors(fingerprint)

    def put_vectors(self, version: Version, fingerprint: str, vectors: Floats) -> bool:
        """As the store: what is derived is no change."""
        return self._store.put_vectors(version, fingerprint, vectors)

    def put_terms(self, version: Version, analyser: int, terms: Sequence[PageTerms]) -> bool:
        """As the store: what is derived is no change."""
        return self._store.put_terms(version, analyser, terms)

    # Documents and pages

    def documents(self) -> list[Document]:
        """Those that can be seen, in the order in which they were added."""
        docs = self._docs()
        return [document for document in self._store.documents() if document.id in docs]

    def source(self, doc: str) -> bytes:
        """The PDF's own bytes."""
        self._check([doc])
        return self._store.source(doc)

    def copy_source(self, doc: str, target: Path) -> None:
        """Write the PDF's own bytes to a file."""
        self._check([doc])
        self._store.copy_source(doc, target)

    def copy_original(self, doc: str, target: Path) -> None:
        """Write the file that was added."""
        self._check([doc])
        self._store.copy_original(doc, target)

    @contextmanager
    def steady(self) -> Iterator[None]:
        """The documents stay those of its beginning, and those that can be seen, for the thread that asks."""
        outer = getattr(self._own, "docs", None)
        with self._store.steady():
            self._own.docs = self._docs()
            try:
                yield
            finally:
                self._own.docs = outer

    def pages(self, keys: Sequence[PageKey]) -> list[Page]:
        """Some pages with their words."""
        self._check(key.doc for key in keys)
        return self._store.pages(keys)

    def page(self, doc: str, number: int) -> Page:
        """One page with its words."""
        self._check([doc])
        return self._store.page(doc, number)

    def passages(self, doc: str, number: int) -> list[Passage]:
        """The passages of one page."""
        self._check([doc])
        return self._store.passages(doc, number)

    def summary(self, doc: str) -> Summary | None:
        """The summary that was put with a document."""
        self._check([doc])
        return self._store.summary(doc)

    def note(self, doc: str, key: str) -> str | None:
        """What a model wrote of a part of a document."""
        self._check([doc])
        return self._store.note(doc, key)

    def keep_note(self, doc: str, key: str, text: str) -> None:
        """Keep it: what is derived is no change."""
        self._check([doc])
        self._store.keep_note(doc, key, text)

    def summaries(self) -> dict[str, Summary]:
        """By document the summary that was put with it."""
        docs = self._docs()
        return {doc: summary for doc, summary in self._store.summaries().items() if doc in docs}

    def cards(self) -> dict[str, bytes]:
        """By document the card that was put with it."""
        docs = self._docs()
        return {doc: card for doc, card in self._store.cards().items() if doc in docs}

    # Work that waits

    def unencoded(self, fingerprint: str) -> list[Version]:
        """The documents without vectors of this encoder."""
        return self._visible(self._store.unencoded(fingerprint))

    def outdated(self, analyser: int) -> list[Version]:
        """The documents whose terms another version of the analyser made."""
        return self._visible(self._store.outdated(analyser))

    def unrecognised(self) -> list[Document]:
        """The documents whose pictures of text are yet to be recognised."""
        docs = self._docs()
        return [document for document in self._store.unrecognised() if document.id in docs]

    def _visible(self, versions: Sequence[Version]) -> list[Version]:
        docs = self._docs() if versions else frozenset()
        return [version for version in versions if version.document.id in docs]

    # Looking up

    def lexical(
        self,
        terms: Mapping[Field, UInt32s],
        k: int,
        docs: Sequence[str] | None = None,
        statistics: Mapping[Field, Statistics] | None = None,
    ) -> dict[Field, list[ScoredPage]]:
        """For each field the k pages that hold its terms best."""
        return self._store.lexical(terms, k, self._scope(docs), statistics)

    def nearest(self, vector: Floats, fingerprint: str, k: int, docs: Sequence[str] | None = None) -> Nearest:
        """The k pages whose best passage is nearest to a vector (dim,)."""
        return self._store.nearest(vector, fingerprint, k, self._scope(docs))

    def cosines(self, vector: Floats, fingerprint: str, pages: Sequence[PageKey]) -> Cosines:
        """The cosine of a vector (dim,) with each passage of these pages."""
        self._check(page.doc for page in pages)
        return self._store.cosines(vector, fingerprint, pages)

    def page_terms(self, pages: Sequence[PageKey]) -> dict[PageKey, PageTerms]:
        """The terms of these pages; those that cannot be seen are left out."""
        docs = self._docs()
        return self._store.page_terms([page for page in pages if page.doc in docs])

    def totals(self) -> Totals:
        """The sizes of the whole library."""
        return self._store.totals()

    def frequencies(self, field: Field, terms: UInt32s) -> NDArray[np.int64]:
        """In how many pages or passages of the whole library each term occurs."""
        return self._store.frequencies(field, terms)

    def _scope(self, docs: Sequence[str] | None) -> list[str]:
        visible = self._docs()
        return sorted(visible) if docs is None else [doc for doc in docs if doc in visible]

    # The whole

    def state(self) -> str:
        """What is another whenever the store's is, or other documents can be seen."""
        return sha256(f"{self._store.state()} {sorted(self._docs())}".encode()).hexdigest()

    def missing(self, since: float) -> tuple[str, ...]:
        """As the store."""
        return self._store.missing(since)

    def sizes(self) -> dict[str, int]:
        """By document the bytes that it takes."""
        docs = self._docs()
        return {doc: size for doc, size in self._store.sizes().items() if doc in docs}

    def lagging(self) -> int:
        """How many changes are saved but not yet in the keyword index."""
        return self._store.lagging()

    def export(self, target: Path) -> None:
        """AccessDenied: a file holds the whole library."""
        raise AccessDenied(f"{target} would hold the whole library, and this is a part of it", hint=OWNER_HINT)

    def close(self) -> None:
        """The store stays open: it is its owner's."""


class NarrowedCollections:
    """The `Collections` that can be seen: their documents may change, they themselves are their owner's."""

    def __init__(self, collections: Collections, ids: Sequence[str] | None, *, read_only: bool) -> None:
        self._collections, self._ids, self._read_only = collections, ids, read_only

    def all(self) -> list[Collection]:
        """Those that can be seen, by name."""
        collections = self._collections.all()
        return [collection for collection in collections if self._ids is None or collection.id in self._ids]

    def find(self, name: str) -> Collection:
        """The one of this name. UnknownCollection, also of one that cannot be seen."""
        return among(self.all(), name)

    def documents(self, ids: Iterable[str]) -> frozenset[str]:
        """The documents that are in any of these, as far as they can be seen."""
        return self._collections.documents([id for id in ids if self._ids is None or id in self._ids])

    def of_documents(self) -> dict[str, list[str]]:
        """By document the names of its collections that can be seen."""
        names = {collection.name for collection in self.all()}
        by_doc = self._collections.of_documents().items()
        visible = {doc: [name for name in own if name in names] for doc, own in by_doc}
        return {doc: own for doc, own in visible.items() if own}

    def create(self, name: str, docs: Sequence[str] = ()) -> Collection:
        """AccessDenied."""
        raise self._denied()

    def rename(self, name: str, new_name: str) -> Collection:
        """AccessDenied."""
        raise self._denied()

    def delete(self, name: str) -> Collection:
        """AccessDenied."""
        raise self._denied()

    def add(self, name: str, docs: Sequence[str]) -> Collection:
        """Put documents in. AccessDenied if nothing may be changed, or they cannot be seen."""
        self._check_changes()
        visible = docs if self._ids is None else [doc for doc in docs if doc in self._collections.documents(self._ids)]
        return self._collections.add(self.find(name).id, visible)

    def discard(self, name: str, docs: Sequence[str]) -> Collection:
        """Take documents out. AccessDenied if nothing may be changed."""
        self._check_changes()
        return self._collections.discard(self.find(name).id, docs)

    def _check_changes(self) -> None:
        if self._read_only:
            raise self._denied()

    @staticmethod
    def _denied() -> AccessDenied:
        return AccessDenied("this token may not make, rename or delete collections, or fill them", hint=OWNER_HINT)


class NarrowedRemovals:
    """The `Removals` of documents that could be seen."""

    @property
    def offered(self) -> bool:
        """As in the store."""
        return self._store.removals.offered

    def __init__(self, part: NarrowedStore, store: Store, ids: Sequence[str] | None) -> None:
        self._part, self._store, self._ids = part, store, ids

    def all(self) -> list[Removal]:
        """Those of documents that could be seen, in the order in which these were added."""
        removals = self._store.removals.all()
        docs = None if self._ids is None or not removals else self._store.collections.documents(self._ids)
        return [removal for removal in removals if docs is None or removal.document.id in docs]

    def put(self, docs: Sequence[str], until: float) -> list[Removal]:
        """Remove documents; those that are in other collections, too, leave these for good."""
        _, own = self._part.taken_out(docs)
        return self._store.removals.put(own, until)

    def undo(self, doc: str) -> Document:
        """Put a document back. Gone if that cannot be done; AccessDenied if nothing may be changed."""
        self._part.check_writable()
        if doc not in self._docs():
            raise lost(doc)
        return self._store.removals.undo(doc)

    def finish(self, *docs: str) -> bool:
        """Delete these now, or without any those whose time is over. AccessDenied if nothing may be changed."""
        self._part.check_writable()
        own = [doc for doc in docs if doc in self._docs()]
        return bool(own or not docs) and self._store.removals.finish(*own)

    def _docs(self) -> set[str]:
        return {removal.document.id for removal in self.all()}


class NarrowedFolders:
    """The `Folders`, if they are `visible`: they are their owner's to change. What is added is added by hand."""

    def __init__(self, folders: Folders, *, visible: bool) -> None:
        self._folders, self._visible = folders, visible

    def all(self) -> list[SyncedFolder]:
        """Those that can be seen, by path."""
        return self._folders.all() if self._visible else []

    def files(self, path: str) -> dict[str, SyncedFile]:
        """The files of a folder that can be seen."""
        return self._folders.files(path) if self._visible else {}

    def places(self) -> dict[str, list[tuple[str, bool]]]:
        """Where files lie that can be seen."""
        return self._folders.places() if self._visible else {}

    def paths(self, doc: str) -> list[Path]:
        """Where the files of a document lie, if that can be seen."""
        return self._folders.paths(doc) if self._visible else []

    def claimed(self, path: str) -> dict[str, bool]:
        """The documents that came from folders that can be seen."""
        return self._folders.claimed(path) if self._visible else {}

    def keep(self, *docs: str) -> None:
        """Note that documents were added by hand, too."""
        self._folders.keep(*docs)

    def put(self, folder: SyncedFolder) -> None:
        """AccessDenied."""
        raise self._denied()

    def forget(self, path: str) -> None:
        """AccessDenied."""
        raise self._denied()

    def record(self, path: str, files: Mapping[str, SyncedFile], *, without: Iterable[str] = ()) -> None:
        """AccessDenied."""
        raise self._denied()

    def claim(self, path: str, doc: str) -> None:
        """AccessDenied."""
        raise self._denied()

    @staticmethod
    def _denied() -> AccessDenied:
        return AccessDenied("this token may not change which folders are kept in step", hint=OWNER_HINT)


class NoHistory:
    """The `History` of whoever sees a part of a library: its owner's is not theirs, and theirs is not kept."""

    silence = "what is asked with a token of its own is not kept"

    def switch(self, *, on: bool) -> None:
        """AccessDenied."""
        raise self._denied()

    def keep(self, turn: Turn) -> Turn | None:
        """Nothing."""

    def turns(self, words: str = "", *, before: int = 0, conversation: int = 0, limit: int = TURNS) -> list[Turn]:
        """None."""
        return []

    def turn(self, id: int) -> Turn:
        """UnknownTurn."""
        raise UnknownTurn(f"there is no question {id} here: {self.silence}", hint=OWNER_HINT)

    def conversation(self, id: int) -> list[Turn]:
        """None."""
        return []

    def forget(self, *ids: int) -> int:
        """AccessDenied."""
        raise self._denied()

    def citing(self, doc: str) -> list[int]:
        """None."""
        return []

    def judge(self, turn: int, line: str) -> None:
        """AccessDenied."""
        raise self._denied()

    def verdicts(self) -> dict[int, str]:
        """None."""
        return {}

    def forget_verdicts(self, *turns: int) -> int:
        """AccessDenied."""
        raise self._denied()

    @staticmethod
    def _denied() -> AccessDenied:
        return AccessDenied("this token has no history, and may not change its owner's", hint=OWNER_HINT)
