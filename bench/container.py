"""How soon a container answers, what it needs, and whether it stays so: `recto up` with a library of 100 documents.

    python -m bench.container [--image IMAGE] [--soak-minutes 10] [--json FILE] [--quick]

With an image it is run by ENGINE (podman) with RUN_ARGS, as scripts/container.sh does; without one the same command is
run here. Both get two cores. Seconds are wall seconds from the start of the process on; keep the machine quiet. The
documents are pages of the sample PDFs, each a different choice. The written word comes from SmolLM2-135M, which lies
where an image has its model, and whose speed was measured by a start before. The soak asks, draws, uploads and deletes
without a pause; its memory is that of the two processes that stay, and its files are those for the moment's use.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import provenance, steady_use
from bench.cost_meter import Figures, in_a_hurry, say
from bench.deployment import LOOK_S, Deployment
from bench.samples import ROOT, selections
from bench.steady_use import UPLOAD_EVERY, question
from bench.writing import models

from recto import Library
from recto.config import Writing
from recto.model_ref import QUOTE

RESULTS = ROOT / "bench" / "results" / "container.json"
PAGES = 6  # of a document
LIBRARIES = ("numpy", "onnxruntime", "pypdfium2", "simsimd", "tokenizers", "uvicorn", "xllamacpp")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerPlan:
    """How much is measured."""

    documents: int
    starts: int
    settle_s: float  # until what a start set going has ended
    soak_s: float


def measure(plan: ContainerPlan, image: str, folder: Path) -> Figures:
    """All figures."""
    deployment, model = Deployment(image, folder / "library"), models()[0]
    figures: Figures = {
        "about": {
            **provenance.about(LIBRARIES),
            "runs": "in a container" if image else "without a container",
            "model": model.stem,
        },
        "documents": plan.documents,
        "starts": plan.starts,
    }
    say(f"adding {plan.documents} documents")
    paths = selections(plan.documents + UPLOAD_EVERY, PAGES, folder / "pdfs")
    with Library(deployment.home, writing=Writing(model=QUOTE)) as library:
        library.add(*paths[: plan.documents])
    say("starting")
    quoted_s = [_first(deployment, "quoted", None) for _ in range(plan.starts)]
    written_s = [_first(deployment, "token", model) for _ in range(plan.starts + 1)]
    figures["quoted_s"] = _spread(quoted_s)
    figures["written_s"] = {"first_ever": round(written_s[0], 3), **_spread(written_s[1:])}
    figures["idle_mb"] = _idle(deployment, plan.settle_s)
    if image:
        figures["image_mb"] = deployment.image_mb()
    if plan.soak_s:
        say(f"soaking for {plan.soak_s / 60:g} minutes")
        with deployment.running() as server:
            figures["soak"] = steady_use.measure(server, plan.soak_s, paths[plan.documents :])
    return figures


def _first(deployment: Deployment, event: str, model: Path | None) -> float:
    with deployment.running(model) as server:
        return server.first(event, question(0))


def _spread(seconds: Sequence[float]) -> Figures:
    return {"median": round(median(seconds), 3), "most": round(max(seconds), 3)}


def _idle(deployment: Deployment, settle_s: float) -> Figures:
    """Memory of all processes without a model, before the first question and after it."""
    with deployment.running() as server:
        while not server.listens():
            time.sleep(LOOK_S)
        time.sleep(settle_s)
        before = server.megabytes(staying=False)
        server.first("done", question(0))
        time.sleep(settle_s)
        return {"before_a_question": before, "after_one": server.megabytes(staying=False)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--image", default="", help="an image that ENGINE has")
    parser.add_argument("--soak-minutes", type=float, default=0.0)
    parser.add_argument("--json", type=Path, help=f"where figures go; without --quick {RESULTS.relative_to(ROOT)}")
    parser.add_argument("--quick", action="store_true", help="a smoke test, whose figures say little")
    arguments = parser.parse_args()
    soak_s = arguments.soak_minutes * 60
    plan = ContainerPlan(documents=100, starts=5, settle_s=5.0, soak_s=soak_s)
    if arguments.quick:
        in_a_hurry()
        plan = ContainerPlan(documents=5, starts=1, settle_s=0.5, soak_s=soak_s)
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(plan, arguments.image, Path(folder))
    if target := arguments.json or (None if arguments.quick else RESULTS):
        target.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
