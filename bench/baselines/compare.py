"""Ask every system the same questions of the same documents, and compare."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from bench.baselines import hybrid2025, keyword, langchain, llamaindex, recto_search, txtai_hybrid
from bench.baselines.baseline import Baseline, Corpus, ranking
from bench.baselines.vectors import Vectors
from bench.quality import SETS, SMALL, added, characters, lines, mean

from recto import Library
from recto.evaluate.metrics import ranks, score

RECTO = "recto"
SYSTEMS = (
    ranking("LangChain", langchain.index, sent=langchain.SENT),
    ranking("LlamaIndex", llamaindex.index, sent=llamaindex.SENT),
    ranking("BM25", keyword.index, sent=langchain.SENT),
    ranking("BM25 stems", partial(keyword.index, terms=keyword.stems), sent=langchain.SENT),
    ranking("RRF", keyword.fused, sent=langchain.SENT),
    ranking("RRF stems", partial(keyword.fused, terms=keyword.stems), sent=langchain.SENT),
    ranking("txtai", txtai_hybrid.index, sent=txtai_hybrid.SENT),
    ranking("2025", hybrid2025.index, sent=hybrid2025.SENT),
    Baseline(RECTO, recto_search.ready),
)
COMPARED = ("H@5", "MRR", "ctx")
EXTRA = ("ctx", "characters")  # beside the figures of bench.quality
RESAMPLES = 2000
INTERVAL = (2.5, 97.5)  # percentiles

Question = dict[str, Any]
Row = dict[str, float]
Figures = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Questions and the documents that they are asked of: of all together, or each of its own."""

    name: str
    corpus: Corpus
    questions: Sequence[Question]
    together: bool

    def parts(self) -> Iterator[tuple[Corpus, Sequence[Question]]]:
        if self.together:
            yield self.corpus, self.questions
            return
        for document in self.corpus.documents:
            questions = [question for question in self.questions if question["doc"] == document.name]
            yield Corpus(self.corpus.library, [document]), questions


def compare(folder: Path, cache: Path) -> Iterator[tuple[str, Figures]]:
    """Each scope and its figures."""
    vectors = Vectors(cache)
    with Library(cache / "library") as library:
        for scope in scopes(folder, library):
            print(f"\n{scope.name}, {len(scope.questions)} questions", flush=True)
            rows = {system.name: _rows(scope, system, vectors) for system in SYSTEMS}
            means = {name: _mean(system_rows) for name, system_rows in rows.items()}
            yield (
                scope.name,
                {
                    "questions": len(scope.questions),
                    "systems": means,
                    "against_best": {key: against_best(key, rows, means) for key in COMPARED},
                },
            )


def scopes(folder: Path, library: Library) -> Iterator[Scope]:
    """One library holds all PDFs and is asked for some of them, as a person would."""
    sets = {name: lines(folder / f"{name}.jsonl") for name in SETS}
    every = [question for questions in sets.values() for question in questions]
    documents = added(library, [folder / "pdfs" / name for name in sorted({question["doc"] for question in every})])
    small = [document for document in documents if characters(library, document) <= SMALL]
    for name, questions in sets.items():
        in_set = {question["doc"] for question in questions}
        corpus = Corpus(library, [document for document in small if document.name in in_set])
        names = {document.name for document in corpus.documents}
        of_small = [question for question in questions if question["doc"] in names]
        title = f"{name}, {len(names)} PDFs"
        yield Scope(name=f"{title}, per document", corpus=corpus, questions=of_small, together=False)
        yield Scope(name=f"{title}, collection", corpus=corpus, questions=of_small, together=True)
    title = f"all {len(documents)} PDFs, collection"
    yield Scope(name=title, corpus=Corpus(library, documents), questions=every, together=True)


def _rows(scope: Scope, system: Baseline, vectors: Vectors) -> list[Row]:
    """In the order of the scope's parts, which is the same for every system."""
    rows = []
    for corpus, questions in scope.parts():
        ids = {document.name: document.id for document in corpus.documents}
        ask = system.ready(corpus, vectors)
        for question in questions:
            gold = {(ids[question["doc"]], page - 1) for page in question["evidence_pages"]}
            retrieval = ask(question["question"])
            rows.append(
                {
                    **score(ranks(retrieval.pages, gold), len(gold)),
                    "ctx": float(any(chunk.place in gold for chunk in retrieval.context)),
                    "characters": float(sum(len(chunk.text) for chunk in retrieval.context)),
                }
            )
    print(f"{system.name:12}", *(f"{name} {value:.3f}" for name, value in _mean(rows).items()), flush=True)
    return rows


def _mean(rows: Sequence[Row]) -> Row:
    figures = mean(rows)
    del figures["questions"]  # those of the scope
    return figures | {name: round(float(np.mean([row[name] for row in rows])), 3) for name in EXTRA}


def against_best(key: str, rows: Mapping[str, Sequence[Row]], means: Mapping[str, Row]) -> Figures:
    """recto minus the baseline with the best mean, paired by question."""
    best = max((name for name in means if name != RECTO), key=lambda name: means[name][key])
    recto, baseline = (np.array([row[key] for row in rows[name]]) for name in (RECTO, best))
    samples = np.random.default_rng(0).integers(len(recto), size=(RESAMPLES, len(recto)))
    low, high = np.percentile((recto - baseline)[samples].mean(axis=1), INTERVAL)
    return {
        "best": best,
        "difference": round(float((recto - baseline).mean()), 3),
        "interval": [round(float(low), 3), round(float(high), 3)],
        "ratio": round(float(recto.mean() / baseline.mean()), 2) if baseline.any() else None,
    }
