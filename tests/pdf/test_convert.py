"""Other files than PDFs: told by what they hold, laid out on pages without a loss, refused where they are bad."""

import http.server
import re
import threading
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recto.errors import ConverterMissing, DamagedPdf, FileProblem, NotAPdf
from recto.file_kinds import ENDINGS, HEAD, FileKind, kind_of
from recto.pdf.convert import mail, markup, office, pictures, texts, typeset
from recto.pdf.convert.blocks import Block, BlockKind, Style
from recto.pdf.opening import as_pdf
from recto.pdf.read import Reader
from recto.types import TraitKind
from support import files
from support.paths import HERE
from support.pdfs import text_pdf

MARKDOWN = """\
# Pump handbook Ünïcode

The **boiler** of hall 5 burns *14 tonnes* of coal a day. Ο λέβητας καίει άνθρακα. Котёл жжёт уголь.

1. Close the valve.
2. Open the drain.
   - first of all

| Year | Revenue |
|------|--------:|
| 2023 | 1,200   |
| 2024 | (30)    |

    a line  as it is
"""


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(workers=1) as reader:
        yield reader


def page_texts(reader: Reader, path: Path, name: str = "") -> list[str]:
    with as_pdf(reader, path, name or path.name, None) as source:
        reads = sorted((result.read.page for result in reader.pages(source)), key=lambda page: page.number)
    return [page.text for page in reads]


def words(blocks: list[Block]) -> list[str]:
    return ["".join(run.text for run in block.runs) for block in blocks]


# --- kinds -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (text_pdf("x"), "a.txt", FileKind.PDF),
        (b"junk before it %PDF-1.4\n", "a.pdf", FileKind.PDF),
        (files.picture("PNG"), "scan.pdf", FileKind.PICTURE),
        (files.picture("WEBP"), "a", FileKind.PICTURE),
        (files.HEIC, "IMG_1.JPG", FileKind.PICTURE),
        (files.docx("x"), "report.zip", FileKind.OFFICE),
        (b"{\\rtf1 x}", "a.txt", FileKind.OFFICE),
        (b"PK\x03\x04 of something else", "a.zip", None),
        (b"Of %PDF-1.7 this text says how it begins", "notes.md", FileKind.MARKDOWN),
        (b"<!DOCTYPE html><p>x", "page.txt", FileKind.HTML),
        (b"<p>a part of a page", "page.htm", FileKind.HTML),
        (files.MAIL, "mail.txt", FileKind.MAIL),
        (files.MAIL, "1234", FileKind.MAIL),
        (b"Yes: it is\nNo: it is not\n", "a.txt", FileKind.TEXT),
        (b"<html>not found", "paper.pdf", None),
        (b"words", "photo.png", None),
        (b"words", "unknown", None),
        (b"\x00\x01\x02", "a.txt", None),
    ],
)
def test_a_file_is_told_by_what_it_holds_and_a_text_by_its_name(content: bytes, name: str, kind: FileKind) -> None:
    assert kind_of(content[:HEAD], name) is kind


def test_the_page_takes_the_files_that_recto_reads() -> None:
    html = (HERE.parent / "src" / "recto" / "server" / "static" / "index.html").read_text()
    assert re.findall(r'accept="([^"]+)"', html) == [",".join(ENDINGS)]


# --- texts -----------------------------------------------------------------------------------------------------------
def test_markdown_becomes_headings_lists_and_tables(reader: Reader, tmp_path: Path) -> None:
    path = files.write(tmp_path / "notes.md", MARKDOWN)
    with as_pdf(reader, path, path.name, None) as source:
        assert source.outline == ((0, "Pump handbook Ünïcode", 0),)
        assert (source.original, source.notice) == (path, "")
        text = next(iter(reader.pages(source))).read.page.text
    assert text.splitlines() == [
        "Pump handbook Ünïcode",
        "The boiler of hall 5 burns 14 tonnes of coal a day. Ο λέβητας καίει άνθρακα. Котёл жжёт уголь.",
        "1. Close the valve.",
        "2. Open the drain.",
        "• first of all",
        "Year Revenue",
        "2023 1,200",
        "2024 (30)",
        "a line as it is",
    ]


