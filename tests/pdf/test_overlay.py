"""What lies above a page's content: values beside their labels, comments at the end, struck words marked."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pikepdf import Array, Name, String

from recto.pdf.overlay import overlaid
from recto.pdf.read import Reader
from recto.types import Page, TraitKind
from support.annotated import Annotated, labelled
from support.pdfs import Sheet, pdf, text_pdf


@pytest.fixture(scope="module")
def reader() -> Reader:
    with Reader(workers=1) as reader:
        yield reader


def read(reader: Reader, folder: Path, content: bytes, number: int = 0) -> Page:
    path = folder / "made.pdf"
    path.write_bytes(content)
    return sorted(reader.pages(reader.open(path)), key=lambda result: result.read.page.number)[number].read.page


def sheet(*lines: tuple[float, float, str]) -> Annotated:
    return Annotated(pdf(Sheet([(x, y, 11, text) for x, y, text in lines])))


def traits(page: Page) -> list[tuple[str, str]]:
    return [(trait.kind.value, page.text[trait.start : trait.end]) for trait in page.traits]


def lines(page: Page) -> list[str]:
    return [" ".join(line.split()) for line in page.text.splitlines() if line.strip()]


def test_values_stand_behind_their_labels(reader: Reader, tmp_path: Path) -> None:
    form = sheet((72, 700, "Rent in euros:"), (72, 680, "Deposit in euros:"), (72, 660, "Thank you."))
    form.value((250, 677, 330, 690), "2850")  # out of their order
    form.value((250, 697, 330, 710), "950")
    page = read(reader, tmp_path, form.file())
    assert lines(page) == ["Rent in euros: 950", "Deposit in euros: 2850", "Thank you."]


def test_a_number_with_a_cell_for_each_digit_is_one_number(reader: Reader, tmp_path: Path) -> None:
    form = sheet((72, 700, "Tax number:"))
    form.value((250, 697, 400, 710), "12345678", MaxLen=8, Ff=1 << 24)
    assert lines(read(reader, tmp_path, form.file())) == ["Tax number: 12345678"]


def test_labels_of_two_columns_get_their_own_values(reader: Reader, tmp_path: Path) -> None:
    form = sheet((72, 700, "Name:"), (330, 700, "Born:"), (72, 680, "Town:"), (330, 680, "Phone:"))
    for x, y, text in ((120, 697, "Ines"), (380, 697, "1987"), (120, 677, "Bergen"), (380, 677, "5550")):
        form.value((x, y, x + 90, y + 13), text)
    page = read(reader, tmp_path, form.file())
    assert " ".join(lines(page)) == "Name: Ines Born: 1987 Town: Bergen Phone: 5550"


def test_a_value_stands_below_a_label_above_it(reader: Reader, tmp_path: Path) -> None:
    form = sheet((72, 700, "First name"), (330, 700, "Last name"), (72, 640, "All is true."))
    form.value((72, 682, 300, 696), "Maria")
    form.value((330, 682, 500, 696), "Lindqvist")
    page = read(reader, tmp_path, form.file())
    assert lines(page) == ["First name", "Maria", "Last name", "Lindqvist", "All is true."]


def test_values_in_a_table_of_fields_stand_in_its_rows(reader: Reader, tmp_path: Path) -> None:
    form = sheet((72, 700, "Item"), (250, 700, "Number"), (400, 700, "Price"), (72, 600, "Signed in March."))
    for row, cells in enumerate((("Chair", "4", "120.00"), ("Table", "1", "310.00"))):
        for x, text in zip((72, 250, 400), cells, strict=True):
            form.value((x, 680 - 18 * row, x + 90, 694 - 18 * row), text)
    page = read(reader, tmp_path, form.file())
    assert lines(page)[1:] == ["Chair 4 120.00", "Table 1 310.00", "Signed in March."]


def test_rows_with_labels_of_their_own_keep_their_values(reader: Reader, tmp_path: Path) -> None:
    form = sheet((72, 680, "Rent"), (72, 660, "Heating"), (250, 700, "2023"), (400, 700, "2024"))
    for y, cells in ((677, ("950", "980")), (657, ("110", "125"))):
        for x, text in zip((250, 400), cells, strict=True):
            form.value((x, y, x + 90, y + 13), text)
    assert lines(read(reader, tmp_path, form.file()))[:2] == ["Rent 950 980", "Heating 110 125"]


def test_a_value_before_its_unit(reader: Reader, tmp_path: Path) -> None:
    form = sheet((200, 700, "euros a month"))
    form.value((140, 697, 195, 710), "950")
    assert lines(read(reader, tmp_path, form.file())) == ["950 euros a month"]


def test_check_marks_and_radio_buttons_are_told(reader: Reader, tmp_path: Path) -> None:
    form = sheet((90, 700, "Heating included"), (90, 680, "Pets allowed"), (72, 660, "Paid: yes"), (180, 660, "no"))
    form.box(75, 699, checked=True)
    form.box(75, 679, checked=False)
    form.box(125, 659, checked=False, radio=True)
    form.box(195, 659, checked=True, radio=True)
    page = read(reader, tmp_path, form.file())
    assert " ".join(lines(page)) == "[x] Heating included [ ] Pets allowed Paid: yes [ ] no [x]"
    assert page.rects(0, 3)[0].x0 == pytest.approx(75 / 612, abs=0.001)


def test_choices_show_what_was_chosen(reader: Reader, tmp_path: Path) -> None:
    form = sheet((72, 700, "Country:"), (72, 650, "Days:"))
    form.field("Ch", (140, 697, 240, 710), V=String("Norway"), Opt=Array(["Norway", "Chile"]), Ff=1 << 17)
    form.field("Ch", (140, 620, 240, 664), V=String("Tuesday"), Opt=Array(["Monday", "Tuesday"]))
    page = read(reader, tmp_path, form.file())
    assert " ".join(lines(page)) == "Country: Norway Days: [ ] Monday [x] Tuesday"


def test_a_password_is_not_read(reader: Reader, tmp_path: Path) -> None:
    form = sheet((72, 700, "Password:"))
    form.value((140, 697, 240, 710), "secret", Ff=1 << 13)
    assert "secret" not in read(reader, tmp_path, form.file()).text


def test_what_a_stamp_shows_stays_text_of_the_page(reader: Reader, tmp_path: Path) -> None:
    page = sheet((72, 700, "The offer."))
    look = page.drawn(b"BT /F1 8 Tf 0 2 Td (PAID) Tj ET")
    look.Resources = page.page.Resources
    page.annotation("Stamp", (300, 690, 340, 710), AP={"/N": look})
    assert lines(read(reader, tmp_path, page.file())) == ["The offer.", "PAID"]


def test_comments_stand_behind_the_text_with_who_wrote_them(reader: Reader, tmp_path: Path) -> None:
    page = sheet((72, 700, "The pump is inspected every six months."), (72, 680, "Seals are replaced."))
    page.annotation("Text", (400, 698, 418, 716), Contents=String("Ask Paul about this."), T=String("Ines"))
    page.annotation("Highlight", (72, 698, 200, 712), Contents=String("Too seldom!"))
    page.annotation("Highlight", (72, 678, 200, 692), Contents=String("Seals are replaced."))  # copied by the program
    page.annotation("Text", (430, 698, 448, 716), Contents=String("Nobody sees me."), F=2)
    page.annotation("Text", (460, 698, 478, 716), Contents=String("Accepted"), StateModel=String("Review"))
    page.annotation("FreeText", (72, 500, 300, 530), Contents=String("In a box."), DA=String("/F1 10 Tf"))
    made = read(reader, tmp_path, page.file())
    assert lines(made)[:2] == ["The pump is inspected every six months.", "Seals are replaced."]
    assert lines(made)[2:] == ["Ines: Ask Paul about this.", "Too seldom!", "In a box."]
    spans = [trait for trait in made.traits if trait.kind is TraitKind.COMMENT]
    assert made.text[spans[0].start :] == made.text[made.text.index("Ines") :]
    at = made.text.index("Ask")
    assert made.rects(at, at + 3)[0].x0 == pytest.approx(400 / 612, abs=0.001)


def test_what_is_typed_into_a_form_without_fields_is_no_comment(reader: Reader, tmp_path: Path) -> None:
    page = sheet((72, 700, "Name: ____________"), (72, 680, "Town:"))
    typed = String("Ines Halvorsen")
    page.annotation("FreeText", (110, 698, 200, 714), Contents=typed, IT=Name.FreeTextTypeWriter, DA=String("/F1 9 Tf"))
    made = read(reader, tmp_path, page.file())
    assert lines(made)[0].startswith("Name: ")
    assert "Ines Halvorsen" in lines(made)[0]
    assert made.traits == ()


def test_struck_out_words_are_marked(reader: Reader, tmp_path: Path) -> None:
    page = sheet((72, 700, "AAAA BBBB CCCC"))
    width = 5.5 * 4 * 11 / 8.25
    page.struck((72 + width + 3, 698, 72 + 2 * width + 3, 712))
    assert traits(read(reader, tmp_path, page.file())) == [("struck", "BBBB")]


def test_pages_have_their_printed_labels(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "made.pdf"
    path.write_bytes(labelled(text_pdf(*"abcd"), [(0, "r"), (2, "D")]))
    results = sorted(reader.pages(reader.open(path)), key=lambda result: result.read.page.number)
    assert [result.read.page.label for result in results] == ["i", "ii", "1", "2"]
    path.write_bytes(labelled(text_pdf(*"ab"), [(0, "D")]))
    assert {result.read.page.label for result in reader.pages(reader.open(path))} == {""}


@given(st.lists(st.tuples(st.sampled_from("ab \n"), st.booleans()), min_size=1), st.integers(1, 3))
def test_no_character_is_lost_where_nothing_is_annotated(characters: list[tuple[str, bool]], size: int) -> None:
    codes = np.array([ord(text) for text, _ in characters], np.uint32)
    boxes = np.tile(np.array([0.1, 0.1, 0.2, 0.2], np.float32), (len(codes), 1))
    appearance = np.array([above for _, above in characters]) & (codes > 32)
    result = overlaid(codes, boxes, appearance, [], (100.0 * size, 100.0))
    inked = sorted(row for row in result.rows.tolist() if row >= 0 and codes[row] > 32)
    assert inked == np.flatnonzero(codes > 32).tolist()
