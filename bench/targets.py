"""The table at the end: figures beside their targets and the baselines of the same run."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.cost_meter import Figures
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A figure, the most it may be, and the baseline's figure."""

    label: str
    value: float
    unit: str
    target: float | None = None
    baseline: float | None = None
    baseline_name: str = ""


TARGETS = {("search", 100_000): 15, ("quoted_answer", 10_000): 200}  # ms, p95


def show(figures: Figures) -> None:
    """Print the table."""
    headings = ("figure", "recto", "target", "", "baseline", "baseline/recto", "")
    table = Table(*headings, title=figures["about"]["cpu"])
    for column in table.columns[1:6]:
        column.justify = "right"
    for line in lines(figures):
        cells = [line.label, f"{line.value:,.4g} {line.unit}", "", "", "", "", line.baseline_name]
        if line.target is not None:
            cells[2:4] = f"{line.target:g}", "met" if line.value <= line.target else "MISSED"
        if line.baseline is not None:
            cells[4:6] = f"{line.baseline:,.4g}", f"{line.baseline / line.value:.1f}"
        table.add_row(*cells)
    Console(width=150).print(table)


def lines(figures: Figures) -> Iterator[Line]:
    """All figures that people ask for."""
    for name, readers in figures["reading"].items():
        yield from _reading(name, readers)
    for name, adding in figures["adding"].items():
        yield from _adding(name, adding)
    large = figures["large"]
    label = f"peak memory, adding {large['pages']:,} pages"
    yield Line(label=label, value=large["peak_rss_mb"], unit="MB", target=600)
    for size, asking in figures["asking"].items():
        yield from _asking(int(size), asking)
    starting = {command: cost["cpu_s"] for command, cost in figures["starting"].items()}
    for label, command, target, baseline, baseline_name in (
        ("recto --help", "recto_help", 0.1, "python", "python -c pass"),
        ("import recto", "import_recto", None, "python", "python -c pass"),
        ("import Library", "import_library", None, "import_recipe", "the recipe's imports"),
    ):
        yield Line(
            label=label,
            value=starting[command],
            unit="CPU s",
            target=target,
            baseline=starting[baseline],
            baseline_name=baseline_name,
        )


def _reading(name: str, readers: Figures) -> Iterator[Line]:
    value = readers["recto_with_boxes"]["cpu_ms_per_page"]
    for reader in ("pypdf_text", "pdfplumber_text", "pdfplumber_boxes"):
        yield Line(
            label=f"reading a page, {name}",
            value=value,
            unit="CPU ms",
            target=8,
            baseline=readers[reader]["cpu_ms_per_page"],
            baseline_name=reader.replace("_", " "),
        )


def _adding(name: str, adding: Figures) -> Iterator[Line]:
    recipe = adding["recipe"]["complete"]
    for stage, target in (("searchable", 3), ("complete", 12)):
        for clock, unit in (("cpu_s", "CPU s"), ("wall_s", "wall s")):
            yield Line(
                label=f"{adding['pages']} pages {stage}, {name}",
                value=adding["recto"][stage][clock],
                unit=unit,
                target=target if clock == "cpu_s" else None,
                baseline=recipe[clock],
                baseline_name="recipe",
            )
    yield Line(label=f"disk a passage, {name}", value=adding["recto"]["disk_bytes_per_passage"], unit="bytes")


def _asking(size: int, asking: Figures) -> Iterator[Line]:
    recto, recipe = asking["recto"], asking["recipe"]["search"]
    for part in ("search", "quoted_answer"):
        for figure in ("cpu_ms_p50", "cpu_ms_p95", "wall_ms_p95"):
            clock, _, q = figure.split("_")
            yield Line(
                label=f"{part.replace('_', ' ')} {q}, {size:,} passages",
                value=recto[part][figure],
                unit=f"{clock.replace('cpu', 'CPU')} ms",
                target=TARGETS.get((part, size)) if figure == "cpu_ms_p95" else None,
                baseline=recipe[figure],
                baseline_name="recipe",
            )
    first_ms = recto["open_and_first_search"]["cpu_s"] * 1e3
    yield Line(label=f"open, {size:,} passages", value=recto["open"]["cpu_s"] * 1e3, unit="CPU ms")
    yield Line(label=f"open and first search, {size:,} passages", value=first_ms, unit="CPU ms")
    yield Line(label=f"disk a passage, {size:,} passages", value=asking["disk_bytes_per_passage"], unit="bytes")
