"""What PDFium measures of characters, given by its own numbers: boxes, baselines, font weights.

PDFium is not thread-safe: only the worker processes import this module.
"""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recto.pdf.binding import (
    ADDRESS,
    INT,
    POINTER,
    as_pointer,
    bound,
    object_bounds,
    object_matrix,
    unconverted,
    written,
)
from recto.pdf.characters import Characters
from recto.pdf.run import NEWLINE
from recto.types import Floats

SAME = 0.02  # points: what PDFium computes twice differs by less
Measure = Callable[[NDArray[np.int64]], Floats]  # of characters by PDFium's numbers

_loose_box = unconverted("FPDFText_GetLooseCharBox")
_tight_box = unconverted("FPDFText_GetCharBox")
_origin = unconverted("FPDFText_GetCharOrigin")
_matrix = unconverted("FPDFText_GetMatrix")
_text_object = unconverted("FPDFText_GetTextObject", ADDRESS)
_font_weight = bound("FPDFText_GetFontWeight", (POINTER, INT))
_font_size = unconverted("FPDFText_GetFontSize", ctypes.c_double)
_is_generated = unconverted("FPDFText_IsGenerated")
_font = bound("FPDFTextObj_GetFont", (POINTER,), ADDRESS)
_ascent = unconverted("FPDFFont_GetAscent")
_descent = unconverted("FPDFFont_GetDescent")


def loose_boxes(text: int, index: NDArray[np.int64]) -> Floats:
    """The boxes of characters with the room that their font gives them: left, top, right, bottom in points."""
    boxes = np.zeros((len(index), 4), np.float32)  # one FS_RECTF each
    written(_loose_box, (repeat(as_pointer(text)), index.tolist()), boxes)
    return boxes


def tight_boxes(text: int, index: NDArray[np.int64]) -> Floats:
    """The boxes close around the ink of characters: left, bottom, right, top in points."""
    sides = np.zeros((len(index), 4))
    written(_tight_box, (repeat(as_pointer(text)), index.tolist()), sides, out_values=4)
    return sides[:, [0, 2, 1, 3]].astype(np.float32)  # PDFium's order is left, right, bottom, top


def baselines(text: int, index: NDArray[np.int64]) -> Floats:
    """Where characters stand, in points from below; 0 for those that PDFium does not know."""
    points = np.zeros((len(index), 2))
    written(_origin, (repeat(as_pointer(text)), index.tolist()), points, out_values=2)
    return points[:, 1].astype(np.float32)


def matrices(text: int, index: NDArray[np.int64]) -> Floats:
    """The matrices a to f, (n, 6), from the space of the text that paints each character to the page."""
    placements = np.zeros((len(index), 6), np.float32)  # one FS_MATRIX each
    written(_matrix, (repeat(as_pointer(text)), index.tolist()), placements)
    return placements


def text_objects(text: int, index: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The handle of the text that paints each character; 0 if none does."""
    return np.fromiter(map(_text_object, repeat(as_pointer(text)), index.tolist()), np.uint64, len(index))


def font_sizes(text: int, index: NDArray[np.int64]) -> Floats:
    """The font size of each character in the space of its text."""
    return np.fromiter(map(_font_size, repeat(as_pointer(text)), index.tolist()), np.float32, len(index))


def font_spans(handles: NDArray[np.uint64]) -> Floats:
    """How far the fonts of texts reach below their line and above it, (n, 2), in font sizes."""
    fonts = np.fromiter(map(_font, handles.tolist()), np.uint64, len(handles))
    own, of_each = np.unique(fonts, return_inverse=True)
    spans = np.zeros((2, len(own), 1), np.float32)
    for function, values in zip((_descent, _ascent), spans, strict=True):
        written(function, (map(as_pointer, own.tolist()), repeat(ctypes.c_float(1))), values)
    return spans[:, of_each, 0].T


def own_spaces(handles: NDArray[np.uint64]) -> tuple[Floats, Floats]:
    """Of texts in the space that they are drawn in: the matrices a to f, (n, 6), and left, bottom, right, top."""
    placements, bounds = np.zeros((len(handles), 6), np.float32), np.zeros((len(handles), 4), np.float32)
    pointers = list(map(as_pointer, handles.tolist()))
    written(object_matrix, (pointers,), placements)
    written(object_bounds, (pointers,), bounds, out_values=4)
    return placements, bounds


def are_generated(text: int, index: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell the characters that PDFium put between those of the page: spaces and line breaks."""
    generated: NDArray[np.bool_] = (
        np.fromiter(map(_is_generated, repeat(as_pointer(text)), index.tolist()), np.int64, len(index)) == 1
    )
    return generated


def weights(text: int, characters: Characters) -> NDArray[np.int32]:
    """The font weight of the character with which a line starts, else 0."""
    weights = np.zeros(len(characters.codes), np.int32)
    starts = np.append(0, np.flatnonzero(characters.codes == NEWLINE) + 1)
    for start in starts[starts < len(weights)].tolist():
        if characters.index[start] >= 0:
            weights[start] = _font_weight(text, int(characters.index[start]))
    return weights


@dataclass(frozen=True, slots=True)
class Measures:
    """What the rules of reading ask of few characters of a page: see the functions of these names."""

    baselines: Measure
    tight_boxes: Measure
    are_generated: Callable[[NDArray[np.int64]], NDArray[np.bool_]]

    @classmethod
    def of(cls, text: int) -> Self:
        """Those of a text page, given by its handle."""
        return cls(partial(baselines, text), partial(tight_boxes, text), partial(are_generated, text))

    def draws_space(self, characters: Characters, pairs: slice) -> NDArray[np.bool_]:
        """Tell the neighbours between which the page draws a space: not one of those that PDFium puts there."""
        neighbours = characters.neighbours
        behind = neighbours.first[pairs] + 1
        spaces = (neighbours.second[pairs] > behind) & (characters.index[behind] >= 0)
        spaces[spaces] = ~self.are_generated(characters.index[behind[spaces]])
        return spaces
