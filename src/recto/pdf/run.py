"""The characters of a page under arrangement, and their stretches on one line."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from recto.types import Floats

NEWLINE = 10


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Characters under arrangement, row by row: code points, boxes, weights, and the bits of their `TRAITS`."""

    codes: NDArray[np.uint32]
    boxes: Floats
    weights: NDArray[np.int32]
    traits: NDArray[np.uint8]

    def take(self, rows: NDArray[np.int64]) -> "Run":
        """The characters of these rows, in this order."""
        return Run(self.codes[rows], self.boxes[rows], self.weights[rows], self.traits[rows])

    def followed_by(self, run: "Run") -> "Run":
        """These characters and then those of another run."""
        if not len(run.codes):
            return self
        parts = zip(fields(self), fields(run), strict=True)
        return Run(*(np.concatenate((getattr(self, own.name), getattr(run, its.name))) for own, its in parts))

    @property
    def ink(self) -> NDArray[np.bool_]:
        """Tell what is no white space."""
        return ~blank(self.codes)


def blank(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Tell white space: what Python's str.isspace says for the code points that PDFs hold."""
    return (
        ((codes >= 9) & (codes <= 13))
        | ((codes >= 28) & (codes <= 32))
        | np.isin(codes, (0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000))
        | ((codes >= 0x2000) & (codes <= 0x200A))
    )


def within(codes: NDArray[np.uint32], scripts: Sequence[tuple[int, int]]) -> NDArray[np.bool_]:
    """Tell the code points that lie in one of these ranges, ends included."""
    inside = np.zeros(len(codes), bool)
    for first, last in scripts:
        inside |= (codes >= first) & (codes <= last)
    return inside


def decode(codes: NDArray[np.uint32]) -> str:
    """The code points as text."""
    return codes.astype("<u4").tobytes().decode("utf-32-le", "replace")


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Stretches of characters on one line: `spans` int64 (m, 2), `boxes` float32 (m, 4), `heights` float32 (m,)."""

    spans: NDArray[np.int64]
    boxes: Floats
    heights: Floats


def pieces(run: Run, gap: float) -> Pieces:
    """Cut the text at each newline, and where two words of a line are parted by `gap` mean heights or more."""
    rows = np.flatnonzero(run.ink & ~np.isnan(run.boxes[:, 0]))
    if rows.size == 0:
        return Pieces(np.zeros((0, 2), np.int64), np.zeros((0, 4), np.float32), np.zeros(0, np.float32))
    boxes = run.boxes[rows]
    tall = boxes[:, 3] - boxes[:, 1]
    line = np.cumsum(run.codes == NEWLINE)[rows]
    parted = (line[1:] != line[:-1]) | (boxes[1:, 0] - boxes[:-1, 2] > gap * tall[:-1])
    heads = np.concatenate(([0], np.flatnonzero(parted) + 1))
    ends = rows[np.append(heads[1:], len(rows)) - 1] + 1
    corners = np.column_stack((np.minimum.reduceat(boxes[:, :2], heads), np.maximum.reduceat(boxes[:, 2:], heads)))
    counts = np.diff(np.append(heads, len(rows)))
    heights = (np.add.reduceat(tall, heads) / counts).astype(np.float32)
    return Pieces(np.column_stack((rows[heads], ends)), corners, heights)
