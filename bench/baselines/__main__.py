"""See bench.baselines."""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from bench import baselines, provenance
from bench.baselines.compare import compare
from bench.samples import ROOT

RESULTS = ROOT / "bench" / "results" / "baselines.json"
LIBRARIES = (
    "bm25s",
    "faiss-cpu",
    "langchain-core",
    "langchain-text-splitters",
    "llama-index-core",
    "numpy",
    "onnxruntime",
    "pypdfium2",
    "txtai",
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=baselines.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--eval", type=Path, required=True, help="the folder with questions and PDFs")
    parser.add_argument("--cache", type=Path, help="where libraries and vectors are kept between runs")
    parser.add_argument(
        "--json", type=Path, default=RESULTS, help=f"where figures go, else {RESULTS.relative_to(ROOT)}"
    )
    arguments = parser.parse_args()
    results: dict[str, dict[str, Any]] = {"about": provenance.about(LIBRARIES), "sets": {}}
    with tempfile.TemporaryDirectory() as folder:
        for name, figures in compare(arguments.eval, arguments.cache or Path(folder)):
            results["sets"][name] = figures
            arguments.json.write_text(
                json.dumps(results, indent=1) + "\n"
            )  # so that an interrupted run leaves something


if __name__ == "__main__":
    main()
