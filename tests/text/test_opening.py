"""How a document begins: its title, author and date, told by their lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto.text import opening
from support.memory_index import text_page


def line(fact: str, text: str) -> str | None:
    page = text_page(0, text)
    place = opening.FACTS[fact](page, 0)
    return page.text[slice(*place)] if place else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The dome\nby Ida Renner\nIt opens at dusk.", "by Ida Renner"),
        ("The dome\nAuthor: Ida Renner", "Author: Ida Renner"),
        ("The dome\nPresented by Ida Renner", "Presented by Ida Renner"),
        ("The dome\nby\nIda Renner\nIt opens.", "by\nIda Renner"),
        ("Die Kuppel\nvon Ida Renner", "von Ida Renner"),
        ("The dome\nBy opening it at dusk dew is kept away.\nIt opens.", None),
        ("The dome", None),
        ("", None),
    ],
)
def test_an_author(text: str, expected: str | None) -> None:
    assert line("author", text) == expected


@pytest.mark.parametrize(
    "date",
    [
        "12 March 2021",
        "March 12, 2021",
        "2021-03-12",
        "12.03.2021",
        "12. M\u00e4rz 2021",
        "12 de marzo de 2021",
        "March 2021",
    ],
)
def test_a_date(date: str) -> None:
    assert line("date", f"The dome of 1990 and of 1991 and much later ones\n{date}\nIt opens.") == date


def test_a_year_by_itself_is_a_date_and_that_of_a_work_that_is_cited_is_none() -> None:
    assert line("date", "The dome\nSpring 2021\nIt opens.") == "Spring 2021"
    assert line("date", "The dome\nDew was measured before (Renner et al., 2019; Oslo, 2020)\nIt opens.") is None


def test_without_sizes_the_first_line_is_the_title() -> None:
    assert line("title", "12\nThe dome\nIt opens.") == "The dome"


def test_an_opening_is_whole_sentences() -> None:
    text = "The dome opens at dusk. " + "It is closed at dawn. " * 40
    start, end = opening.shortened(text, (0, len(text)), 60)
    assert text[start:end] == "The dome opens at dusk. It is closed at dawn."
    assert opening.shortened("word " * 30, (0, 149), 20) == (0, 149)
    assert opening.shortened("", (0, 0), 20) == (0, 0)


@given(st.text(max_size=300), st.integers(1, 50))
def test_what_begins_a_page_lies_in_it(text: str, most: int) -> None:
    page = text_page(0, text)
    places = [fact(page, 0) for fact in opening.FACTS.values()]
    for start, end in [*filter(None, places), opening.shortened(text, (0, len(text)), most)]:
        assert 0 <= start <= end <= len(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dear Ida,\nthe dome leaks.\nYours sincerely,\nTom Oke\nWarden", "Yours sincerely,\nTom Oke\nWarden"),
        ("The dome leaks.\nMit freundlichen Grüßen\nTom Oke", "Mit freundlichen Grüßen\nTom Oke"),
        ("The dome leaks.\nYours sincerely", None),
        ("We sincerely hope so.\nThe dome leaks.", None),
    ],
)
def test_a_signature(text: str, expected: str | None) -> None:
    page = text_page(0, text)
    place = opening.signature(page)
    assert (page.text[slice(*place)] if place else None) == expected
