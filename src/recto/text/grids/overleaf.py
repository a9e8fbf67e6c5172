"""Tables that go on from the page before, below its heads."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from recto.text.grids.rows import is_figure
from recto.types import FULL, Grid, Page

AT_EDGE = 4  # rows of words that may stand above a table that goes on from the page before, or below that
NEAR_COLUMN = 0.03  # of the page's width: columns that go on overleaf stand at the same place
SLACK = 0.001  # of the page's height: boxes of words are rounded


def continued(grid: Grid, page: Page, above: Sequence[Grid], page_above: Page) -> Grid:
    """A table with the heads of the last one on the page before, if it goes on from there without its own."""
    if not above or page.number != page_above.number + 1:
        return grid
    last = above[-1]
    if last.columns != grid.columns or not any(last.heads):
        return grid
    top = min(rect.y0 for cell in grid.cells for rect in cell.rects)
    bottom = max(rect.y1 for cell in last.cells for rect in cell.rects)
    bottoms, tops = page.boxes[:, 3] / FULL, page_above.boxes[:, 1] / FULL
    above_it, below_last = bottoms[bottoms <= top + SLACK], tops[tops >= bottom - SLACK]
    if _rows_of_words(above_it) > AT_EDGE or _rows_of_words(below_last) > AT_EDGE:
        return grid
    own = [grid.text(row, column) for row in range(grid.head_rows) for column in range(grid.columns)]
    last_row = [cell.text for cell in last.cells if cell.row == last.rows - 1]
    repeated = any(text in " ".join(last.heads) for text in own if text)
    if grid.head_rows and (repeated or any(map(is_figure, last_row))):
        return grid  # it has heads of its own
    if not all(start or end for start, end in zip(_level(grid, last, min), _level(grid, last, max), strict=True)):
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


def _level(grid: Grid, above: Grid, outermost: Callable[..., float]) -> list[bool]:
    """Which columns begin (`min`) or end (`max`) at the same place in both tables."""

    def edge(table: Grid, column: int) -> float:
        rects = [rect for cell in table.cells if cell.columns == (column, column + 1) for rect in cell.rects]
        return outermost((x for rect in rects for x in (rect.x0, rect.x1)), default=0.0)

    return [abs(edge(grid, column) - edge(above, column)) <= NEAR_COLUMN for column in range(grid.columns)]


def _rows_of_words(edges: NDArray[np.float64]) -> int:
    """How many rows words stand in, told by their upper or lower edges in shares of the page."""
    return len({round(edge, 2) for edge in edges.tolist()})