def test_a_long_text_loses_no_word(reader: Reader, tmp_path: Path) -> None:
    paragraphs = [f"Paragraph {number} says {number * 7} things, and more. " * 9 for number in range(120)]
    pages = page_texts(reader, files.write(tmp_path / "long.txt", "\n\n".join(paragraphs)))
    assert len(pages) > 3
    assert " ".join(pages).split() == " ".join(paragraphs).split()


@pytest.mark.parametrize("text", ["x" * 700, "Name   Age\n" + "y" * 700, "https://example.org/" + "path/" * 90])
def test_a_word_longer_than_a_line_stays_on_the_page(reader: Reader, tmp_path: Path, text: str) -> None:
    (page,) = page_texts(reader, files.write(tmp_path / "a.txt", text))
    assert "".join(page.split()) == "".join(text.split())
    with as_pdf(reader, tmp_path / "a.txt", "a.txt", None) as source, pdfium.PdfDocument(source.path) as document:
        ink = np.argwhere(document[0].render(grayscale=True).to_numpy() < 128)
    assert ink[:, 1].max() < 595 - 30


def test_a_long_line_of_columns_breaks_between_words(reader: Reader, tmp_path: Path) -> None:
    row = "pump  4711  " + "confirmation of the registration of employees " * 8
    path = tmp_path / "log.txt"
    path.write_text(f"name  code  remarks\n{row}\nseal  4712  none\n")
    (text,) = page_texts(reader, path)
    assert text.split() == path.read_text().split()


def test_the_same_text_gives_the_same_pdf() -> None:
    blocks = texts.plain("One line.")
    assert typeset.pdf(blocks) == typeset.pdf(blocks)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_text_is_read_in_its_encoding(encoding: str) -> None:
    assert texts.decoded("Grüße – café".encode(encoding)) == "Grüße – café"


def test_characters_without_a_sign_are_said_and_shown() -> None:
    made, notice = typeset.pdf(texts.plain("A line of words and \U0003fff0 in it."))
    assert notice == "1 of 28 characters have no sign in any font here (\U0003fff0)"
    assert "words and � in" in pdfium.PdfDocument(made)[0].get_textpage().get_text_range()


def test_a_text_of_characters_without_a_sign_is_refused(reader: Reader, tmp_path: Path) -> None:
    path = files.write(tmp_path / "wancho.txt", "\U0003fff0\U0003fff1 \U0003fff2")
    with pytest.raises(DamagedPdf, match=r"3 of 4 characters have no sign in any font here"):
        page_texts(reader, path)


SAYABLE = st.characters(max_codepoint=0x52F, categories=("L", "N", "P", "S"), exclude_characters="\u0149\u01c0\u0338")


@settings(max_examples=25)
@given(st.lists(st.text(SAYABLE, min_size=1, max_size=12), min_size=1, max_size=30))
def test_whatever_a_line_holds_it_is_data(line: list[str]) -> None:
    made, notice = typeset.pdf(texts.plain(" ".join(line)))
    text = pdfium.PdfDocument(made)[0].get_textpage().get_text_range()
    if not notice:
        assert _letters(text) == _letters("".join(line))


def _letters(text: str) -> list[str]:
    """Without spaces and hyphens, which the ends of lines change, and in one normal form."""
    return sorted(c for c in unicodedata.normalize("NFKD", text) if c.isalnum())


