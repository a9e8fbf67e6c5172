"""Measure whether the cells of tables are read exactly, and to which heads they are put, on made tables with truth.

    python -m bench.tables [--seeds N] [--json FILE] [--set tuning|kept_back|all] [--list]

The tables are those of `bench/made_tables.py`, N of each layout. Rules were written while looking at the layouts
and seeds of `tuning` alone; `kept_back` are other layouts, and further seeds of the same ones. A cell is exact if a
cell that was read stands where it was drawn and holds the same words, white space behind signs aside; its heads are
exact if, besides, the heads of its column, and of all columns above it, are. A row is exact if the words of all its
cells stand together, in order, in what is taken for a row and nothing else does: this can be told of the rules on
lines of text as well, which know no cells. Peers of the same run: pdfplumber's tables, with its own strategies of
rules (`lines`) and of text (`text`), its first row taken as heads; and recto's rules on lines of text alone.
"""

import argparse
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pdfplumber
from bench import provenance
from bench.cost_meter import Figures
from bench.made_tables import LAYOUTS, OTHERS, TrueCell, make
from bench.samples import ROOT

from recto.library import Library
from recto.text.grids import grids_in_order
from recto.text.tables import tables
from recto.types import Page

RESULTS = ROOT / "bench" / "results" / "tables.json"
SEEDS = 6
TUNING = frozenset(("plain", "ruled", "statement", "over_pages", "turned", "wrapped", "noted"))
TUNING_SEEDS = 3  # the first ones
PEERS: Mapping[str, dict[str, str]] = {
    "pdfplumber (lines)": {},
    "pdfplumber (text)": {"vertical_strategy": "text", "horizontal_strategy": "text"},
}
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCell:
    """A cell as it was read; its box in points from the top left."""

    text: str
    page: int
    heads: str
    group: str
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a program made of a document: cells, and the words of each row."""

    cells: Sequence[ReadCell]
    rows: Sequence[str]


def normal(text: str) -> str:
    """A text as it is compared."""
    return re.sub(r"(?<=[$€£(]) ", "", " ".join(text.split()))


def score(truth: Sequence[TrueCell], reading: Reading) -> Counter[str]:
    """Counts of cells and rows, and how many of each are exact."""
    counts: Counter[str] = Counter()
    for cell in truth:
        counts["cells"] += 1
        match = next((other for other in reading.cells if _same_place(cell, other)), None)
        exact = match is not None and normal(match.text) == normal(cell.text)
        counts["exact_cells"] += exact
        if cell.heads:
            counts["headed"] += 1
            counts["exact_heads"] += exact and match is not None and normal(match.heads) == normal(" ".join(cell.heads))
        if cell.group:
            counts["grouped"] += 1
            counts["exact_groups"] += exact and match is not None and normal(match.group) == normal(cell.group)
    by_row: dict[tuple[int, int], list[TrueCell]] = {}
    for cell in truth:
        if not cell.is_head:
            by_row.setdefault((cell.page, cell.row), []).append(cell)
    read_rows = Counter(map(_letters, reading.rows))
    for cells in by_row.values():
        if len(cells) > 1:
            counts["rows"] += 1
            counts["exact_rows"] += (
                read_rows[_letters(" ".join(cell.text for cell in sorted(cells, key=lambda c: c.column)))] > 0
            )
    counts["read_cells"] += len(reading.cells)
    return counts


def _letters(text: str) -> str:
    return re.sub(r"\s", "", text)


def _same_place(cell: TrueCell, other: ReadCell) -> bool:
    x, y = (cell.box[0] + cell.box[2]) / 2, (cell.box[1] + cell.box[3]) / 2
    return other.page == cell.page and other.box[0] <= x <= other.box[2] and other.box[1] <= y <= other.box[3]


def by_boxes(pages: Sequence[Page]) -> Reading:
    """What recto reads, by the boxes of words."""
    cells, rows = [], []
    for page, tables_of_page in zip(pages, grids_in_order(pages), strict=True):
        for grid in tables_of_page:
            for row in range(grid.rows):
                own = [cell for cell in grid.cells if cell.row == row]
                rows.append(" ".join(cell.text for cell in own))
                for cell in own:
                    boxes = [rect.as_list() for rect in cell.rects]
                    (x0, y0), (x1, y1) = np.min(boxes, 0)[:2].tolist(), np.max(boxes, 0)[2:].tolist()
                    box = x0 * page.width, y0 * page.height, x1 * page.width, y1 * page.height
                    head = "" if row < grid.head_rows else grid.heads[cell.columns[0]]
                    cells.append(
                        ReadCell(text=cell.text, page=page.number, heads=head, group=grid.groups[row], box=box)
                    )
    return Reading(cells=cells, rows=rows)


def by_lines(pages: Sequence[Page]) -> Reading:
    """The rows that recto's rules on lines of text tell."""
    rows = [page.text[slice(*row.place)] for page in pages for table in tables(page.text) for row in table.rows]
    return Reading(cells=(), rows=rows)


