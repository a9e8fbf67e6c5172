"""Answers to take along: the same words, pages and boxes, whatever the file, and nothing in them but data."""

import csv
import io
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from PIL import Image

from recto import Library
from recto.errors import BadSetting, ChangeForbidden, PasswordNeeded, QuoteNotFound
from recto.exports import CitedAnswer, export
from recto.exports.quotes import escaped, spreadsheet_cell
from recto.types import Answer
from support.highlights import QUESTION, QUOTE, TOLERANCE, corners, marked, turned
from support.live import small_disk
from support.pdfs import pdf, text_pdf

PAPER = (
    "Cooling of Pumps in Cold Halls",
    "by Ada Brandt",
    "12 May 2021, doi:10.1234/pumps.77",
    QUOTE,
)
DOTS = 72  # an inch, of the pages that are drawn


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    with Library(home) as library:
        yield library


def ask(library: Library, tmp_path: Path, data: bytes, *, password: str | None = None) -> Answer:
    path = tmp_path / "pumps.pdf"
    path.write_bytes(data)
    library.add(path, password=password)
    return library.ask(QUESTION).answer


def take(library: Library, answer: Answer, target: Path, *, password: str | None = None) -> None:
    export(library, CitedAnswer.of(QUESTION, answer), target, password=password)


def by_poppler(path: Path, folder: Path) -> Image.Image:
    subprocess.run(["pdftoppm", "-cropbox", "-r", str(DOTS), "-png", "-singlefile", path, folder / "page"], check=True)
    return Image.open(folder / "page.png")


def by_pdfium(path: Path, folder: Path) -> Image.Image:
    """As Chromium's own reader does."""
    with pdfium.PdfDocument(path) as document:
        return document[0].render(scale=DOTS / 72, may_draw_forms=False).to_pil()


@pytest.mark.parametrize("drawn", [by_poppler, by_pdfium])
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_highlights_lie_on_the_quotes_of_turned_and_cropped_pages(
    library: Library, tmp_path: Path, turn: int, drawn: Callable[[Path, Path], Image.Image]
) -> None:
    answer = ask(library, tmp_path, pdf(turned(turn)))
    (place, *_) = answer.quotes
    target = tmp_path / "answer.pdf"
    take(library, answer, target)
    with pikepdf.open(target) as excerpt:
        (page,) = excerpt.pages
        (highlight,) = page.Annots
        assert (highlight.Subtype, highlight.T) == ("/Highlight", "recto")
        assert str(highlight.Contents) == f"{QUESTION}\npumps.pdf, page 1"
    assert marked(drawn(target, tmp_path)) == pytest.approx(corners(place), abs=TOLERANCE)


def test_only_the_cited_pages_go_along_and_the_documents_stay_as_they_are(library: Library, tmp_path: Path) -> None:
    answer = ask(library, tmp_path, text_pdf("The boiler burns coal.", QUOTE, "Nothing else is said here."))
    kept = tmp_path / "kept.pdf"
    library.copy_source("pumps.pdf", kept)
    target = tmp_path / "answer.pdf"
    target.write_bytes(b"what lay there")
    take(library, answer, target)
    library.copy_source("pumps.pdf", tmp_path / "after.pdf")
    with pikepdf.open(target) as excerpt:
        assert len(excerpt.pages) == len({place.span.page for place in answer.quotes})
    assert (tmp_path / "after.pdf").read_bytes() == kept.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"library", "pumps.pdf", "kept.pdf", "answer.pdf", "after.pdf"}


def test_encrypted_pdfs_need_their_password_and_their_owner_may_forbid_it(library: Library, tmp_path: Path) -> None:
    plain = pikepdf.open(io.BytesIO(text_pdf(QUOTE)))
    locked, forbidden = io.BytesIO(), io.BytesIO()
    plain.save(locked, encryption=pikepdf.Encryption(owner="own", user="let me in"))
    rights = pikepdf.Permissions(modify_annotation=False, modify_other=False)
    plain.save(forbidden, encryption=pikepdf.Encryption(owner="own", user="", allow=rights))
    target = tmp_path / "answer.pdf"
    answer = ask(library, tmp_path, locked.getvalue(), password="let me in")
    with pytest.raises(PasswordNeeded, match=r"pumps\.pdf: it is encrypted and needs its password"):
        take(library, answer, target)
    take(library, answer, target, password="let me in")
    target.write_bytes(b"what lay there")
    library.remove("pumps.pdf")
    answer = ask(library, tmp_path, forbidden.getvalue())
    with pytest.raises(ChangeForbidden, match=r"pumps\.pdf: its owner forbids adding comments"):
        take(library, answer, target)
    assert target.read_bytes() == b"what lay there"
    take(library, answer, tmp_path / "answer.md")


