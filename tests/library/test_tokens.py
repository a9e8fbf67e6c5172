"""How much the encoder reads for a question: on two cores this is most of what an answer costs."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from recto import Library
from recto.config import Writing
from recto.model_ref import QUOTE
from support.paths import HERE

MOST = 1100  # tokens of a question, on average: some 23 GFLOP in the six layers
DOCUMENT = "riscv-reri-architecture.pdf"


@pytest.fixture(scope="module")
def library(records: Path, tmp_path_factory: pytest.TempPathFactory):
    home = shutil.copytree(records, tmp_path_factory.mktemp("tokens") / "library")
    with Library(home, writing=Writing(model=QUOTE)) as library:
        yield library


def questions() -> list[str]:
    lines = (HERE / "data" / "questions" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [question["question"] for question in map(json.loads, lines) if question["doc"] == DOCUMENT]


def test_a_question_costs_the_encoder_few_tokens(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder, counts = library.encoder, []
    assert encoder
    run = encoder._session.run

    class Session:
        def run(self, outputs: None, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
            counts.append(inputs["ids"].size)
            return run(outputs, inputs)

    monkeypatch.setattr(encoder, "_session", Session())
    for question in questions():
        encoder._recent._codes.clear()
        assert library.ask(question).answer
    assert 300 < sum(counts) / len(questions()) <= MOST


def test_a_question_that_was_asked_before_costs_next_to_nothing(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder, question = library.encoder, questions()[0]
    assert encoder
    first = library.ask(question).answer
    texts: list[str] = []
    run = encoder._run
    monkeypatch.setattr(encoder, "_run", lambda unread, reduce: texts.extend(unread) or run(unread, reduce))
    again = library.ask(question).answer
    assert texts == []
    assert (again.text, again.confidence) == (first.text, first.confidence)
