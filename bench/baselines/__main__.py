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
    about = machine.about(LIBRARIES)
    with tempfile.TemporaryDirectory() as folder:
        sets = compare(arguments.eval, arguments.cache or Path(folder))
    arguments.json.write_text(json.dumps({"about": about, "sets": sets}, indent=1) + "\n")


if __name__ == "__main__":
    main()
