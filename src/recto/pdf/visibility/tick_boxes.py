"""Boxes to tick and circles to fill that the page itself draws, and whether there is a mark in them.

PDFium is not thread-safe: only the worker processes import this module.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pypdfium2.raw as raw
from numpy.typing import NDArray

from recto.pdf.binding import ADDRESS, INT, POINTER, bound
from recto.pdf.boxes import inside, rotated
from recto.pdf.visibility import objects as painting
from recto.pdf.visibility.objects import Bools, Objects
from recto.types import Floats

SIZES = 0.55, 1.6  # of a line's height, 1.15 font sizes: boxes of forms have .7 to 1.2
SIDES = 3.0, 60.0  # points, in type of 5 to 36
SQUARE = 0.8  # of the longer side, the shorter one
REACH = 2.5  # heights between a box and the words beside it
APART = 0.15  # of a box's side, from the next: the squares of a grid touch
LEAST = 2  # boxes of one size, one of them marked or before words; a single empty one may be a drawing
ALIKE = 0.25  # of the side: boxes of one size differ by less, one with an edge and one without, too
STRAIGHT, SLANTED, ROUND = 0.8, 0.25, 4  # of the side, an edge or a stroke of a mark; curves of a circle
MARK = 0.3  # of the side: a mark is larger both ways
LIGHT = 225  # of 255, in each of red, green and blue: what is filled so is empty paper
SIGNS = tuple(map(ord, "Xx×✓✔✕✖✗✘☑☒●•■"))  # a letter or sign in a box marks it

_segment_count = bound("FPDFPath_CountSegments", (POINTER,))
_segment = bound("FPDFPath_GetPathSegment", (POINTER, INT), ADDRESS)
_segment_kind = bound("FPDFPathSegment_GetType", (POINTER,))
_segment_point = bound("FPDFPathSegment_GetPoint", (POINTER,) * 3)
MOST_SEGMENTS = 60  # of a box or a mark


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """How far each stroke of a path goes across and up, (n, 2), in shares of its extent; and which are curves."""

    strokes: Floats
    curved: Bools

    @classmethod
    def of(cls, path: int) -> Self:
        """The strokes of a path, by its handle; of one with many the first."""
        count = max(min(_segment_count(path), MOST_SEGMENTS), 1)
        points, kinds = np.zeros((count, 2), np.float32), np.zeros(count, np.int32)
        for row, point in enumerate(points):
            segment = _segment(path, row)
            kinds[row] = _segment_kind(segment)
            _segment_point(segment, point.ctypes.data, point.ctypes.data + point.itemsize)
        extent = np.maximum(np.ptp(points, axis=0), 1e-3)
        drawn = kinds[1:] != raw.FPDF_SEGMENT_MOVETO
        strokes = (np.diff(points, axis=0) / extent)[drawn].astype(np.float32)
        return cls(strokes, (kinds[1:] == raw.FPDF_SEGMENT_BEZIERTO)[drawn])

    @property
    def is_frame(self) -> bool:
        """Whether it is a rectangle or a circle."""
        lengths = np.abs(self.strokes)
        edges = (lengths.max(1) >= STRAIGHT) & (lengths.min(1) < SLANTED)
        return bool(self.curved.sum() >= ROUND or edges.sum() >= ROUND - 1)

    @property
    def is_slanted(self) -> bool:
        """Whether it has a straight stroke that is neither level nor upright."""
        return bool((np.abs(self.strokes[~self.curved]).min(1, initial=2) >= SLANTED).any())


def squares(boxes: Floats) -> Bools:
    """Tell the boxes that are about as high as wide, and no larger than those of forms ever are."""
    across, down = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    longer = np.maximum(across, down)
    square: Bools = (np.minimum(across, down) >= SQUARE * longer) & (longer > SIDES[0]) & (longer < SIDES[1])
    return square


def tick_boxes(paths: Objects, boxes: Floats, ink: Floats, codes: NDArray[np.uint32]) -> tuple[Floats, Bools]:
    """The boxes to tick among a page's paths, (n, 4), and which of them hold a mark.

    All are left, top, right, bottom in points: `boxes` of the paths, `ink` of the characters, whose code points are
    `codes`. Only letters label a box: figures stand beside the points of a diagram.
    """
    signs = np.isin(codes, SIGNS)
    words, letters = ink[~signs], ink[~signs & (codes > ord("9"))]
    frames = squares_on_lines(boxes, words) if len(words) else np.zeros(0, np.int64)
    outlines = (Outline.of(int(paths.handles[row])) for row in frames.tolist())
    frames = standing_alone(frames[np.fromiter((outline.is_frame for outline in outlines), bool)], boxes)
    if not frames.size:
        return boxes[:0], np.zeros(0, bool)
    filled, _ = painting.fills(paths, 0)
    colours, plain = painting.colours(paths)
    dark = filled & ~(plain & (colours[:, :3].min(1) >= LIGHT))
    marked = np.array([_is_marked(row, paths, boxes, dark, filled) for row in frames.tolist()], bool)
    marked |= inside(ink[signs], boxes[frames]).any(0)
    frames, marked = frames[marked | ~dark[frames]], marked[marked | ~dark[frames]]
    told = _told(boxes[frames], letters, marked)
    return boxes[frames][told], marked[told]


def _told(boxes: Floats, words: Floats, marked: Bools) -> Bools:
    """Tell the boxes that are surely to be ticked: by the words beside them, their marks, and others of one size."""
    before = (_gaps(boxes, words) < REACH).any(1)
    near = before | (_gaps(rotated(boxes, 2), rotated(words, 2)) < REACH).any(1)
    sides = boxes[:, 2] - boxes[:, 0]
    alike = np.abs(sides[:, None] - sides) < ALIKE * sides
    below = alike & (np.abs(boxes[:, None, 0] - boxes[:, 0]) < ALIKE * sides)
    in_form = (alike.sum(1) >= LEAST) & (alike & near & (marked | before)).any(1)
    in_table = (below.sum(1) >= LEAST) & (alike & marked).any(1)
    told: Bools = (near & (marked | in_form)) | in_table
    return told


def _gaps(boxes: Floats, words: Floats) -> Floats:
    """From each box to each character right of it on a line of its size, (n, m), in heights; infinite for others."""
    gaps = (words[:, 0] - boxes[:, 2, None]) / (words[:, 3] - words[:, 1])
    return np.where(_on_line(boxes, words) & (gaps > 0), gaps, np.inf)


def squares_on_lines(boxes: Floats, words: Floats) -> NDArray[np.int64]:
    """The squares of the size of a line on which words stand, that hold none."""
    square = np.flatnonzero(squares(boxes))
    empty = ~inside(words, boxes[square]).any(0)
    rows: NDArray[np.int64] = square[empty & _on_line(boxes[square], words).any(1)]
    return rows


def _on_line(boxes: Floats, words: Floats) -> Bools:
    """Tell for each box and character whether that stands on a line on which the box is, and of its size: (n, m)."""
    middle, side = (boxes[:, 1, None] + boxes[:, 3, None]) / 2, (boxes[:, 3] - boxes[:, 1])[:, None]
    size = side / (words[:, 3] - words[:, 1])
    lies: Bools = (words[:, 1] < middle) & (middle < words[:, 3]) & (size > SIZES[0]) & (size < SIZES[1])
    return lies


def standing_alone(frames: NDArray[np.int64], boxes: Floats) -> NDArray[np.int64]:
    """The frames that touch no other: each once, of those drawn over each other."""
    own = boxes[frames]
    middles, slack = (own[:, :2] + own[:, 2:]) / 2, APART * (own[:, 2] - own[:, 0])
    low, high = np.maximum(own[:, None, :2], own[:, :2]), np.minimum(own[:, None, 2:], own[:, 2:])
    touches = ((high - low).min(2) > -slack) & ~np.eye(len(own), dtype=bool)
    same = np.abs(middles[:, None] - middles).max(2) <= slack
    alone: NDArray[np.int64] = frames[~(touches & ~same).any(1) & ~np.tril(same, -1).any(1)]
    return alone


def _is_marked(frame: int, paths: Objects, boxes: Floats, dark: Bools, filled: Bools) -> bool:
    """Whether slanted strokes, or something dark on paper, lie in a frame; strokes may be a part of its own path."""
    side = boxes[frame, 2] - boxes[frame, 0]
    extents = boxes[:, 2:] - boxes[:, :2]
    within = inside(boxes, boxes[[frame]])[:, 0] & (extents.min(1) >= MARK * side) & (extents.max(1) < side / MARK / 2)
    within[frame] = not filled[frame]
    on_paper = dark & ~dark[frame]
    return any(
        on_paper[row] or Outline.of(int(paths.handles[row])).is_slanted for row in np.flatnonzero(within).tolist()
    )
