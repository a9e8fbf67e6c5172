"""Fit and judge the rule of `recto.answer.abstain`: when to say that the documents do not say.

    python -m bench.abstention --eval DIR [--cache DIR] [--json FILE]
    python -m bench.abstention --languages DIR
    python -m bench.abstention --across DIR

DIR and the cache are those of `bench.quality`. Each question is asked where its answer stands and where it does not: of
its own PDF and of another one, of all PDFs and of all others; of its own article and of another, of its own without the
paragraph that answers, of all articles and of all others; and, as newcomers do, of a library that holds one page: that
which answers, or another. The first is worth an answer, the second an abstention. The shipped questions are a set as
well, with those of them that their documents do not answer.

Written to FILE: the coefficients fitted on all sets and with each set left out, and for each set what the product's
coefficients do: how many questions they refuse or answer wrongly, how many of the wrong ones are answered where nine of
ten right ones are, and the risk-coverage curve (share of wrong among the answered, from the most confident on). Asking
all PDFs is judged, but no part of the fit: another company's report often does answer.

The second form prints the same for the rule by which questions in other languages go, by words alone; DIR is that of
`bench.xquad`, and each language an origin. The third prints it for questions in one language about articles in English
and in German, with the encoder that knows all; the English questions are to lie there as well.
"""

import argparse
import json
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from bench import provenance
from bench.quality import added, find, lines
from bench.samples import ROOT
from bench.text_documents import put_texts
from numpy.typing import NDArray

from recto import Library
from recto.answer import abstain
from recto.answer.abstain import AbstainSignals
from recto.evaluate.abstaining import judge, product_shares
from recto.library.quoting import PAGES, select_sentences
from recto.runtime.encoders import USUAL
from recto.search.candidates import DocumentRouter, Scope
from recto.search.encoder import Encoder, MiniLM
from recto.search.index import title
from recto.search.multilingual import E5
from recto.search.query import analyse_query
from recto.search.retrieve import with_passages
from recto.storage import Store
from recto.store.sqlite import SqliteStore
from recto.types import Document

RESULTS = ROOT / "bench" / "results" / "abstention.json"
PDF_SETS = ("financebench", "mmlongbench_text")
SHIPPED = ROOT / "tests" / "data" / "questions"
SHELVES = (ROOT / "examples", ROOT / "tests" / "corpus", SHIPPED)
ANSWERED = 1.5  # what a question with an answer weighs against one without
NEWTON_STEPS = 50  # far more than it takes
FEWER = 4  # of so many questions about articles one is asked of its paragraph alone
ARTICLE_LANGUAGES = ("en", "de")  # languages of the articles of which questions in others are asked
ACROSS_FEWER = 12  # one of so many of these questions is asked
RIDGE = 1e-3  # keeps the fit finite where a set is parted without error

Floats = NDArray[np.float64]
Question = dict[str, Any]
PageOf = tuple[str, int]  # a document's file name and a page, from 0


@dataclass(frozen=True, kw_only=True)
class Set:
    """Questions asked where the answer stands, and where it does not."""

    name: str
    origin: str
    with_answer: list[AbstainSignals]
    without: list[AbstainSignals]
    fitted: bool = True

    def words_only(self) -> "Set":
        """The same sentences, judged without the encoder."""
        with_answer, without = (
            [replace(signals, similarity=None) for signals in half] for half in (self.with_answer, self.without)
        )
        return replace(self, with_answer=with_answer, without=without)


@dataclass(frozen=True)
class Desk:
    """Where questions are asked."""

    store: Store
    encoder: Encoder | None
    router: DocumentRouter = field(default_factory=DocumentRouter)

    def signals(self, question: str, docs: Sequence[Document], hidden: frozenset[int] = frozenset()) -> AbstainSignals:
        """As `recto.library.quoting` finds them, some pages left out."""
        scope = Scope(docs=docs, store=self.store, encoder=self.encoder, router=self.router)
        pages = [hit for hit in find(question, scope, k=PAGES + len(hidden)) if hit.page not in hidden]
        return select_sentences(
            analyse_query(question, self.encoder, self.store), with_passages(pages, scope), scope
        ).signals


def sets(folder: Path, cache: Path) -> list[Set]:
    """All sets, in the order in which they are told."""
    return [
        *(
            part
            for name in PDF_SETS
            for part in pdf_sets(name, lines(folder / f"{name}.jsonl"), [folder / "pdfs"], cache)
        ),
        *pdf_sets("shipped", lines(SHIPPED / "questions.jsonl"), SHELVES, cache),
        *article_sets(folder),
    ]


