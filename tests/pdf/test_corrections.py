"""What PDFium's characters lack to be what the page shows: each rule on a page that needs it, and where it is idle."""

import io
import re
from collections.abc import Mapping, Sequence
from itertools import accumulate

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
import typst
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recto.pdf.characters import Characters
from recto.pdf.characters.corrections import corrected
from recto.pdf.characters.measures import Measures
from recto.pdf.characters.raised import superscribed
from recto.pdf.layout import arrange
from recto.pdf.native import glyphs
from recto.pdf.run import decode
from recto.types import FULL, Page
from support.pdfs import Sheet, escaped, pdf
from support.typesetting import glyph_width

WIDTH = 0.6  # of the font size: every character of Courier


def page_of(content: str, codes: Mapping[int, str] | None = None, font: str = "Courier") -> Page:
    """Read a page with this content; `codes` is the font's own map of what its characters mean."""
    data = pdf(Sheet(content=content.encode("latin-1")), fonts=(font,))
    if codes:
        data = mapped(data, codes)
    with pdfium.PdfDocument(data) as document:
        return arrange(0, glyphs(document, 0)).page


def mapped(data: bytes, codes: Mapping[int, str]) -> bytes:
    rows = "".join(f"<{code:02x}> <{text.encode('utf-16-be').hex()}>\n" for code, text in codes.items())
    letters = "1 beginbfrange <20> <7e> <0020> endbfrange"
    space = "1 begincodespacerange <00> <ff> endcodespacerange"
    with pikepdf.open(io.BytesIO(data)) as document:
        cmap = f"begincmap\n{space}\n{letters}\n{len(codes)} beginbfchar\n{rows}endbfchar\nendcmap"
        document.pages[0].Resources.Font.F1.ToUnicode = document.make_stream(cmap.encode())
        document.save(out := io.BytesIO())
    return out.getvalue()


def drawn(text: str, x: float, y: float, size: float = 12) -> str:
    """One text object."""
    return f"BT /F1 {size} Tf 1 0 0 1 {x:.2f} {y:.2f} Tm ({escaped(text).decode('latin-1')}) Tj ET\n"


def letter_by_letter(text: str, x: float, y: float, size: float = 12, space: float = WIDTH) -> str:
    """One text object a letter; `space` is the width of a space, in font sizes."""
    places = accumulate((size * (space if letter == " " else WIDTH) for letter in text), initial=x)
    return "".join(drawn(letter, at, y, size) for letter, at in zip(text, places, strict=False) if letter != " ")


# --- line breaks and spaces ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("space", [WIDTH, 0.15])
def test_a_list_whose_letters_are_drawn_one_by_one_has_its_words(space: float) -> None:
    rows = [(f"Port {chr(65 + at)} of Tyne", "Wales" if at % 2 else "Spain") for at in range(26)]
    content = "".join(
        letter_by_letter(name, 30, 780 - 28 * at, space=space) + letter_by_letter(land, 440, 780 - 28 * at)
        for at, (name, land) in enumerate(rows)
    )
    assert page_of(content).text.splitlines() == [f"{name} {land}" for name, land in rows]


SYLLABLES = {0x61: "\u0915", 0x62: "\u093e", 0x63: "\u0930", 0x64: "\u0e2b", 0x65: "\u0e49", 0x66: "\u0e2d"}


def syllable(text: str, *signs: tuple[str, float, float]) -> str:
    """Signs drawn one by one, and the text that they stand for."""
    given = ("\ufeff" + text).encode("utf-16-be").hex()
    return f"/Span <</ActualText <{given}>>> BDC\n" + "".join(drawn(*sign) for sign in signs) + "EMC\n"


def test_syllables_part_no_word() -> None:
    """PDFium boxes a syllable of Hindi by its letter, and the vowel sign stands right of the box."""
    content, x = "", 72.0
    for word in ("ac", "a", "ac"):  # ka with its sign, ra
        for letter in word:
            content += (
                drawn("c", x, 700) if letter == "c" else syllable("\u0915\u093e", ("a", x, 700), ("b", x + 7, 700))
            )
            x += 7.2 if letter == "c" else 14.4
        x += 6
    assert page_of(content, SYLLABLES).text == "\u0915\u093e\u0930 \u0915\u093e \u0915\u093e\u0930"


