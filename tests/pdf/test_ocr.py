"""Pictures of text: which parts of a page are recognised, however they lie, and what becomes of its own words."""

import re
import socket
import time
from pathlib import Path

import numpy as np
import pytest

from recto.config import OcrMode
from recto.pdf.layout import ReadPage
from recto.pdf.read import Reader
from recto.pdf.recognition import engines, rapid, tesseract
from recto.pdf.recognition.lines import of_words
from recto.pdf.recognition.reading import OcrWord, Reading
from recto.types import Flag, Page, TraitKind
from support.paths import HERE
from support.pdfs import Line, Sheet, pdf
from support.scans import LEASE, outlines, placed, scan, written

STAMP: Line = (60, 775, 9, "Case 0:00-cv-00000   Document 58   Filed 06/02/22   Page 1 of 1")
PROSE: list[Line] = [
    (72, 740 - 14 * number, 11, f"Clause {number} of this deed binds the heirs of both parties, whoever they may be.")
    for number in range(48)
]
FEW_LINES = PROSE[:6]
DRAWN = b"\n".join(b"BT /F1 11 Tf %g %g Td (%s) Tj ET" % (x, y, text.encode()) for x, y, _, text in PROSE)
HALF = (72.0, 100.0, 468.0, 300.0)


@pytest.fixture
def made(reader: Reader, tmp_path: Path) -> "Made":
    return Made(reader, tmp_path / "made.pdf")


class Made:
    """PDFs of one page, read and recognised."""

    def __init__(self, reader: Reader, path: Path) -> None:
        self._reader, self._path = reader, path

    def read(self, sheet: Sheet) -> ReadPage:
        self._path.write_bytes(pdf(sheet))
        (result,) = self._reader.pages(self._reader.open(self._path))
        return result.read

    def recognised(self, sheet: Sheet, mode: OcrMode = OcrMode.FAST) -> Page:
        read = self.read(sheet)
        present = engines.present(mode, "eng")
        assert not present.lack
        (result,) = self._reader.ocr(self._reader.open(self._path), [read], present)
        assert not result.lost
        return result.read.page


def words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.lower()))


def missed(page: Page) -> set[str]:
    return words(" ".join(LEASE)) - words(page.text)


# --- which parts -----------------------------------------------------------------------------------------------------
LAYER = b"BT 3 Tr /F1 11 Tf 62 747 Td (LEASE OF A GARDEN PLOT) Tj ET"
BUTTONS = b" ".join(b"%d 600 m" % (80 + 30 * button) + b" 9 609 9 618 9 603 c" * 40 + b" s" for button in range(12))
LEADER = b" ".join(b"%d 500 1 0.7 re" % (200 + 2 * dot) for dot in range(100)) + b" f"
STRIPS = b"\n".join(placed(written(LEASE, (1240, 220)), (0, 99 * strip, 612, 99)) for strip in range(8))


@pytest.mark.parametrize(
    "sheet",
    [
        Sheet(content=placed(scan(LEASE))),
        Sheet([STAMP], content=placed(scan(LEASE))),
        Sheet([(440, 12, 8, "Scanned with CamScanner")], content=placed(scan(LEASE))),
        Sheet([STAMP], content=STRIPS),
        Sheet([(72, 760, 11, "Appendix B")], content=outlines(LEASE)),
        Sheet(content=outlines(LEASE)),
    ],
)
def test_a_page_that_is_a_picture_is_a_scan_whatever_is_printed_on_it(made: Made, sheet: Sheet) -> None:
    assert made.read(sheet).scan


@pytest.mark.parametrize(
    "sheet",
    [
        Sheet(),
        Sheet([(72, 700, 11, "Part two")]),
        Sheet(content=b"0.9 g 0 0 612 792 re f 0 g\n" + DRAWN),
        Sheet(content=placed(scan([])) + b"\n" + DRAWN),
        Sheet(
            content=placed(scan(LEASE)) + b" BT /F1 9 Tf %g %g Td (%s) Tj ET " % (*STAMP[:2], STAMP[3].encode()) + LAYER
        ),
        Sheet([], content=LAYER + placed(scan(LEASE))),
        Sheet(PROSE, content=placed(written(["A logo"], (200, 60)), (500, 760, 40, 12))),
        Sheet([(72, 700, 11, "Which of these?")], content=BUTTONS),
        Sheet([(72, 500, 11, "Introduction")], content=LEADER),
    ],
)
def test_a_page_of_text_is_not_recognised_again(made: Made, sheet: Sheet) -> None:
    assert len(made.read(sheet).regions) == 0