def by_pdfplumber(path: Path, settings: dict[str, str]) -> Reading:
    """pdfplumber's tables."""
    cells, rows = [], []
    with pdfplumber.open(path) as pdf:
        for page in pdf.pages:
            for table in page.find_tables(settings):
                texts = table.extract()
                for number, (row, row_texts) in enumerate(zip(table.rows, texts, strict=True)):
                    rows.append(" ".join(text for text in row_texts if text))
                    for column, (box, text) in enumerate(zip(row.cells, row_texts, strict=True)):
                        if box and text:
                            head = (texts[0][column] or "") if number else ""
                            cells.append(ReadCell(text=text, page=page.page_number - 1, heads=head, group="", box=box))
    return Reading(cells=cells, rows=rows)


def measure(layouts: Iterable[str], seeds: Iterable[int], folder: Path) -> dict[str, dict[str, Counter[str]]]:
    """Counts by program and layout."""
    counts: dict[str, dict[str, Counter[str]]] = {}
    seeds = list(seeds)
    with Library(folder / "home") as library:
        for layout in layouts:
            for seed in seeds:
                path = folder / f"{layout}-{seed}.pdf"
                truth = make(LAYOUTS.get(layout) or OTHERS[layout], seed, path)
                (document,) = [outcome.document for outcome in library.adding(path) if hasattr(outcome, "document")]
                pages = [library.page(document.id, number) for number in range(document.pages)]
                readings = {"recto": by_boxes(pages), "recto, lines of text": by_lines(pages)}
                readings |= {name: by_pdfplumber(path, settings) for name, settings in PEERS.items()}
                for name, reading in readings.items():
                    counts.setdefault(name, {}).setdefault(layout, Counter())
                    counts[name][layout] += score(truth, reading) + Counter(tables=1)
    return counts


def shares(counts: Counter[str]) -> Figures:
    """Exact ones of those that there are."""
    pairs = {
        "cell_text": ("exact_cells", "cells"),
        "cell_to_head": ("exact_heads", "headed"),
        "cell_to_group": ("exact_groups", "grouped"),
        "rows": ("exact_rows", "rows"),
    }
    figures: Figures = {"tables": counts["tables"], "cells": counts["cells"], "cells_read": counts["read_cells"]}
    return figures | {
        name: round(counts[part] / counts[whole], 3) for name, (part, whole) in pairs.items() if counts[whole]
    }


def main() -> None:  # noqa: C901 - one report
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--json", type=Path, default=None)
    parser.add_argument("--set", choices=("tuning", "kept_back", "all"), default="all", dest="part")
    arguments = parser.parse_args()
    seeds = range(arguments.seeds)
    first, further = seeds[:TUNING_SEEDS], seeds[TUNING_SEEDS:]
    parts: dict[str, list[tuple[Iterable[str], Sequence[int]]]] = {
        "tuning": [(TUNING, first)],
        "kept_back": [(TUNING, further), (LAYOUTS.keys() - TUNING, seeds)],
    }
    figures: Figures = {"about": provenance.about(("pdfplumber", "pypdfium2", "numpy"))}
    with tempfile.TemporaryDirectory() as folder:
        for part, sets in parts.items():
            if arguments.part not in (part, "all"):
                continue
            figures[part] = {}
            totals: dict[str, dict[str, Counter[str]]] = {}
            for number, (layouts, numbers) in enumerate(sets):
                inner = Path(folder) / f"{part}{number}"
                inner.mkdir()
                for name, by_layout in measure(sorted(layouts), numbers, inner).items():
                    for layout, count in by_layout.items():
                        totals.setdefault(name, {}).setdefault(layout, Counter())
                        totals[name][layout] += count
            for name, by_layout in totals.items():
                figures[part][name] = {"all": shares(sum(by_layout.values(), Counter()))}
                figures[part][name] |= {layout: shares(count) for layout, count in by_layout.items()}
                for layout, values in figures[part][name].items():
                    if layout == "all" or name == "recto":
                        print(f"{part:10} {name:22} {layout:16} {values}")
        if arguments.part == "all":
            inner = Path(folder) / "others"
            inner.mkdir()
            counts = measure(OTHERS, seeds, inner)
            figures["no_table"] = {
                name: {layout: count["read_cells"] for layout, count in values.items()}
                for name, values in counts.items()
            }
            print("cells read where there is no table:", figures["no_table"])
    if target := arguments.json or (RESULTS if arguments.part == "all" else None):
        target.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
