"""Measure how fast recto is, beside what people use otherwise, and print the figures next to their targets.

    python -m bench [--pdfs DIR] [--json FILE] [--quick]

The PDFs are those that the repository ships, and with --pdfs the longest one of DIR with some 300 pages, such as an
annual report. Figures are CPU seconds, all processes and threads together, and ratios to a baseline of the same run.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import ingestion, minilm, provenance, query_latency, reading, recipe, starting, synthetic_library, targets
from bench.cost_meter import Figures, alone, in_a_hurry, say
from bench.samples import ROOT, joined, longest_of_about, shipped

RESULTS = ROOT / "bench" / "results" / "speed.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedPlan:
    """How much is measured."""

    samples: Sequence[Path]
    pages: int  # of the long PDF
    large_pages: int  # of the PDF that memory is measured with
    sizes: Sequence[int]  # passages of the libraries that are asked
    questions: int
    runs: int  # of commands that start


WHOLE = SpeedPlan(
    samples=shipped(), pages=300, large_pages=1000, sizes=(1_000, 10_000, 100_000), questions=100, runs=15
)
QUICK = SpeedPlan(
    samples=[path for path in shipped() if path.stem.startswith("riscv-io")],
    pages=8,
    large_pages=16,
    sizes=(100,),
    questions=10,
    runs=1,
)


def measure(plan: SpeedPlan, filings: Sequence[Path], folder: Path) -> Figures:
    """All figures."""
    models = folder / "models"
    about = provenance.about()
    alone(minilm.build, models)
    long_pdfs = filings or [joined(plan.samples, plan.pages, folder / "joined samples.pdf")]
    large_pdf = joined(filings or plan.samples, plan.large_pages, folder / "large.pdf")
    say("reading")
    collections = {"samples": plan.samples, "filings": filings}
    figures: Figures = {
        "about": {**about, "recipe": recipe.__doc__, "libraries_asked": synthetic_library.__doc__},
        "reading": {name: reading.measure(paths) for name, paths in collections.items() if paths},
        "adding": {},
    }
    for path in long_pdfs:
        say(f"adding {path.stem}")
        figures["adding"][path.stem] = ingestion.measure(path, models)
    figures["large"] = ingestion.measure_memory(large_pdf)
    say("encoding passages to ask about")
    originals, _ = alone(synthetic_library.originals, plan.samples, folder / "originals")
    questions = query_latency.questions_about(originals, min(plan.sizes), plan.questions)
    figures["asking"] = {}
    for size in plan.sizes:
        say(f"asking {size:,} passages")
        home = folder / str(size)
        library, _ = alone(query_latency.fill, originals, size, home)
        figures["asking"][str(size)] = {**library, **query_latency.measure(home, models, questions)}
    return {**figures, "starting": starting.measure(plan.runs)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pdfs", type=Path, help="a folder of other PDFs")
    parser.add_argument("--json", type=Path, help=f"where figures go; without --quick {RESULTS.relative_to(ROOT)}")
    parser.add_argument("--quick", action="store_true", help="a smoke test of a minute, whose figures say little")
    arguments = parser.parse_args()
    if arguments.quick:
        in_a_hurry()
    plan = QUICK if arguments.quick else WHOLE
    filings = longest_of_about(sorted(arguments.pdfs.glob("*.pdf")), plan.pages) if arguments.pdfs else []
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(plan, filings, Path(folder))
    if target := arguments.json or (None if arguments.quick else RESULTS):
        target.parent.mkdir(exist_ok=True)
        target.write_text(json.dumps(figures, indent=1) + "\n")
    targets.show(figures)


if __name__ == "__main__":
    main()
