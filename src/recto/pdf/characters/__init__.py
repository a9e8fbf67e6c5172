"""The characters of a page as PDFium gives them, and how far neighbours stand apart: what the rules of reading see."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from recto.pdf.boxes import HAIR, gap, level
from recto.pdf.run import NEWLINE, blank, within
from recto.types import Floats

# Letters of scripts with spaces that run to the right; digits; letters that run to the left.
LETTERS = ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x24F), (0x370, 0x52F), (0x1E00, 0x1FFF))
DIGITS = ((0x30, 0x39),)
LEFTWARD = ((0x590, 0x8FF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFE))
LETTER, DIGIT, LEFT = 1, 2, 4  # bits of a character's kind
_CODES = np.arange(0x10000, dtype=np.uint32)
_KINDS = np.zeros(len(_CODES), np.uint8)
for _bit, _ranges in ((LETTER, LETTERS), (DIGIT, DIGITS), (LEFT, LEFTWARD)):
    _KINDS[within(_CODES, _ranges)] = _bit

WORD_GAP = 0.18, 1.5  # heights between two words: letters of one word are .02 apart, and cells or drawings farther


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """Each two characters with ink that follow each other, (m,) each.

    `first`, `second`: their rows; `gap`: from the first's right side to the second's left one, in heights of the lower
    of the two; `level`: they stand on one line; `broken`: there is a line break between them.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    gap: Floats
    level: NDArray[np.bool_]
    broken: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
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
        return Characters(self.codes[rows], self.boxes.take(rows, axis=0), self.index[rows])

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

    def inside(self, pairs: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell the characters that stand between the two of a chosen pair of neighbours, (m,)."""
        steps = np.zeros(len(self.codes) + 1, np.int64)
        steps[self.neighbours.first[pairs] + 1] += 1
        steps[self.neighbours.second[pairs]] -= 1
        return np.cumsum(steps[:-1]) > 0

    def changed(self, parted: NDArray[np.bool_], dropped: NDArray[np.bool_]) -> "Characters":
        """Put a space between the neighbours that are `parted` (m,), and leave out the characters `dropped` (n,)."""
        before = self.neighbours.second[parted]
        return self.spaced(before).without(np.insert(dropped, before, False) if before.size else dropped)

    @cached_property
    def kinds(self) -> NDArray[np.uint8]:
        """The kind of each character: bits of `LETTER`, `DIGIT`, `LEFT`."""
        return _KINDS.take(self.codes, mode="clip")

    @cached_property
    def ink(self) -> NDArray[np.int64]:
        """The rows that have ink and a box."""
        left, top, right, bottom = np.ascontiguousarray(self.boxes.T)
        return np.flatnonzero((right - left > HAIR) & (bottom - top > HAIR) & ~blank(self.codes))

    @cached_property
    def ink_codes(self) -> NDArray[np.uint32]:
        """The code points of the rows that have ink and a box."""
        return self.codes[self.ink]

    @cached_property
    def ink_boxes(self) -> Floats:
        """The boxes of the rows that have ink and a box; column by column in memory, as rules look at them."""
        return np.asfortranarray(self.boxes.take(self.ink, axis=0))

    @cached_property
    def ink_kinds(self) -> NDArray[np.uint8]:
        """The kinds of the rows that have ink and a box."""
        return self.kinds[self.ink]

    @cached_property
    def line(self) -> NDArray[np.int64]:
        """The number of line breaks before each of the rows with ink."""
        return np.searchsorted(np.flatnonzero(self.codes == NEWLINE), self.ink)

    @cached_property
    def neighbours(self) -> Neighbours:
        """The pairs of characters with ink."""
        ink, boxes, line = self.ink, self.ink_boxes, self.line
        return Neighbours(
            ink[:-1], ink[1:], gap(boxes[:-1], boxes[1:]), level(boxes[:-1], boxes[1:]), line[1:] > line[:-1]
        )