def test_a_picture_beside_text_is_recognised_by_itself(made: Made) -> None:
    read = made.read(Sheet(FEW_LINES, content=placed(written(LEASE, (936, 600)), HALF)))
    left, bottom, width, height = HALF
    box = np.array([left / 612, 1 - (bottom + height) / 792, (left + width) / 612, 1 - bottom / 792])
    np.testing.assert_allclose(read.regions, box[None], atol=1e-4)
    assert not read.scan


def test_a_picture_on_a_turned_page_is_where_it_is_seen(made: Made) -> None:
    read = made.read(Sheet(FEW_LINES, rotate=90, content=placed(written(LEASE, (936, 600)), HALF)))
    left, bottom, width, height = HALF
    box = np.array([bottom / 792, left / 612, (bottom + height) / 792, (left + width) / 612])
    np.testing.assert_allclose(read.regions, box[None], atol=1e-4)


# --- what they say ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("turn", "skew", "rotate"),
    [
        (0, 0, 0),
        (90, 0, 0),
        (180, 0, 0),
        (270, 0, 0),
        (0, 5, 0),
        (0, -5, 0),
        (180, 5, 0),
        (270, -5, 0),
        (0, 0, 90),
        (270, 0, 90),
    ],
)
def test_a_scan_is_read_however_it_lies(made: Made, turn: int, skew: int, rotate: int) -> None:
    image = scan(LEASE, turn=turn, skew=skew)
    across, down = (792, 612) if turn % 180 else (612, 792)
    content = placed(image, (0, 0, across, down))
    page = made.recognised(Sheet(media=(0, 0, across, down), content=content, rotate=rotate))
    assert page.flag is Flag.OCR
    assert not missed(page)
    assert page.text.index("yearly rent") < page.text.index("first of March") < page.text.index("hedges")
    start = page.text.index("pounds")
    (rect,) = page.rects(start, start + 6)
    ink = image.rotate(-rotate, expand=True).crop(
        tuple(
            int(side * size)
            for side, size in zip(rect.as_list(), (image.rotate(-rotate, expand=True).size) * 2, strict=True)
        )
    )
    assert ink.getextrema()[0] < 128, "the box lies on ink"
    assert ink.size[0] * ink.size[1] < 0.02 * image.size[0] * image.size[1], "and on little else"


def test_specks_of_grey_paper_in_black_and_white_do_not_hide_the_text(made: Made) -> None:
    assert not missed(made.recognised(Sheet(content=placed(scan(LEASE, dithered=True)))))


@pytest.mark.parametrize(("line", "first"), [(STAMP, True), ((440.0, 12.0, 8.0, "Scanned with CamScanner"), False)])
def test_what_is_printed_on_a_scan_is_kept_once(made: Made, line: Line, first: bool) -> None:
    page = made.recognised(
        Sheet(
            content=placed(scan(LEASE)) + b" BT /F1 %g Tf %g %g Td (%s) Tj ET" % (line[2], *line[:2], line[3].encode())
        )
    )
    assert page.flag is Flag.OCR
    assert not missed(page)
    printed = " ".join(line[3].split())
    assert page.text.count(printed[:12]) == 1
    assert page.text.startswith(printed) == first
    (recognised,) = [trait for trait in page.traits if trait.kind is TraitKind.RECOGNISED]
    assert printed not in page.text[recognised.start : recognised.end]
    assert words(" ".join(LEASE)) <= words(page.text[recognised.start : recognised.end])


def test_a_picture_of_text_stands_behind_the_text_beside_it(made: Made) -> None:
    plain = made.read(Sheet(FEW_LINES)).page.text
    page = made.recognised(Sheet(FEW_LINES, content=placed(written(LEASE, (936, 600)), HALF)))
    assert page.flag is Flag.TEXT
    assert page.text.startswith(plain)
    assert not missed(page)
    (rect,) = page.rects(page.text.index("hedges"), page.text.index("hedges") + 6)
    assert rect.y0 > 1 - (HALF[1] + HALF[3]) / 792
    assert [trait.kind for trait in page.traits] == [TraitKind.RECOGNISED]


