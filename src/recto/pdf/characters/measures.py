"""What PDFium measures of characters, given by its own numbers: boxes, baselines, font weights.

PDFium is not thread-safe: only the worker processes import this module.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from recto.pdf.binding import INT, POINTER, bound
from recto.pdf.characters import Characters
from recto.pdf.run import NEWLINE
from recto.types import Floats

Measure = Callable[[NDArray[np.int64]], Floats]  # of characters by PDFium's numbers
Values = TypeVar("Values", bound=NDArray[Any])

_loose_box = bound("FPDFText_GetLooseCharBox", (POINTER, INT, POINTER))
_tight_box = bound("FPDFText_GetCharBox", (POINTER, INT, POINTER, POINTER, POINTER, POINTER))
_origin = bound("FPDFText_GetCharOrigin", (POINTER, INT, POINTER, POINTER))
_matrix = bound("FPDFText_GetMatrix", (POINTER, INT, POINTER))
_font_weight = bound("FPDFText_GetFontWeight", (POINTER, INT))


def _filled(
    function: Callable[..., int], text: int, index: NDArray[np.int64], values: Values, *, out_values: int
) -> Values:
    """Have the function write a row for each character, by so many addresses; of one it does not know, zeros stay."""
    starts = values.ctypes.data + values.strides[0] * np.arange(len(index))
    addresses = ((starts + values.itemsize * column).tolist() for column in range(out_values))
    deque(map(function, repeat(text), index.tolist(), *addresses), maxlen=0)  # without a step of Python for each call
    return values


def loose_boxes(text: int, index: NDArray[np.int64]) -> Floats:
    """The boxes of characters with the room that their font gives them: left, top, right, bottom in points."""
    return _filled(_loose_box, text, index, np.zeros((len(index), 4), np.float32), out_values=1)  # one FS_RECTF


def tight_boxes(text: int, index: NDArray[np.int64]) -> Floats:
    """The boxes close around the ink of characters: left, bottom, right, top in points."""
    sides = _filled(_tight_box, text, index, np.zeros((len(index), 4), np.float64), out_values=4)
    return sides[:, [0, 2, 1, 3]].astype(np.float32)  # PDFium's order is left, right, bottom, top


def baselines(text: int, index: NDArray[np.int64]) -> Floats:
    """Where characters stand, in points from below; 0 for those that PDFium does not know."""
    return _filled(_origin, text, index, np.zeros((len(index), 2), np.float64), out_values=2)[:, 1].astype(np.float32)


def matrices(text: int, index: NDArray[np.int64]) -> Floats:
    """The matrices a to f, (n, 6), from the space of the text that paints each character to the page."""
    return _filled(_matrix, text, index, np.zeros((len(index), 6), np.float32), out_values=1)  # one FS_MATRIX


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

    @classmethod
    def of(cls, text: int) -> Self:
        """Those of a text page, given by its handle."""
        return cls(partial(baselines, text), partial(tight_boxes, text))
