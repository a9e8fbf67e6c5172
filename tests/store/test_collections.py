"""Collections: any history of making, filling and removing agrees with plain dictionaries of sets; names that clash."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from recto.errors import AccessDenied, BadName, Gone, LibraryReadOnly, NameTaken, UnknownCollection, UsageProblem
from recto.store.copying import change_key, export, restore
from recto.store.narrowed import NarrowedStore
from recto.store.sqlite import SqliteStore
from support.store_contract import KEY, encrypted, of_this_run, on_object_storage, put
from support.store_contract import key as key  # a fixture
from support.synthetic_pages import ANALYSER, make

SEEDS = st.integers(0, 3)
NAMES = st.sampled_from(["Contracts", "contracts", "CONTRACTS ", "Board", "Été", "E\u0301te\u0301", "a/b", "'\";--"])


class History(RuleBasedStateMachine):
    """The model: by folded name the name and the documents of each collection; and which documents there are."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.home = Path(self.folder.name)
        self.made = [make(self.home, seed, pages=1, passages=1) for seed in range(4)]
        self.docs: list[str] = []
        self.model: dict[str, tuple[str, set[str]]] = {}
        self.store: SqliteStore

    @initialize(opener=st.sampled_from([SqliteStore, encrypted]))
    def begin(self, opener) -> None:
        self.opener = opener
        self.store = opener(self.home / "library")

    @staticmethod
    def same(name: str) -> str:
        return {"e\u0301te\u0301": "été"}.get(name.strip().lower(), name.strip().lower())

    @staticmethod
    def kept(name: str) -> str:
        return "Été" if "\u0301" in name else name.strip()

    @rule(name=NAMES, seeds=st.sets(SEEDS))
    def create(self, name: str, seeds: set[int]) -> None:
        docs = [self.made[seed].id for seed in seeds]
        if self.same(name) in self.model:
            with pytest.raises(NameTaken, match="already"):
                self.store.collections.create(name, docs)
            return
        collection = self.store.collections.create(name, docs)
        self.model[self.same(name)] = (self.kept(name), set(docs) & set(self.docs))
        assert (collection.name, collection.documents) == (self.kept(name), len(self.model[self.same(name)][1]))

    @precondition(lambda self: self.model)
    @rule(data=st.data(), new_name=NAMES)
    def rename(self, data: st.DataObject, new_name: str) -> None:
        name = data.draw(st.sampled_from(sorted(self.model)))
        before = self.store.collections.find(name)
        if self.same(new_name) in self.model and self.same(new_name) != name:
            with pytest.raises(NameTaken):
                self.store.collections.rename(name, new_name)
            return
        assert self.store.collections.rename(name, new_name).id == before.id
        self.model[self.same(new_name)] = (self.kept(new_name), self.model.pop(name)[1])

    @precondition(lambda self: self.model)
    @rule(data=st.data(), seeds=st.sets(SEEDS))
    def fill(self, data: st.DataObject, seeds: set[int]) -> None:
        name, docs = data.draw(st.sampled_from(sorted(self.model))), [self.made[seed].id for seed in seeds]
        self.store.collections.add(name, docs)
        self.model[name][1].update(set(docs) & set(self.docs))

    @precondition(lambda self: self.model)
    @rule(data=st.data(), seeds=st.sets(SEEDS))
    def discard(self, data: st.DataObject, seeds: set[int]) -> None:
        name, docs = data.draw(st.sampled_from(sorted(self.model))), [self.made[seed].id for seed in seeds]
        self.store.collections.discard(self.store.collections.find(name).id, docs)
        self.model[name][1].difference_update(docs)

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.model)))
        assert self.store.collections.delete(name).name == self.model.pop(name)[0]

    @rule(seed=SEEDS)
    def put(self, seed: int) -> None:
        """Also of one that is there, which is how a scan comes again once it is recognised."""
        put(self.store, self.made[seed])
        self.docs = [doc for doc in self.docs if doc != self.made[seed].id] + [self.made[seed].id]

    @rule(seed=SEEDS, old=SEEDS)
    def replace(self, seed: int, old: int) -> None:
        made, older = self.made[seed], self.made[old].id
        self.store.put(made.document, made.source, made.pages, analyser=ANALYSER, replaces=older)
        for _, docs in self.model.values():
            if older in docs:
                docs.discard(older)
                docs.add(made.id)
        self.docs = [doc for doc in self.docs if doc not in (made.id, older)] + [made.id]

    @rule(seeds=st.sets(SEEDS, min_size=1))
    def remove(self, seeds: set[int]) -> None:
        gone = {self.made[seed].id for seed in seeds}
        self.store.delete(*gone)
        self.docs = [doc for doc in self.docs if doc not in gone]
        for _, docs in self.model.values():
            docs -= gone

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = self.opener(self.home / "library")

    @invariant()
    def holds_what_it_should(self) -> None:
        collections = self.store.collections
        model = {name: docs for name, docs in self.model.values()}
        assert {own.name: own.documents for own in collections.all()} == {name: len(own) for name, own in model.items()}
        assert {name: collections.documents([collections.find(name).id]) for name in model} == model
        by_doc = {doc: {name for name in model if doc in model[name]} for doc in self.docs}
        assert {doc: set(names) for doc, names in collections.of_documents().items()} == {
            doc: names for doc, names in by_doc.items() if names
        }
        for name, docs in model.items():
            part = NarrowedStore(self.store, [collections.find(name).id])
            assert [document.id for document in part.documents()] == [doc for doc in self.docs if doc in docs]

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()


