"""A question that names a page means that page."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from recto import Library
from recto.search.page_references import page_references, referenced_pages
from support.pdfs import text_pdf

VALVE = "The valve of hall {} opens at {} bar.\nIt is checked once a year by the night shift."
PAGES = ["The manual", "Contents", *(f"{VALVE.format(number, number * 10)}\n{number}" for number in range(1, 9))]


@pytest.fixture
def library(home: Path, tmp_path: Path) -> Iterator[Library]:
    path = tmp_path / "manual.pdf"
    path.write_bytes(text_pdf(*PAGES))
    with Library(home) as library:
        library.add(path)
        yield library


def pages(library: Library, question: str) -> set[int]:
    """Counted from 1, as people do."""
    references = page_references(question)
    return {page + 1 for _, page in referenced_pages(references, library.documents(), library._store)}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What opens on page 4?", {4, 6}),  # the fourth of the file, and the one on which a 4 is printed
        ("What opens on p. 8?", {8, 10}),
        ("Compare pages 9-10", {9, 10}),
        ("Compare pages 9 to 10 and page 1", {1, 3, 9, 10}),
        ("Was steht auf Seite 9?", {9}),
        ("Qué dice la página 9?", {9}),
        ("What does the title page say?", {1}),
        ("What does the last page say?", {10}),
        ("Which page says it?", set()),
        ("What do 4 pages say of homepage 4 and page 0?", set()),
        ("page 9999999", set()),
    ],
)
def test_the_pages_that_are_named(library: Library, question: str, expected: set[int]) -> None:
    assert pages(library, question) == expected


def test_a_number_that_no_page_has_names_nothing_that_is_there(library: Library) -> None:
    hits = library.search("What does the valve do on page 700?")
    assert hits


@pytest.mark.parametrize("page", [4, 5, 9])
def test_the_named_page_is_found_first(library: Library, page: int) -> None:
    found = [
        hit.passage.span.page + 1 for hit in library.search(f"At how many bar does the valve on page {page} open?")
    ]
    assert set(found[:2]) & {page, page + 2}
