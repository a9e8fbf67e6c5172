"""Bullets that are drawn as shapes, as browsers do: each becomes a character before its line."""

import numpy as np
from numpy.typing import NDArray

from recto.pdf.boxes import around_each
from recto.pdf.characters import LEFT, Characters
from recto.pdf.run import SPACE
from recto.types import Floats

BULLET = 0x2022
# Of the height of a line: browsers draw .2 to .35. Boxes to tick are larger, and full stops are letters.
SIZES = 0.12, 0.5
SQUARE = 0.8  # of the longer side, the shorter one
GAPS = 0.1, 2.5  # heights between a bullet and its line
LEAST = 2  # bullets of one size below each other: a single dot is a drawing


def bulleted(characters: Characters, shapes: Floats) -> Characters:
    """Set bullets before the lines beside which alike small shapes stand below each other.

    `shapes`: boxes (n, 4) of what is painted beside text, as those of the characters.
    """
    if not len(shapes) or not characters.ink.size:
        return characters
    heads = np.flatnonzero(np.diff(characters.line, prepend=-1))
    lines = around_each(characters.ink_boxes, heads)
    leftward = np.add.reduceat((characters.ink_kinds & LEFT) > 0, heads) > 0
    pairs = [(shape, line) for shape in shapes for line in _beside(shape, lines, leftward)]
    pairs = [(shape, line) for shape, line in pairs if _alike(shape, pairs) >= LEAST]
    rows = [characters.ink[heads[line]] for _, line in pairs]
    at = np.repeat(np.array(rows, np.int64), 2)
    places = np.zeros((len(at), 4), np.float32)
    places[::2] = np.array([shape for shape, _ in pairs], np.float32).reshape(-1, 4)
    order = np.argsort(at, kind="stable")
    return Characters(
        np.insert(characters.codes, at[order], np.tile(np.array((BULLET, SPACE), np.uint32), len(rows))),
        np.insert(characters.boxes, at[order], places[order], axis=0),
        np.insert(characters.index, at[order], np.int64(-1)),
    )


def small_squares(boxes: Floats, tall: float) -> Floats:
    """The boxes that may be bullets of text of this height."""
    across, down = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    longer, shorter = np.maximum(across, down), np.minimum(across, down)
    squares: Floats = boxes[(longer > SIZES[0] * tall) & (longer < SIZES[1] * tall) & (shorter >= SQUARE * longer)]
    return squares


def _beside(shape: Floats, lines: Floats, leftward: NDArray[np.bool_]) -> list[int]:
    """The line that a shape stands before, if any: on its left, or on the right of one that runs to the left."""
    tall = lines[:, 3] - lines[:, 1]
    middle = (shape[1] + shape[3]) / 2
    gap = np.where(leftward, shape[0] - lines[:, 2], lines[:, 0] - shape[2]) / tall
    size = (shape[3] - shape[1]) / tall
    before = (lines[:, 1] < middle) & (middle < lines[:, 3]) & (gap > GAPS[0]) & (gap < GAPS[1])
    rows = np.flatnonzero(before & (size > SIZES[0]) & (size < SIZES[1]))
    return [int(line) for line in rows[gap[rows].argsort()][:1]]


def _alike(shape: Floats, pairs: list[tuple[Floats, int]]) -> int:
    """How many shapes beside lines have the size and the place across of this one."""
    return sum(bool(np.abs(shape[[0, 2]] - other[[0, 2]]).max() < (shape[2] - shape[0]) / 4) for other, _ in pairs)
