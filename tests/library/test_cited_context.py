"""A model reads quotes in their surroundings: what it takes from these is cited where it stands."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from recto import Library
from recto.config import Writing
from recto.types import Answer, Kind
from support.openai_server import KEY, OpenAIServer
from support.pdfs import text_pdf
from support.scripted import telling

PAGE = (
    "The bakery\n"
    "The oven of the bakery is heated with beech wood.\n"
    "Flour comes from the mill at Harrow Bridge.\n"
    "Marta Lind laid its floor of clay tiles.\n"
    "A cat keeps the store free of mice.\n"
    "Customers ring the brass bell by the door.\n"
)
QUESTION = "With which wood is the oven of the bakery heated?"
OVEN = "The oven of the bakery is heated with beech wood."


TILES, BELL = "Marta Lind laid its floor of clay tiles.", "Customers ring the brass bell by the door."

Ask = Callable[[str], Answer]


@pytest.fixture
def ask(home: Path, tmp_path: Path, hosted: OpenAIServer) -> Iterator[Ask]:
    """The answer to the question, once a model has written this below it."""
    source = tmp_path / "bakery.pdf"
    source.write_bytes(text_pdf(PAGE))
    writing = Writing(model="remote", remote_url=f"{hosted.url}/v1", remote_model="some/model", remote_token=KEY)
    with Library(home, writing=writing) as library:
        library.add(source)

        def ask(text: str) -> Answer:
            hosted.behaviour = telling(text)
            answer = library.ask(QUESTION).answer
            for citation in answer.citations:
                page = library.page("bakery.pdf", citation.span.page)
                assert page.text[citation.span.start : citation.span.end] == citation.quote
                assert citation.rects == page.rects(citation.span.start, citation.span.end)
            return answer

        yield ask


def test_a_model_reads_what_a_person_is_shown(ask: Ask, hosted: OpenAIServer) -> None:
    surroundings = ask(OVEN).quotes[0].surroundings
    assert surroundings in hosted.requests[-1].body["messages"][-1]["content"]
    assert BELL in surroundings


def test_a_sentence_is_cited_where_it_stands(ask: Ask) -> None:
    for sentence in PAGE.split("\n")[2:-1]:
        written = ask(f"{OVEN} {sentence}")
        assert written.kind is Kind.WRITTEN, written.notice
        assert [citation.quote for citation in written.citations] == [OVEN, sentence]


def test_what_answers_less_than_the_quote_leaves_the_quote_alone(ask: Ask) -> None:
    written = ask(BELL)
    assert written.kind is Kind.QUOTED
    assert written.text.startswith(OVEN)
    assert "answers less than the quotes" in written.notice


def test_what_two_sentences_say_is_cited_in_both(ask: Ask) -> None:
    written = ask(f"{OVEN} Marta Lind laid its floor of clay tiles, and customers ring the brass bell by the door.")
    assert [citation.quote for citation in written.citations] == [OVEN, TILES, BELL]
