"""Boxes to tick that a page draws: told as those of a form, with what is in them; other squares are left alone."""

import numpy as np
import pypdfium2 as pdfium
import pytest

from recto.pdf.layout import arrange
from recto.pdf.native import glyphs
from recto.types import FULL, Page
from support.pdfs import FIRST, Sheet, pdf

FIELD = FIRST + 1
LABELS = ("Pets are kept", "A car is parked", "Someone smokes")
CIRCLE = "{0} {1} m {0} {3} {2} {3} {2} {1} c {2} {4} {0} {4} {0} {1} c S"


def labels(x: float = 90) -> bytes:
    return "".join(
        f"BT /F1 11 Tf {x} {700 - 20 * row} Td ({label}) Tj ET\n" for row, label in enumerate(LABELS)
    ).encode()


def squares(side: float = 11, paint: str = "S", step: float = 20) -> bytes:
    return "".join(f"70 {699 - step * row} {side} {side} re {paint}\n" for row in range(3)).encode()


def page_of(content: bytes, **sheet: object) -> Page:
    data = pdf(Sheet(content=content, **sheet))  # type: ignore[arg-type]
    with pdfium.PdfDocument(
        data.replace(b"/Type/Catalog", b"/Type/Catalog/AcroForm<</Fields[%d 0 R]>>" % FIELD)
    ) as document:
        document.init_forms()
        return arrange(0, glyphs(document, 0)).page


@pytest.mark.parametrize(
    "mark",
    [
        b"71 680 m 80 689 l S 71 689 m 80 680 l S",  # a cross of two strokes
        b"71 680 m 80 689 l 71 689 m 80 680 l S",
        b"72 684 m 75 681 l 80 688 l S",  # a tick
        b"73 682 5 5 re f",
        b"BT /F1 10 Tf 72 681 Td (X) Tj ET",
    ],
)
@pytest.mark.parametrize("last", [True, False])
def test_a_mark_in_a_drawn_box_is_told(mark: bytes, last: bool) -> None:
    page = page_of(squares() + labels() + mark if last else squares() + mark + b"\n" + labels())
    assert page.text.split("\n") == ["[ ] Pets are kept", "[x] A car is parked", "[ ] Someone smokes"]
    box = page.boxes[page.spans[:, 0] == page.text.index("[x]")][0] / FULL * np.tile((612, 792), 2)
    np.testing.assert_allclose(box, (70, 792 - 690, 81, 792 - 679), atol=1.1)


@pytest.mark.parametrize(("rotate", "matrix"), [(90, b"1 0 0 1 0 0"), (90, b"0 1 -1 0 760 0"), (0, b"0 1 -1 0 760 0")])
def test_boxes_on_a_page_that_lies_on_its_side_are_told(rotate: int, matrix: bytes) -> None:
    page = page_of(b"%s cm " % matrix + squares() + labels() + b"71 680 m 80 689 l S", rotate=rotate)
    assert page.text.split("\n") == ["[ ] Pets are kept", "[x] A car is parked", "[ ] Someone smokes"]


def test_a_filled_box_is_marked_by_a_stroke_in_it() -> None:
    page = page_of(b"0 .4 .8 rg 70 699 11 11 re f 1 G 72 704 m 75 701 l 80 708 l S 0 G 70 679 11 11 re S " + labels())
    assert page.text.split("\n")[:2] == ["[x] Pets are kept", "[ ] A car is parked"]


def test_boxes_in_the_columns_of_a_table_follow_their_row() -> None:
    boxes = b"".join(b"%d %d 10 10 re S " % (x, 699 - 20 * row) for row in range(3) for x in (250, 300, 350))
    marks = b"251 700 m 259 708 l S 301 680 m 309 688 l S 351 660 m 359 668 l S "
    assert page_of(boxes + marks + labels()).text.split("\n") == [
        "Pets are kept [x] [ ] [ ]",
        "A car is parked [ ] [x] [ ]",
        "Someone smokes [ ] [ ] [x]",
    ]


def test_circles_are_boxes_and_a_dot_is_a_mark() -> None:
    rings = " ".join(CIRCLE.format(70, 704.5 - 20 * row, 80, 711 - 20 * row, 698 - 20 * row) for row in range(3))
    page = page_of(rings.encode() + b" 73 702 4 5 re f " + labels())
    assert page.text.split("\n")[:2] == ["[x] Pets are kept", "[ ] A car is parked"]


def test_a_single_box_counts_if_it_is_marked_and_one_in_a_form_too() -> None:
    single = b"70 699 11 11 re S "
    assert page_of(single + labels()).text.startswith("Pets")
    assert page_of(single + b"71 700 m 80 709 l S " + labels()).text.startswith("[x] Pets")
    form = (
        b"<</Type/XObject/Subtype/Form/BBox[0 0 20 20]/Length 29>>\nstream\n0 0 11 11 re S 1 1 m 10 10 l S\nendstream"
    )
    font = b"/Resources<</Font<</F1 3 0 R>>/XObject<</X %d 0 R>>>>" % FIRST
    page = page_of(b"q 1 0 0 1 70 699 cm /X Do Q " + labels(), extra=font, objects=[form])
    assert page.text.startswith("[x] Pets")


@pytest.mark.parametrize(
    "shapes",
    [
        squares(paint="f"),  # of a legend, in colour
        squares(side=3),
        squares(side=40),
        squares(side=20),  # a column of cells
        b"".join(b"%d 699 11 11 re S " % (14 + 11 * row) for row in range(6)),  # a row of them
        squares() + b"".join(b"BT /F1 9 Tf 73 %d Td (%d) Tj ET " % (701 - 20 * row, row) for row in range(3)),
    ],
)
def test_other_squares_are_no_boxes(shapes: bytes) -> None:
    assert "[" not in page_of(shapes + labels()).text


def test_points_of_a_diagram_before_figures_are_no_boxes() -> None:
    figures = b"".join(b"BT /F1 11 Tf 90 %d Td (%d) Tj ET " % (700 - 20 * row, 46 + row) for row in range(3))
    assert page_of(squares() + figures).text.split("\n") == ["46", "47", "48"]


def test_a_field_over_a_drawn_box_is_told_once() -> None:
    field = (
        b"<</Type/Annot/Subtype/Widget/FT/Btn/T(a)/F 4/Rect[70 699 81 710]/AS/Off/AP<</N<</Yes %d 0 R/Off %d 0 R>>>>>>"
        % (FIRST, FIRST)
    )
    form = b"<</Type/XObject/Subtype/Form/BBox[0 0 11 11]/Length 14>>\nstream\n0 0 11 11 re S\nendstream"
    assert (
        page_of(squares() + labels(), extra=b"/Annots[%d 0 R]" % FIELD, objects=[form, field]).text.split("\n")[0]
        == "[ ] Pets are kept"
    )
