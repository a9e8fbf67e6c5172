"""Adding one long PDF: until words find it, until meaning does, beside the plain recipe; memory and disk."""

import tempfile
from pathlib import Path

from bench.cost_meter import CostMeter, Figures, alone
from bench.samples import page_count


def measure(pdf: Path, models: Path) -> Figures:
    """Costs for recto and for the recipe, which can be searched only when all is done."""
    recto, recto_peak = alone(with_recto, pdf)
    recipe, recipe_peak = alone(with_recipe, pdf, models)
    return {
        "file": pdf.name,
        "pages": page_count(pdf),
        "recto": {**recto, "peak_rss_mb": recto_peak},
        "recipe": {**recipe, "peak_rss_mb": recipe_peak},
        **{
            f"ratio_{stage}": round(float(recipe["complete"]["cpu_s"] / recto[stage]["cpu_s"]), 1)
            for stage in ("searchable", "complete")
        },
    }


def measure_memory(pdf: Path) -> Figures:
    """The costs for recto, and the most memory of all its processes."""
    recto, peak = alone(with_recto, pdf)
    return {"pages": page_count(pdf), **recto, "peak_rss_mb": peak}


def with_recto(pdf: Path) -> Figures:
    """One PDF into an empty library."""
    from recto import Added, Library
    from recto.store.room import RESERVE

    with tempfile.TemporaryDirectory() as folder:
        meter = CostMeter()
        with Library(folder) as library:
            searchable = None
            for event in library.adding(pdf):
                if isinstance(event, Added):
                    added, searchable = event, searchable or meter.cost()
            for _ in library.encoding():
                pass
            complete = meter.cost()
        files = (path for path in Path(folder).rglob("*") if path.is_file())
        # Without the reserve, of one size in every library, to be let go when something is removed from a full disk.
        disk_bytes = sum(path.stat().st_size for path in files if path.name != RESERVE)
        return {
            "passages": added.passages,
            "flags": {str(flag): count for flag, count in added.flags.items()},
            "searchable": searchable,
            "complete": complete,
            "disk_bytes_per_passage": round((disk_bytes - pdf.stat().st_size) / added.passages),
        }


def with_recipe(pdf: Path, models: Path) -> Figures:
    from bench.recipe import Recipe

    meter = CostMeter()
    recipe = Recipe(models)
    chunks = recipe.read(pdf)
    read = meter.cost()
    recipe.add(chunks)
    return {"chunks": len(chunks), "read_and_split": read, "complete": meter.cost()}
