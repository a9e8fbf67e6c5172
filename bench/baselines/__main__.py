"""See bench.baselines."""

import argparse
import json
import tempfile
from pathlib import Path

from bench import baselines, machine
from bench.baselines.compare import compare
from bench.baselines.table import RESULTS, ROOT

LIBRARIES = (
    "bm25s",
    "faiss-cpu",
    "langchain-core",
    "langchain-text-splitters",
    "llama-index-core",
    "numpy",
    "onnxruntime",
    "pypdfium2",
    "tantivy",
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
    found = {"about": machine.about(LIBRARIES), "sets": {}}
    with tempfile.TemporaryDirectory() as folder:
        for name, figures in compare(arguments.eval, arguments.cache or Path(folder)):
            found["sets"][name] = figures
            arguments.json.write_text(json.dumps(found, indent=1) + "\n")  # so that an interrupted run leaves something


if __name__ == "__main__":
    main()
