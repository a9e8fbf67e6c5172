"""How well recto finds in seven languages: the same handbook in each, the same questions.

    python -m bench.languages [--json FILE]

The handbooks are those of `tests/data/languages`, twelve short pages each; twelve questions have an answer, half of
them in other words, four have none. A small set: one question is .08. Each is asked of its own handbook, and of all.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from bench import provenance
from bench.samples import ROOT
from click.testing import CliRunner

from recto.cli import recto

RESULTS = ROOT / "bench" / "results" / "languages.json"
HANDBOOKS = ROOT / "tests" / "data" / "languages"
METRICS = ("H@1", "H@5", "MRR", "sentence@3", "answer", "answered", "abstained")


def measure(home: Path) -> dict[str, Any]:
    saved = home / "run.json"
    command = ["eval", HANDBOOKS / "questions.jsonl", "--pdfs", HANDBOOKS, "--home", home, "--save", saved]
    CliRunner().invoke(recto, [str(part) for part in command], catch_exceptions=False)
    types = json.loads(saved.read_text())["types"]
    languages = {
        language: {
            scope: {name: round(scopes[scope][name]["mean"], 2) for name in METRICS}
            for scope in ("inside", "everywhere")
        }
        for language, scopes in types.items()
    }
    return {"about": provenance.about(), "languages": languages}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--json", type=Path, default=RESULTS, help=f"where figures go, else {RESULTS.relative_to(ROOT)}"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder))
    arguments.json.write_text(json.dumps(figures, indent=1) + "\n")
    for language, scopes in figures["languages"].items():
        print(language, scopes["inside"])


if __name__ == "__main__":
    main()