def pdf_sets(name: str, questions: Sequence[Question], shelves: Sequence[Path], cache: Path) -> Iterator[Set]:
    """Questions about PDFs: of their own or of another, answered there or not, of all or of all others."""
    names = sorted({question["doc"] for question in questions})
    paths = [next((path for shelf in shelves if (path := shelf / pdf).exists()), shelves[0] / pdf) for pdf in names]
    answered = [question for question in questions if question["evidence_pages"]]
    unanswered = [question for question in questions if not question["evidence_pages"]]
    foreign = iter(_foreign([question["doc"] for question in answered], names))
    with Library(cache / name) as library:
        library.encoders.use(USUAL)
        documents = {document.name: document for document in added(library, paths)}
    desk = Desk(SqliteStore(cache / name), MiniLM.open(threads=2))

    def ask(questions: Sequence[Question], scope: Callable[[Question], Sequence[Document]]) -> list[AbstainSignals]:
        return [desk.signals(question["question"], scope(question)) for question in questions]

    def all_but(doc: str) -> list[Document]:
        return [document for document in documents.values() if document.name != doc]

    own = ask(answered, lambda question: [documents[question["doc"]]])
    in_another = ask(answered, lambda _: [documents[next(foreign)]])
    yield Set(name=f"{name}: own or another PDF", origin=name, with_answer=own, without=in_another)
    if unanswered:
        without = ask(unanswered, lambda question: [documents[question["doc"]]])
        yield Set(name=f"{name}: answered or not", origin=name, with_answer=own, without=without)
    page_of = {question["id"]: (question["doc"], question["evidence_pages"][0] - 1) for question in answered}
    text_of = {page: desk.store.page(documents[page[0]].id, page[1]).text for page in page_of.values()}
    yield page_set(name, answered, page_of, text_of)
    yield Set(
        name=f"{name}: all or all other PDFs",
        origin=name,
        with_answer=ask(answered, lambda _: list(documents.values())),
        without=ask(answered, lambda question: all_but(question["doc"])),
        fitted=False,
    )


def language_sets(folder: Path) -> Iterator[Set]:
    """Questions in other languages about articles, by words alone: their own, another, their own without the answer."""
    for path in sorted(folder.glob("xquad_??.jsonl")):
        name = path.stem
        rows = lines(folder / f"{name}_paragraphs.jsonl")
        articles = {doc: [row for row in rows if row["doc"] == doc] for doc in {row["doc"] for row in rows}}
        pages = {row["paragraph"]: number for own in articles.values() for number, row in enumerate(own)}
        questions = lines(path)[::FEWER]
        with tempfile.TemporaryDirectory() as home:
            desk = Desk(SqliteStore(Path(home)), None)
            documents = {
                doc: put_texts(desk.store, [row["text"] for row in own], doc, title="", encoder=None)
                for doc, own in articles.items()
            }
            foreign = _foreign([question["doc"] for question in questions], sorted(documents))
            own, others, hidden = [], [], []
            for question, other in zip(questions, foreign, strict=True):
                text, document = question["question"], documents[question["doc"]]
                own.append(desk.signals(text, [document]))
                others.append(desk.signals(text, [documents[other]]))
                hidden.append(desk.signals(text, [document], frozenset({pages[question["paragraph"]]})))
        # The few that are taken for English go by its rule, and are judged by this one all the same.
        own, others, hidden = ([replace(signals, english=False) for signals in half] for half in (own, others, hidden))
        yield Set(name=f"{name}: own or another article", origin=name, with_answer=own, without=others)
        yield Set(name=f"{name}: own article, or without the paragraph", origin=name, with_answer=own, without=hidden)