def test_a_syllable_is_read_once() -> None:
    """PDFium gives one of Thai again where the next letter stands left of its tone mark."""
    content = syllable("\u0e2b\u0e49", ("d", 72, 700), ("e", 79.4, 700)) + drawn("f", 79.2, 700) + drawn("d", 86.4, 700)
    assert page_of(content, SYLLABLES).text == "\u0e2b\u0e49\u0e2d\u0e2b"


def test_a_space_that_its_font_calls_a_line_break_is_a_space() -> None:
    content = drawn("The pump starts at nine.", 72, 700) + drawn("It stops at ten.", 72, 680)
    for control in "\n\r\u2028":
        assert page_of(content, {0x20: control}).text.split("\n") == ["The pump starts at nine.", "It stops at ten."]


@pytest.mark.parametrize("nothing", ["\0", "\u200b"])
def test_a_space_that_its_font_says_nothing_of_is_a_space(nothing: str) -> None:
    assert page_of(drawn("The pump starts at nine.", 72, 700), {0x20: nothing}).text == "The pump starts at nine."


@pytest.mark.parametrize(("text", "spacing", "expected"), [("402", 40, "4 0 2"), ("402", 2, "402"), ("ab", 4, "a b")])
def test_character_spacing_parts_words_and_numbers(text: str, spacing: float, expected: str) -> None:
    content = drawn("Berwick", 72, 700) + f"BT /F1 12 Tf {spacing} Tc 1 0 0 1 200 700 Tm ({text}) Tj ET\n"
    assert page_of(content).text == f"Berwick {expected}"


@pytest.mark.parametrize("operator", ["TJ", "Tc", "Tj"])
@pytest.mark.parametrize("text", ["NOTICE OF DEFECTS", "Duties", "WARRANTY 2031"])
def test_a_letterspaced_heading_is_its_words(text: str, operator: str) -> None:
    if operator == "TJ":
        wide = " -250 ".join(f"({letter})" if letter != " " else "-600" for letter in text)
        content = f"BT /F1 16 Tf 72 700 Td [{wide}] TJ ET\n"
    elif operator == "Tc":
        content = f"BT /F1 16 Tf 4 Tc 72 700 Td ({text}) Tj ET\n"
    else:
        places = [72.0 + at * (WIDTH * 16 + 3.5) for at in range(len(text))]
        content = "".join(drawn(letter, x, 700, 16) for letter, x in zip(text, places, strict=True) if letter != " ")
    assert page_of(content + drawn("The seller mends what is broken.", 72, 670)).text.split("\n")[0] == text


@pytest.mark.parametrize(
    "parts",
    [
        (("You should ", 0), ("never", 1.8), (" do it.", 0)),
        (("Das ist ", 0), ("sehr wichtig", 1.8), (", aber neu.", 0)),
        (("We (", 0), ("never", 1.8), (", that is) do.", 0)),
        (("NEVER MIND", 1.8), (" what it says.", 0)),
        (("On a ", 0), ("never", 1.8), (" and so", 0)),
        (("Signed ", 0), ("in Wales", 1.8)),
    ],
)
@pytest.mark.parametrize("with_spaces", [True, False])
def test_letterspaced_words_in_a_line_of_others_are_words(
    parts: Sequence[tuple[str, float]], with_spaces: bool
) -> None:
    content, x = "", 72.0
    for text, spacing in parts:
        for word in re.split("( )", text):
            if word != " " or with_spaces:
                content += f"{spacing} Tc\n" + drawn(word, x, 700)
            x += sum(
                glyph_width("Helvetica", ord(letter)) * 12 / 1000 + 1.5 * spacing * (letter == " ") for letter in word
            )
            x += len(word) * spacing
    assert page_of(content, font="Helvetica").text == "".join(text for text, _ in parts)


