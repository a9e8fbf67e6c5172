"""Collections as Python programs use them: asking some documents of a library, and what happens when they change."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from recto import Library
from recto.errors import EmptyCollection, Gone, RectoError, UnknownCollection, UnknownDocument
from recto.events import Found
from recto.types import Added, AddStatus, Kind
from support.pdfs import text_pdf

QUESTION = "How fast does the pump run?"
TEXTS = {
    "north.pdf": "The pump of the north hall runs at nine hundred turns a minute.",
    "south.pdf": "The pump of the south hall runs at seven hundred turns a minute.",
    "canteen.pdf": "Lunch is served from noon to two on all working days.",
}


@pytest.fixture
def library(home: Path, tmp_path: Path) -> Iterator[Library]:
    """The north and the south hall, each in a collection of its own; lunch in none."""
    for name, text in TEXTS.items():
        (tmp_path / name).write_bytes(text_pdf(text))
    with Library(home) as library:
        library.add(*(tmp_path / name for name in TEXTS))
        library.collections.create("North", [library.document("north.pdf").id])
        library.collections.create("South", [library.document("south.pdf").id])
        yield library


def cited(library: Library) -> set[str]:
    answer = library.ask(QUESTION).answer
    return {place.document.name for place in (*answer.citations, *answer.nearest)}


def test_one_several_or_all_are_asked(library: Library) -> None:
    assert cited(library) >= {"north.pdf", "south.pdf"}
    assert cited(library.within("North")) == {"north.pdf"}
    assert cited(library.within("north", "SOUTH")) == {"north.pdf", "south.pdf"}
    assert {hit.document.name for hit in library.within("South").search(QUESTION)} == {"south.pdf"}
    assert library.within() is library


def test_names_of_documents_are_those_of_the_collection(library: Library) -> None:
    north = library.within("North")
    assert north.ask(QUESTION, docs=["north.pdf"]).answer.kind is Kind.QUOTED
    with pytest.raises(UnknownDocument, match=r"south\.pdf"):
        north.ask(QUESTION, docs=["south.pdf"])
    for look in (north.page, north.passages, north.picture):
        with pytest.raises(UnknownDocument):
            look(library.document("south.pdf").id, 0)


def test_an_empty_one_refuses_and_asks_nothing_else(library: Library) -> None:
    library.collections.create("Empty")
    empty = library.within("Empty")
    for ask in (empty.ask, empty.search):
        with pytest.raises(EmptyCollection, match="'Empty'") as problem:
            ask(QUESTION)
        assert "recto collection add" in problem.value.hint
    assert empty.examples() == []
    empty.prepare(QUESTION)  # while somebody types: nothing to say yet


def test_an_unknown_one_is_said_before_anything_is_asked(library: Library) -> None:
    with pytest.raises(UnknownCollection, match="there are 'North'"):
        library.within("Nort")


def test_one_that_is_deleted_while_it_is_asked_is_said(library: Library) -> None:
    asking = library.within("North").ask(QUESTION)
    events = iter(asking)
    assert isinstance(next(event for event in events if isinstance(event, Found)), Found)
    library.collections.delete("North")
    with pytest.raises(UnknownCollection, match="deleted meanwhile"):
        list(events)
    assert len(library.documents()) == 3
    assert library.ask(QUESTION).answer.citations


def test_a_document_that_leaves_meanwhile_is_not_quoted(library: Library) -> None:
    part = library.within("North", "South")
    events = iter(asking := part.ask(QUESTION))
    next(event for event in events if isinstance(event, Found))
    library.collections.discard("South", [library.document("south.pdf").id])
    list(events)
    assert {place.document.name for place in asking.answer.citations} == {"north.pdf"}


def test_files_go_into_collections_as_they_are_added(library: Library, tmp_path: Path) -> None:
    (tmp_path / "west.pdf").write_bytes(text_pdf("The pump of the west hall stands still."))
    paths = [tmp_path / "west.pdf", tmp_path / "canteen.pdf", tmp_path / "missing.pdf"]
    events = [event for event in library.adding(*paths, collections=["North", "South"]) if isinstance(event, Added)]
    assert [event.status for event in events] == [AddStatus.ADDED, AddStatus.ALREADY, AddStatus.FAILED]
    for name in ("North", "South"):
        names = {document.name for document in library.within(name).documents()}
        assert names == {"west.pdf", "canteen.pdf", f"{name.lower()}.pdf"}
    with pytest.raises(UnknownCollection):
        next(library.adding(tmp_path / "west.pdf", collections=["Nrth"]))


def test_a_new_version_takes_the_place_of_the_old_one(library: Library, tmp_path: Path) -> None:
    (tmp_path / "north.pdf").write_bytes(text_pdf("The pump of the north hall was sold."))
    library.add(tmp_path / "north.pdf", replace=True)
    (document,) = library.within("North").documents()
    assert "sold" in library.page(document.id, 0).text


def test_what_is_added_within_a_collection_is_in_it(library: Library, tmp_path: Path) -> None:
    (tmp_path / "west.pdf").write_bytes(text_pdf("The pump of the west hall stands still."))
    library.within("North").add(tmp_path / "west.pdf", tmp_path / "canteen.pdf")
    names = [document.name for document in library.within("North").documents()]
    assert names == ["north.pdf", "canteen.pdf", "west.pdf"]
    assert len(library.documents()) == 4


def test_pictures_of_what_was_removed_go_whoever_had_them_drawn(library: Library) -> None:
    document = library.document("north.pdf")
    library.within("North").picture("north.pdf", 0)
    drawing = library.runtime.drawing
    assert [doc for _, doc in drawing._copies] == [document.id]
    library.remove("north.pdf")
    assert not drawing._copies


def test_a_part_leaves_the_library_open(library: Library, home: Path, tmp_path: Path) -> None:
    with library.within("North") as north:
        assert len(north.documents()) == 1
    assert len(library.documents()) == 3
    with pytest.raises(RectoError):
        north.export(tmp_path / "all.recto")
    library.export(tmp_path / "all.recto")
    with Library.imported(tmp_path / "all.recto", home.with_name("second")) as second:
        assert [own.name for own in second.collections.all()] == ["North", "South"]


def test_gone_is_what_a_page_of_another_collection_is(library: Library) -> None:
    with pytest.raises(Gone):
        library.within("North")._store.page(library.document("south.pdf").id, 0)
