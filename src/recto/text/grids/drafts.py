"""From the lines of a page to rows of cells that may be tables."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from recto.text.grids.columns import GridBlock
from recto.text.grids.heads import GridRow, RowCell, parts
from recto.text.grids.lines import Line, PlacedWord, lines, median
from recto.text.grids.rows import CLOSE, Fragment, TableLine, rows

Spans = Sequence[Sequence[int]]  # where each word of a page begins and ends in its text
PADDED_ROWS = 0.25  # of a line's height: more space than between the lines of an address


@dataclass(frozen=True, slots=True, eq=False)
class TableDraft:
    """A table under way: its rows of cells, and the lines of the page that it takes."""

    rows: tuple[GridRow, ...]
    columns: int
    padded: bool  # whether there is more space between rows than between lines of text

    @classmethod
    def of(cls, part: Sequence[GridRow], *, padded: bool) -> "TableDraft":
        """A table without the columns in which no cell of its own begins: its neighbour in the block fills them."""
        used = sorted({cell.first for row in part for cell in row})
        moved = [
            tuple(c._replace(first=bisect_left(used, c.first), end=bisect_left(used, c.end)) for c in row)
            for row in part
        ]
        return cls(tuple(moved), len(used), padded)


def drafts(block: GridBlock, region_lines: Sequence[Line], spans: Spans) -> list[TableDraft]:
    """The rows and columns of a block of lines, and of what belongs to it just above and below."""
    if len(block.columns) < 2:
        return []
    block_lines = _with_ends(block, region_lines)
    table_lines = [TableLine.of(line, block.columns) for line in block_lines]
    row_lines = rows(table_lines)
    while (
        row_lines and len({fragment.first for line in row_lines[-1] for fragment in line.fragments}) < 2
    ):  # what stands alone below the rows is none of them
        row_lines.pop()
    spaces = [after[0].top - before[-1].bottom for before, after in pairwise(row_lines)]
    height = median([line.height for line in table_lines])
    padded = bool(spaces) and median(spaces) >= PADDED_ROWS * height
    grid_rows = [_row(row, spans) for row in row_lines]
    return [TableDraft.of(part, padded=padded) for part in parts(grid_rows, len(block.columns))]


def _with_ends(block: GridBlock, region_lines: Sequence[Line]) -> list[Line]:
    """A block's lines with those that belong to its first and last row: single ones, close to them, in one column."""
    first = region_lines.index(block.lines[0])
    end = region_lines.index(block.lines[-1]) + 1
    margin = block.columns.extents[0][1]
    spaces = [after.top - before.bottom for before, after in zip(block.lines[:-1], block.lines[1:], strict=True)]
    close = min(spaces, default=0.0)
    while first:
        line = region_lines[first - 1]
        near = block.lines[0].top - line.bottom <= max(max(spaces, default=0.0), 0.3 * line.height) + 0.1 * line.height
        if line.parted or line.x0 < margin or not near or first < region_lines.index(block.lines[0]) - 1:
            break
        first -= 1
    while end < len(region_lines):
        line = region_lines[end]
        space = line.top - region_lines[end - 1].bottom
        if block.columns.begin_in(line) and space <= max(spaces, default=close) + 0.1 * line.height:
            end += 1  # a label fills its column, and the cell beside it seems to go on with it
            continue
        within = len(line.stretches) == 1 and not block.columns.crossed(line)
        near = space <= close + 0.1 * line.height
        wraps = max(spaces, default=0.0) > close + 0.2 * line.height
        runs_on = line.text[0].islower() and space <= CLOSE * line.height
        if line.parted or not within or not (runs_on or (near and wraps)):
            break
        end += 1
    return list(region_lines[first:end])


def _row(row: Sequence[TableLine], spans: Spans) -> GridRow:
    """The cells of a row: what stands in the same columns on its lines."""
    parts: dict[int, list[Fragment]] = {}
    for line in row:
        for fragment in line.fragments:
            parts.setdefault(fragment.first, []).append(fragment)
    return tuple(_cell(parts[first], spans) for first in sorted(parts))


def _cell(fragments: Sequence[Fragment], spans: Spans) -> RowCell:
    """A cell of fragments below each other; words next to each other in the text are read in its order."""
    words = [word for fragment in fragments for word in fragment.words]
    in_order: list[PlacedWord] = []
    for line_words in [words] if len(fragments) == 1 else [line.words for line in lines(words)]:
        numbers = [word.number for word in line_words]
        # A word is compared by its number first.
        in_order += sorted(line_words) if max(numbers) - min(numbers) < len(numbers) else line_words
    return RowCell(
        first=fragments[0].first,
        end=max(fragment.end for fragment in fragments),
        text=_joined(in_order, spans),
        x0=min([word.x0 for word in words]),
        x1=max([word.x1 for word in words]),
        y0=min([word.y0 for word in words]),
        y1=max([word.y1 for word in words]),
        numbers=tuple(word.number for word in in_order),
    )


def _joined(words: Sequence[PlacedWord], spans: Spans) -> str:
    """Words with a space between them, but where a line end had cut one in two."""
    text, last = "", -1
    for word in words:
        start, end = spans[word.number]
        text += word.text if not text or start == last else f" {word.text}"
        last = end
    return text
