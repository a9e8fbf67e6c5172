"""Which cells of a quoted table a question asks for."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto.answer.asked_cells import named, with_asked
from recto.types import QuotedCell

YEARS = ["", "2021", "2022", "2023", "Change"]
TWO_ROWS = ["", "Revenue 2022", "Revenue 2023", "Costs 2022", "Costs 2023"]
UNITS = ["Crane", "Weight (kg)", "Price EUR", "Price USD", "Share %"]


def table(heads: Sequence[str], *rows: Sequence[str]) -> list[list[QuotedCell]]:
    return [
        [
            QuotedCell(row=number, column=column, head=head, text=text)
            for column, (head, text) in enumerate(zip(heads, row, strict=True))
        ]
        for number, row in enumerate(rows, start=1)
    ]


def asked(question: str, heads: Sequence[str], *rows: Sequence[str]) -> list[str]:
    return [cell.text for row in with_asked(question, table(heads, *rows)) for cell in row if cell.asked]


SALES = "Net sales", "11", "12", "13", "14"
COSTS = "Cost of sales", "21", "22", "23", "24"
TAX = "Income tax", "31", "32", "33", "34"
NORTH = "North", "41", "42", "43", "44"
JIB = "Jib crane", "900", "1,200.00", "1,400.00", "7 %"


@pytest.mark.parametrize(
    ("question", "heads", "rows", "cells"),
    [
        ("What were net sales in 2022?", YEARS, [SALES], ["12"]),
        ("What were net sales in 2021 and 2023?", YEARS, [SALES], ["11", "13"]),
        ("How did net sales change between 2022 and 2023?", YEARS, [SALES], ["12", "13", "14"]),
        ("How did net sales develop from 2021 to 2023?", YEARS, [SALES], ["11", "12", "13"]),
        ("Net sales 2021–2023", YEARS, [SALES], ["11", "12", "13"]),
        ("Wie war der Umsatz von 2021 bis 2023?", YEARS, [("Umsatz", "1", "2", "3", "4")], ["1", "2", "3"]),
        ("What were net sales?", YEARS, [SALES], []),
        ("What were net sales in 2019?", YEARS, [SALES], []),
        ("What was income tax in FY23?", YEARS, [SALES, COSTS, TAX], ["33"]),
        ("What was income tax in 2022?", ["", "FY21", "FY22", "FY23", ""], [TAX], ["32"]),
        ("What were net sales and income tax in 2022?", YEARS, [SALES, COSTS, TAX], ["12", "32"]),
        # Without a row that is clear there is no cell, without a row that is named a single one is meant.
        ("What were the dividends in 2022?", YEARS, [SALES, TAX], []),
        ("What did the company sell in 2022?", YEARS, [("Turnover", "1", "2", "3", "4")], ["2"]),
        ("What was the revenue of the north in 2023?", TWO_ROWS, [NORTH], ["42"]),
        ("What were the revenues of the north in 2022 and 2023?", TWO_ROWS, [NORTH], ["41", "42"]),
        ("What came from the north in 2023?", TWO_ROWS, [NORTH], []),  # revenue or costs
        ("What was the revenue of the north?", TWO_ROWS, [NORTH], []),  # of which year
        ("What was total tax in 2022?", ["", "2022", "Total"], [("Total tax", "1", "2")], ["1"]),
        ("What are the total costs of the north?", ["", "East", "Total"], [("North, costs", "1", "2")], ["2"]),
        ("How heavy is the jib crane?", UNITS, [JIB], ["900"]),
        ("What is the price of the jib crane in EUR?", UNITS, [JIB], ["1,200.00"]),
        ("What is the price of the jib crane?", UNITS, [JIB], []),  # in which currency
        ("What percentage of all cranes are jib cranes?", UNITS, [JIB], ["7 %"]),
        ("How heavy is the crane of hall 3?", ["Crane", "Hall", "Weight"], [("Jib", "Hall 3", "900 kg")], ["900 kg"]),
        ("Which hall has the jib crane?", ["Crane", "Hall", "Weight"], [("Jib", "Hall 3", "900 kg")], ["Hall 3"]),
        ("In which hall stands the jib crane?", ["Crane", "Hall", "Weight"], [("Jib", "North", "900 kg")], ["North"]),
        ("What does the jib crane cost?", ["Crane", "Bay", "Price"], [("Jib crane", "4", "$900")], ["$900"]),
        ("What were net sales in 2022?", ["", "", "", "", ""], [SALES], []),  # the heads stand overleaf
        ("", YEARS, [SALES], []),
        ("What were net sales in 2022?", YEARS, [], []),
    ],
)
def test_the_asked_cells_stand_below_the_heads_that_the_question_names(
    question: str, heads: list[str], rows: list[tuple[str, ...]], cells: list[str]
) -> None:
    assert asked(question, heads, *rows) == cells


def test_a_blank_may_be_asked_for() -> None:
    (row,) = with_asked("What were net sales in 2022?", table(YEARS, ["Net sales", "1", "", "3", "4"]))
    assert [cell.column for cell in row if cell.asked] == [2]


WORDS = st.sampled_from(["sales", "costs", "tax", "2021", "2022", "kg", "EUR", "%", "total"])
TEXTS = st.lists(WORDS, max_size=3).map(" ".join)
TABLES = st.integers(1, 4).flatmap(
    lambda columns: st.tuples(
        st.lists(TEXTS, min_size=columns, max_size=columns),
        st.lists(st.lists(TEXTS, min_size=columns, max_size=columns), max_size=4),
    )
)


@given(TEXTS, TABLES)
def test_marks_change_nothing_else(question: str, drawn: tuple[list[str], list[list[str]]]) -> None:
    heads, texts = drawn
    rows = table(heads, *texts)
    result = with_asked(question, rows)
    assert [[(cell.row, cell.column, cell.head, cell.text) for cell in row] for row in result] == [
        [(cell.row, cell.column, cell.head, cell.text) for cell in row] for row in rows
    ]
    marked = [cell for row in result for cell in row if cell.asked]
    assert all(cell.column and cell.head for cell in marked)
    # Rows times columns: a column is marked in each row that is.
    numbers, columns = {cell.row for cell in marked}, {cell.column for cell in marked}
    assert len(marked) == len(numbers) * len(columns)
    assert not question or with_asked("", rows) == rows


@given(st.dictionaries(st.integers(0, 5), st.frozensets(st.integers(0, 6))), st.frozensets(st.integers(0, 6)))
def test_what_is_named_has_a_word_of_the_question_and_no_equal(
    terms: dict[int, frozenset[int | str]], words: frozenset[int | str]
) -> None:
    result = named(terms, words)
    assert result <= set(terms)
    for key in result:
        assert terms[key] & words
        assert not any(terms[place] == terms[key] for place in terms if place != key)
    assert named(dict(reversed(terms.items())), words) == result  # wherever a column stands
    assert not named(terms, frozenset())
