"""Boxes, (n, 4): left, top, right, bottom, or left, bottom, right, top; those of lines and areas, and how two lie."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recto.types import Floats

HAIR = 1e-3  # points: nothing that is less wide or high can be seen, and its size divides nothing
FEWEST = 5  # characters whose steps tell a direction
LEVEL = 0.8  # of the lower height: neighbours that overlap by more stand on one line


def gap(first: Floats, second: Floats) -> Floats:
    """From the right side of each first box to the left one of its second, in heights of the lower of the two."""
    lower = np.minimum(first[:, 3] - first[:, 1], second[:, 3] - second[:, 1])
    return np.asarray((second[:, 0] - first[:, 2]) / np.maximum(lower, HAIR), np.float32)


def level(first: Floats, second: Floats, share: float = LEVEL) -> NDArray[np.bool_]:
    """Tell the pairs of boxes that overlap in height by more than this share of the lower one."""
    overlap = np.minimum(first[:, 3], second[:, 3]) - np.maximum(first[:, 1], second[:, 1])
    lower = np.minimum(first[:, 3] - first[:, 1], second[:, 3] - second[:, 1])
    return np.asarray(overlap > share * lower, bool)


def each_row(values: Floats, count: int) -> Floats:
    """So many rows of the same values, (n, 4): what boxes are scaled or shifted by, thrice as fast as by one row."""
    return values[None].repeat(count, axis=0)


def around(boxes: Floats) -> Floats:
    """The box, (4,), that holds all of these."""
    return np.concatenate((boxes[:, :2].min(0), boxes[:, 2:].max(0)))


def around_each(boxes: Floats, heads: NDArray[np.int64]) -> Floats:
    """The boxes that hold those from each head up to the next, (m, 4)."""
    return np.column_stack((np.minimum.reduceat(boxes[:, :2], heads), np.maximum.reduceat(boxes[:, 2:], heads)))


def moved(boxes: Floats, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The boxes, (n, 4), around what a matrix makes of these, or one for each: (..., 3, 2 or 3), for rows (x, y, 1)."""
    corners = boxes[:, [[0, 1], [2, 1], [2, 3], [0, 3]]]
    points = corners @ matrix[..., :2, :2] + matrix[..., 2:, :2]
    return np.concatenate((points.min(1), points.max(1)), axis=1)


def inside(boxes: Floats, areas: Floats | Sequence[Floats]) -> NDArray[np.bool_]:
    """Tell for each box and area whether the box's middle lies in the area: (n, m)."""
    corners = np.asarray(areas, np.float32).reshape(-1, 4)
    middle = (boxes[:, None, :2] + boxes[:, None, 2:]) / 2
    within: NDArray[np.bool_] = np.all((middle >= corners[:, :2]) & (middle <= corners[:, 2:]), axis=2)
    return within


def rotated(boxes: Floats, turns: int) -> Floats:
    """Boxes, left, top, right, bottom, turned clockwise around the origin by quarter turns."""
    x0, y0, x1, y1 = boxes.T
    columns = ((x0, y0, x1, y1), (-y1, x0, -y0, x1), (-x1, -y1, -x0, -y0), (y0, -x1, y1, -x0))[turns % 4]
    return np.column_stack(columns).astype(np.float32)


def turns_to_read(boxes: Floats) -> int:
    """The clockwise quarter turns after which characters, left, top, right, bottom in points, run to the right.

    Lines that run to the left and follow each other upwards are upside down; downwards, they are of another script.
    """
    if len(boxes) < FEWEST:
        return 0
    steps = np.diff((boxes[:, :2] + boxes[:, 2:]) / 2, axis=0)
    across, down = np.median(np.abs(steps), axis=0)
    if down > across:
        return 1 if np.median(steps[:, 1]) < 0 else 3
    new_lines = steps[np.abs(steps[:, 1]) > LEVEL * np.median(boxes[:, 3] - boxes[:, 1]), 1]
    return 2 if np.median(steps[:, 0]) < 0 and np.sign(new_lines).sum() < 0 else 0