TestHistory = History.TestCase
TestHistory.settings = settings(max_examples=8, stateful_step_count=20, deadline=None)


@pytest.fixture
def store(tmp_path: Path, key: str) -> Iterator[SqliteStore]:
    """Of three documents: the first two are Red, the last two are Blue."""
    with of_this_run(tmp_path / "library") as store:
        docs = [make(tmp_path, seed, pages=2) for seed in range(3)]
        put(store, *docs)
        store.collections.create("Red", [doc.id for doc in docs[:2]])
        store.collections.create("Blue", [doc.id for doc in docs[1:]])
        yield store


@pytest.mark.parametrize(
    "name", ["", "  ", "\u200b", "a\x00b", "a\nb", "\x1b[31mred", "x" * 101, "a\u202eb", "\ud83d", "a\u2028b"]
)
def test_what_no_collection_can_be_called(store: SqliteStore, name: str) -> None:
    with pytest.raises(BadName) as refusal:
        store.collections.create(name)
    assert refusal.value.hint
    assert "\n" not in refusal.value.message and "\x1b" not in refusal.value.message  # noqa: PT018
    with pytest.raises(BadName):
        store.collections.rename("Red", name)
    assert [own.name for own in store.collections.all()] == ["Blue", "Red"]


@pytest.mark.parametrize("name", ["RED", " red ", "re\u200bd", "\uff32ed"])
def test_names_that_look_the_same_are_the_same(store: SqliteStore, name: str) -> None:
    with pytest.raises(NameTaken, match="'Red' already"):
        store.collections.create(name)
    assert store.collections.find(name).name == "Red"


def test_a_name_that_is_not_there_comes_with_the_nearest(store: SqliteStore) -> None:
    with pytest.raises(UnknownCollection, match=r"'Reds'; there are 'Red', \.\.\.") as problem:
        store.collections.find("Reds")
    assert "recto collection" in problem.value.hint
    with pytest.raises(UnknownCollection, match=r"there are 'Blue', 'Red'$"):
        store.collections.find("Quarterly")


def test_a_collection_may_be_called_as_the_id_of_another(store: SqliteStore) -> None:
    red = store.collections.find("Red").id
    store.collections.create(red)
    assert store.collections.find(red).documents == 0


def test_what_is_not_in_the_library_is_in_no_collection(store: SqliteStore) -> None:
    assert store.collections.add("Red", ["nothing", ""]).documents == 2


def test_exports_and_other_keys_keep_collections(store: SqliteStore, tmp_path: Path, key: str) -> None:
    store.export(tmp_path / "backup.recto")
    restore(tmp_path / "backup.recto", tmp_path / "second", key=key, source_key=key)
    change_key(tmp_path / "second", key, "" if key else KEY)
    with SqliteStore(tmp_path / "second", key="" if key else KEY) as second:
        assert second.collections.all() == store.collections.all()
        assert second.collections.of_documents() == store.collections.of_documents()


