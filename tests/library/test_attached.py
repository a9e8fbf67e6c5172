"""What a PDF holds beside its pages: attached PDFs are documents of their own, the rest is a problem that is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from pikepdf import AttachedFileSpec

from recto import Library, wire
from recto.cli import recto
from recto.pdf import unread
from recto.types import AddStatus
from support.annotated import Annotated, with_attachments, xml_form
from support.pdfs import Sheet, pdf, text_pdf

COVER = text_pdf("This is a portfolio.")
OFFER = text_pdf("The guarantee runs for seven years.")


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    with Library(home) as library:
        yield library


def added(library: Library, folder: Path, content: bytes) -> list[tuple[str, str]]:
    """The name of each document, and the kind of its problem."""
    path = folder / "portfolio.pdf"
    path.write_bytes(content)
    outcomes = library.add(path)
    assert all(not (outcome.problem and str(folder) in outcome.problem.message) for outcome in outcomes[1:])
    return [(outcome.document.name, outcome.problem.kind if outcome.problem else "") for outcome in outcomes]


def test_attached_pdfs_are_documents_that_say_where_they_came_from(library: Library, tmp_path: Path) -> None:
    inner = with_attachments(OFFER, {"terms.pdf": text_pdf("Payment is due in May.")})
    names = ["portfolio.pdf", "offer.pdf, attached to portfolio.pdf"]
    deepest = "terms.pdf, attached to offer.pdf, attached to portfolio.pdf"
    assert added(library, tmp_path, with_attachments(COVER, {"folder/offer.pdf": inner})) == [
        *((name, "") for name in names),
        (deepest, ""),
    ]
    citation = library.ask("How long does the guarantee run?").answer.citations[0]
    assert citation.document.name == names[1]
    assert citation.document.title == "offer, attached to portfolio"
    assert library.ask("When is payment due?").answer.citations[0].document.name == deepest


def test_a_pdf_that_lies_on_a_page_as_a_symbol_is_read_once(library: Library, tmp_path: Path) -> None:
    cover = Annotated(COVER)
    file = AttachedFileSpec(cover.pdf, OFFER, filename="offer.pdf")
    cover.annotation("FileAttachment", (300, 700, 320, 720), FS=file.obj)
    cover.annotation("FileAttachment", (300, 600, 320, 620), FS=file.obj)
    names = ["portfolio.pdf", "offer.pdf, attached to portfolio.pdf"]
    assert added(library, tmp_path, cover.file()) == [(name, "") for name in names]
    assert library.ask("How long does the guarantee run?").answer.citations[0].document.name == names[1]


def test_what_is_attached_and_not_read_is_named(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unread, "MOST", 1)
    files = {"a.pdf": OFFER, "b.pdf": OFFER, "prices.xlsx": b"PK"}
    path = tmp_path / "portfolio.pdf"
    path.write_bytes(with_attachments(COVER, files))
    cover, *others = library.add(path)
    assert cover.problem is not None
    assert cover.problem.kind == "attachments"
    assert "b.pdf, prices.xlsx" in cover.problem.message
    assert [outcome.document.name for outcome in others] == ["a.pdf, attached to portfolio.pdf"]


def test_an_attached_pdf_that_is_none_fails_by_itself(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "portfolio.pdf"
    path.write_bytes(with_attachments(COVER, {"broken.pdf": b"no PDF at all"}))
    cover, broken = library.add(path)
    assert cover.status is AddStatus.ADDED
    assert broken.status is AddStatus.FAILED
    assert broken.problem is not None
    assert broken.problem.message.startswith("broken.pdf, attached to portfolio.pdf: this is no PDF")


def test_a_form_whose_content_is_xml_is_told(library: Library, tmp_path: Path) -> None:
    assert added(library, tmp_path, xml_form(text_pdf("Please wait."))) == [("portfolio.pdf", "xml_form")]


def test_an_xml_form_with_fields_on_its_pages_is_read(library: Library, tmp_path: Path) -> None:
    form = Annotated(pdf(Sheet([(72, 700, 11, "Rent:")])))
    form.value((150, 697, 250, 710), "950")
    content = form.file(xml=True)
    assert added(library, tmp_path, content) == [("portfolio.pdf", "")]
    assert library.page("portfolio.pdf", 0).text.split() == ["Rent:", "950"]


def test_all_problems_of_a_file_are_told(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "portfolio.pdf"
    for text in ("An older cover.", "A cover."):
        path.write_bytes(with_attachments(xml_form(text_pdf(text)), {"prices.xlsx": b"PK"}))
        (outcome,) = library.add(path)
    kinds = ["xml_form", "attachments", "other_version"]
    assert [problem.kind for problem in outcome.problems] == kinds
    assert outcome.problem == outcome.problems[0]
    report = wire.added(outcome)
    assert (report["problem"], [problem["kind"] for problem in report["problems"]]) == (report["problems"][0], kinds)
    result = CliRunner().invoke(recto, ["add", str(path), "--reread", "--home", str(library.settings.home)])
    assert [line.split(": ")[0] for line in result.stderr.splitlines()].count("added") == 3