@pytest.mark.parametrize("text", ["the sets x y z w a of", "see U S A F for it", "columns n m k b are"])
@pytest.mark.parametrize("spacing", [0, 0.6])
def test_single_letters_in_a_line_of_words_stay_apart(text: str, spacing: float) -> None:
    assert page_of(f"{spacing} Tc\n" + drawn(text, 72, 700), font="Helvetica").text == text
    apart = " -278 ".join(f"({word})" for word in text.split())
    assert page_of(f"BT /F1 12 Tf 72 700 Td [{apart}] TJ ET\n", font="Helvetica").text == text


@pytest.mark.parametrize("text", ["A B C D E", "x Y z W", "with U S WEST", "n 1 2 3 4"])
def test_single_letters_stay_apart(text: str) -> None:
    wide = " -300 ".join(f"({word})" for word in text.split())
    assert page_of(f"BT /F1 12 Tf 72 700 Td [{wide}] TJ ET\n").text == text


# --- letters drawn twice, accents, ligatures -------------------------------------------------------------------------
def shadow(text: str, y: float, *, by_letter: bool) -> str:
    parts = [(letter, 26 * WIDTH * at) for at, letter in enumerate(text)] if by_letter else [(text, 0.0)]
    return "".join(
        f"BT /F1 1 Tf 26 0 0 26 {72 + x - off:.2f} {y + off} Tm ({part}) Tj ET\n"
        for part, x in parts
        if part != " "
        for off in (0, 2)
    )


@pytest.mark.parametrize("by_letter", [True, False])
def test_a_title_with_a_shadow_is_read_once(by_letter: bool) -> None:
    content = shadow("TIDE TABLE", 700, by_letter=by_letter) + drawn("A book of all offices, nn 1100.", 72, 650)
    assert page_of(content).text.split("\n") == ["TIDE TABLE", "A book of all offices, nn 1100."]


ACCENTS = {1: "\u00a8", 2: "\u00b4", 3: "\u02dd", 4: "\u02c7", 5: "\u0131", 6: "\u0338"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"G(\001) 600 (odel)", "Gödel"),
        (r"Erd(\003) 600 (os)", "Erdős"),
        (r"universit(\002) 600 (e)", "université"),
        (r"Rimas Avi(\004) 600 (zienis)", "Rimas Avižienis"),
        (r"Garc(\002) 600 (\005a)", "García"),
        (r"x(\006) 600 (=)y", "x≠y"),
        (r"Zu(\001) 0 (rich)", "Zu¨rich"),
    ],
)
def test_an_accent_drawn_before_its_letter_is_composed(text: str, expected: str) -> None:
    head, _, rest = text.partition("(")
    content = f"BT /F1 12 Tf 72 700 Td [({head}) ({rest}] TJ ET\n".replace(")y]", "y)]")
    assert page_of(content, ACCENTS).text == expected


def test_accents_drawn_after_the_line_stand_on_their_letters() -> None:
    line = "Ekin Akyurek, Jose Gonzalez"
    over = (line.index("u"), "¨"), (line.index("e G"), "´"), (line.index("za") + 1, "´")
    marks = "".join(drawn(mark, 72 + 7.2 * at, 700) for at, mark in over)
    page = page_of(drawn(line, 72, 700) + marks + drawn("and others", 72, 680))
    assert page.text == "Ekin Akyürek, José González\nand others"


def test_letters_of_an_arabic_ligature_are_in_the_order_of_reading() -> None:
    codes = {0x41: "\u0644\u0627", 0x42: "\u0628", 0x43: "\u062f", 0x44: "\u0644\u0625", 0x45: "\u062c"}
    page = page_of(drawn("CAB ED", 72, 700), codes)
    assert page.text.split() == ["\u0644\u0625\u062c", "\u0628\u0644\u0627\u062f"]


# --- bullets ---------------------------------------------------------------------------------------------------------
ITEMS = "".join(
    drawn(text, 72, 700 - 20 * row) for row, text in enumerate(("Tools to lend:", "a drill", "a saw", "Ask us."))
)


