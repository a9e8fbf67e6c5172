"""Tables that go on from the page before, below its heads."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from recto.text.grids.rows import is_figure
from recto.types import FULL, Cell, Grid, Page, Rect

AT_EDGE = 4  # rows of words that may stand above a table that goes on from the page before, or below that
NEAR_COLUMN = 0.03  # of the page's width: columns that go on overleaf stand at the same place
SLACK = 0.001  # of the page's height: boxes of words are rounded


def at_top(grid: Grid, page: Page) -> bool:
    """Whether so little stands above a table of the page that it may go on from the page before."""
    top = min(rect.y0 for cell in grid.cells if not cell.row for rect in _rects(cell, page))
    bottoms = page.boxes[:, 3] / FULL
    return _rows_of_words(bottoms[bottoms <= top + SLACK]) <= AT_EDGE


def continued(grid: Grid, page: Page, above: Sequence[Grid], page_above: Page) -> Grid:
    """A table with the heads of the last one on the page before, if it goes on from there without its own."""
    if not above or page.number != page_above.number + 1:
        return grid
    last = above[-1]
    if last.columns != grid.columns or not any(last.heads) or not at_top(grid, page):
        return grid
    bottom = max(rect.y1 for cell in last.cells for rect in _rects(cell, page_above))
    tops = page_above.boxes[:, 1] / FULL
    if _rows_of_words(tops[tops >= bottom - SLACK]) > AT_EDGE:
        return grid
    own = [grid.text(row, column) for row in range(grid.head_rows) for column in range(grid.columns)]
    last_row = [cell.text for cell in last.cells if cell.row == last.rows - 1]
    repeated = any(text in " ".join(last.heads) for text in own if text)
    if grid.head_rows and (repeated or any(map(is_figure, last_row))):
        return grid  # it has heads of its own
    columns = _columns(grid, page), _columns(last, page_above)
    if not all(start or end for start, end in zip(_level(*columns, min), _level(*columns, max), strict=True)):
        return grid
    group = last.groups[-1] if last.rows else ""
    first_group = min(grid.group_rows, default=grid.rows)  # from this row on groups have names of their own
    return replace(
        grid,
        head_rows=0,
        heads=last.heads,
        heads_page=last.heads_page,
        units=grid.units or last.units,
        groups=tuple(own or ("" if row >= first_group else group) for row, own in enumerate(grid.groups)),
    )


def _rects(cell: Cell, page: Page) -> tuple[Rect, ...]:
    """The boxes of a cell, whether it was made with them or not."""
    return cell.rects or tuple(rect for place in cell.ranges for rect in page.rects(*place))


def _columns(grid: Grid, page: Page) -> list[list[float]]:
    """Of each column where its cells begin and end across the page."""
    return [
        [
            x
            for cell in grid.cells
            if cell.columns == (column, column + 1)
            for rect in _rects(cell, page)
            for x in (rect.x0, rect.x1)
        ]
        for column in range(grid.columns)
    ]


def _level(
    columns: Sequence[Sequence[float]], above: Sequence[Sequence[float]], outermost: Callable[..., float]
) -> list[bool]:
    """Which columns begin (`min`) or end (`max`) at the same place in both tables."""
    return [
        abs(outermost(own, default=0.0) - outermost(last, default=0.0)) <= NEAR_COLUMN
        for own, last in zip(columns, above, strict=True)
    ]


def _rows_of_words(edges: NDArray[np.float64]) -> int:
    """How many rows words stand in, told by their upper or lower edges in shares of the page."""
    return len({round(edge, 2) for edge in edges.tolist()})
