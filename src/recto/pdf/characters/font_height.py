"""Letters that a file gives for what is drawn (/ActualText): PDFium boxes them closely around the ink.

Browsers write small capitals and ligatures so. Beside letters with the room that their font gives them such boxes are
half as high, so that gaps look wide, and capitals like initials.
"""

import numpy as np
from numpy.typing import NDArray

from recto.pdf.boxes import level
from recto.pdf.characters.measures import SAME, font_sizes, font_spans, matrices, text_objects, tight_boxes
from recto.pdf.run import beside
from recto.types import Floats

NEXT = 2  # characters on: the next one of a word, or one behind a space
BITS = 20  # of a number that stands for a width or a height
MOST = (1 << BITS) - 1


def with_font_height(
    text: int, codes: NDArray[np.uint32], index: NDArray[np.int64], loose: Floats, boxes: Floats
) -> Floats:
    """The boxes with those as high as their font that are as high as their ink: left, top, right, bottom from below.

    `loose`: the same before they were put on their places. All kinds of characters are asked about, and only where two
    that follow each other on a line are of different height.
    """
    from_below = boxes[:, [0, 3, 2, 1]]
    edges = (np.abs(np.diff(from_below[:, 1])) > SAME) | (np.abs(np.diff(from_below[:, 3])) > SAME)
    edges &= (np.diff(index) <= NEXT) & level(from_below[:-1], from_below[1:], 0.0)
    probes = beside(edges)
    if not _are_close(text, index[probes], loose[probes]).any():
        return boxes
    kinds, of_each = kinds_of(codes, loose)
    rows = np.flatnonzero(_are_close(text, index[kinds], loose[kinds])[of_each])
    placements = matrices(text, index[rows])
    upright = (np.abs(placements[:, 1:3]) < SAME).all(1)
    rows, placements = rows[upright], placements[upright]
    size = font_sizes(text, index[rows]) * np.abs(placements[:, 3])
    spans = placements[:, 5:] + size[:, None] * font_spans(text_objects(text, index[rows]))
    from_below[rows, 1] = np.minimum(from_below[rows, 1], spans[:, 0])
    from_below[rows, 3] = np.maximum(from_below[rows, 3], spans[:, 1])
    return from_below[:, [0, 3, 2, 1]]


def kinds_of(codes: NDArray[np.uint32], loose: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of one character of each kind, and the place of each character's kind among them.

    What is the same letter, as wide and as high, is of one font and size, and has the same ink.
    """
    sizes = np.minimum(np.abs(loose[:, :2] - loose[:, 2:]) / SAME, MOST).astype(np.int64)
    keys = (codes.astype(np.int64) << 2 * BITS) | (sizes[:, 0] << BITS) | sizes[:, 1]
    _, first, of_each = np.unique(keys, return_index=True, return_inverse=True)
    return first, of_each


def _are_close(text: int, index: NDArray[np.int64], loose: Floats) -> NDArray[np.bool_]:
    """Tell the characters whose boxes are no higher than their ink."""
    tight = tight_boxes(text, index)
    close: NDArray[np.bool_] = np.abs((tight[:, 3] - tight[:, 1]) - (loose[:, 1] - loose[:, 3])) < SAME
    return close
