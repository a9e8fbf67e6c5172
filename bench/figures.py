"""Write the README's figures from bench/results: `python -m bench.figures`, or `make figures`.

Nothing is typed by hand: a test fails when the README and the results differ.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "bench" / "results"
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"

Row = tuple[str, ...]


def block() -> str:
    """The text between the marks."""
    speed, quality, abstention = (_results(name) for name in ("speed", "quality", "abstention"))
    about = speed["about"]
    machine = f"{about['cores']} cores of {about['cpu']}, {about['memory_gb']:.0f} GB, Python {about['python']}"
    parts = [
        f"Measured by `make bench` on a shared machine ({machine}):\nCPU time of all processes. Compare the ratios.",
        _table(("", "recto", "plain recipe*", "recipe / recto"), _speed_rows(speed)),
        "\\* pypdf, LangChain's splitter and defaults, the same MiniLM in float32, a flat FAISS index. It only looks\n"
        f"up vectors, on both cores: on the wall clock its 100,000 take {_wall(speed, 'recipe')} ms, recto's search "
        f"{_wall(speed, 'recto')} ms (p95).",
        "Pages found and abstentions (`python -m bench.quality`, `bench.abstention`), on development halves of public\n"
        "question sets over annual reports, mixed documents and encyclopedia articles:",
        _table(("evidence page found", "questions", "H@1", "H@5", "H@10", "MRR"), _quality_rows(quality["sets"])),
        _table(
            ("abstaining", "refused though it is there", "answered though it is not", "AUC"),
            _abstention_rows(abstention["with_encoder"]["sets"]),
        ),
    ]
    return "\n\n".join(parts)


def _speed_rows(speed: dict[str, Any]) -> Iterator[Row]:
    reading = next(iter(speed["reading"].values()))
    ours, theirs = reading["recto_with_boxes"]["cpu_ms_per_page"], reading["pypdf_text"]["cpu_ms_per_page"]
    yield _row("read a page, with boxes (recipe: text alone)", ours, theirs, "ms")
    for adding in speed["adding"].values():
        pages, recipe = adding["pages"], adding["recipe"]["complete"]["cpu_s"]
        for stage, words in (("searchable", "words"), ("complete", "meaning too")):
            yield _row(f"a PDF of {pages} pages, searchable by {words}", adding["recto"][stage]["cpu_s"], recipe, "s")
    for size, asking in speed["asking"].items():
        recipe = asking["recipe"]["search"]["cpu_ms_p95"]
        yield _row(f"search, p95 of {int(size):,} passages", asking["recto"]["search"]["cpu_ms_p95"], recipe, "ms")
        answer = asking["recto"]["quoted_answer"]["cpu_ms_p95"]
        yield f"quoted answer, p95 of {int(size):,} passages", f"{answer:.3g} ms", "", ""
    yield f"peak memory, adding {speed['large']['pages']:,} pages", f"{speed['large']['peak_rss_mb']:.0f} MB", "", ""
    yield "`recto --help`", f"{speed['starting']['recto_help']['cpu_s'] * 1e3:.0f} ms", "", ""


def _wall(speed: dict[str, Any], side: str) -> str:
    """The p95 of a search in the largest library, in milliseconds."""
    return f"{list(speed['asking'].values())[-1][side]['search']['wall_ms_p95']:.0f}"


def _row(what: str, ours: float, theirs: float, unit: str) -> Row:
    return what, f"{ours:.3g} {unit}", f"{theirs:.3g} {unit}", f"{theirs / ours:.1f}"


def _quality_rows(sets: dict[str, Any]) -> Iterator[Row]:
    for name, found in sets.items():
        if "hybrid" in name and "small" not in name:
            what = name.replace(", hybrid", "").replace("_text", "")
            yield what, str(found["questions"]), *(f"{found[key]:.2f}" for key in ("H@1", "H@5", "H@10", "MRR"))


def _abstention_rows(sets: dict[str, Any]) -> Iterator[Row]:
    for name, found in sets.items():
        keys = ("refused_although_answered_there", "answered_although_not_there", "auc")
        yield name.replace("_text", ""), *(f"{found[key]:.2f}" for key in keys)


def _table(head: Row, rows: Iterator[Row]) -> str:
    lines = [head, ("---", *("---:" for _ in head[1:])), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _results(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text())
    return found


def main() -> None:
    readme = ROOT / "README.md"
    text = readme.read_text()
    before, rest = text.split(BEGIN)
    readme.write_text(f"{before}{BEGIN}\n{block()}\n{END}{rest.split(END)[1]}")


if __name__ == "__main__":
    main()
