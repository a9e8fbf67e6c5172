"""A run as one HTML page that loads nothing: figures, curves, every question, and the misses with their pages."""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from html import escape

from recto.errors import RectoError
from recto.eta import Eta
from recto.evaluate.abstaining import Float64s, curve
from recto.evaluate.metrics import DEPTH
from recto.evaluate.outcomes import Outcome, place
from recto.evaluate.plots import Points, chart
from recto.evaluate.questions import Question
from recto.evaluate.results import NAMES, WHERE, EvalRun, Json, estimate_words
from recto.events import Progress, Stage
from recto.library import Library
from recto.types import Document

FIRST = 5  # pages: evidence behind these is a miss, for answers are quoted of these
PICTURES = 40  # misses that are shown with a picture: some 80 KB each
WIDTH = 460  # pixels of a picture
TEASER = 600  # characters of what was found instead

_NUMBER = re.compile(r"[\d+-]")
HEADS = {
    "inside": "inside the document",
    "everywhere": "all documents",
    "elsewhere": "another document",
    "alone": "in its own library",
}
TYPE_COLUMNS = [(where, figure) for where in ("inside", "everywhere") for figure in ("H@1", "H@5", "MRR")]
STYLE = """
:root { color-scheme: light dark; --ink: #1c2024; --paper: #fff; --line: #d5dae0; --soft: #f4f6f8; --miss: #fff1e6 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8eb; --paper: #16191d; --line: #3a4149; --soft: #20252b; --miss: #3b2a1c }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 75rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
tr.miss { background: var(--miss) }
.plots { display: flex; flex-wrap: wrap; gap: 2rem } .plots figure { flex: 1 1 20rem; margin: 0 }
svg { width: 100%; height: auto } svg text { font-size: 11px; fill: var(--ink) } svg .grid { stroke: var(--line) }
.wide { overflow-x: auto } details { border: 1px solid var(--line); border-radius: .4rem; margin: .6rem 0 }
summary { padding: .5rem .8rem; cursor: pointer; background: var(--soft) }
details > div { display: flex; flex-wrap: wrap; gap: 1.5rem; padding: .8rem }
details img { max-width: 100%; border: 1px solid var(--line) } details section { flex: 1 1 22rem; min-width: 0 }
blockquote { margin: .5rem 0; padding-left: .8rem; border-left: 3px solid var(--line); white-space: pre-wrap }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
PAGE_HEAD = (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>recto: evaluation</title>'
    f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>\n'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A question whose evidence was not found, with the picture of its page and what was found instead."""

    outcome: Outcome
    where: str
    picture: bytes  # PNG; empty if it was not drawn
    page: int  # of the evidence, from 1
    instead: str  # where; empty if nothing was found
    passage: str


def missed(outcome: Outcome) -> str:
    """Where the question missed its evidence: inside the document, else in the library, else nowhere."""
    if not outcome.evidence_pages:
        return ""
    places = {where: getattr(outcome, where).ranks[:1] for where in ("inside", "everywhere")}
    return next((where for where, ranks in places.items() if not ranks or ranks[0] > FIRST), "")


def collecting(
    run: EvalRun, questions: Sequence[Question], documents: Mapping[str, Document], library: Library
) -> Iterator[Progress | Miss]:
    """Look again at each miss; the first PICTURES get a picture."""
    by_id = {question.id: question for question in questions}
    misses = [(outcome, where) for outcome in run.outcomes if (where := missed(outcome))]
    eta = Eta()
    for number, (outcome, where) in enumerate(misses):
        yield Progress(
            stage=Stage.DRAWING, name="misses", done=number, total=len(misses), eta_s=eta.left_s(number, len(misses))
        )
        question = by_id[outcome.id]
        document = documents[question.doc]
        hits = library.search(question.text, k=1, docs=[document.id] if where == "inside" else [])
        picture = b""
        if number < PICTURES:
            page = library.page(document.id, question.pages[0])
            spans = [place(page.text, label.text) for label in question.evidence if label.page in (None, page.number)]
            marks = [rect for span in spans if span for rect in page.rects(*span)]
            with suppress(RectoError):  # an encrypted PDF, say: the report has the page's number
                picture = library.picture(document.id, page.number, marks=marks, width=WIDTH)
        yield Miss(
            outcome=outcome,
            where=where,
            picture=picture,
            page=question.pages[0] + 1,
            instead=f"{hits[0].document.name}, page {hits[0].passage.span.page + 1}" if hits else "",
            passage=hits[0].passage.text[:TEASER] if hits else "",
        )