def dots(*places: tuple[float, float], side: float = 4) -> str:
    return "".join(f"{x} {y} {side} {side} re f\n" for x, y in places)


def test_bullets_drawn_as_shapes_stand_before_their_lines() -> None:
    page = page_of(dots((60, 682), (60, 662)) + ITEMS)
    assert page.text.split("\n") == ["Tools to lend:", "• a drill", "• a saw", "Ask us."]
    start = page.text.index("•")
    box = page.boxes[page.spans[:, 0] == start][0] / FULL * np.tile((612, 792), 2)
    np.testing.assert_allclose(box, (60, 792 - 686, 64, 792 - 682), atol=0.1)


@pytest.mark.parametrize(
    "shapes",
    [
        dots((60, 682)),  # a single one
        dots((60, 682), (60, 662), side=9),  # boxes to tick
        dots((60, 682), (40, 662)),  # not below each other
        dots((10, 682), (10, 662)),  # far away
        dots((60, 682), (60, 662)).replace("4 4 re", "4 0.5 re"),  # dashes
    ],
)
def test_other_shapes_are_no_bullets(shapes: str) -> None:
    assert "•" not in page_of(shapes + ITEMS).text


# --- raised digits, code points --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("line", "mark", "rest", "expected"),
    [
        ("Sales were 1,234", "5", " million", "Sales were 1,234⁵ million"),
        ("Goodwill 1,275", "12", " 1,300", "Goodwill 1,275¹² 1,300"),
        ("about 10", "-6", " m", "about 10⁻⁶ m"),
        ("growth", "1,2", " of sales", "growth¹,² of sales"),
        ("", "3", " Without Spain", "³ Without Spain"),
        ("a rod of 2", "1", "/2 inch", "a rod of 2 1/2 inch"),
        ("Sales", "(1)", " of 2031", "Sales(1) of 2031"),
    ],
)
@pytest.mark.parametrize(("size", "rise"), [(7, 4), (10, 4)])
def test_raised_digits_are_no_digits_of_the_number_before(
    line: str, mark: str, rest: str, expected: str, size: float, rise: float
) -> None:
    x = 72 + 7.2 * len(line)
    y = x + WIDTH * size * len(mark)
    text = page_of(drawn(line, 72, 700) + drawn(mark, x, 700 + rise, size) + drawn(rest, y, 700)).text
    assert text == expected


@pytest.mark.parametrize(
    ("word", "mark", "behind", "expected"),
    [
        ("Revenue", "a", "of", "Revenue a of"),
        ("Akg\374l", "b", ", Osk", "Akg\374l b, Osk"),
        ("revenue was 1,234", "a", "million", "revenue was 1,234 a million"),
        ("grew by 12.5", "b", "per cent", "grew by 12.5 b per cent"),
        ("la 2", "e", "fois", "la 2e fois"),
        ("XIX", "e", "si\350cle", "XIXe si\350cle"),
        ("x", "n", "is", "xn is"),
    ],
)
def test_a_raised_letter_behind_a_word_is_a_mark(word: str, mark: str, behind: str, expected: str) -> None:
    gap = "" if behind[0] == "," else " "
    content = f"BT /F1 12 Tf 72 700 Td ({word}) Tj /F1 7 Tf 4 Ts ({mark}) Tj 0 Ts /F1 12 Tf ({gap}{behind}) Tj ET"
    assert page_of(content).text == expected


@pytest.mark.parametrize("rise", [5.5, -4])
def test_a_mark_is_on_the_line_of_its_letter(rise: float) -> None:
    page = page_of(drawn("some 3 x 10", 72, 700) + drawn("8", 151.2, 700 + rise, 9) + drawn(", 2", 156.6, 700))
    assert page.text == ("some 3 x 10⁸, 2" if rise > 0 else "some 3 x 108, 2")


def test_a_line_that_ends_with_a_mark_ends_there() -> None:
    page = page_of(drawn("some 3 x 10", 72, 700) + drawn("8", 151.2, 705.5, 9) + drawn("metres", 72, 686))
    assert page.text == "some 3 x 10⁸\nmetres"


