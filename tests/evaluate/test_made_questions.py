"""The sets about tables and about short documents: enough of every kind, proven by their pages, of PDFs made here."""

import re
from collections import Counter
from pathlib import Path

import pytest

from recto.evaluate.outcomes import LONGEST, answer_parts, place
from recto.evaluate.questions import Question, read
from recto.evaluate.results import load
from recto.pdf.read import Reader
from support.paths import EXAMPLES, HERE
from support.typesetting import sources, typeset

TABLES, SHORT = FOLDERS = HERE / "data" / "tables", HERE / "data" / "short"
SHELVES = (*FOLDERS, EXAMPLES, HERE / "corpus", HERE / "data" / "questions")
LEAST_TABLES = {"cell": 25, "several": 10, "list": 5, "compare": 5, "total": 4, "unit": 2}
LEAST_SHORT = {"plain": 10, "reworded": 10, "document": 10, "unanswerable": 20}
LARGEST = 32_000  # bytes of a made PDF


def set_name(folder: Path) -> str:
    return folder.name


def shipped_questions(folder: Path) -> list[Question]:
    return read(folder / "questions.jsonl")


@pytest.mark.parametrize("folder", FOLDERS, ids=set_name)
def test_the_made_pdfs_are_those_of_their_texts(folder: Path) -> None:
    texts = sources(folder)
    assert [path.with_suffix(".pdf") for path in texts] == sorted(folder.glob("*.pdf"))
    for path in texts:
        document = path.with_suffix(".pdf").read_bytes()
        assert typeset(path.read_text(encoding="utf-8")) == document, path.name
        assert len(document) <= LARGEST, path.name


def test_questions_about_tables_ask_of_many_tables_in_many_ways() -> None:
    questions = shipped_questions(TABLES)
    counts = Counter(question.type for question in questions)
    made = [question.doc for question in questions if (TABLES / question.doc).exists()]
    assert len(questions) == len({question.text for question in questions}) == 60
    assert set(counts) == set(LEAST_TABLES)
    assert {kind: count for kind, count in counts.items() if count < LEAST_TABLES[kind]} == {}
    assert all(question.pages for question in questions)
    assert len(made) >= 30
    assert len(set(made)) == len(sources(TABLES)) == 12


def test_questions_about_short_documents_are_three_of_each_one_without_an_answer() -> None:
    questions = shipped_questions(SHORT)
    counts = Counter(question.type for question in questions)
    assert len(questions) == len({question.text for question in questions}) == 60
    assert set(counts) == set(LEAST_SHORT)
    assert {kind: count for kind, count in counts.items() if count < LEAST_SHORT[kind]} == {}
    assert counts["unanswerable"] == 20
    assert all((question.type == "unanswerable") != bool(question.pages) for question in questions)
    pairs = Counter((question.doc, bool(question.pages)) for question in questions)
    assert pairs == {(path.with_suffix(".pdf").name, some): 1 + some for path in sources(SHORT) for some in (0, 1)}


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS, ids=set_name)
def test_each_piece_of_evidence_stands_on_its_page_and_they_hold_the_answer(folder: Path, reader: Reader) -> None:
    questions = shipped_questions(folder)
    pages = {
        (doc, result.read.page.number): result.read.page.text
        for doc in sorted({question.doc for question in questions})
        for path in [next(shelf / doc for shelf in SHELVES if (shelf / doc).exists())]
        for result in reader.pages(reader.open(path))
    }
    wrong = [question.id for question in questions if question.pages and not proven(question, pages)]
    assert wrong == []
    if folder == SHORT:
        assert max(number for _, number in pages) == 2


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS, ids=set_name)
def test_each_word_of_a_text_stands_on_the_pages_of_its_pdf(folder: Path, reader: Reader) -> None:
    for path in sources(folder):
        results = reader.pages(reader.open(path.with_suffix(".pdf")))
        page_words = Counter(word for result in results for word in re.findall(r"\w+", result.read.page.text))
        lines = [line for line in path.read_text(encoding="utf-8").split("\n") if not line.startswith(("@", "|="))]
        assert Counter(re.findall(r"\w+", "\n".join(lines))) - page_words == {}, path.name


def proven(question: Question, pages: dict[tuple[str, int], str]) -> bool:
    texts = [evidence.text for evidence in question.evidence]
    stands = [
        evidence.page is not None and place(pages[question.doc, evidence.page], evidence.text) is not None
        for evidence in question.evidence
    ]
    return (
        all(stands)
        and set(question.pages) == {evidence.page for evidence in question.evidence}
        and max(map(len, texts)) <= LONGEST
        and answer_parts(question.answer, texts) != ()
    )


@pytest.mark.parametrize("folder", FOLDERS, ids=set_name)
def test_the_accepted_result_is_about_these_questions(folder: Path) -> None:
    accepted = load(folder / "accepted.json")
    questions = shipped_questions(folder)
    assert [(outcome.id, outcome.question) for outcome in accepted.outcomes] == [
        (ask.id, ask.text) for ask in questions
    ]
    assert accepted.encoder
    assert all((outcome.alone is not None) == (folder == SHORT) for outcome in accepted.outcomes)
