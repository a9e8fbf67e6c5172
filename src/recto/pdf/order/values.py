"""Values that a filled form draws after all its labels, in whatever order: each goes behind its own label."""

import numpy as np
from numpy.typing import NDArray

from recto.pdf.boxes import level
from recto.pdf.run import Run
from recto.types import Floats

COLONS = (ord(":"), 0xFF1A)
REACH = 0.5  # of the page's width between a label and its value
ALIGNED, PITCH = 0.5, 2.0  # heights: lines of one text begin so near below each other
FORM = 2  # labels at least whose values are drawn elsewhere: one may be a coincidence
LEVEL = 0.5  # of the lower height, the share in which a label and its value overlap


def behind_labels(run: Run, spans: NDArray[np.int64], boxes: Floats, aspect: float) -> NDArray[np.int64]:
    """The order in which pieces are read: those that are drawn apart from a label with a colon follow it.

    `aspect` is the page's height by its width.
    """
    order = np.arange(len(boxes))
    labels = np.flatnonzero(np.isin(run.codes[spans[:, 1] - 1], COLONS))
    if len(labels) < FORM:
        return order
    value_of = {label: value for label in labels.tolist() if (value := _beside(label, labels, boxes)) is not None}
    late = {value: label for label, value in value_of.items() if value != label + 1}
    values = set(value_of.values())
    late = {value: label for value, label in late.items() if not _flows(value, boxes, values, aspect)}
    if len(late) < FORM:
        return order
    place = order.astype(np.float64)
    for value, label in late.items():
        place[value] = label + 0.5
    return np.argsort(place, kind="stable")


def _beside(label: int, labels: NDArray[np.int64], boxes: Floats) -> int | None:
    """The piece right of a label, if it is no label and nothing else stands between it and what is left of it."""
    value = _nearest(boxes[:, 0] - boxes[label, 2], label, boxes)
    if value is None or value in labels or _nearest(boxes[value, 0] - boxes[:, 2], value, boxes) != label:
        return None
    return value


def _nearest(gaps: Floats, piece: int, boxes: Floats) -> int | None:
    """The piece on the line of another one with the smallest of these gaps to it."""
    rows = np.flatnonzero(level(boxes, boxes[[piece]], LEVEL) & (gaps >= 0) & (gaps < REACH))
    return int(rows[gaps[rows].argmin()]) if rows.size else None


def _flows(value: int, boxes: Floats, values: set[int], aspect: float) -> bool:
    """Whether a piece is a line of a text: the one drawn before or after it stands close above or below, no value."""
    tall = boxes[value, 3] - boxes[value, 1]
    return any(
        0 < abs(boxes[other, 1] - boxes[value, 1]) < PITCH * tall
        and abs(boxes[other, 0] - boxes[value, 0]) < ALIGNED * tall * aspect
        for other in (value - 1, value + 1)
        if 0 <= other < len(boxes) and other not in values
    )
