"""The questions of the regression gate: enough of every kind, in words of their own, each with its place on a page."""

import json
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from recto.evaluate.outcomes import LONGEST, place
from recto.evaluate.questions import Question, read
from recto.evaluate.results import load
from recto.pdf.read import Reader
from support.paths import EXAMPLES, HERE
from support.sample_pdf import PDF, handbook

FOLDER = HERE / "data" / "questions"
QUESTIONS = read(FOLDER / "questions.jsonl")
ANSWERABLE = [question for question in QUESTIONS if question.pages]
LEAST = {"prose": 60, "table": 30, "columns": 20, "definition": 10, "unanswerable": 25}
COPIED = 4  # words in a row


def source(doc: str) -> Path:
    (path,) = [folder / doc for folder in (EXAMPLES, HERE / "corpus", FOLDER) if (folder / doc).exists()]
    return path


def test_there_are_enough_questions_of_every_kind() -> None:
    counts = Counter(question.type for question in QUESTIONS)
    assert set(counts) == set(LEAST)
    assert {kind: count for kind, count in counts.items() if count < LEAST[kind]} == {}
    assert len(ANSWERABLE) >= 120
    assert len({question.doc for question in ANSWERABLE}) >= 6
    assert [question.id for question in QUESTIONS if (question.type == "unanswerable") == bool(question.pages)] == []
    texts = Counter((question.doc, question.text) for question in QUESTIONS)
    assert texts.total() == len(texts)


def test_questions_are_not_copied_from_the_evidence() -> None:
    for question in ANSWERABLE:
        (evidence,) = question.evidence
        assert runs(question.text) & runs(evidence.text) == set(), question.id


def runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[at : at + COPIED]) for at in range(len(words) - COPIED + 1)}


@pytest.mark.slow
def test_the_evidence_stands_on_its_page_and_holds_the_answer(reader: Reader) -> None:
    pages: dict[str, dict[int, str]] = {}
    for doc in sorted({question.doc for question in ANSWERABLE}):
        results = reader.pages(reader.open(source(doc)))
        pages[doc] = {result.read.page.number: result.read.page.text for result in results}
    wrong = [question.id for question in ANSWERABLE if not proven(question, pages[question.doc])]
    assert wrong == []


def proven(question: Question, pages: dict[int, str]) -> bool:
    (evidence,) = question.evidence
    assert evidence.page is not None
    span = place(pages[evidence.page], evidence.text)
    return (
        question.pages == (evidence.page,)
        and len(evidence.text) <= LONGEST
        and span is not None
        and place(pages[evidence.page][slice(*span)], question.answer) is not None
    )


def test_the_handbook_is_the_one_that_is_made() -> None:
    assert handbook() == PDF.read_bytes()


def test_the_accepted_result_is_about_these_questions() -> None:
    accepted = load(FOLDER / "accepted.json")
    assert [(one.id, one.question) for one in accepted.outcomes] == [(one.id, one.text) for one in QUESTIONS]
    assert json.loads((FOLDER / "accepted.json").read_text())["encoder"]


@pytest.mark.slow
def test_they_are_answered_no_worse_than_accepted() -> None:
    ended = subprocess.run(["make", "eval-quick"], cwd=HERE.parent, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
