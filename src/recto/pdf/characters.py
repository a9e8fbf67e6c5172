"""The characters of a page as PDFium gives them, and how far neighbours stand apart: what the rules of reading see."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recto.pdf.run import NEWLINE, blank
from recto.types import Floats

RETURN = 13
LEVEL = 0.8  # of the smaller height: neighbours that overlap by more stand on one line


@dataclass(frozen=True, slots=True, eq=False)
class Characters:
    """Characters in content order.

    `codes` uint32 (n,) code points; `boxes` float32 (n, 4): left, top, right, bottom in points from the upright page's
    top left, zeros where there is no ink; `index` int64 (n,): PDFium's own number, -1 for what we put in.
    """

    codes: NDArray[np.uint32]
    boxes: Floats
    index: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> "Characters":
        """The characters of these rows, in this order."""
        return Characters(self.codes[rows], self.boxes[rows], self.index[rows])

    def without(self, dropped: NDArray[np.bool_]) -> "Characters":
        """The other characters."""
        return self.take(np.flatnonzero(~dropped)) if dropped.any() else self

    def spaced(self, rows: NDArray[np.int64]) -> "Characters":
        """The characters with a space before each of these rows."""
        if not rows.size:
            return self
        return Characters(
            np.insert(self.codes, rows, np.uint32(ord(" "))),
            np.insert(self.boxes, rows, np.float32(0), axis=0),
            np.insert(self.index, rows, np.int64(-1)),
        )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Neighbours:
    """Each two characters with ink that follow each other, (m,) each.

    `first`, `second`: their rows; `gap`: from the first's right side to the second's left one, in heights of the lower
    of the two; `level`: they stand on one line; `apart`: there is white space between them, `broken`: a line break.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    gap: Floats
    level: NDArray[np.bool_]
    apart: NDArray[np.bool_]
    broken: NDArray[np.bool_]


def neighbours(characters: Characters) -> Neighbours:
    """Pair the characters that have ink and a box."""
    rows = inked(characters)
    first, second, boxes = rows[:-1], rows[1:], characters.boxes[rows]
    breaks = np.cumsum(characters.codes == NEWLINE)
    return Neighbours(
        first=first,
        second=second,
        gap=gap(boxes[:-1], boxes[1:]),
        level=level(boxes[:-1], boxes[1:]),
        apart=second > first + 1,
        broken=breaks[second] > breaks[first],
    )


def gap(first: Floats, second: Floats) -> Floats:
    """From the right side of each first box to the left one of its second, in heights of the lower of the two."""
    lower = np.minimum(first[:, 3] - first[:, 1], second[:, 3] - second[:, 1])
    return np.asarray((second[:, 0] - first[:, 2]) / lower, np.float32)


def level(first: Floats, second: Floats, share: float = LEVEL) -> NDArray[np.bool_]:
    """Tell the pairs of boxes that overlap in height by more than this share of the lower one."""
    overlap = np.minimum(first[:, 3], second[:, 3]) - np.maximum(first[:, 1], second[:, 1])
    lower = np.minimum(first[:, 3] - first[:, 1], second[:, 3] - second[:, 1])
    return np.asarray(overlap > share * lower, bool)


def inked(characters: Characters) -> NDArray[np.int64]:
    """The rows that have ink and a box."""
    boxes = characters.boxes
    has_box = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
    return np.flatnonzero(has_box & ~blank(characters.codes))
