"""Documents that are removed and can be put back: any history of it agrees with plain lists, and leaves no bytes."""

import tempfile
import time
from math import inf
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from recto.errors import AccessDenied, Gone
from recto.index_types import PageKey
from recto.store.copying import change_key, restore
from recto.store.narrowed import NarrowedStore
from recto.store.sqlite import SqliteStore
from support.store_contract import (
    KEY,
    encoded_pages,
    encrypted,
    expected_pages,
    found,
    of_this_run,
    on_object_storage,
    put_encoded,
)
from support.store_contract import key as key  # a fixture
from support.synthetic_pages import Made, ids, make

SEEDS = st.integers(0, 3)
TERMS = ids(range(5)).tolist()
LONG_AGO = 1.0


class History(RuleBasedStateMachine):
    """The model: which documents there are, in their order, which were removed, and what is in one collection."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.home = Path(self.folder.name)
        self.made = {made.id: made for made in (make(self.home, seed, pages=2) for seed in range(4))}
        self.docs: list[str] = []
        self.removed: dict[str, float] = {}
        self.shelf: set[str] = set()

    @initialize(opener=st.sampled_from([SqliteStore, encrypted]))
    def begin(self, opener) -> None:
        self.opener = opener
        self.store: SqliteStore = opener(self.home / "library")
        self.store.collections.create("Shelf")

    def nth(self, seed: int) -> Made:
        return list(self.made.values())[seed]

    @rule(seed=SEEDS)
    def put(self, seed: int) -> None:
        made = self.nth(seed)
        put_encoded(self.store, made)
        self.store.collections.add("Shelf", [made.id])
        self.docs = [doc for doc in self.docs if doc != made.id] + [made.id]
        self.removed.pop(made.id, None)
        self.shelf.add(made.id)

    @precondition(lambda self: self.docs)
    @rule(data=st.data(), until=st.sampled_from([LONG_AGO, inf]))
    def remove(self, data: st.DataObject, until: float) -> None:
        docs = data.draw(st.lists(st.sampled_from([doc for doc in self.docs if doc not in self.removed] or [""])))
        removals = self.store.removals.put(docs, until)
        self.removed |= {doc: until for doc in docs if doc}
        assert {removal.document.id for removal in removals} == set(docs) - {""}

    @rule(seed=SEEDS)
    def undo(self, seed: int) -> None:
        doc = self.nth(seed).id
        if self.removed.get(doc) != inf:
            with pytest.raises(Gone, match="put back"):
                self.store.removals.undo(doc)
            return
        assert self.store.removals.undo(doc) == self.made[doc].document
        del self.removed[doc]

    @rule(seeds=st.sets(SEEDS))
    def finish(self, seeds: set[int]) -> None:
        docs = [self.nth(seed).id for seed in seeds]
        over = {doc for doc, until in self.removed.items() if (doc in docs if docs else until == LONG_AGO)}
        assert self.store.removals.finish(*docs) == bool(over)
        self.forget(over)

    def forget(self, over: set[str]) -> None:
        self.docs = [doc for doc in self.docs if doc not in over]
        self.shelf -= over
        self.removed = {doc: until for doc, until in self.removed.items() if doc not in over}

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = self.opener(self.home / "library")
        self.forget({doc for doc, until in self.removed.items() if until == LONG_AGO})

    @invariant()
    def what_was_removed_is_found_nowhere(self) -> None:
        there = [self.made[doc] for doc in self.docs if doc not in self.removed]
        assert self.store.documents() == [made.document for made in there]
        assert [removal.document.id for removal in self.store.removals.all()] == [
            d for d in self.docs if d in self.removed
        ]
        assert found(self.store, "text", TERMS) == expected_pages(there, "text", TERMS)
        assert encoded_pages(self.store) == sum(made.document.pages for made in there)
        assert self.store.totals().pages == sum(made.document.pages for made in there)
        (shelf,) = self.store.collections.all()
        assert shelf.documents == len(self.shelf - self.removed.keys())
        assert self.store.sizes().keys() == {made.id for made in there}

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()


TestHistory = History.TestCase
TestHistory.settings = settings(max_examples=10, stateful_step_count=20, deadline=None)


def test_exports_hold_nothing_that_was_removed_and_other_keys_still_bring_it_back(tmp_path: Path, key: str) -> None:
    one, two = make(tmp_path, 1), make(tmp_path, 2)
    with of_this_run(tmp_path / "library") as store:
        put_encoded(store, one, two)
        store.removals.put([one.id], inf)
        store.export(tmp_path / "backup.recto")
        assert key or one.source.read_bytes()[-64:] not in (tmp_path / "backup.recto").read_bytes()
        restore(tmp_path / "backup.recto", tmp_path / "second", key=key, source_key=key)
    with of_this_run(tmp_path / "second") as second:
        assert (second.documents(), second.removals.all()) == ([two.document], [])
    change_key(tmp_path / "library", key, "" if key else KEY)
    with SqliteStore(tmp_path / "library", key="" if key else KEY) as store:
        assert store.removals.undo(one.id) == one.document
        assert store.source(one.id) == one.source.read_bytes()
        assert len(store.page(one.id, 0).text) > 0


def test_what_is_deleted_for_good_leaves_no_bytes(tmp_path: Path) -> None:
    one = make(tmp_path, 1)
    with SqliteStore(tmp_path / "library") as store:
        put_encoded(store, one)
        store.removals.put([one.id], time.time() + 60)
        assert store.removals.finish() is False
        assert store.removals.finish(one.id) is True
        with pytest.raises(Gone):
            store.page(one.id, 0)
    for path in (tmp_path / "library").rglob("*"):
        assert path.is_dir() or one.source.read_bytes()[-64:] not in path.read_bytes()


def test_a_part_of_the_library_brings_back_its_own(tmp_path: Path) -> None:
    one, two, three = (make(tmp_path, seed) for seed in range(3))
    with SqliteStore(tmp_path / "library") as store:
        put_encoded(store, one, two, three)
        red = store.collections.create("Red", [one.id, two.id]).id
        store.collections.create("Blue", [two.id])
        part, reader = NarrowedStore(store, [red]), NarrowedStore(store, [red], read_only=True)
        with pytest.raises(AccessDenied):
            reader.removals.put([one.id], inf)
        store.removals.put([three.id], inf)
        assert [removal.document.id for removal in part.removals.put([one.id, two.id], inf)] == [one.id]
        assert store.documents() == [two.document]
        for unseen in (two.id, three.id):
            with pytest.raises(Gone):
                part.removals.undo(unseen)
        with pytest.raises(AccessDenied):
            reader.removals.undo(one.id)
        assert not part.removals.finish(three.id)
        assert part.removals.undo(one.id) == one.document
        assert part.documents() == [one.document]


def test_on_object_storage_nothing_comes_back(tmp_path: Path) -> None:
    one = make(tmp_path, 1)
    store = on_object_storage(tmp_path / "library")
    put_encoded(store, one)
    assert (store.removals.offered, store.removals.put([one.id], inf), store.documents()) == (False, [], [])
    with pytest.raises(Gone):
        store.removals.undo(one.id)
    assert not store.removals.finish()
    store.close()


def test_what_a_document_takes_is_known_also_of_older_ones(tmp_path: Path) -> None:
    one, two = make(tmp_path, 1), make(tmp_path, 2, pages=9)
    with SqliteStore(tmp_path / "library") as store:
        put_encoded(store, one, two)
        sizes = store.sizes()
        assert sizes[two.id] > sizes[one.id] > one.document.size
        with store._file.writing() as connection:
            connection.execute("DELETE FROM stored")
        assert abs(store.sizes()[one.id] - sizes[one.id]) < 100  # without summary and card
        assert PageKey(one.id, 0) in store.page_terms([PageKey(one.id, 0)])
