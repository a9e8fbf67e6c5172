"""The tables of docs/ranking.md that compare recto with other systems, from bench/results."""

import json

from scripts.docs.marked import RESULTS, ROOT, MarkedBlock, table

PAGE = MarkedBlock(ROOT / "docs" / "ranking.md", "baselines")
METRICS = ("H@1", "H@5", "H@10", "R@5", "MRR", "nDCG", "ctx")


def baselines() -> str:
    """A table for each scope, and under it recto against the best of the others."""
    blocks = []
    for name, scope in json.loads((RESULTS / "baselines.json").read_text())["sets"].items():
        rows = (
            (
                system,
                *(f"{figures[metric]:.3f}".removeprefix("0") for metric in METRICS),
                f"{figures['characters']:.0f}",
            )
            for system, figures in scope["systems"].items()
        )
        blocks.append(table((f"{name}, {scope['questions']} questions", *METRICS, "characters"), rows))
        margins = (
            f"{metric} {margin['difference']:+.3f} [{margin['interval'][0]:+.3f}, {margin['interval'][1]:+.3f}], "
            f"{margin['ratio']:.2f} times {margin['best']}"
            for metric, margin in scope["against_best"].items()
        )
        blocks.append(f"recto against the best of the others: {'; '.join(margins)}.")
    return "\n\n".join(blocks)


def write() -> None:
    """Write the page."""
    PAGE.write(baselines())
