"""The stores under test, and what a plain scan of the documents says that they must answer."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from recto.index_types import Field, PageKey, PageTerms, Version, pairs
from recto.storage import Store
from recto.store.lance import LanceStore
from recto.store.sqlite import SqliteStore
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


def in_shards(folder: Path) -> Store:
    """A router of three shards."""
    from support.filled_shards import FilledShards  # which child processes of tests need not import

    return FilledShards(folder)


STORES = [
    pytest.param(SqliteStore, id="sqlite"),
    pytest.param(encrypted, id="encrypted"),
    pytest.param(on_object_storage, id="lance"),
    pytest.param(in_shards, id="shards"),
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
