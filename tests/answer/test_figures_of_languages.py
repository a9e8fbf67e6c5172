"""Written sentences are held against sources that write numbers as their language does."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from recto import Library
from recto.config import Writing
from recto.types import Answer, Kind
from support.openai_server import KEY, OpenAIServer
from support.pdfs import text_pdf
from support.scripted import telling

QUESTION = "Wie hoch ist die Miete der Halle im Monat?"
RENT = "Die Miete der Halle beträgt 2.400 Euro im Monat."
WATER = "Das Wasser der Halle kostet dazu 1.234,56 Euro im Jahr."

Ask = Callable[[str], Answer]


@pytest.fixture
def ask(home: Path, tmp_path: Path, hosted: OpenAIServer) -> Iterator[Ask]:
    """The answer to the question, once a model has written this below it."""
    source = tmp_path / "pacht.pdf"
    source.write_bytes(text_pdf(f"Die Pacht\n{RENT}\n{WATER}"))
    writing = Writing(model="remote", remote_url=f"{hosted.url}/v1", remote_model="some/model", remote_token=KEY)
    with Library(home, writing=writing) as library:
        library.add(source)

        def ask(text: str) -> Answer:
            hosted.behaviour = telling(text)
            return library.ask(QUESTION).answer

        yield ask


@pytest.mark.parametrize("written", ["2.400", "2400", "2.400,00"])
def test_a_number_is_cited_however_it_is_written(ask: Ask, written: str) -> None:
    answer = ask(RENT.replace("2.400", written))
    assert answer.kind is Kind.WRITTEN
    assert [place.quote for place in answer.citations] == [RENT]


@pytest.mark.parametrize("written", ["2,4", "2,400", "24,00"])
def test_what_another_language_takes_for_the_number_is_not_it(ask: Ask, written: str) -> None:
    assert ask(RENT.replace("2.400", written)).kind is Kind.QUOTED


def test_thousands_and_decimals_stand_together(ask: Ask) -> None:
    said = f"{RENT} {WATER.replace('1.234,56', '1234,56')}"
    assert [place.quote for place in ask(said).citations] == [RENT, WATER]