def test_what_cannot_be_written_is_said_before_anything_is(library: Library, tmp_path: Path) -> None:
    answer = library.ask(QUESTION).answer
    with pytest.raises(QuoteNotFound, match="cites no page"):
        take(library, answer, tmp_path / "answer.pdf")
    with pytest.raises(BadSetting, match=r"no answer is written as \.docx"):
        take(library, answer, tmp_path / "answer.docx")
    with pytest.raises(BadSetting, match="there is no folder"):
        take(library, answer, tmp_path / "nowhere" / "answer.md")
    assert not list(tmp_path.glob("answer.*"))


def test_each_text_holds_the_quotes_and_where_they_stand(library: Library, tmp_path: Path) -> None:
    answer = ask(library, tmp_path, text_pdf("\n".join(PAPER)))
    texts = {}
    for form in ("md", "txt", "csv", "json", "bib"):
        take(library, answer, tmp_path / f"answer.{form}")
        texts[form] = (tmp_path / f"answer.{form}").read_text()
    assert f"> {QUOTE}\n>\n> [pumps.pdf, page 1]({(tmp_path / 'pumps.pdf').as_uri()}#page=1)\n" in texts["md"]
    assert f'"{QUOTE}"\n  -- pumps.pdf, page 1' in texts["txt"]
    row = next(row for row in csv.DictReader(io.StringIO(texts["csv"])) if row["quote"] == QUOTE)
    place = next(place for place in answer.quotes if place.quote == QUOTE)
    assert (row["document"], row["page"], row["start"], row["end"]) == (
        *("pumps.pdf", "1"),
        *(str(place.span.start), str(place.span.end)),
    )
    boxes = [[float(side) for side in box.split()] for box in row["boxes"].split("; ")]
    assert np.array(boxes) == pytest.approx(np.array([rect.as_list() for rect in place.rects]), abs=1e-5)
    (item,) = json.loads(texts["json"])
    assert (item["title"], item["author"], item["issued"], item["DOI"], item["page"]) == (
        PAPER[0],
        [{"literal": "Ada Brandt"}],
        {"date-parts": [[2021]]},
        "10.1234/pumps.77",
        "1",
    )
    assert "author = {{Ada Brandt}}" in texts["bib"]
    assert "doi = {10.1234/pumps.77}" in texts["bib"]


def test_a_spreadsheet_works_nothing_out_of_a_document(library: Library, tmp_path: Path) -> None:
    answer = ask(
        library, tmp_path, text_pdf('=HYPERLINK("http://elsewhere.example") is what the pump of hall 3 moves.')
    )
    take(library, answer, tmp_path / "answer.csv")
    (row, *_) = csv.DictReader(io.StringIO((tmp_path / "answer.csv").read_text()))
    assert row["quote"].startswith("'=HYPERLINK")


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("\uff1d1+1", "'\uff1d1+1"),
        ("a;=1+1;b", "a; '=1+1;b"),
        ('a;"=1+1";b', 'a; \'"=1+1";b'),
        ("-3.5 %", "-3.5 %"),
        ("one; two - three = five", "one; two - three = five"),
    ],
)
def test_no_cell_begins_with_a_formula_however_cells_are_parted(text: str, cell: str) -> None:
    assert spreadsheet_cell(text) == cell


@given(st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs", "Cc"))))
def test_nothing_of_a_document_is_markdown(text: str) -> None:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(f"> {escaped(text)}")
    kinds = {token.type for block in tokens for token in [block, *(block.children or [])]}
    assert kinds <= {
        "blockquote_open",
        "blockquote_close",
        "paragraph_open",
        "paragraph_close",
        "inline",
        "text",
        "text_special",
    }


@pytest.mark.parametrize("name", ["answer.pdf", "answer.md", "answer.csv"])
@pytest.mark.usefixtures("own_workers")
def test_a_full_disk_is_said_and_what_lay_there_stays(library: Library, tmp_path: Path, name: str) -> None:
    answer = ask(library, tmp_path, text_pdf(*PAPER))
    folder = tmp_path / "disk"
    with small_disk(folder, megabytes=1):
        target = folder / name
        target.write_text("the former answer")
        (folder / "ballast").write_bytes(bytes(shutil.disk_usage(folder).free))
        with pytest.raises(OSError, match="No space left") as full:
            take(library, answer, target)
        assert full.value.filename == str(target)
        assert target.read_text() == "the former answer"
        assert sorted(path.name for path in folder.iterdir()) == sorted([name, "ballast"])
