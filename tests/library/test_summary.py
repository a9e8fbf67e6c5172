"""What is worked out of a document once, when it is put."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from recto import Library
from recto.config import OcrMode
from recto.store import driver
from recto.text.subjects import subject
from recto.types import Flag
from support.paths import HERE
from support.pdfs import text_pdf

SEMIHOSTING = HERE / "corpus" / "riscv-semihosting.pdf"


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    with Library(home) as library:
        list(library.adding(SEMIHOSTING, ocr=OcrMode.OFF))  # its logo is not what is looked at
        yield library


def looks(library: Library) -> list[object]:
    return [library.examples(), *(condition.flags for condition in library.conditions())]


def test_a_look_at_the_library_unpacks_no_page(library: Library) -> None:
    statements: list[str] = []
    library._store._file.reader.set_trace_callback(statements.append)  # type: ignore[attr-defined]
    questions, flags = looks(library)
    assert "What is said about Semihosting Parameters?" in questions
    assert flags == {Flag.TEXT: library.document(SEMIHOSTING.name).pages, Flag.OCR: 0, Flag.GARBLED: 0, Flag.EMPTY: 0}
    assert any("FROM summaries" in statement for statement in statements)
    assert not any("FROM pages" in statement for statement in statements)


def test_documents_from_before_there_were_summaries_are_looked_into(library: Library, home: Path) -> None:
    before = looks(library)
    with sqlite3.connect(home / driver.NAME) as connection:
        connection.execute("DELETE FROM summaries")
    connection.close()
    assert looks(library) == before
    (outcome,) = (event for event in library.adding(SEMIHOSTING) if hasattr(event, "status"))
    assert (outcome.status, outcome.passages > 5, outcome.flags) == ("already", True, before[1])


def test_a_document_read_again_is_summarised_again(library: Library, tmp_path: Path) -> None:
    (tmp_path / "pump.pdf").write_bytes(text_pdf("the pump runs at nine hundred turns a minute", ""))
    for _ in range(2):
        list(library.adding(tmp_path / "pump.pdf", reread=True))
        *_, condition = library.conditions()
        assert condition.flags == {Flag.TEXT: 1, Flag.OCR: 0, Flag.GARBLED: 0, Flag.EMPTY: 1}


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("Guide > 2.1 Starting the pump", "Starting the pump"),
        ("Chapter 3 Safe operation", "Safe operation"),
        ("Contents of this manual", ""),
        ("Pump", ""),
        ("", ""),
        ("one two three four five six seven eight nine", ""),
    ],
)
def test_the_subject_of_a_heading(heading: str, expected: str) -> None:
    assert subject(heading) == expected