# --- HTML ------------------------------------------------------------------------------------------------------------
def test_html_is_what_a_reader_would_see() -> None:
    blocks = markup.blocks(
        b"""<!doctype html><meta charset=iso-8859-1><title>Gr\xfc\xdfe</title><style>p{}</style>
        <p>Hello <b>bold</b> world<br>  and more<script>run()</script>
        <p hidden>hidden<p style="display: none">gone<div style="font-size:0">tiny</div>
        <ol start=3><li>three<li><p>four</ol><blockquote>said</blockquote><pre>a\n  b</pre><hr>
        <img src=x.png alt="A red pump"><template>not yet</template>"""
    )
    assert words(blocks) == ["Grüße", "Hello bold world\nand more", "three", "four", "said", "a\n  b", "", "A red pump"]
    assert [(block.kind.value, block.level, block.mark) for block in blocks[:5]] == [
        ("heading", 1, ""),
        ("paragraph", 0, ""),
        ("paragraph", 1, "3."),
        ("paragraph", 1, "4."),
        ("paragraph", 1, ""),
    ]
    assert [run.style for run in blocks[1].runs] == [Style.PLAIN, Style.BOLD, Style.PLAIN]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("1,234<sup>5</sup> million", "1,234⁵ million"),
        ("12.03.2024<sup><a href='#1'>5</a>, 6</sup>", "12.03.2024⁵,⁶"),
        ("10<sup>&minus;6</sup> mol and 10<sup>-6</sup> kg", "10⁻⁶ mol and 10⁻⁶ kg"),
        ("H<sub>2</sub>O, x<sub>max</sub>, x<sup>n+1</sup>", "H₂O, xₘₐₓ, xⁿ⁺¹"),
        ("in 2024<sup>[5]</sup> and 2023<sup>(7)</sup>", "in 2024[5] and 2023(7)"),
        ("the 1<sup>st</sup> Widget<sup>TM</sup>", "the 1st Widget™"),
        ("2<sup>1</sup>/<sub>2</sub> cups", "2 1/2 cups"),
        ("10<sup>2Q</sup> and CO<sub>2,Q</sub>", "10(2Q) and CO(2,Q)"),
        ("in 2024 <sup>small print of the year 2023</sup>", "in 2024 small print of the year 2023"),
        ("<pre>10<sup>8</sup>  kg</pre>", "10⁸  kg"),
    ],
)
def test_raised_and_lowered_digits_are_none_of_the_number_beside_them(html: str, text: str) -> None:
    assert words(markup.blocks(html)) == [text]


def test_a_page_says_what_is_raised_and_lowered(reader: Reader, tmp_path: Path) -> None:
    markdown = (
        "In 2024<sup>5</sup> we sold 3 x 10<sup>8</sup> kg of CO<sub>2</sub>, the 1<sup>st</sup> [2]<sup>[7]</sup>"
    )
    assert page_texts(reader, files.write(tmp_path / "a.md", markdown)) == [
        "In 2024⁵ we sold 3 x 10⁸ kg of CO₂, the 1st [2][7]"
    ]


STRUCK = """<h1>Fees <del>2023</del> 2024</h1><p>It is <s>45 euros, so <b>said</b></s> 50, <span
style="text-decoration: line-through">or 7</span> for a day.<table><tr><td>Day<td>Sum<tr><td>May<td><strike>8</strike>
 9</table>"""


def test_struck_words_are_struck_on_the_page_and_told(reader: Reader, tmp_path: Path) -> None:
    path = files.write(tmp_path / "a.html", STRUCK)
    with as_pdf(reader, path, path.name, None) as source:
        page = next(iter(reader.pages(source))).read.page
    struck = [page.text[trait.start : trait.end] for trait in page.traits if trait.kind is TraitKind.STRUCK]
    assert struck == ["2023", "45 euros, so said", "or 7", "8"]
    assert page.text == "Fees 2023 2024\nIt is 45 euros, so said 50, or 7 for a day.\nDay Sum\nMay 8 9"
    blocks = markup.blocks(STRUCK)
    assert typeset.pdf(blocks) == typeset.pdf(blocks)


