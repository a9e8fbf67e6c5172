"""Questions by an adjective find what is printed by its noun: how heavy, weight."""

from pathlib import Path

import pytest

from recto import Library
from recto.events import Kind
from recto.text.measures import with_measures
from support.pdfs import text_pdf


@pytest.mark.parametrize(
    ("language", "question", "expected"),
    [
        ("en", "How heavy is the pump?", "weight is the pump?"),
        ("", "And how loud is it?", "And noise is it?"),
        ("en", "How long is the cable?", "length the cable?"),
        ("en", "How long does it take?", "How long does it take?"),
        ("en", "Show heavy pumps", "Show heavy pumps"),
        ("de", "Wie schwer ist die Pumpe?", "gewicht ist die Pumpe?"),
        ("fr", "How heavy is the pump?", "How heavy is the pump?"),
    ],
)
def test_the_noun_takes_the_place_of_what_asks_for_it(language: str, question: str, expected: str) -> None:
    assert with_measures(question, language) == expected


def test_a_data_sheet_is_asked_by_adjectives(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "mill.pdf"
    path.write_bytes(
        text_pdf("Grain mill GM-4\nThe mill grinds 6 kg an hour.\nNoise 44 dB.\nDepth 31 cm.\nTwo years of guarantee.")
    )
    with Library(home) as library:
        library.add(path)
        answer = library.ask("How loud is it?").answer
    assert answer.kind is Kind.QUOTED
    assert answer.citations[0].quote == "Noise 44 dB."
