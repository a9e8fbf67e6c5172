"""Where a picture has lines of text: a detector of PP-OCR on onnxruntime, and the boxes around what it marks.

OpenCV comes with RapidOCR, whose own way from the same model to boxes this is, without the library around it: that
takes half a second and 40 MB to load.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recto.pdf.recognition.reading import Picture
from recto.pdf.recognition.strips import session
from recto.types import Floats

# Dots that most letters are made high, which is enough to tell lines apart; and how long the longest side may become.
LETTER, SIDES = 5.5, (704, 1440)
LETTERS = 6, 60  # dots of the picture: what is less or more high is a speck, a rule or a drawing
SAMPLE = 4  # of so many dots one tells how dark ink is
MULTIPLE = 32  # of both sides of what the model is given
FLAT = 32  # grey levels between the darkest and the lightest dot of a row or column: less is paper
ROOM = 32  # dots of what the model is given around the ink
# As RapidOCR's config.yaml has them.
LIKELY, SURE = 0.3, 0.5  # of a dot to belong to a line, and of all within the box of one on average
WIDER = 1.6  # the model marks the core of a line: of its box's area by its outline, what is added on each side
LEAST_MARKED, LEAST_BOX, LEAST = 3, 5, 3  # dots: of what is marked, of its box, and of that box in the picture
MOST = 1000  # lines
SAME_LINE = 10  # dots between the tops of two boxes one below the other: of less they are sorted from the left


class Detector:
    """The model, which takes pictures of any size."""

    def __init__(self, model: Path) -> None:
        import cv2

        cv2.setNumThreads(1)  # as many pages are read at once as there are cores
        self._session = session(model.read_bytes())
        self._input = self._session.get_inputs()[0].name

    def quads(self, picture: Picture) -> NDArray[np.float64]:
        """The corners of the lines, (n, 4, 2) in dots of the picture, clockwise from the upper left; by their tops."""
        left, top, right, bottom = inked_part(picture)
        if right <= left or bottom <= top:
            return np.zeros((0, 4, 2))
        part = picture[top:bottom, left:right]
        least, most = (side / max(picture.shape) for side in SIDES)
        scale = min(max(LETTER / letter_height(part), least), most, 1.0)
        marks = self._marks(part, scale)
        most_right, most_down = picture.shape[1] - 1, picture.shape[0] - 1
        quads = [clockwise(quad / scale + (left, top)) for quad in line_boxes(marks)]
        inside = [np.clip(np.round(quad), 0, (most_right, most_down)) for quad in quads]
        sides = [np.linalg.norm(quad[[0, 0]] - quad[[1, 3]], axis=1) for quad in inside]
        return from_the_top([quad for quad, own in zip(inside, sides, strict=True) if own.min() > LEAST])

    def _marks(self, part: Picture, scale: float) -> Floats:
        """How likely each dot of a part, made smaller, belongs to a line: 0 to 1; it is filled up with paper."""
        import cv2

        rows, columns = (max(round(size * scale), 1) for size in part.shape)
        small = cv2.resize(part, (columns, rows))
        high, wide = (-(-size // MULTIPLE) * MULTIPLE for size in small.shape)
        dots = np.full((1, 3, high, wide), np.median(small), np.float32)
        dots[..., :rows, :columns] = small
        marks: Floats = self._session.run(None, {self._input: dots / np.float32(127.5) - 1})[0][0, 0, :rows, :columns]
        return marks


def inked_part(picture: Picture) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is no plain paper, and some of that around it."""
    room = round(ROOM * max(max(picture.shape) / SIDES[0], 1.0))
    ends: list[tuple[int, int]] = []
    for axis in (0, 1):
        rows = np.flatnonzero(np.ptp(picture, axis=axis) > FLAT)
        first, last = (int(rows[0]), int(rows[-1]) + 1) if rows.size else (0, 0)
        ends.append((max(first - room, 0), min(last + room, picture.shape[1 - axis]) if rows.size else 0))
    (left, right), (top, bottom) = ends
    return left, top, right, bottom


def letter_height(picture: Picture) -> float:
    """How high most letters are, or wide where they lie on their side, in dots; infinite where there are none."""
    import cv2

    dark, paper = np.percentile(picture[::SAMPLE, ::SAMPLE], (0.5, 50))
    ink = (picture < (dark + paper) / 2).astype(np.uint8)
    outlines = cv2.findContours(ink, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    longer = [max(cv2.boundingRect(outline)[2:]) for outline in outlines]
    letters = [side for side in longer if LETTERS[0] <= side <= LETTERS[1]]
    return float(np.median(letters)) if letters else np.inf


def line_boxes(marks: Floats) -> Iterator[NDArray[np.float64]]:
    """The corners of the narrowest boxes around what is marked, at any angle, made wider: (4, 2) each."""
    import cv2

    mask = cv2.dilate((marks > LIKELY).astype(np.uint8), np.ones((2, 2), np.uint8))
    for contour in cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)[0][:MOST]:
        middle, (across, down), angle = cv2.minAreaRect(contour)
        corners = cv2.boxPoints((middle, (across, down), angle)).astype(np.float32)
        if min(across, down) < LEAST_MARKED or likelihood(marks, corners) < SURE:
            continue
        added = across * down * WIDER / (across + down)  # twice the area by the outline, on both sides
        wider = across + added, down + added
        if min(wider) >= LEAST_BOX:
            yield cv2.boxPoints((middle, wider, angle)).astype(np.float64)


def likelihood(marks: Floats, corners: Floats) -> float:
    """The mean of the marks within a box."""
    import cv2

    size = np.array(marks.shape[::-1]) - 1
    low = np.clip(np.floor(corners.min(0)), 0, size).astype(np.int32)
    high = np.clip(np.ceil(corners.max(0)), 0, size).astype(np.int32) + 1
    part = marks[low[1] : high[1], low[0] : high[0]]
    mask = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(mask, [(corners - low).astype(np.int32)], 1)
    return float(cv2.mean(part, mask)[0])


def clockwise(quad: NDArray[np.float64]) -> NDArray[np.float64]:
    """The corners from the upper left one on: the two on the left, and those on the right as far from it."""
    by_x = quad[np.argsort(quad[:, 0], kind="stable")]
    upper_left, lower_left = by_x[:2][np.argsort(by_x[:2, 1], kind="stable")]
    right = by_x[2:]
    upper_right, lower_right = right[np.argsort(right[:, 1], kind="stable")]
    return np.array((upper_left, upper_right, lower_right, lower_left))


def from_the_top(quads: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """From top to bottom; from the left where tops follow each other closely."""
    boxes = np.array(quads, np.float64).reshape(-1, 4, 2)
    boxes = boxes[np.argsort(boxes[:, 0, 1], kind="stable")]
    line = np.cumsum(np.diff(boxes[:, 0, 1], prepend=boxes[:1, 0, 1]) >= SAME_LINE)
    return boxes[np.lexsort((boxes[:, 0, 0], line))]
