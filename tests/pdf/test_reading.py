"""Reading: what files of every kind do to the page, and what bad files may cost."""

import os
import signal
import zlib
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recto.errors import DamagedPdf, FileProblem, NotAPdf, NothingReadable, PasswordNeeded
from recto.pdf import read, structure
from recto.pdf.opening import checked_kind
from recto.pdf.read import PageResult, Reader
from recto.types import Flag, Page
from support.paths import EXAMPLES, HERE
from support.pdfs import FIRST, Sheet, pdf, text_pdf

MANY = 300
BLOCKS = 80  # of 16 MiB
SPEC = EXAMPLES / "riscv-privileged-20211203.pdf"


def all_pages(reader: Reader, path: Path, password: str | None = None) -> list[PageResult]:
    return sorted(reader.pages(reader.open(path, password)), key=lambda result: result.read.page.number)


def attempted(reader: Reader, path: Path) -> tuple[FileProblem | None, list[PageResult]]:
    """Read a file that may be beyond reading: then its problem says what to do."""
    try:
        return None, all_pages(reader, path)
    except FileProblem as problem:
        return (problem if problem.message and problem.hint else None), []


def first_page(reader: Reader, folder: Path, data: bytes) -> Page:
    path = folder / "made.pdf"
    path.write_bytes(data)
    return all_pages(reader, path)[0].read.page


def box_of(page: Page, word: str) -> list[float]:
    start = page.text.index(word)
    (rect,) = page.rects(start, start + len(word))
    return rect.as_list()


# --- where words stand -----------------------------------------------------------------------------------------------
HERE_WE_ARE = [(100.0, 600.0, 12.0, "marker")]


@pytest.mark.parametrize(
    ("rotate", "middle"), [(0, (0.195, 0.237)), (90, (0.763, 0.195)), (180, (0.805, 0.763)), (270, (0.237, 0.805))]
)
def test_a_turned_page_has_its_boxes_where_they_are_seen(
    reader: Reader, tmp_path: Path, rotate: int, middle: tuple[float, float]
) -> None:
    page = first_page(reader, tmp_path, pdf(Sheet(HERE_WE_ARE, rotate=rotate)))
    x0, y0, x1, y1 = box_of(page, "marker")
    assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx(middle, abs=0.01)
    assert (page.width > page.height) == (rotate in (90, 270))


def test_a_cropped_page_counts_from_its_crop_box_and_drops_what_it_hides(reader: Reader, tmp_path: Path) -> None:
    lines = [*HERE_WE_ARE, (10.0, 20.0, 12.0, "hidden")]
    page = first_page(reader, tmp_path, pdf(Sheet(lines, media=(-20, -20, 612, 792), crop=(90, 500, 390, 650))))
    x0, y0, _, y1 = box_of(page, "marker")
    assert x0 == pytest.approx(10 / 300, abs=0.01)
    assert (y0 + y1) / 2 == pytest.approx((650 - 604) / 150, abs=0.03)
    assert "hidden" not in page.text


def test_forms_and_annotations_are_read(reader: Reader) -> None:
    results = all_pages(reader, HERE / "corpus" / "forms-pdflatex.pdf")
    assert results[0].read.page.text.split() == ["Name", "Check", "[", "]", "Submit", "1"]


def test_an_annotation_with_an_appearance_is_text_of_the_page(reader: Reader, tmp_path: Path) -> None:
    drawn = b"BT /F1 12 Tf 5 5 Td (stamped) Tj ET"
    sheet = Sheet(
        HERE_WE_ARE,
        extra=b"/Annots[%d 0 R]" % FIRST,
        objects=[
            b"<</Type/Annot/Subtype/Stamp/Rect[200 300 300 330]/F 4/AP<</N %d 0 R>>>>" % (FIRST + 1),
            b"<</Type/XObject/Subtype/Form/BBox[0 0 100 30]/Resources<</Font<</F1 3 0 R>>>>/Length %d>>\n"
            b"stream\n%s\nendstream" % (len(drawn), drawn),
        ],
    )
    page = first_page(reader, tmp_path, pdf(sheet))
    assert "stamped" in page.text
    assert box_of(page, "stamped")[1] == pytest.approx(1 - 317 / 792, abs=0.02)


# --- hyphens, columns, headings --------------------------------------------------------------------------------------
def test_a_word_cut_by_a_hyphen_is_one_word_with_two_boxes(reader: Reader, tmp_path: Path) -> None:
    page = first_page(reader, tmp_path, text_pdf("the valve must be care-\nfully closed before use"))
    assert "carefully\nclosed" in page.text
    start = page.text.index("carefully")
    upper, lower = page.rects(start, start + len("carefully"))
    assert upper.y1 <= lower.y0 + 0.01


