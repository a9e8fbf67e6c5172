"""The figures of the README, of docs/figures.md and of docs/performance.md, from bench/results.

Nothing is typed by hand: a test fails when a page and the results differ.
"""

import json
from collections.abc import Iterator

from scripts.docs import sections
from scripts.docs.marked import RESULTS, ROOT, MarkedBlock, TableRow, table
from scripts.docs.sections import Figures

from recto.llm.presets import PRESETS

README = MarkedBlock(ROOT / "README.md", "figures")
PAGE = MarkedBlock(ROOT / "docs" / "figures.md", "figures")
PERFORMANCE = MarkedBlock(ROOT / "docs" / "performance.md", "figures")

README_SPEED_ROWS = 4  # of the rows of docs/figures.md, the first
README_SERVING_ROWS = (
    "from start to the first whole answer",
    "from Enter to the first quote on the page",
    "CPU of a written token, one person",
    "first word, 20 people one after the other",
    "first word, 20 people all at once",
)


def results() -> Figures:
    """All results, by the name of their file."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))}


def readme(figures: Figures) -> str:
    """What the README shows: a line for each thing that people ask about."""
    return table(("", "recto", "compared with", "", "ratio"), _readme_rows(figures))


def page(figures: Figures) -> str:
    """What docs/figures.md shows: everything, with what it was measured by."""
    parts = (
        *sections.speed(figures["speed"]),
        *sections.scale(figures["scale"]),
        *sections.writing(figures["writing"], figures["citing"]),
        *sections.serving(figures["serving"]),
        *sections.container(figures["container"]),
        *sections.quality(figures["quality"]),
        *sections.shown(figures["shown"]),
        *sections.abstention(figures["abstention"]),
        *sections.languages(figures["languages"]),
    )
    return "\n\n".join(parts)


def performance(figures: Figures) -> str:
    """What docs/performance.md shows: what people wait for, on two cores."""
    smol = sections.smol_figures(figures["writing"])
    large, serving, container = figures["speed"]["large"], figures["serving"]["recto"], figures["container"]
    first_s = smol["ours"]["first_s_of_the_model"]
    rows = [
        ("a PDF of 1,000 pages, searchable by words", f"{large['searchable']['wall_s']:.0f} s"),
        ("the same, searchable by meaning", f"{large['complete']['wall_s']:.0f} s"),
        ("from Enter to the first quote on the page", f"{serving['one']['quote_ms_p50'] / 1000:.2f} s"),
        ("from the container's start to the first quote", f"{container['quoted_s']['median']:.1f} s"),
        ("first word, SmolLM2 135M (0.1 GB)", f"{smol['ours']['first_s']:.1f} s"),
        ("whole answer, SmolLM2 135M", f"{smol['ours']['total_s']:.1f} s"),
    ]
    for preset in PRESETS.values():
        times = preset.size / 1e6 / smol["size_mb"]
        label = f"first word, `{preset.name}`, {preset.model} ({preset.size / 1e9:.1f} GB): by its size"
        rows.append((label, f"about {first_s * times:.0f} s, less with fewer quotes"))
    return table(("on two shared cores", ""), rows)


def write() -> None:
    """Write all three pages."""
    figures = results()
    README.write(readme(figures))
    PAGE.write(page(figures))
    PERFORMANCE.write(performance(figures))


def _readme_rows(figures: Figures) -> Iterator[TableRow]:
    speed, smol = figures["speed"], sections.smol_figures(figures["writing"])
    for label, recto, baseline, ratio in list(sections.speed_rows(speed))[:README_SPEED_ROWS]:
        yield label, recto, "plain recipe", baseline, ratio
    for label, key in (("first written word", "first_s"), ("whole written answer", "total_s")):
        recto, baseline = (f"{smol[side][key]:.2f} s" for side in ("ours", "naive"))
        yield label, recto, "naive prompt", baseline, f"{smol['ratio'][key]:.1f}"
    for label, recto, baseline, ratio in sections.serving_rows(figures["serving"]):
        if label in README_SERVING_ROWS:
            yield label, recto, "Streamlit", baseline, ratio
    large = speed["large"]
    yield f"memory, adding {large['pages']:,} pages", f"{large['peak_rss_mb']:.0f} MB", "", "", ""
    for name, scope in figures["baselines"]["sets"].items():
        best = scope["against_best"]["H@5"]
        recto, baseline = (f"{scope['systems'][system]['H@5']:.2f}" for system in ("recto", best["best"]))
        yield f"right page among the first 5: {name}", recto, best["best"], baseline, f"{best['ratio']:.1f}"
