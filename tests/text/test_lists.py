"""What is a list, and what is a row of numbered headings."""

import pytest

from recto.text.lists import announces, lists
from recto.text.sentences import sentences

MINUTES = """1. Apologies
None were received.
2. Boathouse roof
The roof leaks above the second bay. Two offers came in.
3. Next regatta
It is held on the first Sunday of June."""


def test_numbered_headings_with_their_sections_are_no_list() -> None:
    assert lists(MINUTES, sentences(MINUTES)) == []


def test_a_numbered_heading_announces_its_section() -> None:
    places = sentences(MINUTES)
    announcing = [MINUTES[slice(*place)] for place in places if announces(MINUTES, place)]
    assert announcing == ["1. Apologies", "2. Boathouse roof", "3. Next regatta"]


@pytest.mark.parametrize(
    "text",
    [
        "Before use:\n1. Close the drain\n2. Fill the tank\n3. Open the valve",
        "Steps\n1. Close the drain.\nIt clicks.\n2. Fill the tank.\nWait a minute.\n3. Open the valve.",
        "Bring along:\n- a torch\n- a rope that is long enough for the whole descent\n- a map",
    ],
)
def test_numbered_steps_are_a_list(text: str) -> None:
    (block,) = lists(text, sentences(text))
    assert len(block.items) == 3


NESTED = """The papers:
1. the form
a) signed by both parents
b) dated
2. the reports
\u2022 the last two
\u2022 in the original
3. a photograph
The office is open on Mondays."""


def test_items_within_an_item_belong_to_it() -> None:
    (block,) = lists(NESTED, places := sentences(NESTED))
    assert [NESTED[places[first][0] : places[end - 1][1]] for first, end in block.items] == [
        "1. the form\na) signed by both parents\nb) dated",
        "2. the reports\n\u2022 the last two\n\u2022 in the original",
        "3. a photograph",
    ]


def test_lists_of_sections_and_below_a_single_item_stay_lists() -> None:
    long = "\n".join(
        f"- thing {number} that is to be brought along by all who come to the meeting" for number in range(9)
    )
    sections = "\n".join(f"{number}. Section\n{long}" for number in (1, 2))
    assert [len(block.items) for block in lists(sections, sentences(sections))] == [9, 9]
    single = "1. the form\na) signed by both parents\nb) dated\nThe office is open on Mondays."
    assert [len(block.items) for block in lists(single, sentences(single))] == [2]


def test_items_may_be_counted_in_roman_numbers() -> None:
    text = "The papers:\nI. the form\nII. the reports\nIII. a photograph\nIV. proof of residence"
    (block,) = lists(text, sentences(text))
    assert len(block.items) == 4
