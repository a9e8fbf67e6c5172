"""The sections of docs/figures.md, each from the results of one benchmark: paragraphs and tables in Markdown."""

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import getitem
from textwrap import fill
from typing import Any

from scripts.docs.marked import TableRow, table

WIDTH = 120  # of a line

Figures = dict[str, Any]


def speed(figures: Figures) -> Iterator[str]:
    """Reading, adding, searching, starting and memory, beside the plain recipe."""
    wall_ms = {
        side: f"{list(figures['asking'].values())[-1][side]['search']['wall_ms_p95']:.0f}"
        for side in ("recto", "recipe")
    }
    yield "## Reading, keeping, finding: `python -m bench`"
    yield fill(
        f"{_setting(figures)}. CPU time of all processes; the plain recipe is pypdf, LangChain's splitter and "
        "defaults, the same MiniLM in float32 and a flat FAISS index. It only looks up vectors, on both cores: on the "
        f"wall clock its 100,000 take {wall_ms['recipe']} ms, recto's search {wall_ms['recto']} ms (p95).",
        WIDTH,
    )
    yield table(("", "recto", "plain recipe", "recipe / recto"), speed_rows(figures))


def speed_rows(figures: Figures) -> Iterator[TableRow]:
    """The rows of its table: what, recto, the recipe, their ratio."""
    reading = next(iter(figures["reading"].values()))
    recto, recipe = reading["recto_with_boxes"]["cpu_ms_per_page"], reading["pypdf_text"]["cpu_ms_per_page"]
    yield _compared("read a page, with boxes (recipe: text alone)", recto, recipe, "ms")
    for adding in figures["adding"].values():
        pages, recipe = adding["pages"], adding["recipe"]["complete"]["cpu_s"]
        for stage, words in (("searchable", "words"), ("complete", "meaning too")):
            label = f"a PDF of {pages} pages, searchable by {words}"
            yield _compared(label, adding["recto"][stage]["cpu_s"], recipe, "s")
    for size, asking in list(figures["asking"].items())[-1:]:
        recto, recipe = (asking[side]["search"]["cpu_ms_p95"] for side in ("recto", "recipe"))
        yield _compared(f"search, p95 of {int(size):,} passages (recipe: vectors alone)", recto, recipe, "ms")
        answer = asking["recto"]["quoted_answer"]["cpu_ms_p95"]
        yield f"quoted answer, p95 of {int(size):,} passages", f"{answer:.3g} ms", "", ""
    large = figures["large"]
    yield f"peak memory, adding {large['pages']:,} pages", f"{large['peak_rss_mb']:.0f} MB", "", ""
    yield "`recto --help`", f"{figures['starting']['recto_help']['cpu_s'] * 1e3:.0f} ms", "", ""


def scale(figures: Figures) -> Iterator[str]:
    """How everything grows with the library."""
    yield "## Growth: `python -m bench.scale`"
    yield fill(
        f"{_setting(figures)}. Made passages, no two alike; the machine was busy (load "
        f"{figures['about']['load_before']:.0f}), so read CPU beside that of the plain recipe, which searches the same "
        "vectors in the same run.",
        WIDTH,
    )
    sizes = figures["sizes"]
    of_search = [(f"of a search: {stage}", "ms", ("stages_cpu_ms", stage)) for stage in first(sizes)["stages_cpu_ms"]]
    paths: list[tuple[str, str, Sequence[str]]] = [
        ("rows of a passage, kept", "us", ("cpu_us_per_passage", "rows")),
        ("keyword index, a passage", "us", ("cpu_us_per_passage", "keywords")),
        ("disk, a passage: SQLite", "B", ("disk_bytes_per_passage", "sqlite")),
        ("disk, a passage: keyword index", "B", ("disk_bytes_per_passage", "keywords")),
        ("opening and the first search", "s", ("open_and_first_search", "cpu_s")),
        ("memory then, mapped files included", "MB", ("rss_mb", "first")),
        ("search, median", "ms", ("search", "cpu_ms_p50")),
        ("search, 95 of 100", "ms", ("search", "cpu_ms_p95")),
        ("the plain recipe's, 95 of 100", "ms", ("recipe", "cpu_ms_p95")),
        *of_search,
        ("quoted answer, median", "ms", ("quoted_answer", "cpu_ms_p50")),
    ]
    rows = [(label, *(f"{figure(size, path):.4g} {unit}" for size in sizes.values())) for label, unit, path in paths]
    yield table(("CPU", *(f"{int(size):,} passages" for size in sizes)), rows)


def first(sizes: Figures) -> Figures:
    """The figures of the smallest size."""
    smallest: Figures = next(iter(sizes.values()))
    return smallest


def figure(figures: Figures, path: Sequence[str]) -> float:
    """One of nested figures."""
    group, name = path
    return float(figures[group][name])


