"""How well search finds the page that proves the answer, end to end: PDFs are added to a library and asked.

    python -m bench.quality --eval DIR [--cache DIR] [--json FILE]

DIR holds `financebench.jsonl` and `mmlongbench_text.jsonl` (one question a line: doc, question, evidence_pages from 1),
their PDFs under `pdfs/`, and if wanted `xquad_en.jsonl` with `xquad_en_paragraphs.jsonl`. Pages are judged, by the
figures of `recto.evaluate.metrics`. Libraries are kept in the cache: empty it when the reading of PDFs has changed.
"""

import argparse
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from bench import machine
from bench.samples import ROOT

from recto import Library
from recto.answer.abstain import abstains
from recto.answer.quote import join
from recto.evaluate.metrics import DEPTH, Scores, ranks, score
from recto.library.quoting import RankedPage, select_sentences
from recto.pdf.passages import passages
from recto.search.candidates import DocumentRouter, Scope
from recto.search.encoder import Encoder, MiniLM
from recto.search.index import headed, indexed_pages
from recto.search.query import analyse_query
from recto.search.retrieve import PageHit, rerank, retrieve
from recto.storage import Store
from recto.store.sqlite import SqliteStore
from recto.text.analyse import ANALYSER_VERSION
from recto.types import Document, Flag, Page

RESULTS = ROOT / "bench" / "results" / "quality.json"
SETS = ("financebench", "mmlongbench_text")
SMALL = 500_000  # characters: other systems were measured on the filings up to here, see docs/ranking.md
SHOWN = ("H@1", "H@5", "H@10", "R@5", "MRR", "nDCG")

Question = dict[str, Any]
Ranked = list[tuple[str, int]]  # document ids and pages, from 0
Rank = Callable[[str, Sequence[Document]], Ranked]


def mean(rows: Sequence[Scores]) -> Scores:
    return {"questions": len(rows), **{name: round(float(np.mean([row[name] for row in rows])), 3) for name in SHOWN}}


def measure(folder: Path, cache: Path) -> dict[str, Scores]:
    found: dict[str, Scores] = {}
    for name in SETS:
        found |= {f"{name}, {what}": figures for what, figures in _measure_set(folder, name, cache / name)}
    if (folder / "xquad_en.jsonl").exists():
        found["xquad, paragraphs"] = _measure_paragraphs(folder, cache)
        _show("xquad, paragraphs", found["xquad, paragraphs"])
    return found


def _measure_set(folder: Path, name: str, home: Path) -> Iterable[tuple[str, Scores]]:
    questions = lines(folder / f"{name}.jsonl")
    with Library(home) as library:
        documents = added(library, [folder / "pdfs" / doc for doc in sorted({q["doc"] for q in questions})])
        small = [document for document in documents if characters(library, document) <= SMALL]
        for scope, label in ((documents, "all"), (small, "small"))[: 1 + (len(small) < len(documents))]:
            asked = [(q, document) for q in questions for document in scope if document.name == q["doc"]]
            for how, rank in _ranks(library).items():
                for where, docs in (("per document", None), ("collection", scope)):
                    what = f"{label} {len(scope)} PDFs, {where}, {how}"
                    figures = mean([_asked(q, document, docs or [document], rank) for q, document in asked])
                    _show(f"{name}, {what}", figures)
                    yield what, figures


def _ranks(library: Library) -> dict[str, Rank]:
    store, router = SqliteStore(library.settings.home), DocumentRouter()

    def hybrid(question: str, docs: Sequence[Document]) -> Ranked:
        hits = library.search(question, k=DEPTH, docs=[document.id for document in docs])
        return [(hit.document.id, hit.passage.span.page) for hit in hits]

    def words(question: str, docs: Sequence[Document]) -> Ranked:
        hits = find(question, store, None, docs=docs, router=router, k=DEPTH)
        return [(hit.doc, hit.page) for hit in hits]

    return {"hybrid": hybrid, "words": words}


