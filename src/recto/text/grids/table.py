"""From the lines of a page to its tables, and what is none: prose, lists, addresses, contents."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from recto.text.grids.columns import GridBlock, blocks
from recto.text.grids.heads import GridRow, RowCell, column_heads, head_rows, parts, row_groups, units_of
from recto.text.grids.lines import Line, lines, upright
from recto.text.grids.regions import regions
from recto.text.grids.rows import CLOSE, Fragment, TableLine, is_figure, is_number, rows
from recto.types import Cell, Grid, Page

ABOVE = 4  # lines above a table that may name its units
FEWEST_ROWS = 2  # with figures, heads not counted; without figures one more, with heads
TEXT_COLUMNS = 3  # of a table without figures: two are a letter's head or two columns of text, unless rows are padded
PADDED_ROWS = 0.25  # of a line's height: more space than between the lines of an address
WORDY = 8  # words: cells that are longer on the average are columns of text
FILLED = 0.4  # of the places in rows and columns: a table has less blank
AT_EDGE = 4  # rows of words that may stand above a table that goes on from the page before, or below that
NEAR_COLUMN = 0.03  # of the page's width: columns that go on overleaf stand at the same place

ENTRIES = 4  # of contents, at least
MOST_PAGES = 2000

_PAGE_HEAD = re.compile(r"pages?|seiten?|p[áa]ginas?|pagin[ae]|no\.", re.IGNORECASE)
_MARKER = re.compile(r"[^\w\s]|\(?(?:\d{1,2}|[a-zA-Z]|[ivxIVX]{1,5})[.)]|\d{1,2}(?:\.\d{1,2}){0,3}\.?")


@dataclass(frozen=True, slots=True, eq=False)
class TableDraft:
    """A table under way: its rows of cells, and the lines of the page that it takes."""

    rows: tuple[GridRow, ...]
    columns: int
    padded: bool  # whether there is more space between rows than between lines of text


def grids(page: Page) -> list[Grid]:
    """The tables of a page, from the top; those that go on from the page before have no heads of their own."""
    words = upright(page)
    texts = [page.text[start:end] for start, end in page.spans.tolist()]
    tables = []
    for region in regions(words, texts):
        region_lines = lines(region)
        for block in blocks(region_lines):
            top = block.lines[0].top
            above = [line.text for line in region_lines if line.bottom <= top + line.height / 2][-ABOVE:]
            for draft in drafts(block, region_lines, page):
                if is_table(draft):
                    tables.append((draft.rows[0][0].y0, _grid(page, draft, above)))
                above = []
    return [grid for _, grid in sorted(tables, key=lambda table: table[0])]


def grids_in_order(pages: Iterable[Page]) -> Iterator[list[Grid]]:
    """The tables of neighbouring pages, each with the heads of the page before where it goes on from there."""
    before: tuple[Page, list[Grid]] | None = None
    for page in pages:
        tables = grids(page)
        if before and tables:
            tables = [continued(tables[0], page, before[1], before[0]), *tables[1:]]
        yield tables
        before = page, tables


def continued(grid: Grid, page: Page, above: Sequence[Grid], page_above: Page) -> Grid:
    """A table with the heads of the last one on the page before, if it goes on from there without its own."""
    if not above or page.number != page_above.number + 1:
        return grid
    last = above[-1]
    alike = last.columns == grid.columns and any(last.heads)
    if not alike or not _at_top(grid, page) or not _at_bottom(last, page_above):
        return grid
    own = [grid.text(row, column) for row in range(grid.head_rows) for column in range(grid.columns)]
    if grid.head_rows and (
        any(map(is_figure, last_texts(last))) or any(text in " ".join(last.heads) for text in own if text)
    ):
        return grid  # it has heads of its own
    near = [abs(left - right) <= NEAR_COLUMN for left, right in zip(_starts(grid), _starts(last), strict=True)]
    ends = [abs(left - right) <= NEAR_COLUMN for left, right in zip(_starts(grid, 2), _starts(last, 2), strict=True)]
    if not all(start or end for start, end in zip(near, ends, strict=True)):
        return grid
    groups = last.groups[-1] if last.rows else ""
    carried: list[str] = []
    named = False
    for row in range(grid.rows):
        named = named or row in grid.group_rows
        carried.append(grid.groups[row] or ("" if named else groups))
    return replace(
        grid,
        head_rows=0,
        heads=last.heads,
        heads_page=last.heads_page,
        units=grid.units or last.units,
        groups=tuple(carried),
    )


def last_texts(grid: Grid) -> list[str]:
    """The cells of a table's last row."""
    return [cell.text for cell in grid.cells if cell.row == grid.rows - 1]


