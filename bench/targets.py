"""The table at the end: figures beside their targets and the baselines of the same run."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.meter import Figures
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Line:
    """A figure, the most it may be, and the baseline's figure."""

    what: str
    value: float
    unit: str
    target: float | None = None
    baseline: float | None = None
    against: str = ""


def show(figures: Figures) -> None:
    """Print the table."""
    table = Table("figure", "recto", "target", "", "baseline", "baseline/recto", "", title=figures["about"]["cpu"])
    for column in table.columns[1:6]:
        column.justify = "right"
    for line in lines(figures):
        table.add_row(*_cells(line))
    Console(width=150).print(table)


def lines(figures: Figures) -> Iterator[Line]:
    """All figures that people ask for."""
    for name, found in figures["reading"].items():
        yield from _reading(name, found)
    for name, found in figures["adding"].items():
        yield from _adding(name, found)
    large = figures["large"]
    yield Line(f"peak memory, adding {large['pages']:,} pages", large["peak_rss_mb"], "MB", 600)
    for size, found in figures["asking"].items():
        yield from _asking(int(size), found)
    start = figures["starting"]
    python = start["python"]["cpu_s"]
    yield Line("recto --help", start["recto_help"]["cpu_s"], "CPU s", 0.1, python, "python -c pass")
    yield Line("import recto", start["import_recto"]["cpu_s"], "CPU s", None, python, "python -c pass")
    recipe = start["import_recipe"]["cpu_s"]
    yield Line("import Library", start["import_library"]["cpu_s"], "CPU s", None, recipe, "the recipe's imports")


def _reading(name: str, found: Figures) -> Iterator[Line]:
    value = found["recto_with_boxes"]["cpu_ms_per_page"]
    for reader in ("pypdf_text", "pdfplumber_text", "pdfplumber_boxes"):
        baseline = found[reader]["cpu_ms_per_page"]
        yield Line(f"reading a page, {name}", value, "CPU ms", 8, baseline, reader.replace("_", " "))


def _adding(name: str, found: Figures) -> Iterator[Line]:
    recipe = found["recipe"]["complete"]
    for stage, target in (("searchable", 3), ("complete", 12)):
        for clock, unit in (("cpu_s", "CPU s"), ("wall_s", "wall s")):
            what = f"{found['pages']} pages {stage}, {name}"
            limit = target if clock == "cpu_s" else None
            yield Line(what, found["recto"][stage][clock], unit, limit, recipe[clock], "recipe")
    yield Line(f"disk a passage, {name}", found["recto"]["disk_bytes_per_passage"], "bytes")


TARGETS = {("search", 100_000): 15, ("quoted_answer", 10_000): 200}  # ms, p95


def _asking(size: int, found: Figures) -> Iterator[Line]:
    recto, recipe = found["recto"], found["recipe"]["search"]
    for part in ("search", "quoted_answer"):
        for figure in ("cpu_ms_p50", "cpu_ms_p95", "wall_ms_p95"):
            clock, _, q = figure.split("_")
            target = TARGETS.get((part, size)) if figure == "cpu_ms_p95" else None
            what = f"{part.replace('_', ' ')} {q}, {size:,} passages"
            yield Line(what, recto[part][figure], f"{clock.replace('cpu', 'CPU')} ms", target, recipe[figure], "recipe")
    first = recto["open_and_first_search"]["cpu_s"]
    yield Line(f"open, {size:,} passages", recto["open"]["cpu_s"] * 1e3, "CPU ms")
    yield Line(f"open and first search, {size:,} passages", first * 1e3, "CPU ms")
    yield Line(f"disk a passage, {size:,} passages", found["disk_bytes_per_passage"], "bytes")


def _cells(line: Line) -> Iterator[str]:
    yield line.what
    yield f"{line.value:,.4g} {line.unit}"
    yield "" if line.target is None else f"{line.target:g}"
    yield "" if line.target is None else ("met" if line.value <= line.target else "MISSED")
    yield "" if line.baseline is None else f"{line.baseline:,.4g}"
    yield "" if line.baseline is None else f"{line.baseline / line.value:.1f}"
    yield line.against
