"""How often the encoder reads a question, on its way from search to answer."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from recto import Library
from recto.search.encoder import MiniLM

QUESTION = "How many litres does the pump of hall 3 move a minute?"


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The texts of each call of the encoder."""
    texts_of_calls: list[list[str]] = []

    def counted(method: Callable[[MiniLM, Sequence[str]], object]) -> Callable[[MiniLM, Sequence[str]], object]:
        def call(encoder: MiniLM, texts: Sequence[str], /) -> object:
            texts_of_calls.append([texts] if isinstance(texts, str) else list(texts))
            return method(encoder, texts)

        return call

    for name in ("encode", "states", "encode_query"):
        monkeypatch.setattr(MiniLM, name, counted(getattr(MiniLM, name)))
    return texts_of_calls


def test_a_search_reads_its_question_once(pumps: Path, calls: list[list[str]]) -> None:
    with Library(pumps) as library:
        assert library.search(QUESTION)
    assert [texts for texts in calls if QUESTION in texts] == [[QUESTION]]


def test_an_answer_reads_its_question_once(pumps: Path, calls: list[list[str]]) -> None:
    with Library(pumps) as library:
        assert library.ask(QUESTION).answer.quotes
    assert [texts for texts in calls if QUESTION in texts] == [[QUESTION]]


def test_the_sentences_of_a_question_are_read_in_one_call(pumps: Path, calls: list[list[str]]) -> None:
    with Library(pumps) as library:
        quotes = [citation.quote for citation in library.ask(QUESTION).answer.quotes]
    assert len([texts for texts in calls if quotes[0] in texts]) == 1
