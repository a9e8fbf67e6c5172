"""Text that a file gives in place of what is drawn (/ActualText): on all the lines that it stands for.

PDFium spreads it evenly over the first text object of the marked content, and leaves the others out, or gives it once
more for one of them: see `syllables`.
"""

import ctypes
from collections.abc import Iterator, Sequence

import numpy as np
import pypdfium2.raw as raw
from numpy.typing import NDArray

from recto.pdf.boxes import around_each, level
from recto.pdf.characters import Characters
from recto.pdf.run import blank, stretches, within
from recto.types import Floats

EVEN = 0.01  # of a width: characters that are spread evenly differ by less
LEAST = 3  # pairs of neighbours: fewer characters stand for one sign, or for a ligature
NARROW = ((0x66, 0x66), (0x69, 0x6A), (0x6C, 0x6C), (0x72, 0x72), (0x74, 0x74))  # f i j l r t: never as wide as others
FEW = 4  # lines: more of them are too much to mark for a word
ONE_LINE = 0.5  # of the lower height


def placed(
    page: raw.FPDF_PAGE, text: raw.FPDF_TEXTPAGE, characters: Characters, corner: tuple[float, float]
) -> Characters:
    """Put the characters of each such text on the lines that are drawn for it, each in the box of a whole line.

    Which of them stands where nobody can tell. Of a few lines each word gets all, letter by letter; more lines get
    words in proportion to their widths. `corner` is the page's left and top side.
    """
    boxes = None
    for start, end in _spread_evenly(characters):
        lines = _lines(page, raw.FPDFText_GetTextObject(text, int(characters.index[start])), corner)
        if len(lines):
            boxes = characters.boxes.copy() if boxes is None else boxes
            boxes[start:end] = lines[_line_of_each(lines, blank(characters.codes[start:end]))]
    return characters if boxes is None else Characters(characters.codes, boxes, characters.index)


def _line_of_each(lines: Floats, white: NDArray[np.bool_]) -> NDArray[np.int64]:
    word, places = np.cumsum(white), np.arange(len(white))
    if len(lines) <= FEW:
        return (places - np.maximum.accumulate(np.where(white, places + 1, 0))) % len(lines)
    middles = np.bincount(word, places + 0.5) / np.bincount(word) / len(white)
    widths = np.cumsum(lines[:, 2] - lines[:, 0])
    return np.minimum(np.searchsorted(widths / widths[-1], middles), len(lines) - 1)[word]


def _spread_evenly(characters: Characters) -> Iterator[tuple[int, int]]:
    """The stretches of characters of one width, from and to, that hold narrow letters and others."""
    ink, (left, top, right, bottom) = characters.ink, characters.ink_boxes.T
    widths = right - left
    even = (np.abs(np.diff(widths)) < EVEN * widths[1:]) & (top[1:] == top[:-1]) & (bottom[1:] == bottom[:-1])
    edges = stretches(even)
    edges = edges[edges[:, 1] - edges[:, 0] >= LEAST]
    if not edges.size:
        return
    narrow = within(characters.ink_codes, NARROW)
    for start, last in edges.tolist():
        if narrow[start : last + 1].any() and not narrow[start : last + 1].all():
            yield int(ink[start]), int(ink[last]) + 1


def _lines(page: raw.FPDF_PAGE, drawn: raw.FPDF_PAGEOBJECT, corner: tuple[float, float]) -> Floats:
    """The boxes of the lines that are drawn within the marked content of a text object, if that has /ActualText."""
    marks = set(marks_with_text(drawn))
    if not marks:
        return np.zeros((0, 4), np.float32)
    count = raw.FPDFPage_CountObjects(page)
    parts = [part for part in (raw.FPDFPage_GetObject(page, at) for at in range(count)) if marks & set(_marks(part))]
    boxes = object_boxes(parts, corner)
    boxes = boxes[(boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])]
    heads = np.flatnonzero(np.append(True, ~level(boxes[:-1], boxes[1:], ONE_LINE))[: len(boxes)])
    return around_each(boxes, heads) if heads.size else boxes


def object_boxes(objects: Sequence[raw.FPDF_PAGEOBJECT], corner: tuple[float, float]) -> Floats:
    """The boxes around objects of a page, (n, 4); `corner` is its left and top side."""
    rows: list[list[float]] = []
    for drawn in objects:
        sides = [ctypes.c_float() for _ in range(4)]
        raw.FPDFPageObj_GetBounds(drawn, *sides)
        left, bottom, right, top = (side.value for side in sides)
        rows.append([left - corner[0], corner[1] - top, right - corner[0], corner[1] - bottom])
    return np.array(rows, np.float32).reshape(-1, 4)


def marks_with_text(drawn: raw.FPDF_PAGEOBJECT) -> Iterator[int]:
    """The marked contents with /ActualText that an object is drawn in, by what tells them apart."""
    length = ctypes.c_ulong()
    for mark in _handles(drawn):
        if raw.FPDFPageObjMark_GetParamStringValue(mark, b"ActualText", None, 0, length):
            yield ctypes.addressof(mark.contents)


def _marks(drawn: raw.FPDF_PAGEOBJECT) -> Iterator[int]:
    return (ctypes.addressof(mark.contents) for mark in _handles(drawn))


def _handles(drawn: raw.FPDF_PAGEOBJECT) -> Iterator[raw.FPDF_PAGEOBJECTMARK]:
    return (raw.FPDFPageObj_GetMark(drawn, at) for at in range(max(raw.FPDFPageObj_CountMarks(drawn), 0)))
