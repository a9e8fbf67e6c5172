"""Tables told by boxes as places of the page's text, where the text runs through their rows."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from recto.text.sentences import LONGEST, Range, cut
from recto.text.tables import Row, Table
from recto.types import Grid

_LEADERS = dict.fromkeys(map(ord, ".·…_"))
UNITS_ABOVE = 200  # characters between the line that names a table's units and its heads: a title, a date


def with_grids(text: str, by_lines: Sequence[Table], grids: Iterable[Grid]) -> list[Table]:
    """The tables of a page: those told by boxes, and those that lines of text alone show elsewhere."""
    by_boxes = [table for grid in grids if (table := _table(text, grid))]
    rows_above = [row.place[1] for table in by_lines for row in table.rows]
    result = []
    for table in by_boxes:
        first = table.heads[0] if table.heads else table.rows[0].place[0]
        shared = [neighbour.start for neighbour in by_lines if neighbour.start < table.end and first < neighbour.end]
        clear = [end for end in (*rows_above, *(neighbour.end for neighbour in by_boxes)) if end <= first]
        result.append(replace(table, start=max(min([first, *shared]), max(clear, default=0))))
    result += [part for table in by_lines if (part := _above(table, result))]
    return sorted(result, key=lambda table: table.start)


def _above(table: Table, by_boxes: Sequence[Table]) -> Table | None:
    """What of a table told by lines stands above the first one by boxes that it runs into; None if nothing does."""
    end = min((box.start for box in by_boxes if table.start < box.end and box.start < table.end), default=table.end)
    rows = tuple(row for row in table.rows if row.place[1] <= end)
    return replace(table, rows=rows) if rows else None


def with_rows(text: str, sentences: Sequence[Range], grids: Iterable[Grid]) -> list[Range]:
    """The sentences of a page with each row of its tables as one, and nothing else in it."""
    rows = [place for grid in grids for place in _places(text, grid) or ()]
    rows = [row for row in rows if any(start < row[1] and row[0] < end for start, end in sentences)]
    if not rows:
        return list(sentences)
    result = [piece for row in rows for piece in cut(text, *row)]
    for start, end in sentences:
        for first, last in rows:
            if first < end and start < last:
                result += _inked(text, start, first)
                start = max(start, last)
        result += _inked(text, start, end)
    return sorted(set(result))


def _inked(text: str, start: int, end: int) -> list[Range]:
    """A stretch of a text without the white space around it, nothing if there is no ink in it."""
    words = text[start:end] if start < end else ""
    if not words.strip():
        return []
    return [(start + len(words) - len(words.lstrip()), start + len(words.rstrip()))]


def _table(text: str, grid: Grid) -> Table | None:
    """A table as places of the text; None if its rows do not stand there one after the other, or are no rows."""
    places = _places(text, grid)
    if places is None or not grid.body:
        return None
    group: Range | None = None
    rows = []
    for number in range(grid.head_rows, grid.rows):
        place = places[number - grid.rows]
        if number in grid.group_rows:
            group = place
        else:
            rows.append(Row(place, group if grid.groups[number] else None, grid.columns - 1))
    start, heads_end = places[0]
    if grid.head_rows and grid.units:  # the line above that names the units is one of the heads, if it is near
        units = text.rfind(grid.units, max(start - UNITS_ABOVE, 0), start)
        start = text.rfind("\n", 0, units) + 1 if units >= 0 else start
    heads = (start, heads_end) if grid.head_rows else None
    return Table(start=start, heads=heads, dated=heads is not None, rows=tuple(rows))


def _places(text: str, grid: Grid) -> list[Range] | None:
    """Where the heads, as one, and each further row stand in the text; None if other words stand among theirs."""
    places = []
    heads = range(grid.head_rows)
    for numbers in [*([heads] if heads else []), *(range(row, row + 1) for row in range(grid.head_rows, grid.rows))]:
        ranges = [place for cell in grid.cells if cell.row in numbers for place in cell.ranges]
        start, end = min(first for first, _ in ranges), max(last for _, last in ranges)
        own = sum(_ink(text[first:last]) for first, last in ranges)
        if own < _ink(text[start:end]) or end - start > LONGEST:
            return None
        places.append((start, end))
    if any(after[0] < before[1] for before, after in pairwise(places)):
        return None
    return places


def _ink(text: str) -> int:
    """How many letters, digits and signs a text has, but for the dots that lead to a figure."""
    return len("".join(text.split()).translate(_LEADERS))
