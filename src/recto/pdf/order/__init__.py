"""The order of reading: pieces of lines put in the order of the page's geometry, where the drawing order defies it."""

import numpy as np
from numpy.typing import NDArray

from recto.pdf.boxes import level
from recto.pdf.order.columns import columns
from recto.pdf.order.leftward import RIGHT_TO_LEFT
from recto.pdf.order.tables import across
from recto.pdf.order.values import behind_labels
from recto.pdf.order.vertical import vertical
from recto.pdf.run import AS_DRAWN, NEWLINE, SPACE, Run, counts, laid, pieces, within
from recto.types import Floats

# Line heights between two words of a line that belong to two cells or columns: the gutters of papers in small type are
# 1.5 wide, a space in a justified line is hardly ever 1.
GAP = 1.0
SAME_HEIGHT = 0.4  # of the lower of two pieces on one line, the share in which they overlap at least


def ordered(run: Run, aspect: float) -> Run:
    """Put columns one after the other, tables drawn by columns row by row, cells in order, values behind their labels.

    A page that is drawn in the order of reading stays as it is. Vertical writing is read from the right. `aspect` is
    the page's height by its width.
    """
    upright = vertical(run, aspect)
    if upright is not None:
        return upright
    stretches = pieces(run, GAP * aspect)
    if len(stretches.spans) < 2:
        return run
    leftward = counts(within(run.codes, RIGHT_TO_LEFT), stretches.spans)
    mirrored = 2 * leftward.sum() > np.count_nonzero(run.codes > ord("9"))
    boxes = stretches.boxes
    if mirrored:  # reading then goes to the right
        boxes = np.column_stack((1 - boxes[:, 2], boxes[:, 1], 1 - boxes[:, 0], boxes[:, 3]))
    order = columns(run, stretches.spans, boxes)
    if order is None:
        order = _along(stretches.lines, boxes, (leftward > 0) != mirrored)
        order = order[across(run, stretches.spans[order], boxes[order])]
        order = order[behind_labels(run, stretches.spans[order], boxes[order], aspect)]
    if (np.diff(order) == 1).all():
        return run
    before, after = order[:-1], order[1:]
    abreast = level(boxes[before], boxes[after], SAME_HEIGHT) & (boxes[before, 2] <= boxes[after, 0])
    as_drawn = (after == before + 1) & ((stretches.lines[before] == stretches.lines[after]) | ~abreast)
    breaks = np.zeros(len(order), np.int64)
    breaks[before] = np.where(as_drawn, AS_DRAWN, np.where(abreast, SPACE, NEWLINE))
    return laid(run, stretches.spans[:, 0], order, breaks)


def _along(lines: NDArray[np.int64], boxes: Floats, against: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The pieces of each line in the direction of reading, but for lines with a piece that runs against it."""
    ends_line = (lines[1:] != lines[:-1]) | ~level(boxes[:-1], boxes[1:], SAME_HEIGHT)
    starts = np.flatnonzero(np.append(True, ends_line))
    if len(starts) == len(boxes):
        return np.arange(len(boxes))
    row = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(boxes))))
    stays = np.logical_or.reduceat(against, starts)[row]
    return np.lexsort((np.where(stays, 0, boxes[:, 0]), row))
