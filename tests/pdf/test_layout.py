"""Arranging characters: what holds for any characters and boxes that PDFium may hand over."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recto.pdf.layout import arrange
from recto.pdf.native import Glyphs
from recto.pdf.read import Reader
from recto.types import Flag, Page
from support.paths import EXAMPLES

codes = st.one_of(
    st.integers(0, 0x110010),
    st.sampled_from([0, 2, 10, 13, 32, 45, 0xA0, 0xAD, 0xD800, 0xFFFE, 0x4E00, 0x627, 0x1F600]),
    st.integers(97, 122),
)
shares = st.floats(-0.5, 1.5, width=32)


@st.composite
def glyphs(draw: st.DrawFn) -> Glyphs:
    values = draw(st.lists(codes, max_size=60))
    boxes = draw(arrays(np.float32, (len(values), 4), elements=shares))
    weights = draw(arrays(np.int32, len(values), elements=st.integers(0, 900)))
    return Glyphs(
        codes=np.array(values, np.uint32),
        boxes=boxes,
        weights=weights,
        traits=draw(arrays(np.uint8, len(values), elements=st.integers(0, 15))),
        width=612.0,
        height=792.0,
    )


@settings(max_examples=300, deadline=None)
@given(glyphs())
def test_any_characters_make_a_page(given_glyphs: Glyphs) -> None:
    read = arrange(0, given_glyphs)
    page = read.page
    covered = [at for start, end in page.spans.tolist() for at in range(start, end)]
    assert covered == [at for at, char in enumerate(page.text) if not char.isspace()]
    assert (page.boxes[:, :2] <= page.boxes[:, 2:]).all()
    assert page.rects(0, len(page.text)) or not page.text.strip()
    assert all(0 <= start < end <= len(page.text) for start, end in read.lines.spans.tolist())
    assert "\0" not in page.text
    assert all(page.text[trait.start : trait.end].strip() for trait in page.traits)


def test_letters_from_the_right_without_boxes_are_read() -> None:
    nowhere = np.zeros((3, 4), np.float32)
    assert arrange(0, replace(line_of("\u0590\n\u0590"), boxes=nowhere)).page.text == "\u0590\n\u0590"


def line_of(text: str) -> Glyphs:
    """Characters side by side on lines of 80."""
    n = len(text)
    x, y = np.arange(n) % 80 / 80, np.arange(n) // 80 / 80
    boxes = np.column_stack((x, y, x + 0.01, y + 0.01)).astype(np.float32)
    return Glyphs(
        codes=np.array([ord(c) for c in text], np.uint32),
        boxes=boxes,
        weights=np.zeros(n, np.int32),
        traits=np.zeros(n, np.uint8),
        width=612.0,
        height=792.0,
    )


ENGLISH = "The valve is closed by hand before the pump is started, and opened again slowly afterwards. " * 6


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        (ENGLISH, Flag.TEXT),
        ("", Flag.EMPTY),
        (" \n ", Flag.EMPTY),
        ("12", Flag.TEXT),
        ("".join(chr(0xE000 + ord(c)) for c in ENGLISH), Flag.GARBLED),
        (ENGLISH.translate({ord(c): "\ufffd" for c in "aeiou"}), Flag.GARBLED),
        ("".join(chr((ord(c) - 97 + 3) % 26 + 97) if c.isalpha() else c for c in ENGLISH.lower()), Flag.GARBLED),
        ("Das Ventil wird von Hand geschlossen, bevor die Pumpe anläuft. " * 8, Flag.TEXT),
        ("Zawór zamyka się ręcznie przed uruchomieniem pompy, a potem otwiera. " * 8, Flag.TEXT),
        ("клапан закрывают вручную перед пуском насоса " * 8, Flag.TEXT),
        ("启动泵之前用手关闭阀门，然后慢慢打开。" * 20, Flag.TEXT),
        ("4,795.5 16% 1,336.4 13% 671.0 3% " * 20, Flag.TEXT),
    ],
)
def test_text_that_cannot_be_trusted_is_flagged(text: str, flag: Flag) -> None:
    assert arrange(0, line_of(text)).page.flag is flag


def page_of(*words: tuple[str, tuple[int, int, int, int]]) -> Page:
    text = " ".join(word for word, _ in words)
    starts = np.cumsum([0, *(len(word) + 1 for word, _ in words)])[:-1]
    spans = np.column_stack((starts, starts + [len(word) for word, _ in words])).astype(np.uint32)
    boxes = np.array([box for _, box in words], np.uint16)
    return Page(number=0, width=612, height=792, flag=Flag.TEXT, text=text, spans=spans, boxes=boxes)


def test_words_of_a_line_share_a_box_and_lines_do_not() -> None:
    page = page_of(("one", (100, 100, 200, 150)), ("two", (220, 102, 300, 152)), ("three", (100, 200, 250, 250)))
    assert [[round(v * 65535) for v in rect.as_list()] for rect in page.rects(0, 13)] == [
        [100, 100, 300, 152],
        [100, 200, 250, 250],
    ]
    assert len(page.rects(4, 5)) == 1


def test_a_line_from_right_to_left_is_one_box() -> None:
    page = page_of(("one", (5000, 100, 6000, 150)), ("two", (3000, 100, 4800, 150)))
    (rect,) = page.rects(0, 7)
    assert round(rect.x0 * 65535) == 3000


@pytest.mark.slow
def test_boxes_hold_the_words_by_pdfium_s_own_account(reader: Reader) -> None:
    """Ask PDFium which text lies in each word's box: an account independent of our spans."""
    import pypdfium2 as pdfium

    path = EXAMPLES / "riscv-reri-architecture.pdf"
    pages = {result.read.page.number: result.read.page for result in reader.pages(reader.open(path))}
    with pdfium.PdfDocument(path) as document:
        for number in range(5, 25):
            page, text = pages[number], document[number].get_textpage()
            for (start, end), (x0, y0, x1, y1) in zip(page.spans.tolist(), page.boxes / 65535, strict=True):
                box = x0 * page.width, page.height * (1 - y1), x1 * page.width, page.height * (1 - y0)
                theirs = text.get_text_bounded(*box).replace("\r\n", "").replace("\x02", "-")
                assert page.text[start:end] in theirs
