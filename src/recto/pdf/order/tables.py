"""Tables that are drawn column by column, read row by row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from recto.pdf.boxes import around
from recto.pdf.run import Run, decode, distinct, groups
from recto.text.sentences import Range
from recto.types import Floats

SAME_ROW = 0.35  # of a cell's height: so far apart are the middles of two cells of one row at most
REACH = 2.0  # heights: so far above or below the other columns a wrapped head or a last cell may stand
ALIGNED = 0.8  # of a column's cells stand in one row with cells of other columns
SHARED_ROWS = 2  # at least
SPLIT = 0.3  # of a column's rows at most hold several pieces: else it is a table by itself
FIGURES = 0.6  # of a column's cells below its head are figures
HEADS = 2  # lines of a wrapped head
# Heights from row to row in a table of words alone, at least: the columns of an index or a list are set closer.
LOOSE = 1.35
FULL_LINE, FULL_LINES, LONG = 0.85, 0.6, 25  # so many of the lines fill their column, with so many characters: prose
BOLDER = 100  # font weights
BULLETS = "•◦▪‣·○●■□✓❑"
BLANKS = frozenset(("-", "–", "—", "--", "n/a", "N/A", "none", "nil"))  # stands for a figure where there is none


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """Cells that are drawn one below the other: their texts, widths, and font weights."""

    texts: Sequence[str]
    widths: Floats
    weights: NDArray[np.int32]

    @property
    def is_of_figures(self) -> bool:
        """Whether its cells are figures, but for a head."""
        cells = self.texts[min(HEADS, len(self.texts) // 2) :]
        more_digits = (sum(map(str.isdigit, text)) > sum(map(str.isalpha, text)) or text in BLANKS for text in cells)
        return sum(more_digits) >= FIGURES * len(cells)

    @property
    def is_prose(self) -> bool:
        """Whether its cells are the lines of a text, or the items of a list."""
        full = self.widths >= FULL_LINE * self.widths.max()
        long = np.array([len(text) >= LONG for text in self.texts])
        bullets = sum(text[:1] in BULLETS for text in self.texts)
        return bool((full & long).mean() >= FULL_LINES) or 2 * bullets > len(self.texts)

    @property
    def has_head(self) -> bool:
        """Whether the first cell is set bolder than the others."""
        return bool(self.weights[0] >= self.weights[1:].max(initial=0) + BOLDER)

    @property
    def is_of_labels(self) -> bool:
        """Whether its cells end in a colon."""
        return sum(text.endswith((":", "：")) for text in self.texts) >= ALIGNED * len(self.texts)


@dataclass(frozen=True, slots=True, eq=False)
class Strands:
    """Pieces in the order of drawing, by their boxes (n, 4); strands of them, each drawn downwards, may be columns."""

    boxes: Floats

    def side_by_side(self) -> Iterator[list[Range]]:
        """Ranges of pieces that follow each other in the drawing, each drawn downwards, and that stand side by side."""
        slack = SAME_ROW * (self.boxes[:, 3] - self.boxes[:, 1])
        rises = np.flatnonzero(self.boxes[1:, 3] <= self.boxes[:-1, 1] + slack[:-1]) + 1
        if not _beside(self.boxes[rises - 1], self.boxes[rises]).any():
            return
        strands = list(pairwise([0, *rises.tolist(), len(self.boxes)]))
        group = strands[:1]
        for strand in strands[1:]:
            if len(group) > 1 and not self.joins(group, strand):
                yield from self.closed(group)
                group = group[-1:]
            if len(group) == 1:
                group = [self.tail(group[0], strand[0])]
            group = [*group, strand] if self.joins(group, strand) else [strand]
        yield from self.closed(group)

    def tail(self, strand: Range, following: int) -> Range:
        """The strand's last pieces: those that stand beside the following one, or lower."""
        first, end = strand
        head = self.boxes[following]
        stands = _beside(self.boxes[first:end], head) & (self.boxes[first:end, 3] > head[1])
        absent = np.flatnonzero(~stands)
        return first + (int(absent[-1]) + 1 if absent.size else 0), end

    def head(self, columns: Sequence[Range], strand: Range) -> Range:
        """The strand's first pieces: up to one that stands below the columns."""
        first, end = strand
        part = self.boxes[first:end]
        stands = np.ones(len(part), bool)
        lowest = max(float(around(self.boxes[slice(*column)])[3]) for column in columns)
        for column in columns:
            stands &= _beside(part, around(self.boxes[slice(*column)]))
        stands &= part[:, 1] <= lowest + REACH * (part[:, 3] - part[:, 1])
        absent = np.flatnonzero(~stands)
        return first, first + int(absent[0]) if absent.size else end

    def joins(self, group: Sequence[Range], strand: Range) -> bool:
        """Whether the strand begins beside all columns of the group, at the height of one of them or just above."""
        if group[0][0] == group[0][1] or (len(group) > 1 and self.head(group[:-1], group[-1]) != group[-1]):
            return False
        first = self.boxes[strand[0]]
        lowest = first[3] + REACH * (first[3] - first[1])
        columns = np.array([around(self.boxes[slice(*column)]) for column in group])
        return bool(_beside(columns, first).all() and ((columns[:, 1] < lowest) & (columns[:, 3] > first[1])).any())

    def closed(self, group: Sequence[Range]) -> Iterator[list[Range]]:
        """The group, its last column cut off where the table ends."""
        if len(group) > 1:
            last = self.head(group[:-1], group[-1])
            if last[0] < last[1]:
                yield [*group[:-1], last]