def writing(figures: Figures, citing: Figures) -> Iterator[str]:
    """Written answers: how soon they come, and how well they are cited."""
    smol = smol_figures(figures)
    yield "## Written answers: `python -m bench.writing`, `python -m bench.citing`"
    yield fill(
        f"{_setting(figures)}; {smol['model'].split('.')[0]} on {figures['about']['runs']}, wall clock, medians. "
        "The naive prompt holds five chunks of 1,400 characters.",
        WIDTH,
    )
    rows = (
        (label, f"{smol['ours'][key]:.2f} s", f"{smol['naive'][key]:.2f} s", f"{smol['ratio'][key]:.1f}")
        for label, key in (("first word, from the question on", "first_s"), ("whole answer", "total_s"))
    )
    yield table(("", "recto", "naive prompt", "naive / recto"), rows)
    yield fill(f"{announced_waits(smol)} {citation_figures(citing['not_looked_at'])}", WIDTH)


def smol_figures(figures: Figures) -> Figures:
    """The written answers of the model that the tests bring."""
    (smol,) = (part for name, part in figures.items() if "SmolLM2" in name)
    return dict(smol)


def announced_waits(smol: Figures) -> str:
    """How far off the announced waits were, and what reading ahead and other work do to them."""
    errors, ahead = smol["announced"], smol["read_ahead"]
    first, total = ([f"{errors[wait][q]:.0%}" for q in ("p50", "p90")] for wait in ("first_token", "total"))
    before, after = ahead["without_first_s_of_the_model"], ahead["first_s_of_the_model"]
    decode_share, busy = smol["while_adding"]["decode_share"], smol["while_others_compute"]
    quiet_s, busy_s = busy["without_first_s_of_the_model"], busy["first_s_of_the_model"]
    stop_s = max(smol["stopping"].values())
    return (
        f"The announced wait for the first word was off by {first[0]} (p90 {first[1]}), that for the whole answer by "
        f"{total[0]} ({total[1]}). Read ahead while the person types, {before:.2f} s become {after:.2f} s. While PDFs "
        f"are added it writes at {decode_share:.0%} of its speed; while other programs take every core the first word "
        f"needs {busy_s:.2f} s in place of {quiet_s:.2f}. Stopping frees the cores within {stop_s:.2f} s."
    )


def citation_figures(half: Figures) -> str:
    """How well sentences are cited, of the half of the set that was not looked at."""
    precision, recall, marked = (half[name] for name in ("precision", "recall", "unsupported_marked"))
    return (
        f"Citations, on {half['sentences']} sentences, made or written by small models, over half of them false: "
        f"precision {precision:.2f}, recall {recall:.2f}; {marked:.0%} of the false ones are marked."
    )


def serving(figures: Figures) -> Iterator[str]:
    """The page, beside the same page in Streamlit."""
    many = figures["recto"]["many"]
    yield "## The page: `python -m bench.serving`"
    yield fill(
        f"{_setting(figures)}. The same library, the same generator that writes {figures['about']['generator']}; "
        f"`bench/streamlit_chat.py` is the same page in Streamlit. {many['people']} people ask within "
        f"{many['within_s']:.0f} s, or all at once. CPU is the server's; clicks are timed in Chromium.",
        WIDTH,
    )
    yield table(("", "recto", "Streamlit", "Streamlit / recto"), serving_rows(figures))


