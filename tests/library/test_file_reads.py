"""How often a question asks the library's file: each page once, and what is known of many pages in one statement."""

import shutil
from pathlib import Path

import pytest

from recto import Library
from recto.config import Writing
from recto.model_ref import QUOTE
from recto.store.sqlite import SqliteStore

MOST = 75  # statements of a question, those that begin and end its looks among them; 470 were run before
QUESTIONS = (
    "How many error records may a bank hold?",
    "Which field of the status register tells the priority of an error?",
    "What does table 2 list?",
    "What is on page 7?",
    "How is an error injected, and what happens after the countdown?",
)


@pytest.fixture(scope="module")
def library(records: Path, tmp_path_factory: pytest.TempPathFactory):
    home = shutil.copytree(records, tmp_path_factory.mktemp("statements") / "library")
    with Library(home, writing=Writing(model=QUOTE)) as library:
        yield library


def test_a_question_asks_the_file_seldom(library: Library) -> None:
    statements: list[str] = []
    store = library._store
    assert isinstance(store, SqliteStore)
    library.ask("What is a hart?").answer  # noqa: B018 - the first question reads the terms of all pages
    store._file.reader.set_trace_callback(statements.append)
    counts = []
    for question in QUESTIONS:
        statements.clear()
        assert library.ask(question).answer
        counts.append(len(statements))
    assert 0 < max(counts) <= MOST, counts