# --- the page --------------------------------------------------------------------------------------------------------
def page(run: EvalRun, value: Json, misses: Sequence[Miss]) -> str:
    """The whole report as HTML; `value` is the run as JSON."""
    facts = f"{value['questions']} questions, {value['documents']} documents, {value['pages']} pages"
    encoder = value["encoder"] or "none: by words alone"
    sections = [
        f"<h1>Evaluation</h1><p>{facts}. recto {escape(value['recto'])}, encoder {escape(encoder)}. ",
        "Brackets hold 95 % intervals (bootstrap over questions).</p>",
        _figures(value["figures"]),
        f'<div class="plots">{"".join(_plots(run.outcomes))}</div>',
    ]
    if value["types"]:
        rows = [
            [escape(name), *(estimate_words(figures[where].get(figure)) for where, figure in TYPE_COLUMNS)]
            for name, figures in value["types"].items()
            if "MRR" in figures["inside"]
        ]
        columns = [f"{figure}, {HEADS[where]}" for where, figure in TYPE_COLUMNS]
        sections += ["<h2>By type</h2>", table(["", *columns], rows)]
    if value["complaints"]:
        rows = [[escape(complaint[key]) for key in ("doc", "what", "hint")] for complaint in value["complaints"]]
        sections += ["<h2>Badly read</h2>", table(["document", "what", "what to do"], rows)]
    if value["against"]:
        sections += _comparison(value["against"])
    sections.append(f"<h2>Misses: {len(misses)}</h2><p>No evidence page among the first {FIRST}.</p>")
    sections += map(_miss, misses)
    heads = ("question", "document", "pages", "type", "rank inside", "rank in all", "evidence in quote", "answered")
    rows = [list(_cells(outcome)) for outcome in run.outcomes]
    marked = [bool(missed(outcome)) for outcome in run.outcomes]
    sections += ["<h2>Questions</h2>", table(heads, rows, marked)]
    return f"{PAGE_HEAD}<body>{''.join(sections)}</body></html>\n"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], marked: Sequence[bool] = ()) -> str:
    """Cells are HTML already; behind the first column what begins like a number is one."""
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    body = ""
    for row, mark in zip(rows, marked or [False] * len(rows), strict=True):
        cells = "".join(f"<td{' class=number' if _NUMBER.match(cell) else ''}>{cell}</td>" for cell in row[1:])
        look = ' class="miss"' if mark else ""
        body += f"<tr{look}><td>{row[0]}</td>{cells}</tr>\n"
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table></div>'


def _figures(figures: Json, *, signed: bool = False) -> str:
    rows = []
    scopes = [where for where in WHERE if figures[where]]
    for name, words in NAMES.items():
        cells = [estimate_words(figures[where].get(name), signed=signed) for where in scopes]
        if any(cells):
            rows.append([escape(words), *cells])
    return table(["", *(HEADS[where] for where in scopes)], rows)


def _plots(outcomes: Sequence[Outcome]) -> Iterator[str]:
    answerable = [outcome for outcome in outcomes if outcome.evidence_pages]
    if answerable:
        recalls: dict[str, Points] = {}
        for where in ("inside", "everywhere"):
            firsts = [next(iter(getattr(outcome, where).ranks), DEPTH + 1) for outcome in answerable]
            shares = [(k, sum(first <= k for first in firsts) / len(firsts)) for k in range(1, DEPTH + 1)]
            recalls[HEADS[where]] = shares
        plot = chart("k", "share", recalls, ends=(0, DEPTH))
        yield _figure("Questions with an evidence page among the first k", plot)
    sure = [outcome.inside.confidence for outcome in answerable]
    foreign = {
        "asked of another document": [outcome.elsewhere.confidence for outcome in outcomes if outcome.elsewhere],
        "without an answer": [outcome.inside.confidence for outcome in outcomes if not outcome.evidence_pages],
    }
    curves = {name: curve(sure, confidences) for name, confidences in foreign.items() if sure and confidences}
    if curves:
        covered = {name: _points(line.coverage, line.foreign) for name, line in curves.items()}
        label = "Answering the surer questions first: what else is answered"
        yield _figure(label, chart("answered, of those with an answer", "answered, of the others", covered))
        risks = {name: _points(line.answered, line.risk) for name, line in curves.items()}
        yield _figure("Risk over coverage", chart("answered, of all questions", "without answer, of those", risks))


def _points(across: Float64s, up: Float64s) -> Points:
    return list(zip(across.tolist(), up.tolist(), strict=True))


def _figure(title: str, svg: str) -> str:
    return f"<figure><figcaption><b>{escape(title)}</b></figcaption>{svg}</figure>"


def _comparison(comparison: Json) -> Iterator[str]:
    about = f"{comparison['questions']} questions of both; this run less the saved one."
    yield f"<h2>Against the saved run</h2><p>{about}</p>"
    yield _figures(comparison["figures"], signed=True)
    for kind in ("gained", "lost"):
        rows = [
            [escape(change["id"]), escape(change["doc"]), HEADS[change["where"]], escape(", ".join(change["figures"]))]
            for change in comparison[kind]
        ]
        yield f"<h3>{kind.capitalize()}: {len(rows)}</h3>"
        yield table(["id", "document", "asked of", "figures"], rows) if rows else ""


def _miss(miss: Miss) -> str:
    outcome = miss.outcome
    data = b64encode(miss.picture).decode()
    alt = escape(f"page {miss.page} of {outcome.doc}")
    picture = f'<img alt="{alt}" src="data:image/png;base64,{data}">' if data else ""
    instead = f"{escape(miss.instead)}<blockquote>{escape(miss.passage)}</blockquote>" if miss.instead else "nothing"
    return (
        f"<details><summary>{escape(outcome.question)} <small>({escape(outcome.id)}, {HEADS[miss.where]})</small>"
        f"</summary><div><section><p>Evidence: {alt}</p>{picture}</section>"
        f"<section><p>Found instead: {instead}</p></section></div></details>\n"
    )


def _cells(outcome: Outcome) -> Iterator[str]:
    """The row of a question."""
    yield escape(outcome.question)
    yield escape(outcome.doc)
    yield ", ".join(map(str, outcome.evidence_pages)) or "no answer"
    yield escape(outcome.type)
    for answer in (outcome.inside, outcome.everywhere):
        yield (str(answer.ranks[0]) if answer.ranks else "none") if outcome.evidence_pages else ""
    yield "" if outcome.inside.sentence is None else str(outcome.inside.sentence or "none")
    yield f"{outcome.inside.certainty} ({outcome.inside.confidence:+.1f})"
