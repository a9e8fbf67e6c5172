"""Measure questions about whole documents: what of a list is quoted, what beside it, and which sentence sums up best.

    python -m bench.whole [--json FILE] [--home FOLDER] [--list]

The questions are those of `tests/data/whole/questions.jsonl`, each asked of the documents that it names. Items are
places on pages. *Coverage* is the share of them that a quote holds; *precision* the share of what is quoted that holds
one: of the lines of a list's quotes, heads aside, of the sentences and rows quoted for mentions, and, where the same is
asked of each document, of the documents that quote what they say, or are not sure as they say nothing. Each question
counts alike. *Told* is the share of questions whose kind was told by their words and had places. *Cited* is the share
of quotes that are their page's own words at their place, with boxes.

`sentences` compares which sentence of a section stands for it, by the cosine of its vector with the mean of those of
the section's passages: the first full sentence, which is shown, one of the section's at random, and the nearest one,
which is the best that any choice could do by this measure, at the price of encoding all of them.
"""

import argparse
import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from bench import provenance
from bench.cost_meter import Figures
from bench.samples import ROOT

from recto.library import Library
from recto.search.candidates import DocumentRouter, Scope
from recto.search.overview import find_outline
from recto.survey.reading import page_reader
from recto.survey.summary import SECTION_PAGES, SHORT, set_larger, statements
from recto.types import Answer, Citation, Document, Kind, Span

QUESTIONS = ROOT / "tests" / "data" / "whole" / "questions.jsonl"
RESULTS = ROOT / "bench" / "results" / "whole.json"
KINDS = ("list", "mentions", "each", "summary")
FEWEST = 3  # statements of a section among which there is a choice

Item = dict[str, Any]


def pdfs() -> dict[str, Path]:
    """The shipped PDFs by name."""
    return {path.name: path for folder in ("examples", "tests") for path in sorted((ROOT / folder).rglob("*.pdf"))}


def located(library: Library, item: Item) -> Span:
    """Where an item stands: its words, the n-th time on its page; line ends are spaces."""
    document = library.document(item["document"])
    text = library.page(document.name, item["page"] - 1).text
    places = list(re.finditer(r"\s+".join(map(re.escape, item["text"].split())), text))
    return Span(document.id, item["page"] - 1, *places[item.get("nth", 0)].span())


def overlap(span: Span, other: Span) -> bool:
    """Whether two places have characters in common."""
    return (span.doc, span.page) == (other.doc, other.page) and span.start < other.end and other.start < span.end


def lines(place: Citation) -> Iterator[Span]:
    """The lines of a quote that hold letters or digits."""
    for match in re.finditer(r"[^\n]*\w[^\n]*", place.quote):
        start = place.span.start
        yield Span(place.span.doc, place.span.page, start + match.start(), start + match.end())


def cited(library: Library, answer: Answer) -> list[bool]:
    """For each quote whether it is its page's own words, with boxes."""
    return [
        library.page(place.document.id, place.span.page).text[place.span.start : place.span.end] == place.quote
        and bool(place.rects)
        for place in answer.quotes
    ]


def judged(library: Library, question: Item, answer: Answer) -> Figures:
    """Coverage and precision of one answer."""
    items = [located(library, item) for item in question["items"]]
    heads = [located(library, item) for item in question["heads"]]
    spans = [place.span for place in answer.quotes]
    covered = [any(overlap(item, span) for span in spans) for item in items]
    if question["kind"] == "each":
        saying = {item.doc for item in items}
        right = []
        for group in answer.survey.groups if answer.survey else ():
            quotes = answer.quotes[group.first : group.first + group.count]
            says = any(overlap(item, place.span) for item in items for place in quotes)
            right.append(says if group.document.id in saying else group.kind is not Kind.QUOTED)
        return {"coverage": fmean(covered), "precision": fmean(right) if right else 0.0}
    units = spans if question["kind"] == "mentions" else [line for place in answer.quotes for line in lines(place)]
    said = [unit for unit in units if not any(overlap(unit, head) for head in heads)]
    right = [any(overlap(unit, item) for item in items) for unit in said]
    return {"coverage": fmean(covered), "precision": fmean(right) if right else 0.0}


