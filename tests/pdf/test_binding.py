"""PDFium asked about thousands of characters at once: what it says of each by itself."""

import ctypes
from itertools import repeat

import numpy as np
import pypdfium2 as pdfium
import pytest

from recto.pdf.binding import ROWS, as_pointer, unconverted, written
from recto.pdf.characters import measures
from support.pdfs import Sheet, pdf

LINES = 30
LETTERS = "every character of this page has a box of its own, and there are many"


@pytest.mark.parametrize("count", [0, 1, ROWS, ROWS + 1, 2 * ROWS])
def test_many_characters_are_measured_as_each_by_itself(count: int) -> None:
    data = pdf(Sheet([(20, 750 - 20 * line, 9, f"{line} {LETTERS}") for line in range(LINES)]))
    page = pdfium.PdfDocument(data)[0]
    text = page.get_textpage()
    handle = ctypes.cast(text.raw, ctypes.c_void_p).value or 0
    index = np.arange(count) % text.count_chars()
    loose, tight = measures.loose_boxes(handle, index), measures.tight_boxes(handle, index)
    assert loose.shape == tight.shape == (count, 4)
    for row in {0, count // 2, ROWS - 1, ROWS, count - 1} & set(range(count)):
        left, bottom, right, top = text.get_charbox(int(index[row]), loose=True)
        assert loose[row].tolist() == [left, top, right, bottom]
        assert tight[row] == pytest.approx(text.get_charbox(int(index[row])))


def test_what_cannot_be_said_is_zero() -> None:
    page = pdfium.PdfDocument(pdf(Sheet([(20, 750, 9, "few")])))[0]
    text = page.get_textpage()
    box = unconverted("FPDFText_GetCharBox")
    values = np.ones((2, 4))
    pointer = as_pointer(ctypes.cast(text.raw, ctypes.c_void_p).value)
    assert written(box, (repeat(pointer), [0, 99]), values, out_values=4) == [1, 0]
    assert values[0].any()
    assert not values[1].any()