def across_sets(folder: Path) -> Iterator[Set]:
    """Questions in one language about articles in another, with the encoder for both: all of them, or another alone."""
    for language in ARTICLE_LANGUAGES:
        paragraphs = lines(folder / f"xquad_{language}_paragraphs.jsonl")
        with tempfile.TemporaryDirectory() as home:
            desk = Desk(SqliteStore(Path(home)), E5.open(threads=2))
            documents = {
                doc: put_texts(
                    desk.store,
                    [row["text"] for row in paragraphs if row["doc"] == doc],
                    doc,
                    title="",
                    encoder=desk.encoder,
                )
                for doc in sorted({row["doc"] for row in paragraphs})
            }
            for path in sorted(folder.glob("xquad_??.jsonl")):
                question_language, questions = path.stem.removeprefix("xquad_"), lines(path)[::ACROSS_FEWER]
                if question_language == language:
                    continue
                foreign = _foreign([question["doc"] for question in questions], sorted(documents))
                own = [desk.signals(question["question"], [*documents.values()]) for question in questions]
                elsewhere = [
                    desk.signals(question["question"], [documents[foreign_doc]])
                    for question, foreign_doc in zip(questions, foreign, strict=True)
                ]
                # The few whose language is not told go by the usual rule, and are judged by this one all the same.
                own, elsewhere = ([replace(signals, across=True) for signals in half] for half in (own, elsewhere))
                yield Set(
                    name=f"{question_language}: of articles in {language}",
                    origin=question_language,
                    with_answer=own,
                    without=elsewhere,
                )


def article_sets(folder: Path) -> Iterator[Set]:
    """Questions about articles, whose paragraphs are the pages of a document."""
    articles: dict[str, list[Question]] = {}
    for paragraph in lines(folder / "xquad_en_paragraphs.jsonl"):
        articles.setdefault(paragraph["doc"], []).append(paragraph)
    pages = {row["paragraph"]: number for rows in articles.values() for number, row in enumerate(rows)}
    questions = lines(folder / "xquad_en.jsonl")
    with tempfile.TemporaryDirectory() as home:
        desk = Desk(SqliteStore(Path(home)), MiniLM.open(threads=2))
        documents = {}
        for name, rows in articles.items():
            texts, title = [row["text"] for row in rows], name.replace("_", " ")
            documents[name] = put_texts(desk.store, texts, name, title=title, encoder=desk.encoder)
        foreign = iter(_foreign([question["doc"] for question in questions], sorted(documents)))

        def ask(scope: Callable[[Question], Sequence[Document]], *, hide: bool = False) -> list[AbstainSignals]:
            signals = []
            for question in questions:
                hidden = frozenset({pages[question["paragraph"]]} if hide else ())
                signals.append(desk.signals(question["question"], scope(question), hidden))
            return signals

        own = ask(lambda question: [documents[question["doc"]]])
        in_another = ask(lambda _: [documents[next(foreign)]])
        yield Set(name="xquad: own or another article", origin="xquad", with_answer=own, without=in_another)
        without = ask(lambda question: [documents[question["doc"]]], hide=True)
        name = "xquad: own article, or without the paragraph"
        yield Set(name=name, origin="xquad", with_answer=own, without=without)
        of_all = ask(lambda _: list(documents.values()))
        all_other = ask(lambda question: [documents[name] for name in documents if name != question["doc"]])
        page_of = {question["id"]: (question["doc"], pages[question["paragraph"]]) for question in questions}
        text_of = {page: articles[page[0]][page[1]]["text"] for page in page_of.values()}
        yield page_set("xquad", questions[::FEWER], page_of, text_of)
        name = "xquad: all or all other articles"
        yield Set(name=name, origin="xquad", with_answer=of_all, without=all_other)


def page_set(
    name: str, questions: Sequence[Question], page_of: Mapping[str, PageOf], texts: Mapping[PageOf, str]
) -> Set:
    """Questions asked of a library that holds the page with the answer alone, or a page of another document alone."""
    foreign = iter(_foreign([question["doc"] for question in questions], sorted({doc for doc, _ in texts})))
    pages_of = {doc: [page for page in texts if page[0] == doc] for doc, _ in texts}
    with tempfile.TemporaryDirectory() as folder:
        encoder = MiniLM.open(threads=2)
        desks: dict[PageOf, Desk] = {}
        for number, (page, text) in enumerate(texts.items()):
            desks[page] = Desk(SqliteStore(Path(folder) / str(number)), encoder)
            put_texts(desks[page].store, [text], page[0], title=title(page[0]), encoder=encoder)

        def ask(question: Question, page: PageOf) -> AbstainSignals:
            return desks[page].signals(question["question"], desks[page].store.documents())

        own = [ask(question, page_of[question["id"]]) for question in questions]
        in_another = [ask(question, pages_of[doc][0]) for question, doc in zip(questions, foreign, strict=True)]
        for desk in desks.values():
            desk.store.close()
    return Set(name=f"{name}: one page alone", origin=name, with_answer=own, without=in_another)


