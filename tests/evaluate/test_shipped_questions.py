"""The questions of the regression gate: enough of every kind, in words of their own, each with its place on a page."""

import json
import re
import shlex
import subprocess
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from recto.cli import recto
from recto.evaluate.outcomes import LONGEST, place
from recto.evaluate.questions import Question, read
from recto.evaluate.results import load
from recto.pdf.read import Reader
from recto.search.encoder import MiniLM
from recto.search.recent_states import TOKENS, RecentStates
from recto.types import Floats
from support.paths import EXAMPLES, HERE
from support.sample_pdf import PDF, handbook

FOLDER = HERE / "data" / "questions"
QUESTIONS = read(FOLDER / "questions.jsonl")
ANSWERABLE = [question for question in QUESTIONS if question.pages]
SETS = "questions", "tables", "short"
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
    labels = [(question.id, question.text) for question in QUESTIONS]
    assert [(outcome.id, outcome.question) for outcome in accepted.outcomes] == labels
    assert json.loads((FOLDER / "accepted.json").read_text())["encoder"]


@pytest.fixture
def _encoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passages of documents that are in several sets are encoded once; what is read again for quotes, mostly once."""
    encode, vectors = MiniLM.encode, dict[str, Floats]()

    def remembering(encoder: MiniLM, texts: Sequence[str], /) -> Floats:
        unread = [text for text in dict.fromkeys(texts) if text not in vectors]
        vectors.update(zip(unread, encode(encoder, unread), strict=True))
        return np.array([vectors[text] for text in texts], np.float32).reshape(-1, MiniLM.dimensions)

    monkeypatch.setattr(MiniLM, "encode", remembering)
    monkeypatch.setattr("recto.search.encoder.RecentStates", partial(RecentStates, 8 * TOKENS))


@pytest.mark.slow
@pytest.mark.usefixtures("_encoded_once")
def test_they_are_answered_no_worse_than_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """`make eval-quick`, all sets in this process; nothing is asked about pictures, which are logos."""
    monkeypatch.setenv("RECTO_OCR", "off")
    shown = subprocess.run(["make", "-n", "eval-quick"], cwd=HERE.parent, capture_output=True, text=True, check=True)
    monkeypatch.chdir(HERE.parent)
    lines = [line for line in shown.stdout.splitlines() if " recto eval " in line]
    assert len(lines) == len(SETS)
    for line in lines:
        ended = CliRunner().invoke(recto, shlex.split(line.partition(" recto ")[2]))
        assert ended.exit_code == 0, ended.output