def test_a_page_whose_ink_is_mostly_its_own_words_is_no_scan(made: Made) -> None:
    sheet = Sheet(PROSE[:20], content=placed(written(LEASE[:2], (1224, 840)), (0, 0, 612, 420)))
    assert made.read(sheet).scan
    page = made.recognised(sheet)
    assert page.flag is Flag.TEXT
    assert page.text.startswith("Clause 0")
    assert "yearly rent" in page.text


def test_arrows_and_circles_beside_text_are_no_words(made: Made) -> None:
    picture = written(["v   O", "O   v   ....", "OO 000 lll"], (936, 600))
    plain = made.read(Sheet(FEW_LINES)).page.text
    assert made.recognised(Sheet(FEW_LINES, content=placed(picture, HALF))).text == plain


@pytest.mark.parametrize(
    ("line", "keeps"),
    [
        ("the hedges", True),
        ("I am here", True),
        ("租金", True),
        ("v v O", False),
        ("OOO ....", False),
        ("v 0000 OO", False),
        ("12 14", False),
        ("", False),
    ],
)
def test_a_line_beside_text_reads_like_words(line: str, keeps: bool) -> None:
    for confidence in (0.9, 0.5):
        reading = Reading.of([OcrWord(text, 0, (0, 0, 9, 9), confidence) for text in line.split()])
        assert of_words(reading, scan=False).any() == (keeps and confidence > 0.6)


@pytest.mark.parametrize(
    ("lines", "beside", "scanned"),
    [
        (["The yearly rent", "85", "v"], ["The yearly rent", "85"], ["The yearly rent", "85", "v"]),
        (["rent", "10 20 30 40 50", "O O O"], ["rent"], ["rent"]),
    ],
)
def test_numbers_stay_where_most_is_words(lines: list[str], beside: list[str], scanned: list[str]) -> None:
    reading = Reading.of(
        [OcrWord(text, number, (0, 0, 9, 9), 0.9) for number, line in enumerate(lines) for text in line.split()]
    )
    assert reading.take(of_words(reading, scan=False)).texts == " ".join(beside).split()
    assert reading.take(of_words(reading, scan=True)).texts == " ".join(scanned).split()


def test_outlines_are_recognised(made: Made) -> None:
    assert not missed(made.recognised(Sheet(content=outlines(LEASE))))


def test_an_empty_picture_is_not_recognised_into_noise(made: Made) -> None:
    page = made.recognised(Sheet(content=placed(scan([]))))
    assert page.text == ""
    assert page.flag is Flag.EMPTY


@pytest.mark.parametrize(("texts", "workers"), [(18, 1), (2, 2)])
def test_few_pictures_are_recognised_by_one_worker(reader: Reader, tmp_path: Path, texts: int, workers: int) -> None:
    path = tmp_path / "few.pdf"
    picture = Sheet(content=placed(written(LEASE, (600, 400), height=20)))
    path.write_bytes(pdf(picture, picture, *[Sheet(FEW_LINES)] * texts))
    source = reader.open(path)
    unread = [result.read for result in reader.pages(source) if len(result.read.regions)]
    with Reader(workers=2) as recognising:
        results = list(recognising.ocr(source, unread, engines.present(OcrMode.FAST, "eng")))
        assert [result.lost for result in results] == ["", ""]
        assert len(recognising.processes()) == workers


@pytest.mark.slow
def test_scanned_pages_are_recognised(reader: Reader) -> None:
    path = HERE / "corpus" / "scanned-fda-3pages.pdf"
    truth = (HERE / "corpus" / "scanned-fda-3pages.truth.txt").read_text().split("\f")
    source = reader.open(path)
    reads = [result.read for result in reader.pages(source) if result.read.page.number == 1]
    (result,) = reader.ocr(source, reads, engines.present(OcrMode.FAST, "eng"))
    page = result.read.page
    assert page.flag is Flag.OCR
    assert len(words(truth[1]) & words(page.text)) / len(words(truth[1])) > 0.95
    assert page.rects(0, len(page.text))