def test_a_hyphen_that_belongs_to_the_word_stays(reader: Reader, tmp_path: Path) -> None:
    text = "a long-term plan is a plan for the long-\nterm and the years 2019-\n2020 under Sub-\nPart B"
    page = first_page(reader, tmp_path, text_pdf(text))
    assert page.text.count("long-term") == 2
    assert "2019-\n2020" in page.text
    assert "Sub-Part" in page.text


def two_columns(order: str) -> bytes:
    left = [(72.0, 700.0 - 14 * i, 10.0, f"left{i:02} words of the first column here") for i in range(30)]
    right = [(330.0, 700.0 - 14 * i, 10.0, f"right{i:02} words of the second column") for i in range(30)]
    rows = [line for pair in zip(left, right, strict=True) for line in pair]
    return pdf(Sheet({"columns": [*left, *right], "rows": rows}[order]))


@pytest.mark.parametrize("order", ["columns", "rows"])
def test_two_columns_are_read_one_after_the_other(reader: Reader, tmp_path: Path, order: str) -> None:
    text = first_page(reader, tmp_path, two_columns(order)).text
    heads = [word for word in text.split() if word.startswith(("left", "right"))]
    assert heads == sorted(heads)


def test_a_table_keeps_its_rows(reader: Reader, tmp_path: Path) -> None:
    rows = [
        (x, 700.0 - 14 * i, 10.0, text)
        for i in range(30)
        for x, text in [(72.0, f"item number {i:02}"), (300.0, f"{i * 7},000"), (420.0, f"{i * 9},500")]
    ]
    text = first_page(reader, tmp_path, pdf(Sheet(rows))).text
    assert [" ".join(line.split()) for line in text.splitlines()][3] == "item number 03 21,000 27,500"


def test_headings_come_from_the_size_of_type_where_there_is_no_outline(reader: Reader, tmp_path: Path) -> None:
    body = [(72.0, 600.0 - 14 * i, 10.0, "plain words of the body that fill a whole line here") for i in range(20)]
    sheets = [Sheet([(72, 700, 24, "Title"), *body]), Sheet([(72, 700, 16, "Safety Valves"), *body])]
    path = tmp_path / "made.pdf"
    path.write_bytes(pdf(*sheets))
    reads = [result.read for result in all_pages(reader, path)]
    above = structure.headings(reads, ())
    assert structure.heading_at(above[1], reads[1].page.text.index("plain")) == "Safety Valves"


BODY = [(72.0, 600.0 - 14 * i, 10.0, "plain words of the body that fill a whole line here") for i in range(20)]


def test_the_first_page_has_headings_below_its_title(reader: Reader, tmp_path: Path) -> None:
    sheet = Sheet([(72, 740, 24, "Title"), (72, 710, 16, "Who wrote it"), *BODY, (72, 300, 16, "Safety Valves")])
    text, above = headings_of(reader, tmp_path, pdf(sheet))
    assert above == [(0, ""), (text.index("Safety"), "Safety Valves")]


def test_where_all_is_bold_size_tells_the_headings(reader: Reader, tmp_path: Path) -> None:
    sheet = Sheet([*BODY, (72, 300, 16, "Safety Valves"), (72, 270, 10, "plain words below the heading")])
    text, above = headings_of(reader, tmp_path, pdf(sheet, fonts=("Helvetica-Bold",)))
    assert above == [(0, ""), (text.index("Safety"), "Safety Valves")]


def test_rows_set_larger_than_the_body_are_no_headings_and_hide_none(reader: Reader, tmp_path: Path) -> None:
    rows = [(72.0, 280.0 - 18 * i, 12.0, f"oak plank {i}") for i in range(4)]
    sheet = Sheet([*BODY, (72, 310, 16, "Safety Valves"), *rows, (72, 190, 16, "Prices"), (72, 160, 10, "plain words")])
    _, above = headings_of(reader, tmp_path, pdf(sheet))
    assert [path for _, path in above] == ["", "Safety Valves", "Prices"]


def test_a_size_that_much_is_set_in_is_the_size_of_text(reader: Reader, tmp_path: Path) -> None:
    rows = [
        (72.0, 280.0 - 18 * i, 12.0, f"an oak plank of {i} feet, which is planed on both of its sides")
        for i in range(9)
    ]
    notes = [(72.0, 110.0 - 14 * i, 10.0, "plain words of the body that fill a line") for i in range(2)]
    sheet = Sheet([*BODY, (72, 310, 16, "Safety Valves"), *rows[:3], *notes, (72, 60, 12, "an oak plank")])
    _, above = headings_of(reader, tmp_path, pdf(sheet, Sheet(rows)))
    assert [path for _, path in above] == ["", "Safety Valves"]


