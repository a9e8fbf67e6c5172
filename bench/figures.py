"""Write the figures of the README and of docs/figures.md from bench/results: `make figures`.

Nothing is typed by hand: a test fails when a page and the results differ.
"""

import json
from collections.abc import Iterable, Iterator
from functools import reduce
from operator import getitem
from pathlib import Path
from textwrap import fill
from typing import Any

from recto.llm.presets import PRESETS

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "bench" / "results"
README, PAGE, PERFORMANCE = ROOT / "README.md", ROOT / "docs" / "figures.md", ROOT / "docs" / "performance.md"
WIDTH = 120  # of a line
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"

TOLD = (  # in the README, of what the page costs
    "from start to the first whole answer",
    "from Enter to the first quote on the page",
    "CPU of a written token, one person",
    "first word, 20 people one after the other",
    "first word, 20 people all at once",
)

Row = tuple[str, ...]
Figures = dict[str, Any]


def results() -> Figures:
    """All results, by the name of their file."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))}


def short(found: Figures) -> str:
    """What the README shows: a line for each thing that people ask about."""
    return _table(("", "recto", "compared with", "", "ratio"), _short_rows(found))


def _short_rows(found: Figures) -> Iterator[Row]:
    speed, writing, serving = found["speed"], _smol(found["writing"]), found["serving"]
    for what, ours, theirs, ratio in list(_speed_rows(speed))[:4]:
        yield what, ours, "plain recipe", theirs, ratio
    for what, key in (("first written word", "first_s"), ("whole written answer", "total_s")):
        theirs = f"{writing['naive'][key]:.2f} s"
        yield what, f"{writing['ours'][key]:.2f} s", "naive prompt", theirs, f"{writing['ratio'][key]:.1f}"
    for what, ours, theirs, ratio in (_row(*one) for one in _page_figures(serving)):
        if what in TOLD:
            yield what, ours, "Streamlit", theirs, ratio
    yield f"memory, adding {speed['large']['pages']:,} pages", f"{speed['large']['peak_rss_mb']:.0f} MB", "", "", ""
    for name, one in found["baselines"]["sets"].items():
        best = one["against_best"]["H@5"]
        ours, theirs = (one["systems"][who]["H@5"] for who in ("recto", best["best"]))
        yield (
            f"right page among the first 5: {name}",
            f"{ours:.2f}",
            best["best"],
            f"{theirs:.2f}",
            f"{best['ratio']:.1f}",
        )


def _page_figures(serving: Figures) -> Iterator[tuple[str, float, float, str]]:
    """What the page costs, in both."""
    ours, theirs = serving["recto"], serving["streamlit"]
    for what, at, unit in (
        ("the server is ready, CPU", ("starting", "cpu_s"), "s"),
        ("from start to the first whole answer", ("starting", "ready_and_answered_s"), "s"),
        ("from Enter to the first quote on the page", ("one", "quote_ms_p50"), "ms"),
        ("from Enter to the first written word", ("one", "word_ms_p50"), "ms"),
        ("CPU of a written token, one person", ("one", "cpu_ms_per_token"), "ms"),
        ("first word, 20 people one after the other", ("many", "first_word_s_p50"), "s"),
        ("first word, 20 people all at once", ("many", "all_at_once", "first_word_s_p50"), "s"),
        ("CPU of a written token, 20 people", ("many", "cpu_ms_per_token"), "ms"),
        ("memory of the server, idle", ("rss_mb", "idle"), "MB"),
        ("memory of the server, after answers", ("rss_mb", "after_chat"), "MB"),
    ):
        yield what, reduce(getitem, at, ours), reduce(getitem, at, theirs), unit


def page(found: Figures) -> str:
    """What docs/figures.md shows: everything, with what it was measured by."""
    parts = (
        *_speed(found["speed"]),
        *_written(found["writing"], found["citing"]),
        *_served(found["serving"]),
        *_contained(found["container"]),
        *_found(found["quality"]),
        *_refused(found["abstention"]),
        *_spoken(found["languages"]),
    )
    return "\n\n".join(parts)


def expected(found: Figures) -> str:
    """What docs/performance.md shows: what people wait for, on two cores."""
    writing, serving, container = _smol(found["writing"])["ours"], found["serving"]["recto"], found["container"]
    return _table(
        ("on two shared cores", ""),
        [
            ("a PDF of 1,000 pages, searchable by words", f"{found['speed']['large']['searchable']['wall_s']:.0f} s"),
            ("the same, searchable by meaning", f"{found['speed']['large']['complete']['wall_s']:.0f} s"),
            ("from Enter to the first quote on the page", f"{serving['one']['quote_ms_p50'] / 1000:.2f} s"),
            ("from the container's start to the first quote", f"{container['quoted_s']['median']:.1f} s"),
            ("first word, SmolLM2 135M (0.1 GB)", f"{writing['first_s']:.1f} s"),
            ("whole answer, SmolLM2 135M", f"{writing['total_s']:.1f} s"),
            *_scaled(_smol(found["writing"])),
        ],
    )


def _scaled(smol: Figures) -> Iterator[Row]:
    first_s = smol["ours"]["first_s_of_the_model"]
    for preset in PRESETS.values():
        times = preset.size / 1e6 / smol["size_mb"]
        what = f"first word, `{preset.name}`, {preset.model} ({preset.size / 1e9:.1f} GB): by its size"
        yield what, f"about {first_s * times:.0f} s, less with fewer quotes"


def _speed(speed: Figures) -> Iterator[str]:
    yield "## Reading, keeping, finding: `python -m bench`"
    yield fill(
        f"{_machine(speed)}. CPU time of all processes; the plain recipe is pypdf, LangChain's splitter and defaults, "
        "the same MiniLM in float32 and a flat FAISS index. It only looks up vectors, on both cores: on the wall clock "
        f"its 100,000 take {_wall(speed, 'recipe')} ms, recto's search {_wall(speed, 'recto')} ms (p95).",
        WIDTH,
    )
    yield _table(("", "recto", "plain recipe", "recipe / recto"), _speed_rows(speed))


def _speed_rows(speed: Figures) -> Iterator[Row]:
    reading = next(iter(speed["reading"].values()))
    ours, theirs = reading["recto_with_boxes"]["cpu_ms_per_page"], reading["pypdf_text"]["cpu_ms_per_page"]
    yield _row("read a page, with boxes (recipe: text alone)", ours, theirs, "ms")
    for adding in speed["adding"].values():
        pages, recipe = adding["pages"], adding["recipe"]["complete"]["cpu_s"]
        for stage, words in (("searchable", "words"), ("complete", "meaning too")):
            yield _row(f"a PDF of {pages} pages, searchable by {words}", adding["recto"][stage]["cpu_s"], recipe, "s")
    for size, asking in list(speed["asking"].items())[-1:]:
        ours, theirs = (asking[side]["search"]["cpu_ms_p95"] for side in ("recto", "recipe"))
        yield _row(f"search, p95 of {int(size):,} passages (recipe: vectors alone)", ours, theirs, "ms")
        answer = asking["recto"]["quoted_answer"]["cpu_ms_p95"]
        yield f"quoted answer, p95 of {int(size):,} passages", f"{answer:.3g} ms", "", ""
    yield f"peak memory, adding {speed['large']['pages']:,} pages", f"{speed['large']['peak_rss_mb']:.0f} MB", "", ""
    yield "`recto --help`", f"{speed['starting']['recto_help']['cpu_s'] * 1e3:.0f} ms", "", ""


def _wall(speed: Figures, side: str) -> str:
    """The p95 of a search in the largest library, in milliseconds."""
    return f"{list(speed['asking'].values())[-1][side]['search']['wall_ms_p95']:.0f}"


def _written(writing: Figures, citing: Figures) -> Iterator[str]:
    """Written answers: how soon they come, and how well they are cited."""
    found = _smol(writing)
    model = found["model"].split(".")[0]
    yield "## Written answers: `python -m bench.writing`, `python -m bench.citing`"
    yield fill(
        f"{_machine(writing)}; {model} on {writing['about']['runs']}, wall clock, medians. The naive prompt holds five "
        "chunks of 1,400 characters.",
        WIDTH,
    )
    rows = (
        (what, f"{found['ours'][key]:.2f} s", f"{found['naive'][key]:.2f} s", f"{found['ratio'][key]:.1f}")
        for what, key in (("first word, from the question on", "first_s"), ("whole answer", "total_s"))
    )
    yield _table(("", "recto", "naive prompt", "naive / recto"), rows)
    yield fill(" ".join((*_waiting(found), *_cited(citing["not_looked_at"]))), WIDTH)


def _smol(writing: Figures) -> Figures:
    """The figures of the model that the tests bring."""
    (found,) = (part for name, part in writing.items() if "SmolLM2" in name)
    return dict(found)


def _waiting(found: Figures) -> Iterator[str]:
    off, ahead = found["announced"], found["read_ahead"]
    first, total = ([f"{off[what][q]:.0%}" for q in ("p50", "p90")] for what in ("first_token", "total"))
    before, after = ahead["without_first_s_of_the_model"], ahead["first_s_of_the_model"]
    speed, busy = found["while_adding"]["decode_share"], found["while_others_compute"]
    alone_s, beside_s = busy["without_first_s_of_the_model"], busy["first_s_of_the_model"]
    stop_s = max(found["stopping"].values())
    yield f"The announced wait for the first word was off by {first[0]} (p90 {first[1]}), that for the whole answer by"
    yield f"{total[0]} ({total[1]}). Read ahead while the person types, {before:.2f} s become {after:.2f} s. While PDFs"
    yield f"are added it writes at {speed:.0%} of its speed; while other programs take every core the first word needs"
    yield f"{beside_s:.2f} s in place of {alone_s:.2f}. Stopping frees the cores within {stop_s:.2f} s."


def _cited(half: Figures) -> Iterator[str]:
    precision, recall, marked = (half[name] for name in ("precision", "recall", "unsupported_marked"))
    yield f"Citations, on {half['sentences']} made sentences, over half of them false in a detail:"
    yield f"precision {precision:.2f}, recall {recall:.2f}; {marked:.0%} of the false ones are marked."


def _served(serving: Figures) -> Iterator[str]:
    many = serving["recto"]["many"]
    yield "## The page: `python -m bench.serving`"
    yield fill(
        f"{_machine(serving)}. The same library, the same generator that writes {serving['about']['generator']}; "
        f"`bench/streamlit_chat.py` is the same page in Streamlit. {many['people']} people ask within "
        f"{many['within_s']:.0f} s, or all at once. CPU is the server's; clicks are timed in Chromium.",
        WIDTH,
    )
    rows = (_row(*one) for one in _page_figures(serving))
    yield _table(("", "recto", "Streamlit", "Streamlit / recto"), rows)


def _contained(found: Figures) -> Iterator[str]:
    soak, about = found["soak"], found["about"]
    yield "## In a container: `make bench-container`"
    yield fill(
        f"{_machine(found)} (an image has its own), {about['runs']}; {found['documents']} documents, "
        f"{found['starts']} starts (medians), wall clock from the process' start on, asked as soon as anybody listens; "
        f"{about['model'].split('.')[0]} writes. "
        f"In {soak['seconds'] / 60:g} minutes without a pause {soak['questions']} questions were asked and "
        f"{soak['uploads_and_deletes']} documents came and went; after the first fifth of that memory changed by "
        f"{soak['growth']:+.1%}.",
        WIDTH,
    )
    yield _table(("", "recto", "wanted"), _container_rows(found))


def _container_rows(found: Figures) -> Iterator[Row]:
    soak = found["soak"]
    yield "first quoted answer", f"{found['quoted_s']['median']:.2f} s", "3 s"
    yield "first written word", f"{found['written_s']['median']:.2f} s", "8 s"
    yield "the same, measuring the model first", f"{found['written_s']['first_ever']:.2f} s", ""
    yield "memory without a model, idle", f"{found['idle_mb']['before_a_question']:.0f} MB", "250 MB"
    yield "the same, after a question", f"{found['idle_mb']['after_one']:.0f} MB", ""
    if "image_mb" in found:
        yield "the image, without a model", f"{found['image_mb']:.0f} MB", "700 MB"
    for name in ("early", "late"):
        yield f"memory of the server, {name} in that use", f"{soak[f'{name}_mb']:.0f} MB", ""
    yield "files for the moment's use, early and late", f"{soak['files']['early']}, {soak['files']['late']}", ""
    yield "processes, early and late", f"{soak['processes']['early']}, {soak['processes']['late']}", ""


def _found(quality: Figures) -> Iterator[str]:
    yield "## Pages found: `python -m bench.quality`"
    yield fill(
        f"At commit {quality['about']['commit'][:7]}, on development halves of public question sets over annual "
        "reports and mixed documents. What other systems find is in [ranking.md](ranking.md).",
        WIDTH,
    )
    yield _table(("evidence page found", "questions", "H@1", "H@5", "H@10", "MRR"), _quality_rows(quality["sets"]))


def _refused(abstention: Figures) -> Iterator[str]:
    yield "## Answered and refused: `python -m bench.abstention`"
    yield fill(
        f"At commit {abstention['about']['commit'][:7]}. Each question is asked where its answer stands, and where "
        "it does not. The last column needs no threshold: how many of the latter are answered where nine of ten of the "
        "former are.",
        WIDTH,
    )
    head = (
        "questions",
        "asked",
        "refused, though answered there",
        "asked elsewhere",
        "answered, though not",
        "at nine of ten",
    )
    yield _table(head, _refused_rows(abstention["with_encoder"]["sets"]))


def _spoken(languages: Figures) -> Iterator[str]:
    yield "## Other languages: `python -m bench.languages`"
    yield fill(
        f"At commit {languages['about']['commit'][:7]}. The same handbook of twelve short pages in each language, "
        "twelve questions with an answer and four without, inside the handbook. A small set: one question is .08.",
        WIDTH,
    )
    head = ("language", "H@1", "H@5", "MRR", "evidence in 3 quotes", "answered", "refused, where nothing is said")
    shown = ("H@1", "H@5", "MRR", "sentence@3", "answered", "abstained")
    found = {name: one["inside"] for name, one in languages["languages"].items()}
    yield _table(head, ((name, *(f"{one[key]:.2f}" for key in shown)) for name, one in found.items()))


def _refused_rows(sets: Figures) -> Iterator[Row]:
    for name, one in sets.items():
        shares = ("refused_although_answered_there", "answered_although_not_there", "foreign_answered_at_90")
        refused, answered, at_90 = (f"{one[share]:.2f}" for share in shares)
        yield name, str(one["questions"]), refused, str(one["foreign"]), answered, at_90


def _whole_collections(sets: Figures) -> Iterator[tuple[str, Figures]]:
    for name, found in sets.items():
        if "hybrid" in name and "small" not in name:
            yield name.replace(", hybrid", "").replace("_text", ""), found


def _quality_rows(sets: Figures) -> Iterator[Row]:
    for name, found in _whole_collections(sets):
        yield name, str(found["questions"]), *(f"{found[key]:.2f}" for key in ("H@1", "H@5", "H@10", "MRR"))


def _machine(found: Figures) -> str:
    about = found["about"]
    where = f"On a shared machine, {about['cores']} cores of {about['cpu']}, Python {about['python']}"
    return f"{where}, at commit {about['commit'][:7]}"


def _row(what: str, ours: float, theirs: float, unit: str) -> Row:
    return what, f"{ours:.3g} {unit}", f"{theirs:.3g} {unit}", f"{theirs / ours:.1f}"


def _table(head: Row, rows: Iterable[Row]) -> str:
    lines = [head, ("---", *("---:" for _ in head[1:])), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def shown(path: Path) -> str:
    """What stands between the marks of a page."""
    return path.read_text().split(BEGIN)[1].split(END)[0].strip()


def main() -> None:
    found = results()
    for path, block in ((README, short(found)), (PAGE, page(found)), (PERFORMANCE, expected(found))):
        before, rest = path.read_text().split(BEGIN)
        path.write_text(f"{before}{BEGIN}\n{block}\n{END}{rest.split(END)[1]}")


if __name__ == "__main__":
    main()
