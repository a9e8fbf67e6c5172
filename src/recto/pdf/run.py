"""The characters of a page under arrangement, and their stretches on one line."""

from dataclasses import dataclass, fields
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from recto.pdf.boxes import around_each
from recto.types import Floats

NEWLINE, SPACE = 10, 32
ANOTHER_LINE = 0.75  # heights between the middles of two characters: more than to any raised or lowered one
AS_DRAWN = -1  # of a break: what stood behind the piece stays


@dataclass(frozen=True, eq=False)
class Run:
    """Characters under arrangement, row by row: code points, boxes, weights, and the bits of their `TRAITS`."""

    codes: NDArray[np.uint32]
    boxes: Floats
    weights: NDArray[np.int32]
    traits: NDArray[np.uint8]

    def take(self, rows: NDArray[np.int64], white: int = NEWLINE) -> "Run":
        """The characters of these rows, in this order; a row of -1 stands for `white`, a code point of white space."""
        run = Run(self.codes[rows], self.boxes.take(rows, axis=0), self.weights[rows], self.traits[rows])
        new = rows < 0
        if new.any():
            run.codes[new], run.boxes[new], run.weights[new], run.traits[new] = white, np.nan, 0, 0
        return run

    def followed_by(self, run: "Run") -> "Run":
        """These characters and then those of another run."""
        if not len(run.codes):
            return self
        parts = zip(fields(self), fields(run), strict=True)
        return Run(*(np.concatenate((getattr(self, own.name), getattr(run, its.name))) for own, its in parts))

    @cached_property
    def ink(self) -> NDArray[np.bool_]:
        """Tell what is no white space."""
        return ~blank(self.codes)


def blank(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Tell white space: what Python's str.isspace says."""
    return _BLANK.take(codes, mode="clip")


_BLANK = np.array([chr(code).isspace() for code in range(0x3002)])  # the last one stands for all code points above


def within(codes: NDArray[np.uint32], scripts: tuple[tuple[int, int], ...]) -> NDArray[np.bool_]:
    """Tell the code points that lie in one of these ranges, ends included."""
    return members(scripts).take(codes, mode="clip")


@cache
def members(scripts: tuple[tuple[int, int], ...]) -> NDArray[np.bool_]:
    """Whether each code point is in one of these ranges; the last one stands for all above."""
    inside = np.zeros(max(last for _, last in scripts) + 2, bool)
    for first, last in scripts:
        inside[first : last + 1] = True
    return inside


def decode(codes: NDArray[np.uint32]) -> str:
    """The code points as text."""
    return codes.astype("<u4").tobytes().decode("utf-32-le", "replace")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Pieces:
    """Stretches of characters on one line, in the order of drawing.

    `spans` int64 (m, 2), `boxes` float32 (m, 4), `heights` float32 (m,): of its characters, the mean; `lines` int64
    (m,): the newlines before it.
    """

    spans: NDArray[np.int64]
    boxes: Floats
    heights: Floats
    lines: NDArray[np.int64]


def pieces(run: Run, gap: float) -> Pieces:
    """Cut the text at each newline, and where a line goes on `gap` heights or more to the right, or to the left.

    With a finite gap also where it goes on in another line: behind a hyphen PDFium says no newline.
    """
    rows = np.flatnonzero(run.ink & ~np.isnan(run.boxes[:, 0]))
    if rows.size == 0:
        empty = np.zeros(0, np.int64)
        boxes, heights = np.zeros((0, 4), np.float32), np.zeros(0, np.float32)
        return Pieces(spans=empty.reshape(0, 2), boxes=boxes, heights=heights, lines=empty)
    boxes = run.boxes.take(rows, axis=0)
    tall = boxes[:, 3] - boxes[:, 1]
    line = np.cumsum(run.codes == NEWLINE)[rows]
    parted = line[1:] != line[:-1]
    if gap < np.inf:
        parted |= np.maximum(boxes[1:, 0] - boxes[:-1, 2], boxes[:-1, 0] - boxes[1:, 2]) > gap * tall[:-1]
        sunk = np.abs(np.diff(boxes[:, 1] + boxes[:, 3])) / 2
        parted |= sunk > ANOTHER_LINE * np.maximum(tall[1:], tall[:-1])
    heads = np.concatenate(([0], np.flatnonzero(parted) + 1))
    ends = rows[np.append(heads[1:], len(rows)) - 1] + 1
    corners = around_each(boxes, heads)
    counts = np.diff(np.append(heads, len(rows)))
    heights = (np.add.reduceat(tall, heads) / counts).astype(np.float32)
    return Pieces(spans=np.column_stack((rows[heads], ends)), boxes=corners, heights=heights, lines=line[heads])


def laid(run: Run, starts: NDArray[np.int64], order: NDArray[np.int64], breaks: NDArray[np.int64]) -> Run:
    """The pieces that begin at `starts`, in another order; `breaks` has what follows each piece, by its number.

    A break is a code point, 0 for none, or `AS_DRAWN`. No ink is lost: what stands before the first piece, and behind
    one, belongs to it.
    """
    count = len(run.codes)
    piece = np.maximum(np.searchsorted(starts, np.arange(count), side="right") - 1, 0)
    last_ink = np.maximum.accumulate(np.where(run.ink, np.arange(count), -1))
    ends = last_ink[np.append(starts[1:], count) - 1]  # of each piece, its last ink
    keep = (np.arange(count) <= ends[piece]) | (breaks[piece] == AS_DRAWN)
    rank = np.empty(len(starts), np.int64)
    rank[order] = np.arange(len(starts))
    rows = np.flatnonzero(keep)
    rows = rows[np.argsort(rank[piece[rows]], kind="stable")]
    follows = breaks[order] > 0
    at = np.searchsorted(rank[piece[rows]], np.flatnonzero(follows), side="right")
    arranged = run.take(rows)
    return Run(
        np.insert(arranged.codes, at, breaks[order][follows]),
        np.insert(arranged.boxes, at, np.nan, axis=0),
        np.insert(arranged.weights, at, 0),
        np.insert(arranged.traits, at, 0),
    )


def counts(marks: NDArray[np.bool_], spans: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many marked characters each piece has."""
    sums = np.concatenate(([0], np.cumsum(marks)))
    count: NDArray[np.int64] = sums[spans[:, 1]] - sums[spans[:, 0]]
    return count


def stretches(marks: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Where marked values follow each other: first and end of each stretch, (m, 2)."""
    framed = np.zeros(len(marks) + 2, bool)
    framed[1:-1] = marks
    return np.flatnonzero(framed[1:] != framed[:-1]).reshape(-1, 2)


def distinct(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers from 0 on that occur, in order; np.unique would load numpy's masked arrays, 40 ms of each worker."""
    return np.flatnonzero(np.bincount(numbers))


def beside(marks: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The rows of both values of each marked pair, of which there is one fewer than values."""
    both = np.zeros(len(marks) + 1, bool)
    both[1:] = marks
    both[:-1] |= marks
    return np.flatnonzero(both)


def groups(values: Floats, gap: float) -> NDArray[np.int64]:
    """Number the values from the smallest on, a new number wherever two are more than `gap` apart."""
    order = np.argsort(values, kind="stable")
    numbers = np.empty(len(values), np.int64)
    numbers[order] = np.cumsum(np.diff(values[order], prepend=values[order[0]]) > gap)
    return numbers
