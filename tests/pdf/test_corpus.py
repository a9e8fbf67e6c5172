"""What must hold on every real document: boxes on ink, numbers intact, text at the span is the quote."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from unicodedata import normalize

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw
import pytest

from recto.pdf import drawing, native
from recto.pdf.furniture import furniture
from recto.pdf.layout import ReadPage
from recto.pdf.passages import passages
from recto.pdf.read import Reader, Source
from recto.pdf.visibility import objects as painting
from recto.types import FULL, Page
from support.paths import PASSWORDS

NUMERAL = re.compile(r"\d[\d.,]*")
CHECK_MARK = re.compile(r"\[[ x]\]")
WIDTH = 1200  # pixels: a full stop is two dots wide


@cache
def read(reader: Reader, path: Path) -> tuple[Source, list[ReadPage]]:
    """A document's pages, read once for all tests."""
    source = reader.open(path, PASSWORDS.get(path.name))
    pages = [result.read for result in reader.pages(source)]
    return source, sorted(pages, key=lambda read: read.page.number)


def picture(document: pdfium.PdfDocument, page: Page) -> np.ndarray:
    """What a worker draws; it would open the file anew for each page."""
    return np.asarray(drawing.draw(document, page.number, WIDTH).convert("L"), np.int16)


def inked(image: np.ndarray, box: np.ndarray) -> bool:
    """Tell whether anything is drawn in the box: two dots that differ."""
    height, width = image.shape
    x0, y0, x1, y1 = box.astype(np.float64) / FULL * [width, height, width, height]
    part = image[int(y0) : int(np.ceil(y1)) + 1, int(x0) : int(np.ceil(x1)) + 1]
    return part.size > 0 and int(np.ptp(part)) > 16


@pytest.mark.slow
def test_every_word_box_lies_on_ink(sample: Path, reader: Reader) -> None:
    _, reads = read(reader, sample)
    with pdfium.PdfDocument(sample, password=PASSWORDS.get(sample.name)) as document:
        document.init_forms()
        for page in (read.page for read in reads):
            image = picture(document, page)
            bare = [
                page.text[start:end]
                for (start, end), box in zip(page.spans.tolist(), page.boxes, strict=True)
                if not inked(image, box)
            ]
            assert not bare, f"{sample.name}, page {page.number + 1}: no ink under {bare[:10]}"


@pytest.mark.slow
def test_every_word_box_lies_on_ink_of_text(sample: Path, reader: Reader) -> None:
    """On some pages the ink under a word is gone when the page is rendered without its texts, or is a scan's."""
    _, reads = read(reader, sample)
    with pdfium.PdfDocument(sample, password=PASSWORDS.get(sample.name)) as document:
        has_form = document.get_formtype() != raw.FORMTYPE_NONE
        document.init_forms()
        for page in (read.page for read in reads[:: max(len(reads) // 4, 1)]):
            ink, scan = ink_of_text(document, page.number)
            # Of a check box recto says in words of its own whether it is checked: its picture is no text.
            check_marks = (
                {at for mark in CHECK_MARK.finditer(page.text) for at in range(*mark.span())} if has_form else set()
            )
            bare = [
                page.text[start:end]
                for (start, end), box in zip(page.spans.tolist(), page.boxes, strict=True)
                if not inked(ink, box) and not inked(scan, box) and start not in check_marks
            ]
            assert not bare, f"{sample.name}, page {page.number + 1}: no ink of {bare[:10]}"


def ink_of_text(document: pdfium.PdfDocument, number: int) -> tuple[np.ndarray, np.ndarray]:
    """How much each dot of a page changes when its texts are left out; and the pictures of the page alone."""
    sheet = native.upright(document, number)
    page, turns = sheet.page, sheet.turns
    objects = painting.unfolded(painting.PageContent.of_page(page), layered=False, whole=True)
    whole = page.render(scale=2).to_numpy()[:, :, :3].astype(np.int16)
    with painting.without(objects.handles[objects.kinds == painting.TEXT].tolist()):
        bare = page.render(scale=2).to_numpy()[:, :, :3].astype(np.int16)
    with painting.without(objects.handles[objects.kinds != painting.IMAGE].tolist()):
        scan = page.render(scale=2).to_numpy()[:, :, :3].astype(np.int16)
    return np.rot90(np.abs(whole - bare).max(2), -turns), np.rot90(scan.min(2), -turns)


def test_words_cover_the_text_and_lie_inside_the_page(sample: Path, reader: Reader) -> None:
    _, reads = read(reader, sample)
    for page in (read.page for read in reads):
        covered = {at for start, end in page.spans.tolist() for at in range(start, end)}
        assert covered == {at for at, char in enumerate(page.text) if not char.isspace()}
        assert (page.spans[1:, 0] >= page.spans[:-1, 1]).all()
        assert (page.boxes[:, :2] < page.boxes[:, 2:]).all()
        assert all(0 <= value <= 1 for rect in page.rects(0, len(page.text)) for value in rect.as_list())


def test_every_numeral_of_the_text_layer_survives(sample: Path, reader: Reader) -> None:
    source, reads = read(reader, sample)
    running = furniture(reads)
    with pdfium.PdfDocument(sample, password=PASSWORDS.get(sample.name)) as document:
        for page, edges in zip((read.page for read in reads), running, strict=True):
            theirs = _numerals(_text_layer(document, page.number))
            assert _numerals(page.text) == theirs, f"page {page.number + 1} of {sample.name}"
            kept = Counter[str]()
            for passage in passages(page, source.path.name, furniture=edges):
                assert passage.text == page.text[passage.span.start : passage.span.end]
                kept += _numerals(passage.text)
            for line in edges:
                kept += Counter() if line.new else _numerals(page.text[slice(*line.place)])
            assert kept == theirs, f"page {page.number + 1} of {sample.name}"


def _text_layer(document: pdfium.PdfDocument, number: int) -> str:
    """PDFium's own text of the page, as its plain interface gives it; its hyphen mark as a hyphen."""
    page = document[number]
    page.set_rotation(0)
    return page.get_textpage().get_text_range().replace("\ufffe\r\n", "-").replace("\ufffe", "-")


def _numerals(text: str) -> Counter[str]:
    numerals = NUMERAL.findall(normalize("NFKC", text))  # a raised mark is a digit there
    return Counter(numeral.rstrip(".,") for numeral in numerals)  # PDFium may break the line before a stop


def test_repeated_heads_are_known_and_stay_in_the_page(examples: Path, reader: Reader) -> None:
    _, reads = read(reader, examples / "fda-general-principles-software-validation.pdf")
    running = furniture(reads)
    assert sum(bool(edges) for edges in running) >= 45
    heads = {
        " ".join(read.page.text[slice(*line.place)].split())
        for read, edges in zip(reads, running, strict=True)
        for line in edges
    }
    assert any("Guidance for Industry and FDA Staff" in head for head in heads)
    assert not any("validation is" in head.lower() for head in heads)