def test_a_raised_minus_may_have_a_lower_box_than_its_digits() -> None:
    boxes = np.array([[0, 74, 7, 84], [7, 74, 14, 84], [14, 74.4, 16, 79], [16, 73.2, 20, 79]], np.float32)
    codes = np.array([ord(letter) for letter in "10-6"], np.uint32)
    measures = Measures(lambda rows: -boxes[rows, 3], lambda rows: boxes[rows], lambda rows: rows < 0)
    assert decode(superscribed(Characters(codes, boxes, np.arange(4)), measures).codes) == "10⁻⁶"


@pytest.mark.parametrize("rise", [0, -3])
def test_small_digits_on_the_line_or_below_stay(rise: float) -> None:
    page = page_of(drawn("CO", 72, 700) + drawn("2", 86.4, 700 + rise, 7) + drawn(" of 12", 90.6, 700))
    assert page.text == "CO2 of 12"


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("number 1,234#super[2] in 2019#super[3], 50%#super[14]", "number 1,234² in 2019³, 50%¹⁴"),
        ("area 450 m#super[2] or 10#super[-6] of it", "area 450 m² or 10⁻⁶ of it"),
        ("#super[7]Two of 10 - 6 H#sub[2]O", "⁷Two of 10 - 6 H2O"),
        ('#text(number-type: "old-style")[in 1987 and 2,345.60 at 10-6, 10−6]', "in 1987 and 2,345.60 at 10-6, 10−6"),
        ("#text(fractions: true)[a rod of 1/2 m]", "a rod of 1/2 m"),
        ("#rotate(90deg, reflow: true)[Sold 1,110 in 2011]", "Sold 1,110 in 2011"),
    ],
)
def test_digits_that_their_font_raises_are_superscripts(markup: str, expected: str) -> None:
    with pdfium.PdfDocument(typst.compile(markup.encode(), format="pdf")) as document:
        assert arrange(0, glyphs(document, 0)).page.text == expected


def test_code_points_that_pdfium_leaves_out_are_read_by_windows_alphabet() -> None:
    codes = {1: "\x96", 2: "\x93", 3: "\x94", 4: "\x92", 5: "\U0001d465"}
    page = page_of(r"BT /F1 12 Tf 72 700 Td (2019\0012023: \002it\004s open\003, \005 = 1) Tj ET", codes)
    assert page.text == "2019–2023: “it’s open”, \U0001d465 = 1"
    assert len(page.spans) == len(page.text.split())


PARTS = ["The tenant keeps", "one little dog if", "all neighbours agree.", "The landlord is told"]


@pytest.mark.parametrize("parts", [PARTS[:1], PARTS[:3], PARTS + [part.upper() for part in PARTS]])
def test_a_text_given_for_what_is_drawn_is_boxed_on_its_lines(parts: list[str]) -> None:
    lines = "".join(drawn(part, 72, 700 - 14 * at) for at, part in enumerate(parts))
    span = f"/Span <</ActualText ({' '.join(parts)})>> BDC {lines} EMC "
    around = drawn("House rules of the mill", 72, 740), drawn("Bicycles stand in the yard", 72, 500)
    page = page_of(around[0] + span + around[1], font="Helvetica")
    assert page.text.split("\n")[1] == " ".join(parts)
    for at, part in enumerate(parts):
        start = page.text.index(part)
        rects = page.rects(start, start + len(part))
        assert any(rect.y0 * 792 < 88 + 14 * at < rect.y1 * 792 for rect in rects), part
    assert page.rects(0, 11)[0].y1 * 792 < 60


def in_a_form(content: str, scale: float) -> bytes:
    """A page that draws this content as a form, under a matrix of its own."""
    data = pdf(Sheet(content=f"{scale} 0 0 {scale} 20 30 cm /X1 Do".encode()), fonts=("Courier",))
    with pikepdf.open(io.BytesIO(data)) as document:
        resources = document.pages[0].Resources
        form = document.make_stream(content.encode(), Subtype=pikepdf.Name.Form, BBox=[0, 0, 9999, 9999])
        form.Type, form.Resources = pikepdf.Name.XObject, pikepdf.Dictionary(Font=resources.Font)
        resources.XObject = pikepdf.Dictionary(X1=form)
        document.save(out := io.BytesIO())
    return out.getvalue()


