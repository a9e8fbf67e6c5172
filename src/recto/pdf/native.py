"""PDFium's raw text interface: the characters of a page, each with its box on the page as displayed.

PDFium is not thread-safe: only the worker processes import this module.
"""

import ctypes
from collections import deque
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw
from numpy.typing import NDArray

from recto.pdf.actual_text import placed
from recto.pdf.binding import bound
from recto.pdf.characters import Characters
from recto.pdf.code_points import SPACE, code_points
from recto.pdf.corrections import corrected
from recto.pdf.pictures import NO_PICTURES, PagePictures, pictures
from recto.pdf.run import NEWLINE
from recto.types import Floats, TraitKind

TRAITS = tuple(TraitKind)  # the bits of a character, lowest first


_loose_box = bound("FPDFText_GetLooseCharBox", (ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p))
_font_weight = bound("FPDFText_GetFontWeight", (ctypes.c_void_p, ctypes.c_int))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Glyphs:
    """The characters of a page in content order.

    `codes` uint32 (n,) code points; `boxes` float32 (n, 4), shares of the displayed page, top-left origin, not yet
    clipped; `weights` int32 (n,), the font weight where a line starts, else 0; `traits` uint8 (n,), bits of `TRAITS`.
    `width`, `height`: points, as displayed; `label` as printed; `hidden`: words left out because the page hides them;
    `pictures`: what the page shows beside its characters.
    """

    codes: NDArray[np.uint32]
    boxes: Floats
    weights: NDArray[np.int32]
    traits: NDArray[np.uint8]
    width: float
    height: float
    label: str = ""
    hidden: int = 0
    pictures: PagePictures = NO_PICTURES


def upright(document: pdfium.PdfDocument, number: int) -> tuple[pdfium.PdfPage, int]:
    """Load a page with forms and annotations flattened in and its rotation off; return it and its quarter turns."""
    page = document[number]
    annotations = set()
    for index in range(raw.FPDFPage_GetAnnotCount(page)):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        annotations.add(raw.FPDFAnnot_GetSubtype(annotation))
        raw.FPDFPage_CloseAnnot(annotation)
    shows_more = annotations - {raw.FPDF_ANNOT_LINK}  # flattening costs a second load, and links have no ink
    if shows_more and raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS:
        page.close()
        page = document[number]  # text sees what was flattened only after a new load
    turns = raw.FPDFPage_GetRotation(page)
    raw.FPDFPage_SetRotation(page, 0)  # else PDFium splits words on turned pages
    return page, turns % 4


def glyphs(document: pdfium.PdfDocument, number: int) -> Glyphs:
    """Read the characters of a page with their boxes."""
    page, turns = upright(document, number)
    left, bottom, right, top = page.get_bbox()
    width, height = max(right - left, 1e-3), max(top - bottom, 1e-3)
    text = raw.FPDFText_LoadPage(page)
    try:
        handle = ctypes.cast(text, ctypes.c_void_p).value or 0
        characters = corrected(_characters(handle, raw.FPDFText_CountChars(text), left, top))
        characters = placed(page, text, characters, (left, top))
        weights = _weights(handle, characters)
        shown = pictures(page, len(characters.codes))
    finally:
        raw.FPDFText_ClosePage(text)
        raw.FPDFPage_SetRotation(page, turns)  # the open document would keep it turned off for whoever draws the page
        page.close()
    size = np.array((width, height, width, height), np.float32)
    boxes = turned((characters.boxes / size).astype(np.float32), turns)
    if turns % 2:
        width, height = height, width
    traits = np.zeros(len(characters.codes), np.uint8)
    return Glyphs(
        codes=characters.codes,
        boxes=boxes,
        weights=weights,
        traits=traits,
        width=width,
        height=height,
        pictures=replace(shown, boxes=turned(shown.boxes, turns)),
    )


def _characters(handle: int, count: int, left: float, top: float) -> Characters:
    """The characters of a text page, and their boxes from the page's left and top side."""
    codes, index = code_points(handle, max(count, 0))
    loose = np.zeros((len(codes), 4), np.float32)  # FS_RECTF: left, top, right, bottom
    rows = np.flatnonzero(codes > SPACE)
    addresses = loose.ctypes.data + 16 * rows
    calls = map(_loose_box, repeat(handle), index[rows].tolist(), addresses.tolist())
    deque(calls, maxlen=0)  # makes the calls, without a step of Python for each
    x, y = loose[rows][:, [0, 2]] - np.float32(left), np.float32(top) - loose[rows][:, [1, 3]]
    boxes = np.zeros_like(loose)
    boxes[rows] = np.column_stack((x.min(1), y.min(1), x.max(1), y.max(1)))
    return Characters(codes, boxes, index)


def _weights(handle: int, characters: Characters) -> NDArray[np.int32]:
    """The font weight where a line starts, else 0."""
    weights = np.zeros(len(characters.codes), np.int32)
    starts = np.append(0, np.flatnonzero(characters.codes == NEWLINE) + 1)
    for start in starts[starts < len(weights)].tolist():
        if characters.index[start] >= 0:
            weights[start] = _font_weight(handle, int(characters.index[start]))
    return weights


def turned(boxes: Floats, turns: int) -> Floats:
    """Turn boxes by quarter turns clockwise, as the page is displayed."""
    x0, y0, x1, y1 = boxes.T
    columns = {
        0: (x0, y0, x1, y1),
        1: (1 - y1, x0, 1 - y0, x1),
        2: (1 - x1, 1 - y1, 1 - x0, 1 - y0),
        3: (y0, 1 - x1, y1, 1 - x0),
    }[turns]
    return np.column_stack(columns).astype(np.float32)