def _foreign(own: Sequence[str], names: Sequence[str]) -> list[str]:
    """For each name another of the names."""
    rng = random.Random(0)
    return [rng.choice([name for name in names if name != own_name]) for own_name in own]


def fit(sets: Sequence[Set], answered: float) -> Floats:
    """Logistic regression by Newton's method; every origin weighs the same, and so do its sets."""
    fitted = [part for part in sets if part.fitted]
    sets_of = Counter(part.origin for part in fitted)
    halves = [
        (half, right, (answered if right else 1.0) / sets_of[part.origin] / len(half))
        for part in fitted
        for half, right in ((part.with_answer, True), (part.without, False))
    ]
    x = np.array([signals.features for half, _, _ in halves for signals in half])
    y = np.concatenate([np.full(len(half), float(right)) for half, right, _ in halves])
    weight = np.concatenate([np.full(len(half), half_weight) for half, _, half_weight in halves])
    ridge = RIDGE * np.diag([0.0] + [1.0] * (x.shape[1] - 1))
    coefficients = np.zeros(x.shape[1])
    for _ in range(NEWTON_STEPS):
        p = 1 / (1 + np.exp(-x @ coefficients))
        slope = x.T @ (weight * (y - p)) - ridge @ coefficients
        coefficients += np.linalg.solve((x * (weight * p * (1 - p))[:, None]).T @ x + ridge, slope)
    return coefficients


def judged(part: Set, coefficients: Floats) -> dict[str, Any]:
    """What a rule does with one set."""
    halves = [
        (np.array([signals.features for signals in half]) @ coefficients).tolist()
        for half in (part.with_answer, part.without)
    ]
    return {**judge(*halves), **product_shares(*(list(map(abstain.certainty, half)) for half in halves))}


def measure(sets: Sequence[Set]) -> dict[str, Any]:
    """All figures: with the encoder, and by words alone."""
    return {
        "about": provenance.about(),
        "with_encoder": _measure(sets, np.array(abstain.WITH_ENCODER), ANSWERED),
        "words_only": _measure([part.words_only() for part in sets], np.array(abstain.WORDS_ONLY), 1.0),
    }


def _measure(sets: Sequence[Set], product: Floats, answered: float) -> dict[str, Any]:
    without_origin = {
        origin: fit([part for part in sets if part.origin != origin], answered)
        for origin in {part.origin for part in sets}
    }
    return {
        "product": product.tolist(),
        "fitted": np.round(fit(sets, answered), 2).tolist(),
        "sets": {part.name: judged(part, product) for part in sets},
        "fitted_without_the_origin": {
            part.name: {
                "coefficients": np.round(without_origin[part.origin], 2).tolist(),
                **judged(part, without_origin[part.origin]),
            }
            for part in sets
        },
    }


def show(title: str, judgements: Mapping[str, Mapping[str, Any]]) -> None:
    print(title)
    for name, judgement in judgements.items():
        print(f"{name:48}", *(f"{key} {value}" for key, value in judgement.items() if key != "risk_at_coverage"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eval", type=Path, help="the folder with questions and PDFs")
    parser.add_argument("--cache", type=Path, help="where libraries are kept between runs")
    parser.add_argument("--languages", type=Path, help="judge the rule for other languages, on the questions there")
    parser.add_argument("--across", type=Path, help="judge the rule across languages, on the questions there")
    parser.add_argument(
        "--json", type=Path, default=RESULTS, help=f"where figures go, else {RESULTS.relative_to(ROOT)}"
    )
    arguments = parser.parse_args()
    if arguments.languages or arguments.across:
        if arguments.languages:
            figures = _measure(list(language_sets(arguments.languages)), np.array(abstain.WORDS_OF_OTHERS), ANSWERED)
        else:
            figures = _measure(list(across_sets(arguments.across)), np.array(abstain.ACROSS_LANGUAGES), ANSWERED)
        print("product", figures["product"], "fitted", figures["fitted"])
        for rule in ("sets", "fitted_without_the_origin"):
            show(rule, figures[rule])
        return
    if not arguments.eval:
        parser.error("--eval, --languages or --across is needed")
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(sets(arguments.eval, arguments.cache or Path(folder)))
    arguments.json.parent.mkdir(exist_ok=True)
    arguments.json.write_text(json.dumps(figures, indent=1) + "\n")
    for rule in ("with_encoder", "words_only"):
        show(f"{rule} fitted {figures[rule]['fitted']} product {figures[rule]['product']}", figures[rule]["sets"])


if __name__ == "__main__":
    main()
