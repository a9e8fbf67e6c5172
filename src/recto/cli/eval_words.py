"""A run of `recto eval` in words, line by line."""

from collections.abc import Iterator

from recto.evaluate import results, synthetic, written
from recto.evaluate.results import Json, estimate_words
from recto.evaluate.written import Fate
from recto.links import one_line

CHANGES = 20  # gained and lost questions that are listed; --json and --report have all
SCOPES = ("inside the document", "all documents", "another document", "in its own library")  # as results.WHERE has them
GROUPS = {"answerable": "with an answer", "unanswerable": "without one"}
QUOTES = "the quotes alone"
FOREIGN = {
    "elsewhere": "asked of another document",
    "unanswerable": "without an answer",
    "alone": "without an answer, each document in a library of its own",
}


def eval_lines(value: Json) -> Iterator[str]:
    """A run, given as JSON, in words."""
    counts = (
        f"{value[what]} {what[: -1 if value[what] == 1 else None]}" for what in ("questions", "documents", "pages")
    )
    yield f"{', '.join(counts)}; 95 % intervals"
    yield ""
    scopes = {where: scope for where, scope in zip(results.WHERE, SCOPES, strict=True) if value["figures"][where]}
    yield f"{'':36}{''.join(f'{scope:22}' for scope in scopes.values())}".rstrip()
    for figure, words in results.NAMES.items():
        cells = [estimate_words(value["figures"][where].get(figure)) for where in scopes]
        if any(cells):
            yield f"{words:36}{''.join(f'{cell:22}' for cell in cells)}".rstrip()
    yield from _types(value["types"])
    for name, judged in value["abstention"].items():
        yield ""
        yield f"Abstaining, {judged['questions']} questions with an answer and {judged['foreign']} {FOREIGN[name]}:"
        yield f"  refused {judged['refused_although_answered_there']:.1%} of the first"
        yield f"  answered {judged['answered_although_not_there']:.1%} of the others as sure"
        closest = "{closest_although_answered_there:.1%} of the first, {closest_although_not_there:.1%} of the others"
        yield f"  gave the closest lines to {closest.format_map(judged)}"
        yield f"  with a threshold that answers 90 % of the first, {judged['foreign_answered_at_90']:.1%} of the others"
    if value["complaints"] is not None:
        yield ""
        yield "Badly read:" if value["complaints"] else "No document looks badly read."
        for complaint in value["complaints"]:
            yield f"  {one_line(complaint['doc'])}: {complaint['what']}"
            yield f"    mend: {complaint['hint']}"
        yield from ("", synthetic.SHOWS, synthetic.HIDES)
    if value["against"]:
        yield from _comparison(value["against"])


def _types(types: Json) -> Iterator[str]:
    if not types:
        return
    yield ""
    yield f"{'by type, all documents':36}{'H@1':22}{'H@5':22}{'MRR@10':22}questions".rstrip()
    for name, figures in types.items():
        values = figures["everywhere"]
        if "MRR" in values:
            cells = "".join(f"{estimate_words(values[figure]):22}" for figure in ("H@1", "H@5", "MRR"))
            yield f"{one_line(name):36}{cells}{values['MRR']['questions']:>9}"


def _comparison(comparison: Json) -> Iterator[str]:
    yield ""
    yield f"Against the saved run, {comparison['questions']} questions:"
    for where, figures in comparison["figures"].items():
        for name, value in figures.items():
            if value["low"] == value["high"] == 0:
                continue  # no question differs
            yield f"  {where:12}{name:12}{estimate_words(value, signed=True)}"
    for kind in ("gained", "lost"):
        changes = comparison[kind]
        yield f"{kind}: {len(changes)}"
        for change in changes[:CHANGES]:
            place = f"{one_line(change['doc'])}, {change['where']}"
            ranks = f", rank {change['before'] or 'none'} -> {change['after'] or 'none'}"
            figures = ", ".join(change["figures"])
            yield f"  {one_line(change['id'])} ({place}): {figures}{'' if change['where'] == 'elsewhere' else ranks}"
        if len(changes) > CHANGES:
            yield f"  and {len(changes) - CHANGES} more"
    if comparison["worse"]:
        yield f"Worse beyond chance: {', '.join(comparison['worse'])}"


def written_lines(value: Json) -> Iterator[str]:
    """A run of `recto eval --written`, given as JSON: all models in words, the quotes first."""
    yield f"{value['questions']} questions, each of its own document"
    writers = {QUOTES: value["quotes"], **{one_line(model["model"]): model["fates"] for model in value["models"]}}
    width = max(map(len, writers)) + 2
    for group, words in GROUPS.items():
        fates = [fate for fate in Fate if any(counts[group].get(fate) for counts in writers.values())]
        if fates:
            yield ""
            yield f"{words:{width}}{''.join(f'{fate:>11}' for fate in fates)}"
            for name, counts in writers.items():
                yield f"{name:{width}}{''.join(f'{counts[group].get(fate, 0):>11}' for fate in fates)}"
    for model in value["models"]:
        yield ""
        yield f"{one_line(model['model'])}:"
        for line in written.words(model):
            yield f"  {line}"