def serving_rows(figures: Figures) -> Iterator[TableRow]:
    """The rows of its table: what, recto, Streamlit, their ratio."""
    for label, path, unit in (
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
        recto, streamlit = (reduce(getitem, path, figures[side]) for side in ("recto", "streamlit"))
        yield _compared(label, recto, streamlit, unit)


def container(figures: Figures) -> Iterator[str]:
    """A container: how soon it answers, what it needs, and whether it stays so."""
    soak, about = figures["soak"], figures["about"]
    yield "## In a container: `make bench-container`"
    yield fill(
        f"{_setting(figures)} (an image has its own), {about['runs']}; {figures['documents']} documents, "
        f"{figures['starts']} starts (medians), wall clock from the process' start on, asked as soon as anybody "
        f"listens; {about['model'].split('.')[0]} writes. "
        f"In {soak['seconds'] / 60:g} minutes without a pause {soak['questions']} questions were asked and "
        f"{soak['uploads_and_deletes']} documents came and went; after the first fifth of that memory changed by "
        f"{soak['growth']:+.1%}.",
        WIDTH,
    )
    idle_mb, files, processes = figures["idle_mb"], soak["files"], soak["processes"]
    rows = [
        ("first quoted answer", f"{figures['quoted_s']['median']:.2f} s", "3 s"),
        ("first written word", f"{figures['written_s']['median']:.2f} s", "8 s"),
        ("the same, measuring the model first", f"{figures['written_s']['first_ever']:.2f} s", ""),
        ("memory without a model, idle", f"{idle_mb['before_a_question']:.0f} MB", "250 MB"),
        ("the same, after a question", f"{idle_mb['after_one']:.0f} MB", ""),
    ]
    if "image_mb" in figures:
        rows.append(("the image, without a model", f"{figures['image_mb']:.0f} MB", "700 MB"))
    rows += [
        (f"memory of the server, {part} in that use", f"{soak[f'{part}_mb']:.0f} MB", "") for part in ("early", "late")
    ]
    rows.append(("files for the moment's use, early and late", f"{files['early']}, {files['late']}", ""))
    rows.append(("processes, early and late", f"{processes['early']}, {processes['late']}", ""))
    yield table(("", "recto", "wanted"), rows)


def quality(figures: Figures) -> Iterator[str]:
    """Pages found, in the whole collections."""
    yield "## Pages found: `python -m bench.quality`"
    yield fill(
        f"At commit {figures['about']['commit'][:7]}, on development halves of public question sets over annual "
        "reports and mixed documents. What other systems find is in [ranking.md](ranking.md).",
        WIDTH,
    )
    metrics = ("H@1", "H@5", "H@10", "MRR")
    rows = (
        (
            name.replace(", hybrid", "").replace("_text", ""),
            str(scores["questions"]),
            *(f"{scores[metric]:.2f}" for metric in metrics),
        )
        for name, scores in figures["sets"].items()
        if "hybrid" in name and "small" not in name
    )
    yield table(("evidence page found", "questions", *metrics), rows)


def abstention(figures: Figures) -> Iterator[str]:
    """Questions answered and refused."""
    yield "## Answered and refused: `python -m bench.abstention`"
    yield fill(
        f"At commit {figures['about']['commit'][:7]}. Each question is asked where its answer stands, and where "
        "it does not: its own PDF and another, its own page as a whole library and another page, all PDFs and all "
        "others. `closest` are shown as the lines that come closest. In the last columns the rule was fitted without "
        "the questions' origin, and how many of the latter are answered where nine of ten of the former are.",
        WIDTH,
    )
    head = (
        "questions",
        "asked",
        "refused, though answered there",
        "closest",
        "asked elsewhere",
        "answered as sure, though not",
        "closest",
        "origin left out: refused / as sure",
        "at nine of ten",
    )
    refused, sure = "refused_although_answered_there", "answered_although_not_there"
    left_out = figures["with_encoder"]["fitted_without_the_origin"]
    rows = []
    for name, judgement in figures["with_encoder"]["sets"].items():
        without = left_out[name]
        row = (
            name,
            str(judgement["questions"]),
            f"{judgement[refused]:.2f}",
            f"{judgement['closest_although_answered_there']:.2f}",
            str(judgement["foreign"]),
            f"{judgement[sure]:.2f}",
            f"{judgement['closest_although_not_there']:.2f}",
            f"{without[refused]:.2f} / {without[sure]:.2f}",
            f"{judgement['foreign_answered_at_90']:.2f}",
        )
        rows.append(row)
    yield table(head, rows)


def shown(figures: Figures) -> Iterator[str]:
    """Whether what is shown holds the answer."""
    yield "## What is shown: `python -m bench.shown`"
    yield fill(
        f"At commit {figures['about']['commit'][:7]}. Questions are asked of their own document, without a model. "
        "Answers are literal where their words stand on a labelled page; of these, whether the first quote, the three, "
        "or the text around them hold the whole answer, and whether labelled pages alone do.",
        WIDTH,
    )
    head = (
        "questions",
        "asked",
        "page among five",
        "page quoted",
        "refused",
        "closest",
        "literal answers",
        "in the first quote",
        "in the three",
        "around them",
        "on labelled pages",
    )
    every = ("questions", "page among five", "page quoted", "refused", "closest")
    of_literal = ("questions", "answer in first", "answer in quotes", "answer in context", "on labelled page")
    rows = [
        (
            name,
            *(_share(judgement["groups"]["all questions"][figure]) for figure in every),
            *(_share(judgement["groups"]["literal"][figure]) for figure in of_literal),
        )
        for name, judgement in figures["sets"].items()
    ]
    yield table(head, rows)


def languages(figures: Figures) -> Iterator[str]:
    """The same handbook in seven languages."""
    yield "## Other languages: `python -m bench.languages`"
    yield fill(
        f"At commit {figures['about']['commit'][:7]}. The same handbook of twelve short pages in each language, "
        "twelve questions with an answer and four without, inside the handbook. A small set: one question is .08.",
        WIDTH,
    )
    head = ("language", "H@1", "H@5", "MRR", "evidence in 3 quotes", "answered", "refused, where nothing is said")
    metrics = ("H@1", "H@5", "MRR", "sentence@3", "answered", "abstained")
    rows = (
        (name, *(f"{scores['inside'][metric]:.2f}" for metric in metrics))
        for name, scores in figures["languages"].items()
    )
    yield table(head, rows)


def _share(value: float) -> str:
    """A share with two digits, a count as it is."""
    return str(value) if isinstance(value, int) else f"{value:.2f}"


def _setting(figures: Figures) -> str:
    """The machine and the commit that figures were measured with."""
    about = figures["about"]
    machine = f"On a shared machine, {about['cores']} cores of {about['cpu']}, Python {about['python']}"
    return f"{machine}, at commit {about['commit'][:7]}"


def _compared(label: str, recto: float, baseline: float, unit: str) -> TableRow:
    return label, f"{recto:.3g} {unit}", f"{baseline:.3g} {unit}", f"{baseline / recto:.1f}"
