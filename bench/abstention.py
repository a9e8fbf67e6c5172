"""Fit and judge the rule of `recto.answer.abstain`: when to say that the documents do not say.

    python -m bench.abstention --eval DIR [--cache DIR] [--json FILE]

DIR and the cache are those of `bench.quality`. Each question is asked where its answer stands and where it does not: of
its own PDF and of another one, of all PDFs and of all others; of its own article and of another, of its own without the
paragraph that answers, of all articles and of all others. The first is worth an answer, the second an abstention. The
shipped questions are a set as well, with those of them that their documents do not answer.

Written to FILE: the coefficients fitted on all sets and with each set left out, and for each set what the product's
coefficients do: how many questions they refuse or answer wrongly, how many of the wrong ones are answered where nine of
ten right ones are, and the risk-coverage curve (share of wrong among the answered, from the most confident on). Asking
all PDFs is judged, but no part of the fit: another company's report often does answer.
"""

import argparse
import hashlib
import json
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from bench import machine
from bench.quality import added, find, lines
from bench.samples import ROOT
from numpy.typing import NDArray

from recto import Library
from recto.answer import abstain
from recto.answer.abstain import AbstainSignals
from recto.evaluate.abstaining import judge
from recto.library.quoting import PAGES, RankedPage, select_sentences
from recto.pdf.passages import passages
from recto.search.candidates import DocumentRouter, Scope
from recto.search.encoder import Encoder, MiniLM
from recto.search.index import headed, indexed_pages
from recto.search.query import analyse_query
from recto.store import Store
from recto.store.sqlite import SqliteStore
from recto.text.analyse import ANALYSER_VERSION
from recto.types import Document, Flag, Page

RESULTS = ROOT / "bench" / "results" / "abstention.json"
PDF_SETS = ("financebench", "mmlongbench_text")
SHIPPED = ROOT / "tests" / "data" / "questions"
SHELVES = (ROOT / "examples", ROOT / "tests" / "corpus", SHIPPED)
ANSWERED = 1.5  # what a question with an answer weighs against one without
RIDGE = 1e-3  # keeps the fit finite where a set is parted without error

Floats = NDArray[np.float64]
Question = dict[str, Any]


@dataclass(frozen=True)
class Set:
    """Questions asked where the answer stands, and where it does not."""

    name: str
    origin: str
    with_answer: list[AbstainSignals]
    without: list[AbstainSignals]
    fitted: bool = True

    def words_only(self) -> "Set":
        """The same sentences, judged without the encoder."""
        halves = ([replace(signals, similarity=None) for signals in half] for half in (self.with_answer, self.without))
        return Set(self.name, self.origin, *halves, self.fitted)


@dataclass(frozen=True)
class Desk:
    """Where questions are asked."""

    store: Store
    encoder: Encoder
    router: DocumentRouter = field(default_factory=DocumentRouter)

    def signals(self, question: str, docs: Sequence[Document], hidden: frozenset[int] = frozenset()) -> AbstainSignals:
        """As `recto.library.quoting` finds them, some pages left out."""
        hits = find(question, self.store, self.encoder, docs=docs, router=self.router, k=PAGES + len(hidden))
        pages = [
            RankedPage(doc=hit.doc, number=hit.page, score=hit.score, cosine=hit.cosine)
            for hit in hits
            if hit.page not in hidden
        ]
        scope = Scope(docs=docs, store=self.store, encoder=self.encoder, router=self.router)
        return select_sentences(analyse_query(question, self.encoder), pages, scope).signals


def sets(folder: Path, cache: Path) -> list[Set]:
    found = [
        one for name in PDF_SETS for one in _pdf_sets(name, lines(folder / f"{name}.jsonl"), [folder / "pdfs"], cache)
    ]
    shipped = lines(SHIPPED / "questions.jsonl")
    return [*found, *_pdf_sets("shipped", shipped, SHELVES, cache), *_article_sets(folder, cache)]


def _pdf_sets(name: str, questions: Sequence[Question], shelves: Sequence[Path], cache: Path) -> Iterator[Set]:
    names = sorted({question["doc"] for question in questions})
    paths = [next((path for shelf in shelves if (path := shelf / one).exists()), shelves[0] / one) for one in names]
    answered = [question for question in questions if question["evidence_pages"]]
    others = _others([question["doc"] for question in answered], names)
    with Library(cache / name) as library:
        documents = {document.name: document for document in added(library, paths)}
    desk = Desk(SqliteStore(cache / name), MiniLM.open(threads=2))

    def ask(asked: Sequence[Question], where: Callable[[Question], Sequence[Document]]) -> list[AbstainSignals]:
        return [desk.signals(one["question"], where(one)) for one in asked]

    def everywhere(but: str = "") -> list[Document]:
        return [document for document in documents.values() if document.name != but]

    own = ask(answered, lambda one: [documents[one["doc"]]])
    foreign = iter(others)
    yield Set(f"{name}: own or another PDF", name, own, ask(answered, lambda _: [documents[next(foreign)]]))
    if unanswered := [question for question in questions if not question["evidence_pages"]]:
        yield Set(f"{name}: answered or not", name, own, ask(unanswered, lambda one: [documents[one["doc"]]]))
    yield Set(
        f"{name}: all or all other PDFs",
        name,
        ask(answered, lambda _: everywhere()),
        ask(answered, lambda one: everywhere(but=one["doc"])),
        fitted=False,
    )