def test_a_row_of_values_set_large_is_no_heading(reader: Reader, tmp_path: Path) -> None:
    cells = [(72.0, "13.6 kilometres"), (200.0, "780 metres"), (320.0, "Sheet East")]
    row = [(x, 280.0, 14.0, text) for x, text in cells]
    sheet = Sheet([*BODY, (72, 310, 16, "1"), (110, 310, 16, "Round the Lake"), *row, (72, 250, 10, "plain words")])
    _, above = headings_of(reader, tmp_path, pdf(sheet))
    assert [path for _, path in above] == ["", "1 Round the Lake"]


def headings_of(reader: Reader, folder: Path, data: bytes) -> tuple[str, list[tuple[int, str]]]:
    """The text of a document's only page, and its headings by where they stand."""
    path = folder / "made.pdf"
    path.write_bytes(data)
    reads = [result.read for result in all_pages(reader, path)]
    return reads[0].page.text, list(structure.headings(reads, ())[0])


def test_headings_come_from_the_outline(reader: Reader) -> None:
    source = reader.open(SPEC)
    reads = sorted((r.read for r in reader.pages(source)), key=lambda read: read.page.number)
    above = structure.headings(reads, source.outline)
    page = reads[57].page
    assert structure.heading_at(above[57], page.text.index("mtime")).endswith("(mtime and mtimecmp)")


# --- bad files -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("data", [b"", b"<html>hello</html>", os.urandom(2000), b"\0" * 5000])
def test_what_is_no_pdf_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "not.pdf"
    path.write_bytes(data)
    with pytest.raises(NotAPdf, match=r"empty|no PDF") as caught:
        checked_kind(path, path.name)
    assert str(path) in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", pdf(), text_pdf("hello").replace(b"/Kids[10 0 R]", b"/Kids[99 0 R]")])