def test_forms_show_what_is_entered() -> None:
    html = """<label>Name <input value="Ann"></label> <input type=hidden value=x><input type=password value=y>
        <input type=checkbox checked>Heating <input type=radio>Water<p>Floor <select><option>one<option selected>two
        </select> Size <select><option>small<option>big</select> Days <select multiple><option>May</select>
        <textarea>my remark</textarea>
        <table><tr><td>Pets<td><input type=checkbox checked><tr><td>Rent<td><input value="1,250"></table>"""
    blocks = markup.blocks(html)
    assert words(blocks[:-1]) == ["Name Ann [x] Heating [ ] Water", "Floor two Size small Days", "my remark"]
    cells = [["".join(run.text for run in cell) for cell in row] for row in blocks[-1].rows]
    assert cells == [["Pets", "[x]"], ["Rent", "1,250"]]


@pytest.mark.parametrize(
    ("attributes", "marks"),
    [
        ("type=a start=26", ["z.", "aa."]),
        ("type=I start=1998", ["MCMXCVIII.", "MCMXCIX."]),
        ("type=A start=0", ["0.", "A."]),
        ("reversed", ["2.", "1."]),
        ("start=x", ["1.", "2."]),
    ],
)
def test_lists_count_as_they_are_told(attributes: str, marks: list[str]) -> None:
    blocks = markup.blocks(f"<ol {attributes}><li>one<ul><li>in it</ul><li>two</ol>")
    assert [block.mark for block in blocks] == [marks[0], "•", marks[1]]
    (item,) = markup.blocks("<ol type=a><li value=7>seven</ol>")
    assert item.mark == "g."


def test_footnotes_of_markdown_are_raised_and_stay_apart() -> None:
    markdown = """In 2024[^1] we sold 45[^2], see[^why]; not [^x], nor `[^1]`.\n
[^1]: The *first* note.\n[^2]: https://example.org\n[^why]: For 3 reasons."""
    assert words(markup.blocks(texts.markdown_html(markdown))) == [
        "In 2024¹ we sold 45², see[why]; not [^x], nor [^1].",
        "¹ The first note.\n² https://example.org\n[why] For 3 reasons.",
    ]


def test_hebrew_runs_to_the_left() -> None:
    made, notice = typeset.pdf(markup.blocks("<p>ספר ABC-77 בעמוד 12.<ul><li>ראה</ul><p>English, one word: ראה."))
    assert notice == ""
    words = pdfium.PdfDocument(made)[0].get_textpage()
    boxes = {words.get_text_range(at, 1): words.get_charbox(at) for at in range(words.count_chars())}
    assert boxes["פ"][2] > 500  # of a word on the right
    assert boxes["•"][0] > 500
    assert boxes["E"][0] < 60


def test_a_table_keeps_its_cells_and_one_that_only_arranges_does_not() -> None:
    data = "<table><tr><th>Year<th>Sum<tr><td>2024<td>7<tr><td colspan=2>none</table>"
    (table,) = markup.blocks(data)
    assert table.kind is BlockKind.TABLE
    assert table.heads == 1
    assert [[" ".join(run.text for run in cell) for cell in row] for row in table.rows] == [
        ["Year", "Sum"],
        ["2024", "7"],
        ["none", ""],
    ]
    arranged = markup.blocks(f"<table><tr><td>left<td>{data}<tr><td>below</table>")
    assert [block.kind.value for block in arranged] == ["paragraph", "table", "paragraph"]