def _beside(left: Floats, right: Floats) -> NDArray[np.bool_]:
    return (left[..., 2] <= right[..., 0]) | (left[..., 0] >= right[..., 2])


def across(run: Run, spans: NDArray[np.int64], boxes: Floats) -> NDArray[np.int64]:
    """The order in which the cells of tables drawn by columns are read; all else stays in its place."""
    order = np.arange(len(boxes))
    for ranges in Strands(boxes).side_by_side():
        first, end = ranges[0][0], ranges[-1][1]
        part = boxes[first:end]
        rows = groups(part[:, [1, 3]].mean(1), SAME_ROW * float(np.median(part[:, 3] - part[:, 1])))
        if not _are_aligned([rows[a - first : b - first] for a, b in ranges]):
            continue
        tops = np.bincount(rows, part[:, 1]) / np.bincount(rows)
        steps = np.diff(tops[np.bincount(rows) > 1])  # from row to row of several cells
        pitch = np.median(steps) / np.median(part[:, 3] - part[:, 1]) if steps.size else 0.0
        columns = [
            Column(
                texts=[decode(run.codes[slice(*span)]).strip() for span in spans[a:b].tolist()],
                widths=boxes[a:b, 2] - boxes[a:b, 0],
                weights=run.weights[spans[a:b, 0]],
            )
            for a, b in ranges
        ]
        if _are_table(columns, float(pitch)):
            order[first:end] = first + np.lexsort((boxes[first:end, 0], rows))
    return order


def _are_aligned(columns: Sequence[NDArray[np.int64]]) -> bool:
    """Whether cells, given by the rows of each column, stand in rows across columns that are none by themselves."""
    occupied = [distinct(rows) for rows in columns]
    shared = np.bincount(np.concatenate(occupied)) > 1
    if shared.sum() < SHARED_ROWS or any(len(c) > (1 + SPLIT) * len(o) for c, o in zip(columns, occupied, strict=True)):
        return False
    longest = max(range(len(columns)), key=lambda i: len(columns[i]))  # wrapped labels have lines of their own
    return all(shared[rows].mean() >= ALIGNED for i, rows in enumerate(occupied) if i != longest)


def _are_table(columns: Sequence[Column], pitch: float) -> bool:
    """Whether columns are those of a table: of figures, or set too loosely for lists; `pitch` of rows, in heights."""
    if any(column.is_prose for column in columns if not column.is_of_figures):
        return False
    if any(column.is_of_figures for column in columns):
        return True
    headed = all(column.has_head for column in columns) or columns[0].is_of_labels
    return pitch >= LOOSE and (len(columns) > 2 or headed)
