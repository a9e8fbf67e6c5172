"""What models wrote as one HTML page that loads nothing: counts, marks, and every answer with its sentences' marks."""

from collections.abc import Sequence
from html import escape

from recto.evaluate.report import PAGE_HEAD, table
from recto.evaluate.written import Fate, Json, Mark, WrittenOutcome, WrittenRun, words

MARKS = {Mark.CITED: "[cited]", Mark.UNSUPPORTED: "[no support found]", Mark.NONE: ""}
GROUPS = {"answerable": "Questions with an answer", "unanswerable": "Questions without one"}
HEADS = ("question", "document", "known answer", "quotes", "fate", "what it wrote")
JUDGED = "By rule: right is what has the known answer's words and numbers; true answers in other words count as wrong."


def page(runs: Sequence[WrittenRun], value: Json) -> str:
    """The whole report as HTML; `value` is the runs as JSON."""
    facts = f"{value['questions']} questions, {value['documents']} documents. recto {escape(value['recto'])}."
    sections = [f"<h1>Written answers</h1><p>{facts} {JUDGED}</p>"]
    for group, words_of_group in GROUPS.items():
        writers = [("the quotes alone", value["quotes"]), *((own["model"], own["fates"]) for own in value["models"])]
        rows = [[escape(name), *(str(counts[group].get(fate, 0)) for fate in Fate)] for name, counts in writers]
        sections += [f"<h2>{words_of_group}</h2>", table(["", *Fate], rows)]
    for run, model in zip(runs, value["models"], strict=True):
        lines = "".join(f"<li>{escape(line)}</li>" for line in words(model))
        rows = [_cells(outcome) for outcome in run.outcomes]
        marked = [outcome.fate in (Fate.WRONG, Fate.MADE_UP) for outcome in run.outcomes]
        sections += [f"<h2>{escape(run.model)}</h2><ul>{lines}</ul>", table(HEADS, rows, marked)]
    return f"{PAGE_HEAD}<body>{''.join(sections)}</body></html>\n"


def _cells(outcome: WrittenOutcome) -> list[str]:
    written = " ".join(f"{escape(own.text)} <small>{MARKS[own.mark]}</small>" for own in outcome.sentences)
    notice = f"<p><small>{escape(outcome.notice)}</small></p>" if outcome.notice else ""
    return [
        escape(outcome.question),
        escape(outcome.doc),
        escape(outcome.answer) or "none",
        outcome.quotes_fate,
        outcome.fate,
        f"{written}{notice}",
    ]
