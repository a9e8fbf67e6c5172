"""PDFium's raw text interface: the characters of a page, each with its box on the page as displayed.

PDFium is not thread-safe: only the worker processes import this module.
"""

import ctypes
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw
from numpy.typing import NDArray
from pypdfium2_raw.bindings import _libs

from recto.types import Floats, TraitKind

TRAITS = tuple(TraitKind)  # the bits of a character, lowest first
SPACE = 0x20  # code points up to here have no ink, and boxes cost time


def _bound(name: str, arguments: Sequence[type]) -> Callable[..., int]:
    """Bind a function anew with plain integer arguments: no Python object per character, about half the time."""
    function = _libs["pdfium"][name]
    function.argtypes = arguments
    function.restype = ctypes.c_int
    return function  # type: ignore[no-any-return]


_text_units = _bound("FPDFText_GetText", (ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_void_p))
_loose_box = _bound("FPDFText_GetLooseCharBox", (ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p))
_char_index = _bound("FPDFText_GetCharIndexFromTextIndex", (ctypes.c_void_p, ctypes.c_int))
_font_weight = _bound("FPDFText_GetFontWeight", (ctypes.c_void_p, ctypes.c_int))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Glyphs:
    """The characters of a page in content order.

    `codes` uint32 (n,) code points; `boxes` float32 (n, 4), shares of the displayed page, top-left origin, not yet
    clipped; `weights` int32 (n,), the font weight where a line starts, else 0; `traits` uint8 (n,), bits of `TRAITS`.
    `width`, `height`: points, as displayed; `label` as printed; `hidden`: words left out because the page hides them.
    """

    codes: NDArray[np.uint32]
    boxes: Floats
    weights: NDArray[np.int32]
    traits: NDArray[np.uint8]
    width: float
    height: float
    label: str = ""
    hidden: int = 0


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
        handle = ctypes.cast(text, ctypes.c_void_p).value
        codes, index = _characters(handle, raw.FPDFText_CountChars(text)) if handle else _no_characters()
        loose = np.zeros((len(codes), 4), np.float32)  # FS_RECTF: left, top, right, bottom
        rows = np.flatnonzero((index >= 0) & (codes > SPACE))
        addresses = loose.ctypes.data + 16 * rows
        calls = map(_loose_box, repeat(handle), index[rows].tolist(), addresses.tolist())
        deque(calls, maxlen=0)  # makes the calls, without a step of Python for each
        weights = np.zeros(len(codes), np.int32)
        for start in [0, *(np.flatnonzero(codes == ord("\n")) + 1).tolist()]:
            if start < len(codes) and index[start] >= 0:
                weights[start] = _font_weight(handle, int(index[start]))
    finally:
        raw.FPDFText_ClosePage(text)
        page.close()
    x, y = (loose[:, [0, 2]] - left) / width, (top - loose[:, [1, 3]]) / height
    boxes = turned(np.column_stack((x.min(1), y.min(1), x.max(1), y.max(1))).astype(np.float32), turns)
    if turns % 2:
        width, height = height, width
    traits = np.zeros(len(codes), np.uint8)
    return Glyphs(codes=codes, boxes=boxes, weights=weights, traits=traits, width=width, height=height)


def _no_characters() -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    return np.zeros(0, np.uint32), np.zeros(0, np.int64)


def _characters(handle: int | None, count: int) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Code points and, for each, PDFium's character index (the text may be shorter or, with surrogates, longer)."""
    if count <= 0:
        return _no_characters()
    buffer = np.zeros(2 * count + 2, np.uint16)
    length = max(_text_units(handle, 0, count, buffer.ctypes.data) - 1, 0)
    codes = buffer[:length].astype(np.uint32)
    index = (
        np.arange(length) if length == count else np.array([_char_index(handle, i) for i in range(length)], np.int64)
    )
    index = index.astype(np.int64)
    high = (codes >= 0xD800) & (codes < 0xDC00)
    low = (codes >= 0xDC00) & (codes < 0xE000)
    if not (high.any() or low.any()):
        return codes, index
    paired = np.flatnonzero(high[:-1] & low[1:])
    codes[paired] = 0x10000 + ((codes[paired] - 0xD800) << 10) + (codes[paired + 1] - 0xDC00)
    keep = np.ones(len(codes), bool)
    keep[paired + 1] = False
    codes[(codes >= 0xD800) & (codes < 0xE000)] = 0xFFFD  # a lone surrogate is no character
    return codes[keep], index[keep]


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
