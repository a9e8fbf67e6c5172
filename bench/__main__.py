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

from bench import adding, asking, machine, minilm, reading, recipe, shelves, starting, targets
from bench.meter import Figures, alone, say
from bench.samples import ROOT, joined, longest_of_about, shipped

RESULTS = ROOT / "bench" / "results" / "speed.json"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    samples: Sequence[Path]
    pages: int  # of the long PDF
    large: int  # pages of the PDF that memory is measured with
    sizes: Sequence[int]  # passages of the libraries that are asked
    questions: int
    runs: int  # of commands that start


WHOLE = Plan(shipped(), 300, 1000, (1_000, 10_000, 100_000), 100, 15)
QUICK = Plan([path for path in shipped() if path.stem.startswith("riscv-io")], 20, 40, (100,), 10, 1)


def measure(plan: Plan, filings: Sequence[Path], folder: Path) -> Figures:
    """All figures."""
    models = folder / "models"
    about = machine.about()
    alone(minilm.build, models)
    long = filings or [joined(plan.samples, plan.pages, folder / "joined samples.pdf")]
    large = joined(filings or plan.samples, plan.large, folder / "large.pdf")
    return {
        "about": {**about, "recipe": recipe.__doc__, "libraries_asked": shelves.__doc__},
        "reading": _reading({"samples": plan.samples, "filings": filings}),
        "adding": {path.stem: _adding(path, models) for path in long},
        "large": adding.measure_memory(large),
        "asking": _asking(plan, folder, models),
        "starting": starting.measure(plan.runs),
    }


def _reading(files: dict[str, Sequence[Path]]) -> Figures:
    say("reading")
    return {name: reading.measure(paths) for name, paths in files.items() if paths}


def _adding(path: Path, models: Path) -> Figures:
    say(f"adding {path.stem}")
    return adding.measure(path, models)


def _asking(plan: Plan, folder: Path, models: Path) -> Figures:
    say("encoding passages to ask about")
    found, _ = alone(shelves.originals, plan.samples, folder / "originals")
    questions = asking.ask_about(found, min(plan.sizes), plan.questions)
    figures = {}
    for size in plan.sizes:
        say(f"asking {size:,} passages")
        figures[str(size)] = asking.measure(found, size, questions, folder / str(size), models)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pdfs", type=Path, help="a folder of other PDFs")
    parser.add_argument("--json", type=Path, help=f"where figures go; without --quick {RESULTS.relative_to(ROOT)}")
    parser.add_argument("--quick", action="store_true", help="a smoke test of a minute, whose figures say little")
    arguments = parser.parse_args()
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
