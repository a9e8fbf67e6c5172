"""Columns: the blanks that go down through the lines of a table."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from operator import itemgetter

import numpy as np

from recto.text.grids.lines import Interval, Line, PlacedWord, Stretch, median

FULLEST = 0.7  # of the most stretches that two lines have: lines with so many tell the columns
TOLERANCE = 8  # lines, of which one may reach into the blank between two columns
APART = 0.3  # of a line's height, between two words: more than a space, and so narrow where a label fills its column
SHARED = 0.2  # of a stretch or of a column that overlap: less is a cell somewhat wider than its column
CROSSING = 0.34  # of lines that may cross such a blank, such as heads of several columns
PROSE_WORDS = 9  # in a line without a blank: more than a cell that is alone on its line has ...
PROSE_WIDTH = 0.55  # ... if it takes so much of the page's text across
INDENT = 0.2  # of a line's height: a long line that begins where a cell of the line above did goes on with that
EXACT = 0.05  # of a line's height: a word that begins so near to a column's left end does so by no chance
PAIR = 2  # columns
FARTHEST = 2.5  # heights of a line between two rows
HEAD_LINES = 3  # at the top of a table that may stand in more columns than they have cells


@dataclass(frozen=True, slots=True)
class Columns:
    """Where n columns stand across: what their words take on the fullest lines, from left to right."""

    extents: tuple[Interval, ...]

    def __len__(self) -> int:
        return len(self.extents)

    @classmethod
    def of(cls, lines: Sequence[Line]) -> "Columns":
        """Those of lines that hold more than one stretch; the fullest lines tell."""
        counts = sorted((len(line.stretches) for line in lines), reverse=True)
        most = counts[min(1, len(counts) - 1)]
        full = [line for line in lines if len(line.stretches) >= max(2, FULLEST * most)]
        if not full:
            return cls(())
        start = min(line.x0 for line in full)
        size = int(2 * (max(line.x1 for line in full) - start)) + 3
        ends = np.array([(stretch.x0, stretch.x1) for line in full for stretch in line.stretches])
        first, last = np.minimum((2 * (ends - start)).astype(int) + np.array((0, 1)), size).T
        steps = np.bincount(first, minlength=size + 1) - np.bincount(np.maximum(first, last), minlength=size + 1)
        cover = np.cumsum(steps[:-1])
        free = cover <= len(full) // TOLERANCE
        edges = np.flatnonzero(np.diff(np.concatenate(([False], free, [False])).astype(np.int8))).reshape(-1, 2) / 2
        blanks = [(left, right) for left, right in edges.tolist() if right - left >= APART * full[0].height]
        inner = [(left, right) for left, right in blanks if left > 0 and right < len(cover) / 2 - 1]
        lefts = [start, *(start + right for _, right in inner)]
        rights = [*(start + left for left, _ in inner), start + len(cover) / 2]
        return cls(tuple(zip(lefts, rights, strict=True)))

    def place(self, stretch: Stretch) -> tuple[int, int]:
        """First and end of the columns that a stretch stands in: those that it overlaps, or the nearest."""
        _, x0, x1 = stretch
        columns = []
        width = x1 - x0
        for column in range(bisect_right(self.extents, x0, key=itemgetter(1)), len(self.extents)):
            left, right = self.extents[column]
            if left >= x1:
                break
            shared = (right if right < x1 else x1) - (left if left > x0 else x0)
            if shared > SHARED * (width if width < right - left else right - left):
                columns.append(column)
        if columns:
            return columns[0], columns[-1] + 1
        overlaps = [min(right, x1) - max(left, x0) for left, right in self.extents]
        nearest = max(range(len(overlaps)), key=overlaps.__getitem__)
        return nearest, nearest + 1

    def split(self, stretch: Stretch, height: float) -> list[Stretch]:
        """A stretch cut where a word stands clear of the one before, and begins where a column does."""
        starts = [
            number
            for number, (before, word) in enumerate(pairwise(stretch.words), start=1)
            if not word.is_signed(before) and self.begins_column(word, before, height)
        ]
        if not starts:
            return [stretch]
        return [Stretch.of(stretch.words[start:end]) for start, end in pairwise([0, *starts, len(stretch.words)])]

    def begins_column(self, word: PlacedWord, before: PlacedWord, height: float) -> bool:
        """Whether a word begins where a column does, clear of the one before.

        Beside labels alone one column of what they stand for may begin just behind a label that fills its own, but then
        exactly there.
        """
        space, off = word.x0 - before.x1, min(abs(word.x0 - left) for left, _ in self.extents[1:])
        exact = len(self) == PAIR and off < EXACT * height
        return exact or (space >= APART * height and off < INDENT * height)

    def begin_in(self, line: Line) -> bool:
        """Whether words of a line that seems to run on begin where these columns do, from the first one on."""
        aligned = bool(self.extents) and abs(line.x0 - self.extents[0][0]) < INDENT * line.height
        return aligned and not line.parted and len(self.split(line.stretches[0], line.height)) > 1

    def crossed(self, line: Line) -> bool:
        """Whether words of a line stand in several columns at once, or two stretches in one."""
        places = [self.place(stretch) for stretch in line.stretches]
        return any(end - first > 1 for first, end in places) or len(set(places)) < len(places)


@dataclass(frozen=True)
class GridBlock:
    """Lines from the top that may be a table, and the columns that they have in common."""

    lines: tuple[Line, ...]

    @cached_property
    def parted(self) -> list[Line]:
        """Those with two stretches or more."""
        return [line for line in self.lines if line.parted]

    @cached_property
    def columns(self) -> Columns:
        """What all have in common."""
        return Columns.of(self.lines)

    def joined(self, block: "GridBlock") -> "GridBlock | None":
        """Both as one, if the second has the columns of the first."""
        union = GridBlock(self.lines + block.lines)
        columns = union.columns
        if len(columns) < max(len(self.columns), len(block.columns)):
            return None
        for part, head in ((self.parted, True), (block.parted, False)):
            crossing = sum(map(columns.crossed, part))
            if crossing > CROSSING * len(part) and not (head and len(part) <= HEAD_LINES):
                return None
        return union


def blocks(page_lines: Sequence[Line]) -> list[GridBlock]:
    """The stretches of a page's lines that may be tables: lines that have columns in common, and what is between."""
    extent = max((line.x1 for line in page_lines), default=0.0) - min((line.x0 for line in page_lines), default=0.0)
    result: list[GridBlock] = []
    for chunk in chunks(page_lines, extent):
        open_block: GridBlock | None = None
        for unit in units(chunk):
            block = open_block.joined(unit) if open_block else None
            if block is None:
                result += [open_block] if open_block else []
                block = GridBlock(unit.lines[next(n for n, line in enumerate(unit.lines) if line.parted) :])
            open_block = block
        result += [open_block] if open_block else []
    return result