# --- languages -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "package"),
    [
        ("deu", "tesseract-ocr-deu"),
        ("chi_sim", "tesseract-ocr-chi-sim"),
        ("chi_tra_vert", "tesseract-ocr-chi-tra-vert"),
        ("aze_cyrl", "tesseract-ocr-aze-cyrl"),
        ("script/Latin", "tesseract-ocr-script-latn"),
        ("script/Japanese_vert", "tesseract-ocr-script-jpan-vert"),
        ("de", "tesseract-ocr-deu"),
    ],
)
def test_a_language_has_a_package_of_debian(code: str, package: str) -> None:
    assert tesseract.package(code) == package


def test_each_language_that_is_missing_is_named() -> None:
    assert tesseract.missing("eng+xxa+xxb") == ["xxa", "xxb"]
    assert tesseract.mend(["deu", "fra"]) == "apt-get install tesseract-ocr-deu tesseract-ocr-fra"
    assert "de is called deu" in tesseract.mend(["de"])


# --- engines ---------------------------------------------------------------------------------------------------------
NAMES = {"tesseract": engines.EngineName.TESSERACT, "rapidocr": engines.EngineName.RAPIDOCR}


@pytest.mark.parametrize(
    ("mode", "program", "models", "names"),
    [
        ("auto", True, True, ["tesseract", "rapidocr"]),
        ("auto", True, False, ["tesseract"]),
        ("auto", False, True, ["rapidocr"]),
        ("auto", False, False, []),
        ("fast", True, True, ["tesseract"]),
        ("fast", False, True, ["rapidocr"]),
        ("best", True, True, ["rapidocr"]),
        ("best", True, False, ["tesseract"]),
        ("off", True, True, []),
    ],
)
def test_what_is_there_reads(
    monkeypatch: pytest.MonkeyPatch, mode: str, program: bool, models: bool, names: list[str]
) -> None:
    if not program:
        monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(rapid, "available", lambda: models)
    present = engines.present(OcrMode(mode), "eng")
    assert present.names == tuple(NAMES[name] for name in names)
    lacks = (mode == "best" and not models) or (mode == "auto" and not names)
    assert bool(present.lack) == bool(present.mend) == lacks


def test_where_tesseract_lacks_a_language_rapidocr_reads_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rapid, "available", lambda: True)
    present = engines.present(OcrMode.AUTO, "eng+xxa")
    assert present.names == (NAMES["rapidocr"],)
    assert "xxa" in present.lack
    assert engines.present(OcrMode.FAST, "eng+xxa").names == (NAMES["tesseract"],)


@pytest.mark.slow
def test_rapidocr_reads_without_tesseract_and_without_the_net(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("it wants the net")

    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    rapid._detector.cache_clear()
    rapid._recogniser.cache_clear()
    reading = rapid.Rapid(time.monotonic() + 60).read(np.asarray(scan(LEASE)))
    assert reading.texts == " ".join(LEASE).split()
    assert reading.lines.tolist() == [number for number, line in enumerate(LEASE) for _ in line.split()]
    assert reading.confidence > 0.9
    ink = np.asarray(scan(LEASE)) < 128
    for x0, y0, x1, y1 in reading.boxes.astype(int).tolist():
        assert ink[y0:y1, x0:x1].any()


def test_a_picture_without_a_line_is_not_turned() -> None:
    shade = np.tile(np.linspace(255, 100, 600).astype(np.uint8), (400, 1))
    engine = rapid.Rapid(time.monotonic() + 60)
    assert engine.turns(shade) == ()
    assert engine.turns(np.asarray(scan(LEASE, turn=90))) == (90, 270)


@pytest.mark.slow
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_rapidocr_reads_scans_however_they_lie(made: Made, turn: int) -> None:
    across, down = (792, 612) if turn % 180 else (612, 792)
    sheet = Sheet(media=(0, 0, across, down), content=placed(scan(LEASE, turn=turn), (0, 0, across, down)))
    page = made.recognised(sheet, OcrMode.BEST)
    assert not missed(page)
    assert page.text.index("yearly rent") < page.text.index("first of March") < page.text.index("hedges")