def test_elements_inside_each_other_without_end_are_read_or_refused(reader: Reader, tmp_path: Path) -> None:
    path = files.write(tmp_path / "deep.html", "<b>" * 3000 + "the bottom")
    assert page_texts(reader, path) == ["the bottom"]


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine, and what it was asked for."""
    paths: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_error(404)

        do_HEAD = do_OPTIONS = do_PROPFIND = do_GET

        def log_message(self, *_: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", paths
        server.shutdown()
        thread.join()


FETCHING = """<html><head><base href="{at}/"><link rel=stylesheet href="{at}/a.css"><style>@import "{at}/b.css";
body {{background: url({at}/c.png)}}</style><script src="{at}/d.js"></script><meta http-equiv=refresh content="0;{at}">
</head><body onload="fetch('{at}/f')"><p>Only this.</p><img src="{at}/g.png"><iframe src="{at}/h"></iframe>
<iframe src="file:///etc/hostname"></iframe><object data="file:///etc/hostname"></object>
<img src="file:///etc/hostname"><embed src="{at}/i"><video poster="{at}/j"></video></body></html>"""


def test_nothing_is_fetched_and_nothing_run(reader: Reader, tmp_path: Path) -> None:
    with listening() as (at, paths):
        html = FETCHING.format(at=at)
        assert page_texts(reader, files.write(tmp_path / "a.html", html)) == ["Only this."]
        picture = f"![]({at}/k.png)\n\n{html}"
        (page,) = page_texts(reader, files.write(tmp_path / "a.md", picture))
        assert page.endswith("Only this.")
    assert paths == []


# --- e-mails ---------------------------------------------------------------------------------------------------------
def test_a_mail_shows_its_headers_its_text_and_what_was_attached() -> None:
    assert words(mail.blocks(files.MAIL)) == [
        "From: Jürgen Adler <adler@example.org>",
        "To: Anna <anna@example.org>",
        "Date: Mon, 02 Nov 2026 10:00:00 +0100",
        "Subject: Réunion on pumps",
        "",
        "Grüße aus Halle 7. The pump of hall 7 delivers 33 litres a second.",
        "",
        "Attachments: plan.pdf",
    ]


def test_a_mail_of_html_alone_is_read_as_html() -> None:
    head = b"From: a@example.org\nSubject: x\nMIME-Version: 1.0\n"
    body = b"Content-Type: text/html; charset=nonsense-7\n\n<p>Caf\xe9<p style='display:none'>preview"
    assert words(mail.blocks(head + body))[-1] == "Café"


# --- pictures --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_a_picture_is_a_page(kind: str, tmp_path: Path) -> None:
    page, size = _drawn(files.write(tmp_path / "a", files.picture(kind)), tmp_path)
    assert size == (pytest.approx(842 * 1240 / 1754), 842)
    assert np.abs(page.astype(int) - np.asarray(files.sheet().resize(page.shape[::-1]))).mean() < 3


def test_all_pages_of_a_tiff_come(reader: Reader, tmp_path: Path) -> None:
    assert page_texts(reader, files.write(tmp_path / "scan.tif", files.tiff())) == ["", ""]


def test_a_heic_is_read(tmp_path: Path) -> None:
    page, size = _drawn(files.write(tmp_path / "a.heic", files.HEIC), tmp_path)
    assert size == (842, 421)
    assert page[200, 200] < 100 < 200 < page[200, 700]


def test_a_picture_is_upright_and_on_white(tmp_path: Path) -> None:
    turned = files.sheet().rotate(90, expand=True)
    exif = type(turned.getexif())()
    exif[0x0112] = 6
    page, size = _drawn(files.write(tmp_path / "a.jpg", files.picture("JPEG", turned, exif=exif)), tmp_path)
    assert size[1] == 842
    assert np.abs(page.astype(int) - np.asarray(files.sheet().resize(page.shape[::-1]))).mean() < 3
    clear = files.sheet().convert("RGBA")
    clear.putalpha(files.sheet().point(lambda level: 255 - level))
    page, _ = _drawn(files.write(tmp_path / "b.png", files.picture("PNG", clear)), tmp_path)
    assert page[5, 5] == 255
    assert page.min() < 50


def _drawn(path: Path, folder: Path) -> tuple[np.ndarray, tuple[float, float]]:
    pictures.convert(path, folder / "made.pdf")
    with pdfium.PdfDocument(folder / "made.pdf") as document:
        page = document[0]
        return page.render(grayscale=True).to_numpy().copy(), page.get_size()


# --- bad files -------------------------------------------------------------------------------------------------------
def _bomb() -> bytes:
    """A PNG of 60,000 x 60,000 pixels in some hundred bytes."""
    head = b"IHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\x00\x00\x00\x00"
    return (
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d" + head + zlib.crc32(head).to_bytes(4, "big") + b"\x00\x00\x00\x00IDAT" * 9
    )


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("cut.png", files.picture("PNG")[:900], "cannot be decoded"),
        ("cut.jpg", files.picture("JPEG")[:2000], "cannot be decoded"),
        ("cut.tif", files.tiff()[:-3000], "cannot be decoded"),
        ("cut.heic", files.HEIC[:-25], "cannot be decoded"),
        ("bomb.png", _bomb(), "60000 x 60000 pixels, the limit is 100 million"),
        ("blank.txt", b" \n\t\n", "there is no text in it"),
        ("blank.html", b"<html><script>x()</script>", "there is no text in it"),
        ("blank.md", b"\n", "there is no text in it"),
        ("long.txt", b"word " * 500_000, "2,499,999 characters of text, the limit is 2,000,000"),
    ],
)
def test_bad_files_are_refused_with_the_reason(
    reader: Reader, tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    path = files.write(tmp_path / name, content)
    with pytest.raises(DamagedPdf, match=re.escape(why)) as caught:
        page_texts(reader, path)
    assert str(path) in caught.value.message
    assert caught.value.hint


@settings(max_examples=30, deadline=None)
@given(
    data=st.binary(max_size=300),
    ending=st.sampled_from(sorted(set(ENDINGS) - {".pdf"})),
    head=st.sampled_from(
        [
            b"",
            b"\x89PNG\r\n\x1a\n",
            b"\xff\xd8\xff",
            b"II*\0",
            b"RIFF0000WEBP",
            b"0000ftypheic",
            b"<html>",
            files.MAIL[:200],
        ]
    ),
)
def test_no_bytes_end_the_reader(
    reader: Reader, tmp_path_factory: pytest.TempPathFactory, data: bytes, ending: str, head: bytes
) -> None:
    if ENDINGS[ending] is FileKind.OFFICE and kind_of(head + data, f"a{ending}") is FileKind.OFFICE:
        return
    path = files.write(tmp_path_factory.mktemp("any") / f"a{ending}", head + data)
    with suppress(FileProblem):
        assert page_texts(reader, path)


# --- office files ----------------------------------------------------------------------------------------------------
def test_without_libreoffice_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    path = files.write(tmp_path / "a.docx", files.docx("Words."))
    with pytest.raises(ConverterMissing, match="LibreOffice, which is not installed") as caught:
        office.convert(path, path.name, tmp_path / "made.pdf")
    assert "apt-get install libreoffice" in caught.value.hint


@pytest.mark.slow
@pytest.mark.skipif(office.available() is None, reason="LibreOffice is not installed")
def test_office_files_are_read_by_libreoffice(reader: Reader, tmp_path: Path) -> None:
    with listening() as (at, paths):
        word = files.docx("The lighthouse keeper earns 900 crowns.", picture_at=f"{at}/picture.png")
        (text,) = page_texts(reader, files.write(tmp_path / "a.docx", word))
    assert "The lighthouse keeper earns 900 crowns." in text
    assert paths == []
    broken = files.write(tmp_path / "broken.docx", b"PK\x03\x04" + bytes(500))
    with pytest.raises(DamagedPdf, match="LibreOffice made no PDF of it"):
        page_texts(reader, broken)


def test_what_is_no_file_that_recto_reads_says_so(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(NotAPdf, match="no other kind of file that recto reads"):
        page_texts(reader, files.write(tmp_path / "a.zip", b"PK\x03\x04"))
