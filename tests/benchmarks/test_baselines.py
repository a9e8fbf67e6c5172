"""`bench.baselines` in small: every system is asked, and finds what is easy."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from support.paths import HERE
from support.pdfs import text_pdf

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("txtai") is None, reason="the other systems are missing: uv sync --group baselines"),
]
SYSTEMS = {"LangChain", "LlamaIndex", "BM25", "BM25 stems", "RRF", "RRF stems", "txtai", "2025", "recto"}
PLANT = (
    "The pump of hall 3 moves 111 litres of water a minute.\nIt is cleaned by the night shift.",
    "The boiler of hall 5 burns two tons of coal a day.\nIts chimney is 80 metres high.",
    "\n".join("12.5 13.7 98.1 45.6 " * 4 for _ in range(45)),  # more tokens than LlamaIndex leaves in one chunk
)
CANTEEN = ("The cook bakes bread at six in the morning.\nSoup is served at noon.",)


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    folder = tmp_path / "eval"
    (folder / "pdfs").mkdir(parents=True)
    for name, pages, question, page, where in (
        ("plant.pdf", PLANT, "How much coal does the boiler burn?", 2, "financebench"),
        ("canteen.pdf", CANTEEN, "When does the cook bake bread?", 1, "mmlongbench_text"),
    ):
        (folder / "pdfs" / name).write_bytes(text_pdf(*pages))
        asked = {"doc": name, "question": question, "evidence_pages": [page]}
        (folder / f"{where}.jsonl").write_text(json.dumps(asked) + "\n")
    return folder


def test_the_baselines_in_small(tmp_path: Path, questions: Path) -> None:
    target = tmp_path / "baselines.json"
    command = [sys.executable, "-m", "bench.baselines", "--eval", str(questions), "--json", str(target)]
    subprocess.run(command, cwd=HERE.parent, check=True, capture_output=True)
    sets = json.loads(target.read_text())["sets"]
    assert len(sets) == 5
    for found in sets.values():
        assert set(found["systems"]) == SYSTEMS
        assert {name: figures["H@5"] for name, figures in found["systems"].items()} == dict.fromkeys(SYSTEMS, 1.0)
        assert found["systems"]["recto"]["MRR"] == found["against_best"]["H@5"]["ratio"] == 1
    together = sets["all 2 PDFs, collection"]
    assert together["questions"] == 2
    assert together["systems"]["BM25"]["ctx"] == 1


def test_long_chunks_lose_nothing() -> None:
    from bench.baselines.hybrid2025 import LONGEST, OVERLAP, cut

    for text in ("Words, and no end of them. " * 300, "x" * 5000, "short", ""):
        first, *others = cut(text)
        assert first + "".join(piece[OVERLAP:] for piece in others) == text
        assert max(map(len, (first, *others))) <= LONGEST
