"""Adding one long PDF: until words find it, until meaning does, beside the plain recipe; memory and disk."""

import tempfile
from pathlib import Path

from bench.meter import Figures, Meter, alone
from bench.samples import page_count


def measure(pdf: Path, models: Path) -> Figures:
    """Costs for recto and for the recipe, which can be searched only when all is done."""
    recto, peak = alone(with_recto, pdf)
    recipe, recipe_peak = alone(with_recipe, pdf, models)
    return {
        "file": pdf.name,
        "pages": page_count(pdf),
        "recto": {**recto, "peak_rss_mb": peak},
        "recipe": {**recipe, "peak_rss_mb": recipe_peak},
        "ratio_searchable": _ratio(recipe["complete"], recto["searchable"]),
        "ratio_complete": _ratio(recipe["complete"], recto["complete"]),
    }


def measure_memory(pdf: Path) -> Figures:
    """The costs for recto, and the most memory of all its processes."""
    recto, peak = alone(with_recto, pdf)
    return {"pages": page_count(pdf), **recto, "peak_rss_mb": peak}


def with_recto(pdf: Path) -> Figures:
    """One PDF into an empty library."""
    from recto import Added, Library

    with tempfile.TemporaryDirectory() as folder:
        meter = Meter()
        with Library(folder) as library:
            for event in library.adding(pdf):
                if isinstance(event, Added):
                    added, searchable = event, meter.cost()
            for _ in library.encoding():
                pass
            complete = meter.cost()
        return {
            "passages": added.passages,
            "flags": {str(flag): count for flag, count in added.flags.items()},
            "searchable": searchable,
            "complete": complete,
            "disk_bytes_per_passage": round((_size(Path(folder)) - pdf.stat().st_size) / added.passages),
        }


def with_recipe(pdf: Path, models: Path) -> Figures:
    from bench.recipe import Recipe

    meter = Meter()
    recipe = Recipe(models)
    chunks = recipe.read(pdf)
    read = meter.cost()
    recipe.add(chunks)
    return {"chunks": len(chunks), "read_and_split": read, "complete": meter.cost()}


def _size(folder: Path) -> int:
    """Bytes of a library's files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _ratio(recipe: Figures, recto: Figures) -> float:
    return round(recipe["cpu_s"] / recto["cpu_s"], 1)
