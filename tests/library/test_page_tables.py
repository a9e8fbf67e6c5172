"""How often the tables of pages are worked out while questions are asked."""

from pathlib import Path

import pytest

from recto import Library
from recto.text.grids import table
from recto.types import Grid, Page
from support.pdfs import text_pdf

QUESTION = "How many berths has the harbour of Arran?"


def dues(berths: int) -> bytes:
    """A page about a harbour."""
    return text_pdf(
        f"Harbours of the northern islands\nThe harbour of Arran has {berths} berths for ships of all kinds."
    )


def test_a_page_is_worked_out_once_for_several_questions_and_anew_when_it_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked_out: list[str] = []

    def counted(page: Page, *, boxed: bool) -> list[Grid]:
        worked_out.append(page.text)
        return []

    monkeypatch.setattr(table, "grids", counted)
    file = tmp_path / "harbours.pdf"
    with Library(tmp_path / "home") as library:
        for berths in (131, 132):
            file.write_bytes(dues(berths))
            library.add(file)
            answers = [library.ask(question).answer.text for question in (QUESTION, f"{QUESTION} In ships, please.")]
            assert all(f"{berths} berths" in text for text in answers)
    assert ["131" in text for text in worked_out] == [True, False]
