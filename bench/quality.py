"""How well search finds the page that proves the answer, end to end: PDFs are added to a library and asked.

    python -m bench.quality --eval DIR [--cache DIR] [--json FILE]

DIR holds `financebench.jsonl` and `mmlongbench_text.jsonl` (one question a line: doc, question, evidence_pages from 1),
their PDFs under `pdfs/`, and if wanted `xquad_en.jsonl` with `xquad_en_paragraphs.jsonl`. Pages are judged, by the
figures of `recto.evaluate.metrics`. Libraries are kept in the cache: empty it when the reading of PDFs has changed.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from bench import provenance
from bench.samples import ROOT
from bench.text_documents import put_texts

from recto import Library
from recto.answer.abstain import certainty, confidence
from recto.answer.quote import join
from recto.evaluate.metrics import DEPTH, Scores, ranks, score
from recto.library.quoting import select_sentences
from recto.search.candidates import DocumentRouter, Scope
from recto.search.encoder import MiniLM
from recto.search.query import analyse_query
from recto.search.retrieve import PageHit, rerank, retrieve, with_passages
from recto.store.sqlite import SqliteStore
from recto.types import Certainty, Document

RESULTS = ROOT / "bench" / "results" / "quality.json"
SETS = ("financebench", "mmlongbench_text")
SMALL = 500_000  # characters: other systems were measured on the filings up to here, see docs/ranking.md
METRICS = ("H@1", "H@5", "H@10", "R@5", "MRR", "nDCG")

Question = dict[str, Any]
Ranked = list[tuple[str, int]]  # document ids and pages, from 0
Rank = Callable[[str, Sequence[Document]], Ranked]


def mean(rows: Sequence[Scores]) -> Scores:
    return {"questions": len(rows), **{name: round(float(np.mean([row[name] for row in rows])), 3) for name in METRICS}}


def measure(folder: Path, cache: Path) -> dict[str, Scores]:
    scores: dict[str, Scores] = {}
    for name in SETS:
        scores |= {f"{name}, {variant}": means for variant, means in _measure_set(folder, name, cache / name)}
    if (folder / "xquad_en.jsonl").exists():
        scores["xquad, paragraphs"] = _measure_paragraphs(folder)
        _show("xquad, paragraphs", scores["xquad, paragraphs"])
    return scores


def _measure_set(folder: Path, name: str, home: Path) -> Iterable[tuple[str, Scores]]:
    questions = lines(folder / f"{name}.jsonl")
    with Library(home) as library:
        documents = added(library, [folder / "pdfs" / doc for doc in sorted({q["doc"] for q in questions})])
        small = [document for document in documents if characters(library, document) <= SMALL]
        for scope, label in ((documents, "all"), (small, "small"))[: 1 + (len(small) < len(documents))]:
            cases = [(q, document) for q in questions for document in scope if document.name == q["doc"]]
            for method, rank in _ranks(library).items():
                for place, docs in (("per document", None), ("collection", scope)):
                    rows = []
                    for question, document in cases:
                        gold = {(document.id, page - 1) for page in question["evidence_pages"]}
                        ranking = rank(question["question"], docs or [document])
                        rows.append(score(ranks(ranking, gold), len(gold)))
                    variant = f"{label} {len(scope)} PDFs, {place}, {method}"
                    means = mean(rows)
                    _show(f"{name}, {variant}", means)
                    yield variant, means


def _ranks(library: Library) -> dict[str, Rank]:
    store, router = SqliteStore(library.settings.home), DocumentRouter()

    def hybrid(question: str, docs: Sequence[Document]) -> Ranked:
        hits = library.search(question, k=DEPTH, docs=[document.id for document in docs])
        return [(hit.document.id, hit.passage.span.page) for hit in hits]

    def words(question: str, docs: Sequence[Document]) -> Ranked:
        scope = Scope(docs=docs, store=store, encoder=None, router=router)
        return [(hit.doc, hit.page) for hit in find(question, scope, k=DEPTH)]

    return {"hybrid": hybrid, "words": words}


def find(question: str, scope: Scope, *, k: int) -> list[PageHit]:
    """What a library's search does, of any store and with or without an encoder."""
    query = analyse_query(question, scope.encoder, scope.store)
    return rerank(query, retrieve(query, scope, k), scope)[:k]


def added(library: Library, paths: Sequence[Path]) -> list[Document]:
    """Add what the library lacks; a PDF that is missing or cannot be added ends the run."""
    if missing := [path.name for path in paths if not path.exists()]:
        raise SystemExit(f"missing: {', '.join(missing)}")
    names = {document.name for document in library.documents()}
    outcomes = library.add(*[path for path in paths if path.name not in names])
    if failed := [outcome.problem for outcome in outcomes if outcome.status == "failed"]:
        raise SystemExit(f"not added: {failed}")
    for _ in library.encoding():
        pass
    return library.documents()


def characters(library: Library, document: Document) -> int:
    return sum(len(library.page(document.id, number).text) for number in range(document.pages))


def _measure_paragraphs(folder: Path) -> Scores:
    """Paragraphs as the pages of one document: found, and whether the quotes, three at most, hold the answer."""
    paragraphs = lines(folder / "xquad_en_paragraphs.jsonl")
    numbers = {paragraph["paragraph"]: number for number, paragraph in enumerate(paragraphs)}
    with tempfile.TemporaryDirectory() as home, SqliteStore(Path(home)) as store:
        encoder = MiniLM.open(threads=2)
        texts = [paragraph["text"] for paragraph in paragraphs]
        document = put_texts(store, texts, "xquad", title="", encoder=encoder)
        scope = Scope(docs=[document], store=store, encoder=encoder, router=DocumentRouter())
        rows, quoted = [], []
        for question in lines(folder / "xquad_en.jsonl"):
            hits = find(question["question"], scope, k=DEPTH)
            gold = {numbers[question["paragraph"]]}
            rows.append(score(ranks([hit.page for hit in hits], gold), relevant=1))
            query = analyse_query(question["question"], encoder, store)
            selection = select_sentences(query, with_passages(hits, scope), scope)
            quotes_shown = certainty(confidence(selection.signals)) is not Certainty.REFUSED
            quoted.append(quotes_shown and question["answer"] in join(selection.quotes)[0])
    return {**mean(rows), "answer in the quotes": round(float(np.mean(quoted)), 3)}


def lines(path: Path) -> list[Question]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _show(label: str, scores: Scores) -> None:
    print(f"{label:62}", *(f"{name} {scores[name]:.3f}" for name in METRICS), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eval", type=Path, required=True, help="the folder with questions and PDFs")
    parser.add_argument("--cache", type=Path, help="where libraries are kept between runs")
    parser.add_argument(
        "--json", type=Path, default=RESULTS, help=f"where figures go, else {RESULTS.relative_to(ROOT)}"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(arguments.eval, arguments.cache or Path(folder))
    arguments.json.write_text(json.dumps({"about": provenance.about(), "sets": figures}, indent=1) + "\n")


if __name__ == "__main__":
    main()
