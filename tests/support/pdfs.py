"""Small PDFs written by hand: what a test needs, and nothing that a library would add."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Line = tuple[float, float, float, str]  # x, y (points, from the bottom left), size, text


@dataclass(frozen=True)
class Sheet:
    """One page."""

    lines: Sequence[Line] = ()
    media: tuple[float, float, float, float] = (0, 0, 612, 792)
    crop: tuple[float, float, float, float] | None = None
    rotate: int = 0
    content: bytes = b""  # drawn after the lines
    extra: bytes = b""  # entries of the page's dictionary
    objects: Sequence[bytes] = field(default_factory=tuple)  # numbered from FIRST on


FIRST = 100  # number of the first extra object


def pdf(*sheets: Sheet, trailer: bytes = b"", fonts: Sequence[str] = ("Helvetica",)) -> bytes:
    """Write the pages as one PDF; the standard fonts of these names, seven at most, are /F1, /F2 and so on."""
    objects: dict[int, bytes] = {1: b"<</Type/Catalog/Pages 2 0 R>>"}
    for i, font in enumerate(fonts):
        objects[3 + i] = b"<</Type/Font/Subtype/Type1/BaseFont/%s/Encoding/WinAnsiEncoding>>" % font.encode()
    names = b"".join(b"/F%d %d 0 R" % (i + 1, 3 + i) for i in range(len(fonts)))
    kids = []
    for i, sheet in enumerate(sheets):
        number = 10 + 2 * i if len(sheets) < 40 else 10_000 + 2 * i
        kids.append(b"%d 0 R" % number)
        objects[number] = _page(sheet, number + 1, names)
        content = _content(sheet)
        objects[number + 1] = b"<</Length %d>>\nstream\n%s\nendstream" % (len(content), content)
        for j, extra in enumerate(sheet.objects):
            objects[FIRST + j] = extra
    objects[2] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(sheets), b" ".join(kids))
    return _file(objects, trailer)


def text_pdf(*pages: str) -> bytes:
    """Pages of plain text, a line for each line."""
    return pdf(*(Sheet([(72, 720 - 14 * i, 11, line) for i, line in enumerate(page.split("\n"))]) for page in pages))


def _page(sheet: Sheet, content: int, fonts: bytes) -> bytes:
    boxes = b"/MediaBox[%s]" % _numbers(sheet.media)
    if sheet.crop:
        boxes += b"/CropBox[%s]" % _numbers(sheet.crop)
    return b"<</Type/Page/Parent 2 0 R%s/Rotate %d/Resources<</Font<<%s>>>>/Contents %d 0 R%s>>" % (
        boxes,
        sheet.rotate,
        fonts,
        content,
        sheet.extra,
    )


def _content(sheet: Sheet) -> bytes:
    lines = [b"BT /F1 %g Tf %g %g Td (%s) Tj ET" % (size, x, y, escaped(text)) for x, y, size, text in sheet.lines]
    return b"\n".join([*lines, sheet.content])


def escaped(text: str) -> bytes:
    """A text as it stands between the brackets of a PDF's string."""
    data = text.encode("cp1252")
    return data.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _numbers(values: Sequence[float]) -> bytes:
    return b" ".join(b"%g" % value for value in values)


def _file(objects: dict[int, bytes], trailer: bytes) -> bytes:
    out = bytearray(b"%PDF-1.7\n")
    places = {}
    for number, body in sorted(objects.items()):
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n"
    for number, place in sorted(places.items()):
        out += b"%d 1\n%010d 00000 n \n" % (number, place)
    out += b"0 1\n0000000000 65535 f \n"
    size = max(objects) + 1
    return bytes(out) + b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start)


def lettered(content: bytes, letters: Mapping[str, str]) -> bytes:
    """A page drawn with a font /H in which some characters of ASCII are said to be letters of another script."""
    codes = b"\n".join(b"<%02x> <%04x>" % (ord(latin), ord(letter)) for latin, letter in letters.items())
    cmap = b"begincmap 1 begincodespacerange <00> <ff> endcodespacerange %d beginbfchar\n%s\nendbfchar endcmap" % (
        len(letters),
        codes,
    )
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Courier/ToUnicode 101 0 R/FirstChar 32/LastChar 126/Widths[%s]>>"
    objects = [font % b" ".join([b"600"] * 95), b"<</Length %d>>\nstream\n%s\nendstream" % (len(cmap), cmap)]
    return pdf(Sheet(content=content, objects=objects)).replace(b"/Font<<", b"/Font<</H 100 0 R ")
