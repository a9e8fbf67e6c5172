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
