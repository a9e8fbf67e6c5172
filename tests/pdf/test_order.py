"""The order of reading: documents drawn in an odd order, and pages that must stay as they are drawn."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from recto.pdf.layout import arrange
from recto.pdf.native import Glyphs
from recto.pdf.read import Reader
from recto.types import Page
from support.pdfs import Line, Sheet, lettered, pdf, text_pdf

WORDS = "the valve is closed by hand before the pump is started and opened again slowly when water runs".split()  # noqa: SIM905
TALL, WIDE = 10.0, 5.0  # points: a letter of `glyphs_of`


def page_of(reader: Reader, folder: Path, data: bytes, number: int = 0) -> Page:
    path = folder / "page.pdf"
    path.write_bytes(data)
    return next(r.read.page for r in reader.pages(reader.open(path)) if r.read.page.number == number)


def text_of(reader: Reader, folder: Path, *lines: Line) -> str:
    return page_of(reader, folder, pdf(Sheet(lines))).text


def glyphs_of(*pieces: tuple[float, float, str], tall: float = TALL) -> Glyphs:
    """Pieces at x, y (points from the top left), drawn in this order, a newline behind each."""
    codes, boxes = [], []
    for x, y, text in pieces:
        codes += [ord(char) for char in text] + [10]
        boxes += [(x + WIDE * i, y, x + WIDE * (i + 1), y + tall) for i in range(len(text))] + [(0.0,) * 4]
    n = len(codes)
    return Glyphs(
        codes=np.array(codes, np.uint32),
        boxes=(np.array(boxes, np.float32).reshape(n, 4) / np.float32([600, 800, 600, 800])).astype(np.float32),
        weights=np.zeros(n, np.int32),
        traits=np.zeros(n, np.uint8),
        width=600.0,
        height=800.0,
    )


def lines_of(glyphs: Glyphs) -> list[str]:
    return arrange(0, glyphs).page.text.split("\n")


# --- columns ---------------------------------------------------------------------------------------------------------
def prose(columns: int, rows: int = 30) -> list[list[Line]]:
    """Lines of prose by columns; each begins with its column and row."""
    width = 520 / columns
    count = int((width - 20) / 5.2)
    text = [" ".join(WORDS[(7 * i + j) % len(WORDS)] for j in range(20)) for i in range(rows)]
    return [
        [(50 + width * c, 720 - 12 * i, 10, f"c{c}r{i:02} {text[(i + c) % rows]}"[:count]) for i in range(rows)]
        for c in range(columns)
    ]


@pytest.mark.parametrize("columns", [2, 3, 4])
@pytest.mark.parametrize("heading", [False, True])
def test_columns_that_are_drawn_across_are_read_one_after_the_other(
    reader: Reader, tmp_path: Path, columns: int, heading: bool
) -> None:
    lines = [line for row in zip(*prose(columns), strict=True) for line in row]
    if heading:
        lines = [line for line in lines if line[1] != 600] + [(50, 600, 10, "Heading " + "of the whole page " * 5)]
    heads = [word for word in text_of(reader, tmp_path, *lines).split() if word[:1] in "cH" and word[1:2] in "0123e"]
    if heading:
        at = heads.index("Heading")
        assert heads[:at] == [f"c{c}r{i:02}" for c in range(columns) for i in range(10)]
        heads = heads[at + 1 :]
    assert heads == sorted(heads)


@pytest.mark.parametrize("columns", [1, 2, 3, 4])
def test_a_page_that_is_drawn_in_order_stays_as_it_is(columns: int) -> None:
    pieces = [(x, 800 - y, text) for column in prose(columns) for x, y, _, text in column]
    assert lines_of(glyphs_of(*pieces))[:-1] == [text for _, _, text in pieces]


def test_a_table_of_words_is_no_columns_of_prose() -> None:
    names = ["Harbour Works Limited", "Northern Lights and Sons", "Mill Lane Trading Company", "Quay Street Holding"]
    lands = ["England and Wales", "Scotland, since 2019", "Republic of Ireland", "Kingdom of Norway"]
    rows = [((60, 80 + 20 * i, names[i % 4]), (330, 80 + 20 * i, lands[i % 4])) for i in range(25)]
    pieces = [piece for row in rows for piece in row]
    assert [line for line in lines_of(glyphs_of(*pieces)) if line] == [text for *_, text in pieces]


# --- tables drawn by columns -----------------------------------------------------------------------------------------
def table(columns: int, *, missing: bool = False) -> list[list[str]]:
    """Rows of cells: a label and figures."""
    head = ["Product", *(f"Price {2020 + c}" for c in range(1, columns))]
    goods = ["Ash table", "Birch bench", "Cedar chest", "Oak stool", "Walnut shelf"]
    rows = [[name, *(f"{100 * i + c}.50" for c in range(1, columns))] for i, name in enumerate(goods)]
    if missing:
        rows[1][-1] = rows[3][1] = ""
    return [head, *rows]


def drawn_by_columns(rows: Sequence[Sequence[str]], order: Sequence[int], *, pitch: float = 18.0) -> list[Line]:
    step = 420 / len(rows[0])
    return [(60 + step * c, 690 - pitch * i, 8, rows[i][c]) for c in order for i in range(len(rows)) if rows[i][c]]


@pytest.mark.parametrize("columns", [2, 3, 5, 7])
@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("missing", [False, True])
def test_a_table_drawn_by_columns_is_read_by_rows(
    reader: Reader, tmp_path: Path, columns: int, backwards: bool, missing: bool
) -> None:
    rows = table(columns, missing=missing)
    order = range(columns)[:: -1 if backwards else 1]
    above, below = (60, 720, 11, "Price list of furniture, in euros"), (60, 540, 11, "All prices are with tax.")
    text = text_of(reader, tmp_path, above, *drawn_by_columns(rows, order), below)
    assert text.split("\n") == [above[3], *(" ".join(filter(None, row)) for row in rows), below[3]]


def test_wrapped_heads_and_labels_keep_figures_on_their_rows(reader: Reader, tmp_path: Path) -> None:
    rows = [
        ["", "Price", "Price"],
        ["Product", "2023", "2024"],
        ["Ash table", "410.00", "455.00"],
        ["Cedar chest", "320.00", "333.00"],
        ["with drawers", "", ""],
        ["Oak stool", "88.00", "93.00"],
    ]
    text = text_of(reader, tmp_path, *drawn_by_columns(rows, range(3), pitch=14))
    assert text.split("\n") == [" ".join(filter(None, row)) for row in rows]


def test_a_table_of_words_that_is_set_loosely_is_read_by_rows(reader: Reader, tmp_path: Path) -> None:
    rows = [["Town", "County", "Country"], ["Leeds", "Yorkshire", "England"], ["Oban", "Argyll", "Scotland"]]
    text = text_of(reader, tmp_path, *drawn_by_columns(rows, range(3), pitch=20))
    assert text.split("\n") == [" ".join(row) for row in rows]


@pytest.mark.parametrize("columns", [2, 3])
def test_an_index_in_columns_is_read_down(columns: int) -> None:
    entries = [[(60 + 170 * c, 80 + 12 * i, f"Entry {c}{i:02}, of pumps") for i in range(20)] for c in range(columns)]
    pieces = [piece for column in entries for piece in column]
    assert lines_of(glyphs_of(*pieces))[:-1] == [text for *_, text in pieces]


def test_numbers_of_lines_do_not_come_between_the_lines() -> None:
    numbers = [(40.0, 80 + 24.0 * i, str(i + 1)) for i in range(20)]
    lines = [(70.0, 80 + 24.0 * i, " ".join(WORDS[(i + j) % len(WORDS)] for j in range(14))) for i in range(20)]
    assert lines_of(glyphs_of(*numbers, *lines))[:-1] == [text for *_, text in [*numbers, *lines]]


# --- cells of a line -------------------------------------------------------------------------------------------------
def test_cells_of_a_line_are_read_from_left_to_right(reader: Reader, tmp_path: Path) -> None:
    cells = [(340, 705, 11, "455.00"), (200, 703, 11, "410.00"), (60, 700, 11, "Ash table")]
    assert text_of(reader, tmp_path, *cells) == "Ash table 410.00 455.00"


HEBREW = dict(zip("abcdefghijklmnopqrstuvw", "אבגדהוזחטיכלמנסעפצקרשתם", strict=True))


def hebrew(content: bytes) -> bytes:
    """A page whose small letters are Hebrew ones."""
    return lettered(content, HEBREW)


@pytest.mark.parametrize(
    "content",
    [
        b"BT /H 12 Tf 300 700 Td (2024 hgfe 12,5 dcba) Tj ET",
        b"BT /H 12 Tf 400 700 Td (dcba) Tj ET BT /H 12 Tf 364 700 Td (12,5) Tj ET BT /H 12 Tf 328 700 Td (hgfe) Tj ET "
        b"BT /H 12 Tf 292 700 Td (2024) Tj ET",
    ],
)
def test_a_line_from_the_right_keeps_its_order_and_its_numbers(reader: Reader, tmp_path: Path, content: bytes) -> None:
    right = "".join(HEBREW.get(char, char) for char in "abcd 12,5 efgh 2024")
    assert page_of(reader, tmp_path, hebrew(content)).text == right


@pytest.mark.parametrize(
    "drawn",
    ["hgfe (12,5) dcba", "hgfe )12,5( dcba"],  # as they look on the page, and as some files say it
)
def test_brackets_of_a_line_from_the_right_open_before_they_close(reader: Reader, tmp_path: Path, drawn: str) -> None:
    content = b"BT /H 12 Tf 300 700 Td (%s) Tj ET" % re.sub(r"([()])", r"\\\1", drawn).encode()
    right = "".join(HEBREW.get(char, char) for char in "abcd (12,5) efgh")
    assert page_of(reader, tmp_path, hebrew(content)).text == right


def test_a_mark_behind_a_number_stands_behind_it_in_a_line_from_the_right(reader: Reader, tmp_path: Path) -> None:
    content = b"BT /H 12 Tf 300 700 Td (hgfe %60 dcba) Tj ET"
    right = "".join(HEBREW.get(char, char) for char in "abcd 60% efgh")
    assert page_of(reader, tmp_path, hebrew(content)).text == right


ARABIC = str.maketrans("abcdefgh", "\u0627\u0628\u062a\u062c\u062d\u062f\u0631\u0633")


@pytest.mark.parametrize(
    ("drawn", "read"),
    [
        ("hgfedcba MICROSOFT EXCEL 2019 hgfedcba", "abcdefgh MICROSOFT EXCEL 2019 abcdefgh"),
        ("hgf GB RAM 16 dcba", "abcd 16 GB RAM fgh"),
        (".hgf (ABC-77) dcba", "abcd (ABC-77) fgh."),
        ("hgf )ABC-77( dcba", "abcd (ABC-77) fgh"),
        ("hgf 9. dcba 31/12/2024", "31/12/2024 abcd .9 fgh"),
        ("hgf %12.5 dcba 1,250.75 fed", "def 1,250.75 abcd 12.5% fgh"),
        ("hgf 1234 555 6 962+ dcba", "abcd +962 6 555 1234 fgh"),
        ("15-10 fe 4-2 dcba", "abcd 2-4 ef 10-15"),
        (".hgf A.B@C.COM dcba", "abcd A.B@C.COM fgh."),
        ("THE WORD dcba IS 2 gfe.", "THE WORD abcd IS 2 efg."),
    ],
)
@pytest.mark.parametrize("shuffled", [False, True])
def test_a_line_from_the_right_is_read_by_the_places_of_its_letters(drawn: str, read: str, shuffled: bool) -> None:
    words, pieces = drawn.translate(ARABIC).split(" "), []
    at = 0
    for word in words:
        pieces.append((300 + WIDE * at, 50.0, word))
        at += len(word) + 1
    glyphs = glyphs_of(*(pieces[::-1] if shuffled else pieces))
    codes = np.where(glyphs.codes == ord("\n"), ord(" "), glyphs.codes)
    assert lines_of(replace(glyphs, codes=codes))[0].strip() == read.translate(ARABIC)


def test_letters_that_touch_are_one_word_wherever_a_space_or_a_line_is_seen_between_them() -> None:
    for between in " \n":
        glyphs = glyphs_of((310, 50, "ba".translate(ARABIC)), (300, 51, "dc".translate(ARABIC)))
        codes = np.where(glyphs.codes == ord("\n"), ord(between), glyphs.codes)
        assert lines_of(replace(glyphs, codes=codes))[0].strip() == "abcd".translate(ARABIC)


def test_marks_that_share_a_glyph_with_their_letter_stay_with_it() -> None:
    fatha, shadda = "\u064e", "\u0651"
    drawn = f"b{shadda}{fatha}a{fatha}".translate(ARABIC)  # a glyph's width is shared by its letter and marks
    pieces = [(300 + WIDE * at, 50.0, sign) for at, sign in enumerate(f"{shadda}{fatha}b{fatha}a".translate(ARABIC))]
    glyphs = glyphs_of(*pieces)
    keep = glyphs.codes != ord("\n")
    rows = np.flatnonzero(keep)[np.argsort([drawn.index(chr(code)) for code in glyphs.codes[keep]], kind="stable")]
    glyphs = replace(
        glyphs,
        codes=glyphs.codes[rows],
        boxes=glyphs.boxes[rows],
        weights=glyphs.weights[rows],
        traits=glyphs.traits[rows],
    )
    assert lines_of(glyphs)[0] == f"a{fatha}b{fatha}{shadda}".translate(ARABIC)


# --- values that are drawn after their labels -------------------------------------------------------------------------
LABELS = [
    (60.0, 700.0, "Name:"),
    (330.0, 700.0, "Born:"),
    (60.0, 675.0, "Monthly rent in euros:"),
    (60.0, 650.0, "Deposit:"),
]
VALUES = [
    (180.0, 650.0, "2850"),
    (420.0, 700.0, "1987-04-12"),
    (110.0, 699.0, "Maria Lindqvist"),
    (180.0, 676.0, "950"),
]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_values_drawn_in_any_order_follow_their_labels(reader: Reader, tmp_path: Path, order: Sequence[int]) -> None:
    lines = [(x, y, 11.0, text) for x, y, text in [*LABELS, *(VALUES[number] for number in order)]]
    assert text_of(reader, tmp_path, *lines).split("\n") == [
        "Name: Maria Lindqvist Born: 1987-04-12",
        "Monthly rent in euros: 950",
        "Deposit: 2850",
    ]


def test_lines_of_prose_beside_a_colon_stay_in_their_column() -> None:
    left, right = ([text for _, _, _, text in column][:12] for column in prose(2))
    for row in (2, 5, 9):
        left[row] = left[row][:20] + ":"
    pieces = [(x, 100 + 12 * row, text) for x, texts in ((50, left), (320, right)) for row, text in enumerate(texts)]
    assert lines_of(glyphs_of(*pieces))[:-1] == [*left, *right]


# --- lines to write on -----------------------------------------------------------------------------------------------
LINE = "_" * 20
FORM = [(72.0, 700.0, 12.0, f"Name: {LINE} Date: {LINE}"), (72.0, 670.0, 12.0, f"I, {LINE}, of {LINE}EUR, declare")]
ENTRIES = [(110.0, 702.0, 11.0, "Jane Doe"), (300.0, 701.0, 12.0, "3 May"), (110.0, 673.0, 11.0, "Ann Lee")]


@pytest.mark.parametrize("lines", [[*FORM, *ENTRIES], [*ENTRIES, *FORM], [FORM[0], ENTRIES[1], *ENTRIES[::2], FORM[1]]])
@pytest.mark.parametrize("sign", ["_", ".."])
def test_what_is_written_on_a_line_stands_behind_its_label(
    reader: Reader, tmp_path: Path, lines: Sequence[Line], sign: str
) -> None:
    content = [(x, y, size, text.replace("_", sign)) for x, y, size, text in lines]
    page = page_of(reader, tmp_path, pdf(Sheet(content)))
    space = " " if sign == "_" else ""
    assert page.text == f"Name: Jane Doe Date: 3 May\nI, Ann Lee, of {sign * 20}{space}EUR, declare"
    at = page.text.index("Doe")
    assert page.rects(at, at + 3)[0].y0 == pytest.approx(1 - (702 + 11) / 792, abs=0.005)


def test_what_is_written_behind_a_line_stands_there(reader: Reader, tmp_path: Path) -> None:
    lines = [(72, 700, 12, f"Name: {LINE}"), (72, 670, 12, "Nobody else."), (250, 700, 12, "Jane Doe")]
    assert text_of(reader, tmp_path, *lines) == "Name: Jane Doe\nNobody else."


def test_lines_to_write_on_and_leaders_stay_where_nothing_is_written(reader: Reader, tmp_path: Path) -> None:
    lines = [f"Name: {LINE} (in capitals)", "_ _ _ _ _ _", "1 Seals .................... 12", "an __init__ of a__b"]
    assert text_of(reader, tmp_path, *((72, 700 - 15 * at, 11, line) for at, line in enumerate(lines))) == "\n".join(
        lines
    )


def test_a_line_to_write_on_cuts_no_word(reader: Reader, tmp_path: Path) -> None:
    assert text_of(reader, tmp_path, (72, 700, 11, "Name:Jane Doe_____Tel.____12")) == "Name:Jane Doe _____ Tel.____ 12"


# --- initials --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("last", [False, True])
def test_an_initial_begins_its_word_and_keeps_its_box(reader: Reader, tmp_path: Path, last: bool) -> None:
    initial = (60, 668, 52, "E")
    lines = ["lectricity came to the valley in 1926, when the", "first turbine was set up below the weir. The mill"]
    paragraph = [(98, 700 - 16 * i, 12, line) for i, line in enumerate(lines)]
    drawing = [*paragraph, initial] if last else [initial, *paragraph]
    page = page_of(reader, tmp_path, pdf(Sheet([(60, 740, 12, "The valley"), *drawing])))
    assert page.text.split() == ["The", "valley", "Electricity", *" ".join(lines).split()[1:]]
    start = page.text.index("Electricity")
    large, small = page.rects(start, start + len("Electricity came"))
    assert large.x1 <= small.x0
    assert large.y1 - large.y0 > 3 * (small.y1 - small.y0)


@pytest.mark.parametrize(
    ("lines", "begin"),
    [
        (["HEEP ARE driven up on the first of May."], "SHEEP ARE driven"),
        (["young sheep is sheared. Each young one", "is kept apart, young and old."], "S young"),
        (["Roman road leads to the pass."], "S Roman"),
    ],
)
def test_an_initial_that_is_a_word_stays_one(reader: Reader, tmp_path: Path, lines: list[str], begin: str) -> None:
    initial = "S" if begin.startswith("SH") else "A"
    small = [(98, 700 - 16 * i, 12, line) for i, line in enumerate(lines)]
    text = text_of(reader, tmp_path, (60, 668, 52, initial), *small)
    assert text.startswith(begin.replace("S ", "A ", 1) if initial == "A" else begin)


# --- hyphens ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("the short-\nand long-term plan", "short- and"),
        ("die Hin-\nund Rückfahrt ist frei", "Hin- und"),
        ("zero-extension is cheap. A zero-\nextension costs nothing", "A zero-extension costs"),
        ("by re-\nenabling the pump", "by re-enabling the"),
        ("a cost-\nrelated duty", "a cost-related duty"),
        ("the thou-\nsand workers of the manufac-\nturing works", "thousand workers of the manufacturing works"),
    ],
)
def test_a_hyphen_at_a_line_s_end(reader: Reader, tmp_path: Path, text: str, words: str) -> None:
    assert words in " ".join(page_of(reader, tmp_path, text_pdf(text)).text.split())


def test_pages_before_tell_how_a_word_is_spelt(reader: Reader, tmp_path: Path) -> None:
    data = text_pdf("a well-being report, and a wellhead", "on their well-\nbeing and each well-\nhead")
    assert page_of(reader, tmp_path, data, 1).text.split() == ["on", "their", "well-being", "and", "each", "wellhead"]


def test_a_soft_hyphen_within_a_line_vanishes() -> None:
    assert lines_of(glyphs_of((50, 50, "the care\u00adful hand")))[0] == "the careful hand"


def test_a_soft_hyphen_between_digits_is_a_dash() -> None:
    assert lines_of(glyphs_of((50, 50, "from 2019\u00ad2023")))[0] == "from 2019-2023"


def test_a_word_cut_at_a_column_s_end_of_line_is_joined() -> None:
    rows = prose(2)
    pieces = [(x, 800 - y, text) for row in zip(*rows, strict=True) for x, y, _, text in row]
    pieces[0] = (pieces[0][0], pieces[0][1], "c0r00 the valve is closed care-")
    pieces[2] = (pieces[2][0], pieces[2][1], "fully by hand before the pump is started")
    assert "carefully\nby" in arrange(0, glyphs_of(*pieces)).page.text


# --- vertical writing ------------------------------------------------------------------------------------------------
def test_vertical_lines_are_read_from_the_right() -> None:
    lines = ["契約の期間は三年とする。", "通知は書面で行うものと", "その期間は三か月とする。", "費用は借主が負担する"]
    letters = [
        (400.0 - 26 * i, 100 + TALL * j, letter) for i, line in enumerate(lines) for j, letter in enumerate(line)
    ]
    for drawing in (letters, letters[::-1], sorted(letters, key=lambda letter: (letter[1], letter[0]))):
        assert lines_of(glyphs_of(*drawing))[: len(lines)] == lines


def test_horizontal_lines_of_such_scripts_stay() -> None:
    lines = ["契約の期間は三年とする。", "通知は書面で行うものと", "その期間は三か月とする。"]
    assert lines_of(glyphs_of(*((60, 80 + 16 * i, line) for i, line in enumerate(lines))))[:3] == lines


# --- whatever comes --------------------------------------------------------------------------------------------------
places = st.tuples(st.integers(0, 59), st.integers(0, 79), st.text("aB1-אב契", min_size=1, max_size=9))


@settings(max_examples=150, deadline=None)
@given(st.lists(places, max_size=40))
def test_no_ink_is_lost(pieces: list[tuple[int, int, str]]) -> None:
    glyphs = glyphs_of(*((10 * x, 10 * y, text) for x, y, text in pieces))
    inside = glyphs.boxes[:, [0, 2]].mean(1) <= 1
    ink: NDArray[np.bool_] = inside & (glyphs.codes > 32) & (glyphs.codes != ord("-"))
    text = arrange(0, glyphs).page.text
    assert sorted(char for char in text if char not in "- \n") == sorted(map(chr, glyphs.codes[ink].tolist()))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from([*WORDS, "12", "Pump", "3.5"]), min_size=1, max_size=12), max_size=40))
def test_a_page_of_one_column_stays_as_it_is(lines: list[list[str]]) -> None:
    text = [" ".join(words) for words in lines]
    assert lines_of(glyphs_of(*((60.0, 50 + 12.0 * i, line) for i, line in enumerate(text)))) == [*text, ""]