def test_a_pdf_without_pages_is_damaged(reader: Reader, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "empty.pdf"
    path.write_bytes(data)
    with pytest.raises((DamagedPdf, NothingReadable)):
        all_pages(reader, path)


@pytest.mark.slow
def test_a_cut_file_is_read_as_far_as_it_goes(reader: Reader, tmp_path: Path) -> None:
    data = SPEC.read_bytes()
    path = tmp_path / "half.pdf"
    path.write_bytes(data[: len(data) // 2])
    source = reader.open(path)
    assert source.rescue
    pages = [result.read.page for result in reader.pages(source)]
    assert len(pages) > 100
    assert sum(len(page.text) for page in pages) > 200_000
    page = next(page for page in pages if page.number == 30)
    start = page.text.index("Atomic extension")
    marks = page.rects(start, start + len("Atomic extension"))
    plain, marked = reader.draw(source, 30, width=600), reader.draw(source, 30, width=600, marks=marks)
    assert plain != marked
    assert marks[0].y0 == pytest.approx(0.26, abs=0.01)  # as on the whole file's page


def test_an_encrypted_file_asks_for_its_password(reader: Reader) -> None:
    path = HERE / "corpus" / "encrypted-password.pdf"
    with pytest.raises(PasswordNeeded, match="needs a password"):
        reader.open(path)
    with pytest.raises(PasswordNeeded, match="does not open it") as caught:
        reader.open(path, "wrong-secret")
    assert "wrong-secret" not in caught.value.message + caught.value.hint
    assert all_pages(reader, path, "openpassword")[0].read.page.text.strip()


def deep_forms(levels: int, calls: int) -> bytes:
    """Each form draws the next one several times: a few hundred bytes that take calls**levels steps."""
    last = b"BT /F1 12 Tf 5 5 Td (deep) Tj ET"
    bodies = [b"/X Do " * calls] * (levels - 1) + [last]
    forms = []
    for i, body in enumerate(bodies):
        inner = b"/XObject<</X %d 0 R>>" % (FIRST + i + 1) if i + 1 < levels else b""
        forms.append(
            b"<</Type/XObject/Subtype/Form/BBox[0 0 600 700]/Resources<</Font<</F1 3 0 R>>%s>>/Length %d>>\n"
            b"stream\n%s\nendstream" % (inner, len(body), body)
        )
    sheet = Sheet(HERE_WE_ARE, content=b"/X Do", objects=forms)
    return pdf(Sheet([(72, 700, 12, "first page")]), sheet, Sheet([(72, 700, 12, "last page")])).replace(
        b"/Resources<</Font<</F1 3 0 R>>>>/Contents 13",
        b"/Resources<</Font<</F1 3 0 R>>/XObject<</X 100 0 R>>>>/Contents 13",
    )


@pytest.mark.slow
def test_a_page_that_never_ends_costs_itself_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep.pdf"
    path.write_bytes(deep_forms(levels=12, calls=12))
    with Reader(limit_s=1.4) as quick:  # in two seconds such a page fills the memory that a worker may have
        results = all_pages(quick, path)
    assert [bool(result.lost) for result in results] == [False, True, False]
    assert "took longer than 1.4 s" in results[1].lost
    assert results[1].read.page.flag is Flag.EMPTY
    assert results[2].read.page.text.strip() == "last page"


@pytest.mark.slow
def test_a_decompression_bomb_does_not_fill_the_memory(reader: Reader, tmp_path: Path) -> None:
    block = b" " * (1 << 24)
    squeeze = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    blocks = squeeze.compress(block) + squeeze.flush(zlib.Z_FULL_FLUSH)  # stands by itself, as often as one likes
    checksum = 1
    for _ in range(BLOCKS):
        checksum = zlib.adler32(block, checksum)
    bomb = b"\x78\xda" + blocks * BLOCKS + squeeze.flush() + checksum.to_bytes(4, "big")
    twice = zlib.compress(bomb, 9)
    body = b"<</Filter[/FlateDecode/FlateDecode]/Length %d>>\nstream\n%s\nendstream" % (len(twice), twice)
    sheet = Sheet(HERE_WE_ARE, objects=[body])
    data = pdf(sheet, Sheet([(72, 700, 12, "last page")])).replace(b"/Contents 11 0 R", b"/Contents 100 0 R")
    path = tmp_path / "bomb.pdf"
    path.write_bytes(data)
    results = all_pages(reader, path)
    assert results[1].read.page.text.strip() == "last page"


@pytest.mark.slow
def test_a_crash_costs_one_page(reader: Reader, tmp_path: Path) -> None:
    """Kill a worker in the middle of a file, as a crash would."""
    path = tmp_path / "deep.pdf"
    path.write_bytes(deep_forms(levels=12, calls=12))
    with Reader(workers=1, limit_s=60) as patient:
        source = patient.open(path)
        pages = patient.pages(source)
        signal.signal(signal.SIGALRM, lambda *_: [worker.kill() for worker in patient.processes()])
        signal.setitimer(signal.ITIMER_REAL, 1.5)
        results = sorted(pages, key=lambda result: result.read.page.number)
    assert [bool(result.lost) for result in results] == [False, True, False]
    assert "crash" in results[1].lost


def test_a_file_of_few_pages_starts_one_worker(tmp_path: Path) -> None:
    path = tmp_path / "short.pdf"
    path.write_bytes(text_pdf("one", "two"))
    with Reader(workers=2) as reader:
        assert len(list(reader.pages(reader.open(path)))) == 2
        reader.draw(reader.open(path), 0, width=100)
        assert len(reader.processes()) == 1


@pytest.mark.slow
def test_many_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than a worker reads before another takes its place."""
    monkeypatch.setattr(read, "RECYCLE", MANY // 3)
    path = tmp_path / "many.pdf"
    path.write_bytes(pdf(*(Sheet([(72, 700, 12, f"page {i}")]) for i in range(MANY))))
    with Reader(workers=1) as recycling:
        source = recycling.open(path)
        (first,) = recycling.processes()
        numbers = sorted(result.read.page.number for result in recycling.pages(source))
        assert first not in recycling.processes()
    assert numbers == list(range(MANY))


def test_deeply_nested_objects(reader: Reader, tmp_path: Path) -> None:
    data = text_pdf("hello").replace(b"/Resources", b"/Deep" + b"[" * 100_000 + b"]" * 100_000 + b"/Resources")
    path = tmp_path / "nested.pdf"
    path.write_bytes(data)
    problem, results = attempted(reader, path)
    assert problem or len(results) == 1


@settings(max_examples=25, deadline=None)
@given(
    cuts=st.lists(st.tuples(st.integers(0, 10**6), st.binary(min_size=1, max_size=40)), min_size=1, max_size=12),
)
def test_overwritten_files_give_pages_or_a_clear_error(reader: Reader, cuts: list[tuple[int, bytes]]) -> None:
    data = bytearray((HERE / "corpus" / "riscv-semihosting.pdf").read_bytes())
    for at, junk in cuts:
        place = at % len(data)
        data[place : place + len(junk)] = junk[: len(data) - place]
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"recto-overwritten-{os.getpid()}.pdf"
    path.write_bytes(data)
    problem, results = attempted(reader, path)
    path.unlink()
    assert problem or results
    for page in (result.read.page for result in results):
        assert all(0 <= a < b <= len(page.text) for a, b in page.spans.tolist())


def test_a_resaved_copy_reads_the_same(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "copy.pdf"
    with pikepdf.open(EXAMPLES / "riscv-reri-architecture.pdf") as document:
        document.save(path, linearize=True)
    old = [r.read.page.text for r in all_pages(reader, EXAMPLES / "riscv-reri-architecture.pdf")]
    assert [r.read.page.text for r in all_pages(reader, path)] == old
