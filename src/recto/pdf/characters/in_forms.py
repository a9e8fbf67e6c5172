"""Text that a file gives for what is drawn in a form (/ActualText): PDFium leaves its boxes in the form's own space.

Browsers write small capitals and ligatures so, and draw whole pages in forms: such letters then lie off the page.
"""

import numpy as np
from numpy.typing import NDArray

from recto.pdf.boxes import level, moved
from recto.pdf.characters.measures import SAME, matrices, own_spaces, text_objects
from recto.pdf.run import beside
from recto.types import Floats


def out_of_forms(text: int, index: NDArray[np.int64], boxes: Floats) -> Floats:
    """The boxes of characters where they lie on the page: left, top, right, bottom in points from below.

    All characters are asked about only where within a word the next letter is on no line of the one before it.
    """
    from_below = boxes[:, [0, 3, 2, 1]]
    leaps = (np.diff(index) == 1) & ~level(from_below[:-1], from_below[1:], 0.0)
    probes = beside(leaps)
    if not probes.size or not _in_forms(text, index[probes], from_below[probes])[0].size:
        return boxes
    rows, on_page = _in_forms(text, index, from_below)
    from_below[rows] = on_page
    return from_below[:, [0, 3, 2, 1]]


def _in_forms(text: int, index: NDArray[np.int64], boxes: Floats) -> tuple[NDArray[np.int64], Floats]:
    """The rows whose boxes are those of the form's space, as high as their text there, and their boxes on the page."""
    handles = text_objects(text, index)
    rows = np.flatnonzero(handles)
    own, bounds = own_spaces(handles[rows])
    to_page = matrices(text, index[rows])
    inside = (np.abs(bounds[:, 1::2] - boxes[rows, 1::2]) < SAME).all(1)
    inside &= (np.abs(own - to_page) > SAME).any(1) & (np.abs(own[:, 0] * own[:, 3] - own[:, 1] * own[:, 2]) > 0)
    rows = rows[inside]
    form = np.linalg.inv(_square(own[inside])) @ _square(to_page[inside])
    return rows, moved(boxes[rows], form).astype(np.float32)


def _square(matrices: Floats) -> NDArray[np.float64]:
    """Matrices a to f, (n, 6), as (n, 3, 3), for points written as rows (x, y, 1)."""
    square = np.tile(np.eye(3), (len(matrices), 1, 1))
    square[:, :, :2] = matrices.reshape(-1, 3, 2)
    return square