def test_a_library_of_before_has_none_until_one_is_made(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "library") as store, store._file.writing() as connection:
        connection.execute("DROP TABLE collections")
        connection.execute("DROP TABLE members")
    export(tmp_path / "library" / "library.sqlite", tmp_path / "old.recto", "")
    with SqliteStore(tmp_path / "library") as store:
        assert store.collections.all() == []
        assert store.collections.create("First").name == "First"


def test_one_that_an_older_recto_removed_comes_back_without_its_collections(tmp_path: Path) -> None:
    made = make(tmp_path, 1)
    with SqliteStore(tmp_path / "library") as store:
        put(store, made)
        store.collections.create("Red", [made.id])
        with store._file.writing() as connection:
            connection.execute("DELETE FROM documents")
        assert store.collections.find("Red").documents == 0
        put(store, made)
        assert store.collections.find("Red").documents == 0


def test_a_read_only_library_shows_collections_and_changes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SqliteStore(tmp_path / "library") as store:
        store.collections.create("Red")
    monkeypatch.setattr(os, "access", lambda *_: False)  # the tests' user may write everything
    with SqliteStore(tmp_path / "library") as store:
        assert store.collections.find("red").documents == 0
        with pytest.raises(LibraryReadOnly):
            store.collections.delete("Red")


def test_object_storage_says_that_it_has_none(tmp_path: Path) -> None:
    store = on_object_storage(tmp_path)
    with pytest.raises(UsageProblem, match="object storage"):
        store.collections.create("Red")
    assert store.collections.all() == []
    store.close()


# --- a store that is narrowed ----------------------------------------------------------------------------------------
def test_nothing_else_can_be_reached(store: SqliteStore, tmp_path: Path) -> None:
    red = NarrowedStore(store, [store.collections.find("Red").id])
    first, second, third = (document.id for document in store.documents())
    assert [document.id for document in red.documents()] == [first, second]
    for reach in (
        lambda: red.source(third),
        lambda: red.page(third, 0),
        lambda: red.passages(third, 0),
        lambda: red.summary(third),
        lambda: red.copy_source(third, tmp_path / "copy"),
        lambda: red.copy_original(third, tmp_path / "copy"),
    ):
        with pytest.raises(Gone), red.steady():
            reach()
    assert not red.delete(third)
    assert [own.name for own in red.collections.all()] == ["Red"]
    assert red.collections.of_documents() == {first: ["Red"], second: ["Red"]}
    for change in (
        lambda: red.collections.create("New"),
        lambda: red.collections.rename("Red", "New"),
        lambda: red.collections.delete("Red"),
        lambda: red.export(tmp_path / "copy"),
    ):
        with pytest.raises(AccessDenied):
            change()
    with pytest.raises(UnknownCollection, match=r"there are 'Red'$"):
        red.collections.find("Blue")
    assert red.collections.add("Red", [third]).documents == 2
    assert not (tmp_path / "copy").exists()


def test_what_is_in_another_collection_too_stays_there(store: SqliteStore) -> None:
    red = NarrowedStore(store, [store.collections.find("Red").id])
    first, second, third = (document.id for document in store.documents())
    assert red.delete(first, second)
    assert red.documents() == []
    assert [document.id for document in store.documents()] == [second, third]


def test_what_is_put_is_in_the_collections_and_what_was_elsewhere_stays_as_it_is(
    store: SqliteStore, tmp_path: Path
) -> None:
    blue = NarrowedStore(store, [store.collections.find("Blue").id])
    put(blue, make(tmp_path, 0, pages=1, name="another name.pdf"), make(tmp_path, 7))
    names = {document.name: document.pages for document in blue.documents()}
    assert names == {"file 0.pdf": 2, "file 1.pdf": 2, "file 2.pdf": 2, "file 7.pdf": 3}


def test_one_for_reading_changes_nothing(store: SqliteStore, tmp_path: Path) -> None:
    reading = NarrowedStore(store, None, read_only=True)
    before = store.documents(), store.collections.all()
    for change in (
        lambda: reading.check_writable(),
        lambda: put(reading, make(tmp_path, 7)),
        lambda: reading.delete(reading.documents()[0].id),
        lambda: reading.collections.create("New"),
        lambda: reading.collections.add("Red", [reading.documents()[2].id]),
        lambda: reading.collections.discard("Red", [reading.documents()[0].id]),
    ):
        with pytest.raises(AccessDenied):
            change()
    assert (reading.documents(), reading.collections.all()) == before == (store.documents(), store.collections.all())