def chunks(page_lines: Sequence[Line], extent: float) -> Iterator[list[Line]]:
    """Lines between running text and wide blanks."""
    chunk: list[Line] = []
    indents: list[float] = []  # where the stretches but the first of the last line with several begin
    for line in page_lines:
        indents = [stretch.x0 for stretch in line.stretches[1:]] if line.parted else indents
        prose = (
            not line.parted
            and len(line.words) >= PROSE_WORDS
            and line.x1 - line.x0 > PROSE_WIDTH * extent
            and not any(abs(line.x0 - indent) < INDENT * line.height for indent in indents)
            and not has_columns_at(line, indents)
        )
        far = bool(chunk) and line.top - chunk[-1].bottom > FARTHEST * line.height
        if chunk and (prose or far):
            yield chunk
            chunk = []
        if not prose:
            chunk.append(line)
    if chunk:
        yield chunk


def has_columns_at(line: Line, lefts: Sequence[float]) -> bool:
    """Whether a word of a line stands clear of the one before, and begins at one of these places."""
    return any(
        word.x0 - before.x1 >= APART * line.height and abs(word.x0 - left) < INDENT * line.height
        for before, word in pairwise(line.words)
        for left in lefts
    )


def units(chunk: Sequence[Line]) -> Iterator[GridBlock]:
    """The lines of a chunk cut before each line without a blank that follows one with, and at wider spaces."""
    spaces = [after.top - before.bottom for before, after in pairwise(chunk)]
    usual = median(spaces) if spaces else 0.0
    unit: list[Line] = []
    for number, line in enumerate(chunk):
        wide = number and spaces[number - 1] > usual + 0.8 * line.height
        if any(before.parted for before in unit) and (wide or (not line.parted and unit[-1].parted)):
            yield GridBlock(tuple(unit))
            unit = []
        unit.append(line)
    if any(line.parted for line in unit):
        yield GridBlock(tuple(unit))
