"""What people ask first of short documents: who signed, what is her address, what a line beside a label says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from recto import Library
from recto.types import Certainty
from support.pdfs import Sheet, pdf

PLAIN, BOLD = 1, 2  # fonts


def page(*lines: tuple[int, float, str]) -> bytes:
    """One page of lines: a font, a size and the words."""
    content = "".join(
        f"BT /F{font} {size} Tf 72 {730 - 17 * number} Td ({words}) Tj ET\n"
        for number, (font, size, words) in enumerate(lines)
    )
    return pdf(Sheet(content=content.encode("cp1252")), fonts=("Helvetica", "Helvetica-Bold"))


FILES = {
    "profile.pdf": page(
        (BOLD, 18, "Ida Renner"),
        (PLAIN, 10, "Boat builder, Arran, ida.renner@example.org, +44 70 555 01 23"),
        (PLAIN, 10, "Her thesis at the school of Leith was about the steaming of oak planks."),
        (BOLD, 12, "Languages"),
        (PLAIN, 10, "Danish at home, English at work, French on holidays"),
        (BOLD, 12, "Skills"),
        (PLAIN, 10, "Lofting, caulking, rigging, and the repair of engines"),
    ),
    "letter.pdf": page(
        (PLAIN, 10, "Harbour Office of Arran, 18 August 2026"),
        (PLAIN, 10, "Dear Mr Oke, the berth that you asked for is free from the first of May."),
        (PLAIN, 10, "Please pay the dues of the year before you come."),
        (PLAIN, 10, "Yours sincerely,"),
        (PLAIN, 10, "Priya Marsh"),
        (PLAIN, 10, "Harbour master"),
    ),
    "minutes.pdf": page(
        (BOLD, 14, "Minutes of the berth holders' meeting"),
        (PLAIN, 10, "Place: Sail loft"),
        (PLAIN, 10, "The minutes of the last meeting were approved."),
        (PLAIN, 10, "The meeting asked for a new crane on the quay."),
        *((PLAIN, 10, f"Berth {number} is free for the next meeting.") for number in range(3, 9)),
    ),
    "questions.pdf": page(
        (BOLD, 14, "Berths: what people ask"),
        (PLAIN, 10, "How do I cancel my berth? Write to the harbour office before the first of March."),
        (PLAIN, 10, "When are the dues collected? In the last week of April, by post."),
    ),
    "manual.pdf": page(
        (BOLD, 14, "Kettle of the galley"),
        (BOLD, 12, "Parts"),
        (PLAIN, 10, "A Tank of 12 litres"),
        (PLAIN, 10, "B Lid with a whistle"),
        (PLAIN, 10, "C Tap of brass"),
        (BOLD, 12, "First use"),
        (PLAIN, 10, "1. Fill the tank with fresh water."),
        (PLAIN, 10, "2. Light the burner."),
        (PLAIN, 10, "3. Empty the tank."),
    ),
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("short")
    with Library(folder / "home") as opened:
        for name, data in FILES.items():
            (folder / name).write_bytes(data)
            opened.add(folder / name)
        yield opened


def first_quote(library: Library, question: str, name: str) -> str:
    (document,) = (document for document in library.documents() if document.name == name)
    citations = library.ask(question, docs=[document.id]).answer.citations
    return citations[0].quote.replace("\n", " ") if citations else ""


@pytest.mark.parametrize(
    ("question", "name", "expected"),
    [
        ("What is her email address?", "profile.pdf", "ida.renner@example.org"),
        ("What is her phone number?", "profile.pdf", "555 01 23"),
        ("What was her thesis about?", "profile.pdf", "oak planks"),
        ("Which languages does she speak?", "profile.pdf", "Danish"),
        ("Who wrote the letter?", "letter.pdf", "Priya Marsh"),
        ("Can a berth be cancelled?", "questions.pdf", "before the first of March"),
        ("When are dues collected?", "questions.pdf", "last week of April"),
        ("How big is the tank?", "manual.pdf", "12 litres"),
    ],
)
def test_it_is_quoted_first(library: Library, question: str, name: str, expected: str) -> None:
    assert expected in first_quote(library, question, name)


def test_a_label_says_where(library: Library) -> None:
    assert "Place: Sail loft" in library.ask("Where was the meeting of berth holders?").answer.text


def test_no_quote_runs_into_the_heading_below(library: Library) -> None:
    assert "Skills" not in first_quote(library, "Which languages does she speak?", "profile.pdf")


def test_a_price_comes_close_where_nothing_else_is_asked(tmp_path: Path) -> None:
    (tmp_path / "lease.pdf").write_bytes(page((BOLD, 14, "Lease"), (PLAIN, 10, "Tenants pay 2,150.00 euros a month.")))
    with Library(tmp_path / "home") as own:
        own.add(tmp_path / "lease.pdf")
        assert own.ask("What does it cost?").answer.certainty is Certainty.CLOSEST
        assert own.ask("What does the red boat of the harbour master cost?").answer.certainty is not Certainty.ANSWERED


def test_an_address_that_may_be_another_s_is_no_sure_answer(library: Library) -> None:
    answer = library.ask("What is the email address of the plumber?").answer
    assert answer.certainty is not Certainty.ANSWERED
