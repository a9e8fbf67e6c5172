"""Running heads and feet: told by their repeating, and what each of them says kept once."""

from pathlib import Path

import pytest

from recto.pdf.furniture import furniture, headed, marked
from recto.pdf.layout import ReadPage
from recto.pdf.passages import passages
from recto.pdf.read import Reader
from recto.pdf.structure import NO_HEADINGS, headings
from recto.types import TraitKind
from support.pdfs import Sheet, pdf

HEAD, FOOT = 760.0, 30.0


@pytest.fixture(scope="module")
def reader() -> Reader:
    with Reader(workers=1) as reader:
        yield reader


def read(
    reader: Reader, folder: Path, heads: list[str], feet: list[str], body: str = "Hall {} is open."
) -> list[ReadPage]:
    sheets = [
        Sheet([(60, HEAD, 9, head), (60, FOOT, 9, foot), (60, 600, 11, body.format(number))])
        for number, (head, foot) in enumerate(zip(heads, feet, strict=True))
    ]
    path = folder / "made.pdf"
    path.write_bytes(pdf(*sheets))
    results = sorted(reader.pages(reader.open(path)), key=lambda result: result.read.page.number)
    return [result.read for result in results]


def new_lines(reads: list[ReadPage]) -> list[tuple[int, str]]:
    return [
        (read.page.number, read.page.text[slice(*line.place)].strip())
        for read, lines in zip(reads, furniture(reads), strict=True)
        for line in lines
        if line.new
    ]


def test_what_all_pages_say_is_kept_at_the_first(reader: Reader, tmp_path: Path) -> None:
    reads = read(
        reader, tmp_path, ["Manual QM-7, revision 5"] * 4, [f"Approved in May Page {n} of 4" for n in range(1, 5)]
    )
    assert new_lines(reads) == [(0, "Manual QM-7, revision 5"), (0, "Approved in May Page 1 of 4")]
    page = marked(reads[1].page, furniture(reads)[1], NO_HEADINGS)
    head = page.text.index("Manual")
    assert page.has(TraitKind.RUNNING, head, head + 1)
    assert [passage.text for passage in passages(page, "doc", furniture=furniture(reads)[1])] == ["Hall 1 is open."]


@pytest.mark.parametrize(
    "feet",
    [
        ["1", "2", "3", "4"],
        ["Page 1 of 4", "Page 2 of 4", "Page 3 of 4", "Page 4 of 4"],
        ["- iii -", "- iv -", "- v -", "- vi -"],
        ["F-12", "F-13", "F-14", "F-15"],
        ["Seite 7", "Seite 8", "Seite 1", "Seite 2"],
    ],
)
def test_a_page_number_says_nothing(reader: Reader, tmp_path: Path, feet: list[str]) -> None:
    assert new_lines(read(reader, tmp_path, ["The handbook"] * 4, feet)) == [(0, "The handbook")]


def test_a_page_number_beside_words_makes_no_new_line(reader: Reader, tmp_path: Path) -> None:
    reads = read(reader, tmp_path, [f"The handbook {n}" for n in range(9, 13)], [""] * 4)
    assert new_lines(reads) == [(0, "The handbook 9")]


def test_a_line_of_each_page_alone_belongs_to_it_and_heads_its_text(reader: Reader, tmp_path: Path) -> None:
    heads = [f"Invoice No. {number}" for number in (1, 2, 3, 4)]  # no page numbers, though they run like these
    reads = read(reader, tmp_path, heads, ["Sort code 20-45-77"] * 4)
    assert new_lines(reads) == [(0, heads[0]), (0, "Sort code 20-45-77"), (1, heads[1]), (2, heads[2]), (3, heads[3])]
    running = furniture(reads)
    above = headed(reads, headings(reads, ()), running)
    page = marked(reads[2].page, running[2], NO_HEADINGS)
    texts = {passage.text: passage.heading for passage in passages(page, "doc", above[2], running[2])}
    assert texts == {"Invoice No. 3": "Invoice No. 3", "Hall 2 is open.": "Invoice No. 3"}


def test_what_stands_in_the_text_as_well_is_not_kept_twice(reader: Reader, tmp_path: Path) -> None:
    reads = read(reader, tmp_path, ["The north hall"] * 4, [""] * 4, body="The north hall")
    assert new_lines(reads) == []