@pytest.mark.parametrize("scale", [0.24, 1, 2])
def test_letters_given_in_a_form_are_boxed_where_they_are_drawn(scale: float) -> None:
    parts = ("The ", ""), ("#", "fi"), ("rst o", ""), ("$", "ffi"), ("ce opened in ", ""), ("WALES", "wales"), (".", "")
    size, x, content = 12 / scale, 72 / scale, ""
    for text, meaning in parts:
        part = drawn(text, x, 700 / scale, size)
        content += f"/Span <</ActualText ({meaning})>> BDC {part} EMC\n" if meaning else part
        x += WIDTH * size * len(text)
    with pdfium.PdfDocument(in_a_form(content, scale)) as document:
        page = arrange(0, glyphs(document, 0)).page
    assert (page.text, page.hidden) == ("The first office opened in wales.", 0)
    for word, column in (("first", 4), ("office", 9), ("wales", 24)):
        start = page.text.index(word)
        (rect,) = page.rects(start, start + len(word))
        assert abs(rect.x0 * 612 - (20 + 72 + column * WIDTH * 12)) < 3, word
        assert 50 < rect.y0 * 792 < rect.y1 * 792 < 70, word


SMALL_CAPITALS = "Wales", "and", "Tyne,", "Port", "Talbot"


@pytest.mark.parametrize("font", ["Helvetica", "Times-Roman", "Courier"])
def test_small_capitals_of_browsers_are_words_with_boxes_as_high_as_their_line(font: str) -> None:
    content, x = "", 72.0
    for word in SMALL_CAPITALS:
        for letter in word:
            size = 10 if letter.islower() else 14
            part = drawn(letter.upper(), x, 700, size)
            content += f"/Span <</ActualText ({letter})>> BDC {part} EMC\n" if letter.islower() else part
            x += glyph_width(font, ord(letter.upper())) * size / 1000
        content += drawn(" ", x, 700, 14)
        x += glyph_width(font, 32) * 14 / 1000
    page = page_of(content + drawn("in plain letters", x, 700, 14), font=font)
    assert page.text == " ".join((*SMALL_CAPITALS, "in plain letters"))
    heights = [rect.y1 - rect.y0 for at in range(5) for rect in page.rects(at, at + 1)]
    assert min(heights) * 792 > 9  # those of the ink alone would be 7


# --- what holds for all characters -----------------------------------------------------------------------------------
CODES = st.one_of(
    st.sampled_from([10, 13, 32, 0x27, 0x31, 0x61, 0xA8, 0x131, 0x301, 0x644, 0x627]), st.integers(0, 0x10FFFF)
)
SIDES = st.one_of(st.integers(0, 12).map(float), st.floats(-50, 900, width=32))  # a few, so that boxes touch


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(CODES, st.tuples(SIDES, SIDES, SIDES, SIDES)), max_size=40))
@example([(0x61, (0, 0, 1, 0)), (0x301, (0, 0, 0, 0)), (0x27, (0, 0, 0, 0))])  # no height divides nothing
def test_any_characters_can_be_corrected(drawn: list[tuple[int, tuple[float, ...]]]) -> None:
    codes = np.array([code for code, _ in drawn], np.uint32)
    boxes = np.array([box for _, box in drawn], np.float32).reshape(-1, 4)
    index = np.arange(len(codes))
    measures = Measures(lambda rows: boxes[rows, 0], lambda rows: boxes[rows], lambda rows: rows % 2 > 0)
    result = corrected(Characters(codes, boxes, index), measures)
    assert len(result.codes) == len(result.boxes) == len(result.index)
    own = result.index[result.index >= 0]
    assert len(set(own.tolist())) == len(own)
    assert (result.codes[result.index < 0] == ord(" ")).all()
