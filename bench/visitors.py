"""What fifty visitors hold who have each added a document and looked at one page, all processes together.

    python -m bench.visitors [--json FILE] [--quick]

Each has a library of their own, as on a public server; all share one runtime, in a process
set up as `recto serve` sets up its own. Memory is resident memory once all is
encoded and nobody does anything any more; what processes share is counted in each of them. Linux only.
"""

import argparse
import json
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

from bench import provenance
from bench.cost_meter import CostMeter, Figures, alone, resident, say
from bench.samples import ROOT

from recto import Library
from recto.config import Writing
from recto.machine import share_heap
from recto.model_ref import QUOTE

RESULTS = ROOT / "bench" / "results" / "visitors.json"
DOCUMENT = ROOT / "tests" / "corpus" / "riscv-semihosting.pdf"
VISITORS, FEW = 50, 3
LIBRARIES = ("onnxruntime", "numpy", "pypdfium2", "tantivy")


def measure(visitors: int, folder: Path) -> Figures:
    """Megabytes before anybody came, with all of them there, and at the worst moment; what one more visitor costs."""
    figures, peak_mb = alone(_visit, visitors, folder)
    return {**figures, "peak_mb": peak_mb}


def _visit(visitors: int, folder: Path) -> Figures:
    say(f"{visitors} visitors")
    share_heap()
    with ExitStack() as stack:
        owner = stack.enter_context(Library(folder / "owner", writing=Writing(model=QUOTE)))
        owner.add(DOCUMENT)
        owner.picture(DOCUMENT.name, 0)
        owner_mb = _resident_mb()
        meter = CostMeter()
        for number in range(visitors):
            library = stack.enter_context(Library(folder / f"visitor {number}", runtime=owner.runtime))
            library.add(DOCUMENT)
            library.picture(DOCUMENT.name, 0)
        all_mb = _resident_mb()
        return {
            "visitors": visitors,
            "owner_mb": owner_mb,
            "all_mb": all_mb,
            "visitor_mb": round((all_mb - owner_mb) / visitors, 2),
            "processes": len(owner.runtime.processes()) + 1,
            "visitor_cpu_s": round(meter.cost()["cpu_s"] / visitors, 3),
        }


def _resident_mb() -> float:
    return round(resident(os.getpid()) / 1e6, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help=f"where figures go; without --quick {RESULTS.relative_to(ROOT)}")
    parser.add_argument("--quick", action="store_true", help="a smoke test, whose figures say little")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = {"about": provenance.about(LIBRARIES), **measure(FEW if arguments.quick else VISITORS, Path(folder))}
    if target := arguments.json or (None if arguments.quick else RESULTS):
        target.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
