"""Which places a written sentence is given: of rows, those of the column that is asked for."""

import pytest

from recto.answer.asked_cells import asked_cell
from recto.answer.attaching import is_of_asked_cells
from recto.types import Citation, Document, QuotedCell, Span

ROW = [
    ("Saltersford", ""),
    ("2,780", "Residents"),
    ("1,243", "Households"),
    ("14.8", "Area km²"),
    ("3.1", "Income (millions)"),
]
QUESTION = "What is the area of Saltersford?"


def row(asked: str) -> list[Citation]:
    cells = [
        QuotedCell(row=1, column=column, head=head, text=text, asked=head == asked)
        for column, (text, head) in enumerate(ROW)
    ]
    document = Document(id="0" * 64, name="parishes.pdf", title="", pages=1, size=1, added=0.0)
    quote = " ".join(text for text, _ in ROW)
    return [
        Citation(
            at=0, span=Span(document.id, 0, 0, len(quote)), document=document, quote=quote, rects=(), cells=tuple(cells)
        )
    ]


@pytest.mark.parametrize(
    ("sentence", "asked", "is_so"),
    [
        ("The area of Saltersford is 14.8 km².", "Area km²", True),
        ("14.8", "Area km²", True),
        ("Saltersford has 3.1 million.", "Income (millions)", True),  # the scale stands in the head
        ("The area of Saltersford is 2,780 km².", "Area km²", False),  # of another column
        ("1,243", "Area km²", False),
        ("It has 14.8 km² and 1,243 households.", "Area km²", True),  # more than what was asked for
        ("Saltersford has an area.", "Area km²", True),  # claims no number
        ("The area of Saltersford is 2,780 km².", "nothing that is clear", True),
    ],
)
def test_a_number_is_to_stand_in_the_column_that_is_asked_for(sentence: str, asked: str, is_so: bool) -> None:
    assert is_of_asked_cells(sentence, QUESTION, row(asked)) is is_so


def test_the_cell_that_is_asked_for_is_told_with_its_row_and_head() -> None:
    assert asked_cell(row("Area km²")[0].cells) == "Saltersford; Area km²: 14.8"
    assert asked_cell(row("nothing that is clear")[0].cells) == ""
