"""Files that are no PDFs, from adding to the citation: each answer points to a page of the PDF that was made."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from recto import Library
from recto.files import readable_files
from recto.pdf.recognition import tesseract
from recto.store import open_store
from recto.types import AddStatus, Flag
from support import files
from support.pdfs import text_pdf

NOTES = (
    "# Boilers\n\nThe boiler of hall 5 burns 14 tonnes of coal a day.\n\n# Cranes\n\nNothing is said of them here.\n"
)
PAGE = "<!doctype html><title>Ferries</title><p>The ferry to Elm Island carries 312 people.<p hidden>900 people."


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    with Library(home) as library:
        yield library


@pytest.mark.parametrize(
    ("name", "content", "question", "quote"),
    [
        ("boilers.md", NOTES, "How much coal does the boiler of hall 5 burn?", "burns 14 tonnes of coal a day"),
        ("ferries.html", PAGE, "How many people does the ferry carry?", "carries 312 people"),
        ("pumps.eml", files.MAIL, "What does the pump of hall 7 deliver?", "delivers 33 litres a second"),
        pytest.param(
            "scan.tif",
            files.tiff(),
            "How long is the longest bridge?",
            "812 metres",
            marks=pytest.mark.skipif(tesseract.program() is None, reason="tesseract is not installed"),
        ),
    ],
)
def test_an_answer_points_to_the_page_that_was_made(
    library: Library, tmp_path: Path, name: str, content: bytes | str, question: str, quote: str
) -> None:
    path = files.write(tmp_path / name, content)
    (outcome,) = library.add(path)
    assert (outcome.status, outcome.problem) == (AddStatus.ADDED, None)
    assert outcome.document.id == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (outcome.document.name, outcome.document.size) == (name, path.stat().st_size)
    citation = library.ask(question).answer.citations[0]
    assert quote in " ".join(citation.quote.split())
    assert citation.span.page == (1 if name == "scan.tif" else 0)
    assert outcome.flags[Flag.OCR] == (2 if name == "scan.tif" else 0)
    assert library.picture(name, citation.span.page, marks=citation.rects).startswith(b"\x89PNG")


def test_the_file_itself_is_kept_once_and_goes_with_its_document(library: Library, tmp_path: Path) -> None:
    notes = files.write(tmp_path / "notes.md", NOTES)
    paper = files.write(tmp_path / "paper.pdf", text_pdf("A paper about pumps."))
    assert [outcome.status for outcome in library.add(notes, paper, notes)] == ["added", "added", "already"]
    for path in (notes, paper):
        library.copy_original(path.name, tmp_path / "copy")
        assert (tmp_path / "copy").read_bytes() == path.read_bytes()
    library.copy_source("notes.md", tmp_path / "made.pdf")
    assert (tmp_path / "made.pdf").read_bytes().startswith(b"%PDF-")
    assert [outcome.status for outcome in library.add(notes, reread=True)] == ["added"]
    library.remove("notes.md")
    assert b"burns 14 tonnes" not in (library.settings.home / "library.sqlite").read_bytes()
    assert [document.name for document in library.documents()] == ["paper.pdf"]


def test_a_copy_of_the_library_holds_the_files_too(library: Library, tmp_path: Path) -> None:
    library.add(files.write(tmp_path / "notes.md", NOTES))
    library.export(tmp_path / "all.recto")
    with Library.imported(tmp_path / "all.recto", tmp_path / "again") as copy:
        copy.copy_original("notes.md", tmp_path / "copy.md")
    assert (tmp_path / "copy.md").read_text() == NOTES


def test_a_library_from_before_takes_other_files(library: Library, tmp_path: Path) -> None:
    library.add(files.write(tmp_path / "paper.pdf", text_pdf("A paper about pumps.")))
    with open_store(library.settings) as store, store._file.writing() as connection:
        connection.execute("DROP TABLE originals")
    with Library(library.settings.home) as later:
        assert [outcome.status for outcome in later.add(files.write(tmp_path / "notes.md", NOTES))] == ["added"]
        later.copy_original("paper.pdf", tmp_path / "copy.pdf")
        later.copy_original("notes.md", tmp_path / "copy.md")


def test_a_folder_brings_all_that_can_be_read(tmp_path: Path) -> None:
    for name in ("a.pdf", "b.MD", "c.eml", "d.docx", "e.csv", "f.jpeg", "g"):
        (tmp_path / name).touch()
    assert [path.name for path, _ in readable_files([tmp_path])] == ["a.pdf", "b.MD", "c.eml", "d.docx", "f.jpeg"]


def test_characters_without_a_sign_are_a_problem_of_a_document_that_was_added(library: Library, tmp_path: Path) -> None:
    (outcome,) = library.add(files.write(tmp_path / "a.txt", "The valve is called \U0003fff0 by those who use it."))
    assert outcome.status is AddStatus.ADDED
    assert outcome.problem is not None
    assert (outcome.problem.kind, outcome.problem.message) == (
        "missing_signs",
        f"{tmp_path / 'a.txt'}: 1 of 42 characters have no sign in any font here (\U0003fff0)",
    )
    assert "recto add --reread" in outcome.problem.hint
