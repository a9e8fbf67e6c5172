"""The stores under test, and what a plain scan of the documents says that they must answer."""

import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recto.index_types import Field, PageKey, PageTerms, Version, pairs
from recto.ingest.placing import shard_number
from recto.storage import Store
from recto.store.lance import LanceStore
from recto.store.shards import ShardedStore
from recto.store.shards.answering import answer_look_up
from recto.store.shards.remote import RemoteShard
from recto.store.sqlite import SqliteStore
from recto.types import Document, Floats
from support.live import SOON_S
from support.memory_index import MemoryStore
from support.synthetic_pages import ANALYSER, Made, units

FIELDS: tuple[Field, ...] = ("text", "heading", "passages")
Opener = Callable[[Path], Store]


def _in_memory() -> Opener:
    """What stays of a store in memory when it is closed: itself, in a folder that nobody looks into."""
    stores: dict[Path, MemoryStore] = {}
    return lambda folder: stores.setdefault(folder, MemoryStore())


KEY = f"x'{'5e' * 32}'"  # SQLCipher does not stretch one of this form
KEY_SET = "STORE_KEY"  # variable: the key of what `of_this_run` opens, here and in child processes


def encrypted(folder: Path) -> SqliteStore:
    return SqliteStore(folder, key=KEY)


def of_this_run(folder: Path) -> SqliteStore:
    """The store in a folder, encrypted if the test is run so."""
    return SqliteStore(folder, key=os.environ.get(KEY_SET, ""))


@pytest.fixture(params=["", KEY], ids=["plain", "encrypted"])
def key(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test over a store that is not encrypted, and over one that is."""
    value: str = request.param
    monkeypatch.setenv(KEY_SET, value)
    return value


def on_object_storage(folder: Path) -> LanceStore:
    """As on one more machine each time: with a copy of its own, and seeing at once what others commit."""
    copies = len(list(folder.glob("copy*")))
    return LanceStore(f"lance+file://{folder}/shard", folder / f"copy{copies}", poll_s=0)


class FilledShards(ShardedStore):
    """A router of three shards; what is put into it goes into these, where `recto ingest` would put it."""

    def __init__(self, folder: Path) -> None:
        self.stores = [SqliteStore(folder / f"shard-{number}") for number in range(3)]
        shards = [RemoteShard(f"shard {number}", partial(_sent, store)) for number, store in enumerate(self.stores)]
        super().__init__(shards, folder, deadline_s=SOON_S, look_s=0)

    def of(self, doc: str) -> SqliteStore:
        return self.stores[shard_number(doc, len(self.stores))]

    def put(self, document: Document, *arguments: Any, replaces: str | None = None, **more: Any) -> Version:
        own = self.of(document.id)
        if replaces and self.of(replaces) is not own:
            version = own.put(document, *arguments, **more)
            self.of(replaces).delete(replaces)
            return version
        return own.put(document, *arguments, replaces=replaces, **more)

    def delete(self, *docs: str) -> bool:
        return any([self.of(doc).delete(doc) for doc in docs])

    def put_vectors(self, version: Version, fingerprint: str, vectors: Floats) -> bool:
        return self.of(version.document.id).put_vectors(version, fingerprint, vectors)

    def put_terms(self, version: Version, analyser: int, terms: Sequence[PageTerms]) -> bool:
        return self.of(version.document.id).put_terms(version, analyser, terms)

    def unencoded(self, fingerprint: str) -> list[Version]:
        return _oldest_first(version for store in self.stores for version in store.unencoded(fingerprint))

    def outdated(self, analyser: int) -> list[Version]:
        return _oldest_first(version for store in self.stores for version in store.outdated(analyser))

    def unrecognised(self) -> list[Document]:
        return [document for store in self.stores for document in store.unrecognised()]

    def close(self) -> None:
        super().close()
        for store in self.stores:
            store.close()


def _sent(store: Store, request: bytes, _: float | None) -> bytes:
    return answer_look_up(store, request)


def _oldest_first(versions: Iterable[Version]) -> list[Version]:
    return sorted(versions, key=lambda version: version.document.added)


STORES = [
    pytest.param(SqliteStore, id="sqlite"),
    pytest.param(encrypted, id="encrypted"),
    pytest.param(on_object_storage, id="lance"),
    pytest.param(FilledShards, id="shards"),
    pytest.param(_in_memory(), id="memory"),
]


def put(store: Store, *documents: Made) -> list[Version]:
    return [store.put(sample.document, sample.source, sample.pages, analyser=ANALYSER) for sample in documents]


def put_encoded(store: Store, *documents: Made, fingerprint: str = "f") -> list[Version]:
    versions = put(store, *documents)
    for version, sample in zip(versions, documents, strict=True):
        assert store.put_vectors(version, fingerprint, sample.vectors)
    return versions


def keys(*documents: Made) -> list[PageKey]:
    return [PageKey(sample.id, number) for sample in documents for number in range(sample.document.pages)]


def encoded_pages(store: Store, fingerprint: str = "f") -> int:
    """How many pages have vectors."""
    return store.nearest(units(0, 1)[0], fingerprint, 1).moments.count


def entries(terms: PageTerms, field: Field) -> list[set[int]]:
    """What each entry of a page holds in a field."""
    match field:
        case "text":
            return [{*terms.text.tolist(), *pairs(terms.text).tolist()}]
        case "heading":
            return [set(terms.heading.tolist())]
        case "passages":
            return [set(array.tolist()) for array in terms.passages]


def expected_frequencies(documents: list[Made], field: Field, terms: list[int]) -> list[int]:
    entry_sets = [entry for sample in documents for page in sample.pages for entry in entries(page.terms, field)]
    return [sum(term in entry for entry in entry_sets) for term in terms]


def expected_pages(documents: list[Made], field: Field, terms: list[int]) -> set[PageKey]:
    return {
        PageKey(sample.id, page.page.number)
        for sample in documents
        for page in sample.pages
        if any(entry & set(terms) for entry in entries(page.terms, field))
    }


def found(store: Store, field: Field, terms: list[int], docs: list[str] | None = None) -> set[PageKey]:
    pages = [hit.key for hit in store.lexical({field: np.array(terms, np.uint32)}, 10_000, docs)[field]]
    assert len(pages) == len(set(pages))
    return set(pages)
