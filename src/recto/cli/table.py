"""`recto table`: the tables of a page as text, comma-separated values or JSON."""

import csv
import sys
from pathlib import Path

from recto import wire
from recto.cli.hits import NOTHING_FOUND
from recto.cli.terminal import note, say, say_json
from recto.exports.quotes import spreadsheet_cell
from recto.library import Library
from recto.links import one_line
from recto.types import Grid

GAP = "  "  # between two columns


def run(doc: str, number: int, *, home: Path | None, as_csv: bool, as_json: bool) -> int:
    """Print the tables of a page, counted from 0; 3 if it has none."""
    with Library(home, create=False) as library:
        library.page(doc, number)
        document = library.document(doc)
        grids = library.tables(doc, number)
    if not grids:
        note(f"page {number + 1} of {document.name} has no table")
        return NOTHING_FOUND
    for place, grid in enumerate(grids):
        if as_json:
            say_json({"document": wire.document(document), **wire.table(grid)})
        else:
            if place:
                say("")
            if as_csv:
                rows = [list(map(spreadsheet_cell, row)) for row in _rows(grid)]
                csv.writer(sys.stdout, lineterminator="\n").writerows(rows)
            else:
                _print_text(grid)
    return 0


def _rows(grid: Grid) -> list[list[str]]:
    """The texts of all rows, the heads of the page before first if they stand there."""
    overleaf = [list(grid.heads)] if grid.heads_page != grid.page else []
    own = [[grid.text(row, column) for column in range(grid.columns)] for row in range(grid.rows)]
    return [[one_line(text) for text in row] for row in overleaf + own]


def _print_text(grid: Grid) -> None:
    rows = _rows(grid)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    if grid.units:
        say(grid.units)
    for row in rows:
        say(GAP.join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