def _article_sets(folder: Path, cache: Path) -> Iterator[Set]:
    paragraphs = lines(folder / "xquad_en_paragraphs.jsonl")
    articles: dict[str, list[Question]] = {}
    for paragraph in paragraphs:
        articles.setdefault(paragraph["doc"], []).append(paragraph)
    page = {one["paragraph"]: number for those in articles.values() for number, one in enumerate(those)}
    questions = lines(folder / "xquad_en.jsonl")
    with tempfile.TemporaryDirectory() as home:
        desk = Desk(SqliteStore(Path(home)), MiniLM.open(threads=2))
        documents = {name: _shelved(desk, name, [one["text"] for one in those]) for name, those in articles.items()}
        others = iter(_others([one["doc"] for one in questions], sorted(documents)))

        def ask(where: Callable[[Question], Sequence[Document]], *, hide: bool = False) -> list[AbstainSignals]:
            hidden = [frozenset({page[one["paragraph"]]}) if hide else frozenset() for one in questions]
            return [desk.signals(one["question"], where(one), no) for one, no in zip(questions, hidden, strict=True)]

        own = ask(lambda one: [documents[one["doc"]]])
        yield Set("xquad: own or another article", "xquad", own, ask(lambda _: [documents[next(others)]]))
        less = ask(lambda one: [documents[one["doc"]]], hide=True)
        yield Set("xquad: own article, or without the paragraph", "xquad", own, less)
        everywhere = ask(lambda _: list(documents.values()))
        yield Set(
            "xquad: all or all other articles",
            "xquad",
            everywhere,
            ask(lambda one: [document for name, document in documents.items() if name != one["doc"]]),
        )


def _others(own: Sequence[str], names: Sequence[str]) -> list[str]:
    """For each name another one."""
    rng = random.Random(0)
    return [rng.choice([name for name in names if name != one]) for one in own]


def _shelved(desk: Desk, name: str, texts: Sequence[str]) -> Document:
    """An article as a document, a paragraph a page."""
    content = name.encode()
    document = Document(hashlib.sha256(content).hexdigest(), name, name.replace("_", " "), len(texts), len(content), 0)
    no_words = np.empty((0, 2), np.uint32), np.empty((0, 4), np.uint16)
    pages = [Page(number, 612, 792, Flag.TEXT, text, *no_words) for number, text in enumerate(texts)]
    cut = [passages(page, document.id) for page in pages]
    with tempfile.NamedTemporaryFile() as source:
        Path(source.name).write_bytes(content)
        indexed = indexed_pages(document.title, pages, cut)
        version = desk.store.put(document, Path(source.name), indexed, analyser=ANALYSER_VERSION)
    vectors = desk.encoder.encode([headed(document.title, passage) for those in cut for passage in those])
    desk.store.put_vectors(version, desk.encoder.fingerprint, vectors)
    return document


def fit(found: Sequence[Set], answered: float) -> Floats:
    """Logistic regression by Newton's method; every origin weighs the same, and so do its sets."""
    sets_of = Counter(one.origin for one in found if one.fitted)
    halves = [
        (half, right, (answered if right else 1.0) / sets_of[one.origin] / len(half))
        for one in found
        if one.fitted
        for half, right in ((one.with_answer, True), (one.without, False))
    ]
    x = np.array([signals.features for half, _, _ in halves for signals in half])
    y = np.concatenate([np.full(len(half), float(right)) for half, right, _ in halves])
    weight = np.concatenate([np.full(len(half), each) for half, _, each in halves])
    ridge = RIDGE * np.diag([0.0] + [1.0] * (x.shape[1] - 1))
    found_so_far = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ found_so_far))
        slope = x.T @ (weight * (y - p)) - ridge @ found_so_far
        found_so_far += np.linalg.solve((x * (weight * p * (1 - p))[:, None]).T @ x + ridge, slope)
    return found_so_far


def judged(one: Set, coefficients: Floats) -> dict[str, Any]:
    """What a rule does with one set."""
    halves = (
        np.array([signals.features for signals in half]) @ coefficients for half in (one.with_answer, one.without)
    )
    return judge(*(half.tolist() for half in halves))


def measure(found: Sequence[Set]) -> dict[str, Any]:
    return {
        "about": machine.about(),
        "with_encoder": _measure(found, np.array(abstain.WITH_ENCODER), ANSWERED),
        "words_only": _measure([one.words_only() for one in found], np.array(abstain.WORDS_ONLY), 1.0),
    }


def _measure(found: Sequence[Set], product: Floats, answered: float) -> dict[str, Any]:
    left_out = {
        origin: fit([one for one in found if one.origin != origin], answered)
        for origin in {one.origin for one in found}
    }
    return {
        "product": product.tolist(),
        "fitted": np.round(fit(found, answered), 2).tolist(),
        "sets": {one.name: judged(one, product) for one in found},
        "fitted_without_the_origin": {
            one.name: {"coefficients": np.round(left_out[one.origin], 2).tolist(), **judged(one, left_out[one.origin])}
            for one in found
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eval", type=Path, required=True, help="the folder with questions and PDFs")
    parser.add_argument("--cache", type=Path, help="where libraries are kept between runs")
    parser.add_argument(
        "--json", type=Path, default=RESULTS, help=f"where figures go, else {RESULTS.relative_to(ROOT)}"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(sets(arguments.eval, arguments.cache or Path(folder)))
    arguments.json.parent.mkdir(exist_ok=True)
    arguments.json.write_text(json.dumps(figures, indent=1) + "\n")
    for rule in ("with_encoder", "words_only"):
        print(rule, "fitted", figures[rule]["fitted"], "product", figures[rule]["product"])
        for name, found in figures[rule]["sets"].items():
            print(f"{name:48}", *(f"{key} {value}" for key, value in found.items() if key != "risk_at_coverage"))


if __name__ == "__main__":
    main()
