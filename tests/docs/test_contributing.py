"""CONTRIBUTING's map of the house names files that are there, and every room has a row."""

import re

import pytest

from support.paths import HERE

ROOT = HERE.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MADE = "tests/page/screenshots"  # by the tests of the page
PLACES = sorted({*re.findall(r"`((?:src|bench|tests|scripts|docs)/[^`]*)`", TEXT)} - {MADE})


def test_the_map_answers_where_to_change_things() -> None:
    answers = TEXT.partition("Where would I change")[2].partition("\n\n")[0].splitlines()
    assert sum(line.startswith("|") and "`src/recto/" in line for line in answers) >= 10


@pytest.mark.parametrize("place", PLACES)
def test_what_the_map_names_is_there(place: str) -> None:
    assert (ROOT / place).exists()


def test_every_room_has_a_row() -> None:
    rooms = {path.parent.name for path in (ROOT / "src" / "recto").glob("*/__init__.py")}
    assert {f"`{room}/`" for room in rooms} <= {
        row.split("|")[1].strip() for row in TEXT.splitlines() if row.count("|") > 2
    }


def test_every_file_of_the_ground_has_a_row() -> None:
    ground = {path.stem for path in (ROOT / "src" / "recto").glob("*.py")} - {"__init__", "__main__"}
    rows = [row for row in TEXT.splitlines() if row.startswith("| `") and "/" not in row.split("|")[1]]
    assert ground == {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}