def measure(library: Library, questions: Sequence[Item], *, tell: bool) -> Figures:
    """The figures of each kind, and of all."""
    by_kind: dict[str, list[Figures]] = {kind: [] for kind in KINDS}
    places: dict[str, list[bool]] = {kind: [] for kind in KINDS}
    for question in questions:
        answer = library.ask(question["question"], docs=question["documents"], writes=False).answer
        kind = answer.survey.kind.value if answer.survey else "none"
        figures = {"told": kind == question["kind"].replace("mentions", "list")}
        figures |= judged(library, question, answer) if question["items"] else {}
        by_kind[question["kind"]].append(figures)
        places[question["kind"]] += cited(library, answer)
        if tell:
            print(f"{question['id']:24} {question['question'][:50]:50} {kind:8} {figures} {len(answer.quotes)} quotes")
    by_kind["all"] = [figures for own in by_kind.values() for figures in own]
    places["all"] = [whole for own in places.values() for whole in own]
    return {
        kind: {"questions": len(own), "quotes": len(places[kind]), "cited": round(fmean(places[kind]), 3)}
        | {
            name: round(fmean(values), 3)
            for name in ("told", "coverage", "precision")
            if (values := [figures[name] for figures in own if name in figures])
        }
        for kind, own in by_kind.items()
    }


def sentences(library: Library, documents: Sequence[Document]) -> Figures:
    """How near the sentence that stands for a section comes to its passages, beside others."""
    store, encoder = library._store, library.encoder
    assert encoder is not None
    scope = Scope(docs=documents, store=store, encoder=None, router=DocumentRouter())
    reader = page_reader(scope)
    firsts, means, nearest = [], [], []
    for document in documents:
        outline = (set_larger(document, store) if document.pages <= SHORT else []) or find_outline(document, store)
        ends = [*outline[1:], Span(document.id, document.pages, 0, 0)]
        for heading, end in zip(outline, ends, strict=False):
            texts, passages = [], []
            for number in range(heading.page, min(end.page + 1, heading.page + SECTION_PAGES, document.pages)):
                page = reader.source(document.id, number)
                start = heading.end if number == heading.page else 0
                stop = end.start if number == end.page else len(page.text)
                texts += [page.text[s:e] for s, e in statements(page) if start <= s and e <= stop]
                passages += [p.text for p in store.passages(document.id, number) if start <= p.span.end <= stop]
            if len(texts) < FEWEST or not passages:
                continue
            middle = encoder.encode(passages).mean(axis=0)
            cosines = encoder.encode(texts) @ (middle / np.linalg.norm(middle))
            firsts.append(float(cosines[0]))
            means.append(float(cosines.mean()))
            nearest.append(float(cosines.max()))
    return {
        "sections": len(firsts),
        "first": round(fmean(firsts), 3),
        "any": round(fmean(means), 3),
        "nearest": round(fmean(nearest), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, default=RESULTS)
    parser.add_argument("--home", type=Path, help="a library that holds the documents already, or will")
    parser.add_argument("--list", action="store_true", help="print each question")
    arguments = parser.parse_args()
    questions = [json.loads(line) for line in QUESTIONS.read_text().splitlines()]
    names = sorted({name for question in questions for name in question["documents"]})
    with tempfile.TemporaryDirectory() as folder, Library(arguments.home or folder) as library:
        present = {document.name for document in library.documents()}
        library.add(*(path for name, path in pdfs().items() if name in names and name not in present))
        figures: Figures = {"about": provenance.about(("numpy", "onnxruntime", "pypdfium2"))}
        figures |= measure(library, questions, tell=arguments.list)
        figures["sentences"] = sentences(library, [library.document(name) for name in names])
    arguments.json.write_text(json.dumps(figures, indent=1) + "\n")
    for kind in (*KINDS, "all", "sentences"):
        print(f"{kind:10} {figures[kind]}")


if __name__ == "__main__":
    main()
