"""Write the tables of docs/ranking.md from the results: `python -m bench.baselines.table`, or `make figures`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
RESULTS = ROOT / "bench" / "results" / "baselines.json"
PAGE = ROOT / "docs" / "ranking.md"
BEGIN, END = "<!-- baselines -->", "<!-- /baselines -->"
SHOWN = ("H@1", "H@5", "H@10", "R@5", "MRR", "nDCG", "ctx")


def block() -> str:
    """The text between the marks."""
    sets = json.loads(RESULTS.read_text())["sets"]
    return "\n\n".join("\n".join(_lines(name, found)) for name, found in sets.items())


def _lines(name: str, found: dict[str, Any]) -> Iterator[str]:
    yield _row(f"{name}, {found['questions']} questions", *SHOWN, "characters")
    yield _row("---", *["---:"] * (len(SHOWN) + 1))
    for system, figures in found["systems"].items():
        yield _row(system, *(f"{figures[key]:.3f}".removeprefix("0") for key in SHOWN), f"{figures['characters']:.0f}")
    yield ""
    yield (
        "recto against the best of the others: "
        + "; ".join(
            f"{key} {one['difference']:+.3f} [{one['interval'][0]:+.3f}, {one['interval'][1]:+.3f}], "
            f"{one['ratio']:.2f} times {one['best']}"
            for key, one in found["against_best"].items()
        )
        + "."
    )


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    text = PAGE.read_text()
    before, rest = text.split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{block()}\n{END}{rest.split(END)[1]}")


if __name__ == "__main__":
    main()
