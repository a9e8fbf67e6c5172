"""Ask every system the same questions of the same documents, and compare."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from bench.baselines import hybrid2025, keyword, langchain, llamaindex, ours, txtai_hybrid
from bench.baselines.shelf import Ask, Shelf, System, ranking
from bench.baselines.vectors import Vectors
from bench.quality import SETS, SMALL, added, characters, lines, mean

from recto import Library
from recto.evaluate.metrics import ranks, score

OURS = "recto"
SYSTEMS = (
    ranking("LangChain", langchain.index, sent=langchain.SENT),
    ranking("LlamaIndex", llamaindex.index, sent=llamaindex.SENT),
    ranking("BM25", keyword.index, sent=langchain.SENT),
    ranking("BM25 stems", partial(keyword.index, terms=keyword.stems), sent=langchain.SENT),
    ranking("RRF", keyword.fused, sent=langchain.SENT),
    ranking("RRF stems", partial(keyword.fused, terms=keyword.stems), sent=langchain.SENT),
    ranking("txtai", txtai_hybrid.index, sent=txtai_hybrid.SENT),
    ranking("2025", hybrid2025.index, sent=hybrid2025.SENT),
    System(OURS, ours.ready),
)
COMPARED = ("H@5", "MRR", "ctx")
EXTRA = ("ctx", "characters")  # beside the figures of bench.quality
RESAMPLES = 2000
INTERVAL = (2.5, 97.5)  # percentiles

Question = dict[str, Any]
Row = dict[str, float]
Figures = dict[str, Any]


@dataclass(frozen=True)
class Scope:
    """Questions and the documents that they are asked of: of all together, or each of its own."""

    name: str
    shelf: Shelf
    questions: Sequence[Question]
    together: bool

    def parts(self) -> Iterator[tuple[Shelf, Sequence[Question]]]:
        if self.together:
            yield self.shelf, self.questions
            return
        for document in self.shelf.documents:
            yield Shelf(self.shelf.library, [document]), [q for q in self.questions if q["doc"] == document.name]


def compare(folder: Path, cache: Path) -> Iterator[tuple[str, Figures]]:
    """Each scope and its figures."""
    vectors = Vectors(cache)
    with Library(cache / "library") as library:
        for scope in _scopes(folder, library):
            yield scope.name, _measured(scope, vectors)


def _scopes(folder: Path, library: Library) -> Iterator[Scope]:
    """One library holds all PDFs and is asked for some of them, as a person would."""
    sets = {name: lines(folder / f"{name}.jsonl") for name in SETS}
    every = [question for questions in sets.values() for question in questions]
    documents = added(library, [folder / "pdfs" / name for name in sorted({question["doc"] for question in every})])
    small = [document for document in documents if characters(library, document) <= SMALL]
    for name, questions in sets.items():
        asked_of = {question["doc"] for question in questions}
        shelf = Shelf(library, [document for document in small if document.name in asked_of])
        names = {document.name for document in shelf.documents}
        asked = [question for question in questions if question["doc"] in names]
        title = f"{name}, {len(names)} PDFs"
        yield Scope(f"{title}, per document", shelf, asked, together=False)
        yield Scope(f"{title}, collection", shelf, asked, together=True)
    yield Scope(f"all {len(documents)} PDFs, collection", Shelf(library, documents), every, together=True)


def _measured(scope: Scope, vectors: Vectors) -> Figures:
    print(f"\n{scope.name}, {len(scope.questions)} questions", flush=True)
    rows = {system.name: _rows(scope, system, vectors) for system in SYSTEMS}
    figures = {name: _mean(those) for name, those in rows.items()}
    return {
        "questions": len(scope.questions),
        "systems": figures,
        "against_best": {key: _against_best(key, rows, figures) for key in COMPARED},
    }


def _rows(scope: Scope, system: System, vectors: Vectors) -> list[Row]:
    """In the order of the scope's parts, which is the same for every system."""
    rows = []
    for shelf, questions in scope.parts():
        ids = {document.name: document.id for document in shelf.documents}
        ask = system.ready(shelf, vectors)
        rows += [_row(question, ids[question["doc"]], ask) for question in questions]
    print(f"{system.name:12}", *(f"{name} {value:.3f}" for name, value in _mean(rows).items()), flush=True)
    return rows


def _row(question: Question, doc: str, ask: Ask) -> Row:
    gold = {(doc, page - 1) for page in question["evidence_pages"]}
    found = ask(question["question"])
    seen = any(chunk.place in gold for chunk in found.sent)
    return {
        **score(ranks(found.pages, gold), len(gold)),
        "ctx": float(seen),
        "characters": float(sum(len(chunk.text) for chunk in found.sent)),
    }


def _mean(rows: Sequence[Row]) -> Row:
    figures = mean(rows)
    del figures["questions"]  # those of the scope
    return figures | {name: round(float(np.mean([row[name] for row in rows])), 3) for name in EXTRA}


def _against_best(key: str, rows: Mapping[str, Sequence[Row]], figures: Mapping[str, Row]) -> Figures:
    """recto minus the baseline with the best mean, paired by question."""
    best = max((name for name in figures if name != OURS), key=lambda name: figures[name][key])
    ours, theirs = (np.array([row[key] for row in rows[name]]) for name in (OURS, best))
    drawn = np.random.default_rng(0).integers(len(ours), size=(RESAMPLES, len(ours)))
    low, high = np.percentile((ours - theirs)[drawn].mean(axis=1), INTERVAL)
    return {
        "best": best,
        "difference": round(float((ours - theirs).mean()), 3),
        "interval": [round(float(low), 3), round(float(high), 3)],
        "ratio": round(float(ours.mean() / theirs.mean()), 2) if theirs.any() else None,
    }