def _starts(grid: Grid, side: int = 0) -> list[float]:
    """Where the words of each column begin on the left, or end on the right (2), in shares of the page."""
    edges = []
    for column in range(grid.columns):
        sides = [
            rect.as_list()[side] for cell in grid.cells if cell.columns == (column, column + 1) for rect in cell.rects
        ]
        edges.append((max if side else min)(sides, default=0.0))
    return edges


def _at_top(grid: Grid, page: Page) -> bool:
    top = min(rect.y0 for cell in grid.cells for rect in cell.rects)
    return len({round(float(y), 2) for y in page.boxes[:, 3] / 65535 if y <= top + 0.001}) <= AT_EDGE


def _at_bottom(grid: Grid, page: Page) -> bool:
    bottom = max(rect.y1 for cell in grid.cells for rect in cell.rects)
    return len({round(float(y), 2) for y in page.boxes[:, 1] / 65535 if y >= bottom - 0.001}) <= AT_EDGE


def drafts(block: GridBlock, region_lines: Sequence[Line], page: Page) -> list[TableDraft]:
    """The rows and columns of a block of lines, and of what belongs to it just above and below."""
    if len(block.columns) < 2:
        return []
    block_lines = _with_ends(block, region_lines)
    table_lines = [TableLine.of(line, block.columns) for line in block_lines]
    row_lines = rows(table_lines)
    while row_lines and len(_row(row_lines[-1], page)) < 2:  # what stands alone below the rows is none of them
        row_lines.pop()
    spaces = [after[0].top - before[-1].bottom for before, after in pairwise(row_lines)]
    height = float(np.median([line.height for line in table_lines]))
    padded = bool(spaces) and float(np.median(spaces)) >= PADDED_ROWS * height
    grid_rows = [_row(row, page) for row in row_lines]
    return [_compact(part, padded) for part in parts(grid_rows, len(block.columns))]


def _compact(part: Sequence[GridRow], padded: bool) -> TableDraft:
    """A table without the columns that only its neighbour in the block fills."""
    used = sorted({column for row in part for cell in row for column in (cell.first, cell.end - 1)})
    place = {column: number for number, column in enumerate(used)}
    moved = [tuple(replace(c, first=place[c.first], end=place[c.end - 1] + 1) for c in row) for row in part]
    return TableDraft(tuple(moved), len(used), padded)


def _with_ends(block: GridBlock, region_lines: Sequence[Line]) -> list[Line]:
    """A block's lines with those that belong to its first and last row: single ones, close to them, in one column."""
    first = region_lines.index(block.lines[0])
    end = region_lines.index(block.lines[-1]) + 1
    left = block.columns.extents[0][1]
    spaces = [after.top - before.bottom for before, after in zip(block.lines[:-1], block.lines[1:], strict=True)]
    close = min(spaces, default=0.0)
    while first:
        line = region_lines[first - 1]
        near = block.lines[0].top - line.bottom <= max(max(spaces, default=0.0), 0.3 * line.height) + 0.1 * line.height
        if line.parted or line.x0 < left or not near or first < region_lines.index(block.lines[0]) - 1:
            break
        first -= 1
    while end < len(region_lines):
        line = region_lines[end]
        within = len(line.stretches) == 1 and not block.columns.crossed(line)
        near = line.top - region_lines[end - 1].bottom <= close + 0.1 * line.height
        wraps = max(spaces, default=0.0) > close + 0.2 * line.height
        runs_on = line.text[0].islower() and line.top - region_lines[end - 1].bottom <= CLOSE * line.height
        if line.parted or not within or not (runs_on or (near and wraps)):
            break
        end += 1
    return list(region_lines[first:end])


def _row(row: Sequence[TableLine], page: Page) -> GridRow:
    """The cells of a row: what stands in the same columns on its lines."""
    parts: dict[int, list[Fragment]] = {}
    for line in row:
        for fragment in line.fragments:
            parts.setdefault(fragment.first, []).append(fragment)
    return tuple(_cell(parts[first], page) for first in sorted(parts))


def _cell(fragments: Sequence[Fragment], page: Page) -> RowCell:
    """A cell of fragments below each other; words next to each other in the text are read in its order."""
    words = [word for fragment in fragments for word in fragment.words]
    numbers: list[int] = []
    for line in lines(words):
        own = [word.number for word in line.words]
        numbers += sorted(own) if max(own) - min(own) < len(own) else own
    return RowCell(
        first=fragments[0].first,
        end=max(fragment.end for fragment in fragments),
        text=_joined(numbers, page),
        x0=min(word.x0 for word in words),
        x1=max(word.x1 for word in words),
        y0=min(word.y0 for word in words),
        y1=max(word.y1 for word in words),
        numbers=tuple(numbers),
    )


