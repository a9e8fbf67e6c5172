"""Where tables, figures and sections begin and end: captions and headings, not the contents nor what speaks of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto.text.captions import CAPTIONED, SPELLINGS, extent, number_forms, numbered_places, section_end, worded_places
from recto.text.romans import LARGEST, roman, roman_value

PAGE = """\
Contents
1 Wells 3
2 Methods 4
2.1 Sampling 4
Table 2: Yield of the wells ........ 14
TABLE III: Letters 15

The yield of all wells is to be seen in
Table 2. The wells were drilled by the mine and are much
deeper than Table 2 shows, and as
Table 2 shows nobody drills there now.

Table 2: Yield by year
        2020 2021
North 12 13
South 3 4
The south well lost most of its water, and nobody knows for certain where it went.
TABLE III
Letters to the mine
Figure 4. The steel tape in use at the north well, which is the
deepest of them.
Nobody measured the east well.

2 Methods
Everything was measured twice.
2.1 Sampling
Bottles were rinsed.
2.2 Measuring
The depth was read at dawn.
3 Results
All wells lost water.
ARTICLE V
The tenant pays.
Article 6
The valley pays.
CHAPTER TWO
The mine
NOTE 12 \u2013 LEASES
The drill is leased.
Note 13. Pumps
Pumps are bought."""


@pytest.mark.parametrize(
    ("kind", "number", "expected"),
    [
        ("table", "2", "Table 2: Yield by year\n        2020 2021\nNorth 12 13\nSouth 3 4"),
        ("table", "II", "Table 2: Yield by year\n        2020 2021\nNorth 12 13\nSouth 3 4"),
        ("table", "3", "TABLE III\nLetters to the mine"),
        ("figure", "4", "Figure 4. The steel tape in use at the north well, which is the\ndeepest of them."),
        ("article", "5", "ARTICLE V\nThe tenant pays."),
        (
            "chapter",
            "2",
            "CHAPTER TWO\nThe mine\nNOTE 12 \u2013 LEASES\nThe drill is leased.\nNote 13. Pumps\nPumps are bought.",
        ),
        ("note", "12", "NOTE 12 \u2013 LEASES\nThe drill is leased."),
        ("note", "13", "Note 13. Pumps\nPumps are bought."),
    ],
)
def test_parts_with_their_name(kind: str, number: str, expected: str) -> None:
    (beginning,) = worded_places(PAGE, kind, number)
    start, end = extent(PAGE, kind, number, beginning.line)
    assert PAGE[start:end] == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("2.1", "2.1 Sampling\nBottles were rinsed."),
        ("2.2", "2.2 Measuring\nThe depth was read at dawn."),
    ],
)
def test_sections_by_their_numbers_alone(number: str, expected: str) -> None:
    (beginning,) = numbered_places(PAGE, number)
    start, end = extent(PAGE, "section", number, beginning.line)
    assert PAGE[start:end] == expected
    assert PAGE[beginning.number_end : beginning.line[1]] == expected.split("\n")[0].split(" ")[1]


def test_a_section_holds_those_below_it() -> None:
    (beginning,) = numbered_places(PAGE, "2")
    start, end = extent(PAGE, "section", "2", beginning.line)
    assert PAGE[start:end].startswith("2 Methods\nEverything")
    assert PAGE[start:end].endswith("at dawn.")


def test_a_table_above_its_caption() -> None:
    text = "Prose before it.\n        2020 2021\nNorth 12 13\nSouth 3 4\nTable 1. Yield by year"
    (beginning,) = worded_places(text, "table", "1")
    start, end = extent(text, "table", "1", beginning.line)
    assert "North 12 13\nSouth 3 4\nTable 1. Yield by year" in text[start:end]


@pytest.mark.parametrize(
    ("kind", "number"), [("table", "9"), ("table", "2.1"), ("figure", "2"), ("appendix", "A"), ("section", "2")]
)
def test_what_is_not_there(kind: str, number: str) -> None:
    assert worded_places(PAGE, kind, number) == []


@pytest.mark.parametrize(
    ("number", "forms"),
    [
        ("II", {"ii", "2", "two"}),
        ("2", {"ii", "2", "two"}),
        ("two", {"ii", "2", "two"}),
        ("39", {"39", "xxxix"}),
        ("40", {"40"}),
        ("B", {"b"}),
        ("3.2", {"3.2"}),
    ],
)
def test_the_forms_of_a_number(number: str, forms: set[str]) -> None:
    assert set(number_forms(number)) == forms


@given(st.integers(1, LARGEST))
def test_roman_numbers(value: int) -> None:
    assert roman_value(roman(value)) == value


def test_what_is_no_roman_number() -> None:
    assert [roman_value(written) for written in ("", "iix", "vx", "mix", "iiii")] == [0] * 5


LINES = st.lists(st.sampled_from(PAGE.split("\n")) | st.text(max_size=30), max_size=12).map("\n".join)


@given(LINES, st.sampled_from(sorted(SPELLINGS)), st.sampled_from(["1", "II", "2.1", "2(b)", "A", "v", "7A", "two"]))
def test_places_lie_in_their_text(text: str, kind: str, number: str) -> None:
    for beginning in [*worded_places(text, kind, number), *numbered_places(text, number)]:
        start, end = extent(text, kind, number, beginning.line)
        assert 0 <= start <= beginning.line[0] < end <= len(text)
        assert beginning.line[0] < beginning.number_end <= beginning.line[1]
    assert kind in CAPTIONED or section_end(text, kind, number, 0) != 0