def find(
    question: str, store: Store, encoder: Encoder | None, *, docs: Sequence[Document], router: DocumentRouter, k: int
) -> list[PageHit]:
    """What a library's search does, of any store and with or without an encoder."""
    query = analyse_query(question, encoder)
    scope = Scope(docs=docs, store=store, encoder=encoder, router=router)
    return rerank(query, retrieve(query, scope, k), scope)[:k]


def _asked(question: Question, document: Document, docs: Sequence[Document], rank: Rank) -> Scores:
    gold = {(document.id, page - 1) for page in question["evidence_pages"]}
    return score(ranks(rank(question["question"], docs), gold), len(gold))


def added(library: Library, paths: Sequence[Path]) -> list[Document]:
    """Add what the library lacks; a PDF that is missing or cannot be added ends the run."""
    if missing := [path.name for path in paths if not path.exists()]:
        raise SystemExit(f"missing: {', '.join(missing)}")
    there = {document.name for document in library.documents()}
    outcomes = library.add(*[path for path in paths if path.name not in there])
    if failed := [outcome.problem for outcome in outcomes if outcome.status == "failed"]:
        raise SystemExit(f"not added: {failed}")
    for _ in library.encoding():
        pass
    return library.documents()


def characters(library: Library, document: Document) -> int:
    return sum(len(library.page(document.id, number).text) for number in range(document.pages))


def _measure_paragraphs(folder: Path, cache: Path) -> Scores:
    """Paragraphs as the pages of one document: found, and whether the quotes, three at most, hold the answer."""
    source = folder / "xquad_en_paragraphs.jsonl"
    paragraphs = lines(source)
    document = Document(
        hashlib.sha256(source.read_bytes()).hexdigest(), "xquad", "", len(paragraphs), source.stat().st_size, 0
    )
    numbers = {paragraph["paragraph"]: number for number, paragraph in enumerate(paragraphs)}
    with tempfile.TemporaryDirectory() as home:
        store, encoder = SqliteStore(Path(home)), MiniLM.open(threads=2)
        _keep(store, encoder, document, source, [paragraph["text"] for paragraph in paragraphs])
        rows, quoted = [], []
        for question in lines(folder / "xquad_en.jsonl"):
            hits = find(question["question"], store, encoder, docs=[document], router=DocumentRouter(), k=DEPTH)
            at = ranks([hit.page for hit in hits], {numbers[question["paragraph"]]})
            rows.append(score(at, relevant=1))
            pages = [RankedPage(doc=hit.doc, number=hit.page, score=hit.score, cosine=hit.cosine) for hit in hits]
            scope = Scope(docs=[document], store=store, encoder=encoder, router=DocumentRouter())
            selection = select_sentences(analyse_query(question["question"], encoder), pages, scope)
            quoted.append(not abstains(selection.signals) and question["answer"] in join(selection.quotes)[0])
        store.close()
    return {**mean(rows), "answer in the quotes": round(float(np.mean(quoted)), 3)}


def _keep(store: Store, encoder: Encoder, document: Document, source: Path, texts: Sequence[str]) -> None:
    no_words = np.empty((0, 2), np.uint32), np.empty((0, 4), np.uint16)
    pages = [Page(number, 612, 792, Flag.TEXT, text, *no_words) for number, text in enumerate(texts)]
    cut = [passages(page, document.id) for page in pages]
    version = store.put(document, source, indexed_pages(document.title, pages, cut), analyser=ANALYSER_VERSION)
    vectors = encoder.encode([headed(document.title, passage) for those in cut for passage in those])
    store.put_vectors(version, encoder.fingerprint, vectors)


def lines(path: Path) -> list[Question]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _show(what: str, figures: Scores) -> None:
    print(f"{what:62}", *(f"{name} {figures[name]:.3f}" for name in SHOWN), flush=True)


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
    arguments.json.write_text(json.dumps({"about": machine.about(), "sets": figures}, indent=1) + "\n")


if __name__ == "__main__":
    main()