def _joined(numbers: Sequence[int], page: Page) -> str:
    """Words with a space between them, but where a line end had cut one in two."""
    text, last = "", -1
    for number in numbers:
        start, end = page.spans[number].tolist()
        text += page.text[start:end] if not text or start == last else f" {page.text[start:end]}"
        last = end
    return text


def is_table(draft: TableDraft) -> bool:
    """Whether rows and columns are a table, and no list, address or columns of text."""
    cells = [cell for row in draft.rows for cell in row]
    heads = head_rows(draft.rows, draft.columns)
    body = [row for row in draft.rows[heads:] if len(row) > 1]
    if not body or len(cells) < FILLED * draft.columns * len(draft.rows):
        return False
    labels = [row[0].text for row in body if row[0].first == 0]
    if draft.columns == 2 and labels and all(map(_MARKER.fullmatch, labels)):
        return False  # a list: markers, and what they mark
    if is_contents(body, draft.rows[:heads]):
        return False
    if any(holds_figures(body, column) for column in range(1, draft.columns)):
        return len(body) >= FEWEST_ROWS or (len(body) == 1 and heads > 0 and len(body[0]) >= TEXT_COLUMNS)
    wordy = sum(len(cell.text.split()) for cell in cells) > WORDY * len(cells)
    rows_enough = len(body) >= FEWEST_ROWS + (draft.columns < TEXT_COLUMNS)
    return rows_enough and (draft.padded or draft.columns >= TEXT_COLUMNS) and (draft.padded or not wordy)


def holds_figures(body: Sequence[GridRow], column: int) -> bool:
    """Whether most cells of a column are figures."""
    texts = [cell.text for row in body for cell in row if cell.first == column]
    return 2 * sum(map(is_figure, texts)) >= max(len(texts), 1)


def is_contents(body: Sequence[GridRow], heads: Sequence[GridRow]) -> bool:
    """Whether rows are entries of contents: words, and the number of a page, which never falls."""
    if any(len(row) > len(heads) + 3 for row in body) or (heads and not _PAGE_HEAD.fullmatch(heads[-1][-1].text)):
        return False
    last = [row[-1].text for row in body]
    numbers = [int(text) for text in last if text.isdecimal()]
    titles = all(not is_number(cell.text) or _MARKER.fullmatch(cell.text) for row in body for cell in row[:-1])
    return titles and len(numbers) == len(last) >= ENTRIES and numbers == sorted(numbers) and numbers[-1] <= MOST_PAGES


def untitled(draft: TableDraft) -> tuple[list[GridRow], str]:
    """The rows of a table without lines above its heads that stand alone, and the units that these name."""
    table_rows = list(draft.rows)
    units = ""
    while len(table_rows) > FEWEST_ROWS and len(table_rows[0]) == 1:
        row_units = units_of(table_rows[0][0].text)
        if not row_units and (table_rows[0][0].first or head_rows(table_rows, draft.columns) == 0):
            break
        units = units or row_units
        table_rows.pop(0)
    return table_rows, units


def _grid(page: Page, draft: TableDraft, above: Sequence[str]) -> Grid:
    """The table of a draft, with the units that a line above it names."""
    table_rows, units = untitled(draft)
    heads = head_rows(table_rows, draft.columns)
    units = units or next(filter(None, map(units_of, reversed(above))), "")
    middles = middles_of(table_rows[max(heads - 1, 0) :], draft.columns)
    groups, names = row_groups(table_rows, heads)
    cells = [
        Cell(
            row=number,
            columns=(cell.first, cell.end),
            text=cell.text,
            ranges=_ranges(cell.numbers, page),
            rects=tuple(rect for start, end in _ranges(cell.numbers, page) for rect in page.rects(start, end)),
        )
        for number, row in enumerate(table_rows)
        for cell in row
    ]
    return Grid(
        page=page.number,
        rows=len(table_rows),
        columns=draft.columns,
        cells=tuple(cells),
        head_rows=heads,
        heads=column_heads(table_rows[:heads], draft.columns, middles),
        heads_page=page.number,
        units=units,
        group_rows=names,
        groups=groups,
    )


def middles_of(table_rows: Sequence[GridRow], columns: int) -> list[float]:
    """The middle of each column across."""
    middles = []
    for column in range(columns):
        cells = [cell for row in table_rows for cell in row if cell.first == column and cell.alone]
        middles.append((min(c.x0 for c in cells) + max(c.x1 for c in cells)) / 2 if cells else 0.0)
    return middles


def _ranges(numbers: Sequence[int], page: Page) -> tuple[tuple[int, int], ...]:
    """The characters of words, those next to each other in the text as one range."""
    ranges: list[tuple[int, int]] = []
    last = -2
    for number in numbers:
        start, end = page.spans[number].tolist()
        if number == last + 1:
            ranges[-1] = ranges[-1][0], end
        else:
            ranges.append((start, end))
        last = number
    return tuple(ranges)
