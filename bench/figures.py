"""Write the README's figures from bench/results: `python -m bench.figures`, or `make figures`.

Nothing is typed by hand: a test fails when the README and the results differ.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from textwrap import fill
from typing import Any

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "bench" / "results"
WIDTH = 120  # of a line
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"

Row = tuple[str, ...]


def block() -> str:
    """The text between the marks."""
    speed, quality, writing, citing = (_results(name) for name in ("speed", "quality", "writing", "citing"))
    about = speed["about"]
    machine = f"{about['cores']} cores of {about['cpu']}, {about['memory_gb']:.0f} GB, Python {about['python']}"
    parts = [
        f"Measured by `make bench` on a shared machine ({machine}):\nCPU time of all processes. Compare the ratios.",
        _table(("", "recto", "plain recipe*", "recipe / recto"), _speed_rows(speed)),
        "\\* pypdf, LangChain's splitter and defaults, the same MiniLM in float32, a flat FAISS index. It only looks\n"
        f"up vectors, on both cores: on the wall clock its 100,000 take {_wall(speed, 'recipe')} ms, recto's search "
        f"{_wall(speed, 'recto')} ms (p95).",
        *_written(writing, citing),
        "Pages found (`python -m bench.quality`), on development halves of public question sets over annual reports\n"
        "and mixed documents; how often it abstains rightly is in [docs/ranking.md](docs/ranking.md):",
        _table(("evidence page found", "questions", "H@1", "H@5", "H@10", "MRR"), _quality_rows(quality["sets"])),
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
    for size, asking in list(speed["asking"].items())[-1:]:
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


def _written(writing: dict[str, Any], citing: dict[str, Any]) -> Iterator[str]:
    """Written answers: how soon they come, and how well they are cited."""
    (found,) = (part for name, part in writing.items() if "SmolLM2" in name)
    model = found["model"].split(".")[0]
    yield (
        f"Written answers (`python -m bench.writing`; {model} on {writing['about']['runs']}, wall clock, medians;\n"
        "the naive prompt holds five chunks of 1,400 characters):"
    )
    rows = (
        (what, f"{found['ours'][key]:.2f} s", f"{found['naive'][key]:.2f} s", f"{found['ratio'][key]:.1f}")
        for what, key in (("first word, from the question on", "first_s"), ("whole answer", "total_s"))
    )
    yield _table(("", "recto", "naive prompt", "naive / recto"), rows)
    yield fill(" ".join((*_waiting(found), *_cited(citing["not_looked_at"]))), WIDTH)


def _waiting(found: dict[str, Any]) -> Iterator[str]:
    off, ahead = found["announced"], found["read_ahead"]
    first, total = ([f"{off[what][q]:.0%}" for q in ("p50", "p90")] for what in ("first_token", "total"))
    before, after = ahead["without_first_s_of_the_model"], ahead["first_s_of_the_model"]
    speed, stop_s = found["while_adding"]["decode_share"], max(found["stopping"].values())
    yield f"The announced wait for the first word was off by {first[0]} (p90 {first[1]}), that for the whole answer by"
    yield f"{total[0]} ({total[1]}). Read ahead while the person types, {before:.2f} s become {after:.2f} s. While PDFs"
    yield f"are added it writes at {speed:.0%} of its speed. Stopping frees the cores within {stop_s:.2f} s."


def _cited(half: dict[str, Any]) -> Iterator[str]:
    precision, recall, marked = (half[name] for name in ("precision", "recall", "unsupported_marked"))
    yield f"Citations (`bench.citing`), on {half['sentences']} made sentences, over half of them false in a detail:"
    yield f"precision {precision:.2f}, recall {recall:.2f}; {marked:.0%} of the false ones are marked."


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
