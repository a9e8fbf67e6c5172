"""Documents in a small markup, set as PDFs; in `tests`, `python -m support.typesetting FOLDER` sets all of a folder.

Blocks are parted by empty lines, and what a block is its first characters say:

    @ name value    one of `Settings`, before the first block
    # ## ###        a heading, the larger the fewer
    > and =         lines set to the right, and in the middle; =# for those of a title
    :               lines kept as they are
    -               items of a list; a line that begins with two spaces goes on with the item above it
    ~               small print
    ---             a rule
    ===             a new page
    |= STYLE WIDTHS ALIGNMENTS
                    a table: grid, lines, head (a shaded one) or plain; the columns' shares of the width, such as
                    40,30,30; a letter l, r or c for each. A row begins with `|`, and `|` parts its cells, `//` the
                    lines of a cell. `|-` ends the head, which comes again on a new page. `|!` is a row in bold across
                    the table, `|+` a total: in bold below a rule.

Everything else is a paragraph.
"""

import ctypes
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path

import pypdfium2.raw as pdfium

from support.pdfs import Sheet, escaped, pdf

ENDING = ".txt"
A4 = 595.0, 842.0  # points
FACES = {
    "Helvetica": ("Helvetica", "Helvetica-Bold"),
    "Times": ("Times-Roman", "Times-Bold"),
    "Courier": ("Courier", "Courier-Bold"),
}
HEADINGS = {"#": 1.7, "##": 1.25, "###": 1.0}  # of the size of the text
SMALL = 0.8
LEADING = 1.32
PADDING = 4.0  # points between a cell's text and its column's end


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a document is set, and what its file says of itself."""

    font: str = "Helvetica"
    size: float = 10.0  # points
    margin: float = 64.0
    width: float = A4[0]
    height: float = A4[1]
    title: str = ""
    author: str = ""
    header: str = ""
    footer: str = ""  # `{page}` and `{pages}` stand for their numbers

    @classmethod
    def of(cls, lines: Iterable[str]) -> "Settings":
        pairs = [line[1:].strip().partition(" ") for line in lines]
        numbers = {"size", "margin", "width", "height"}
        return cls(**{name: float(value) if name in numbers else value for name, _, value in pairs})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a table as it is written: `mark` is `|`, `|!` or `|+`."""

    mark: str
    cells: Sequence[str]


@dataclass(slots=True)
class Typesetter:
    """Pages that are filled from above; y counts from below, as in PDF."""

    settings: Settings
    pages: list[bytearray] = field(default_factory=lambda: [bytearray()])
    y: float = 0.0

    def __post_init__(self) -> None:
        self.y = self.top

    @property
    def top(self) -> float:
        return self.settings.height - self.settings.margin

    @property
    def left(self) -> float:
        return self.settings.margin

    @property
    def width(self) -> float:
        return self.settings.width - 2 * self.settings.margin

    def new_page(self) -> None:
        self.pages.append(bytearray())
        self.y = self.top

    def reserve(self, height: float) -> bool:
        """Whether a new page was begun, since so much no longer fits."""
        if self.y - height >= self.settings.margin:
            return False
        self.new_page()
        return True

    def text(self, x: float, y: float, text: str, *, size: float, bold: bool = False) -> None:
        self.pages[-1] += b"BT /F%d %g Tf %.6g %.6g Td (%s) Tj ET\n" % (1 + bold, size, x, y, escaped(text))

    def rule(self, y: float, *, weight: float = 0.6) -> None:
        self.pages[-1] += b"%g w %.6g %.6g m %.6g %.6g l S\n" % (weight, self.left, y, self.left + self.width, y)

    def lines(
        self, lines: Iterable[str], *, size: float, bold: bool = False, align: str = "l", indent: float = 0
    ) -> None:
        """Lines below each other, over the width of the page."""
        for line in lines:
            self.reserve(size * LEADING)
            self.y -= size * LEADING
            room = self.width - indent - self.extent(line, size, bold=bold)
            x = self.left + indent + {"l": 0, "r": room, "c": room / 2}[align]
            self.text(x, self.y, line, size=size, bold=bold)

    def wrapped(self, text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
        """A text in lines of at most this width."""
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and self.extent(longer, size, bold=bold) > width:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

    def extent(self, text: str, size: float, *, bold: bool = False) -> float:
        """The width of a text in points."""
        face = FACES[self.settings.font][bold]
        return sum(glyph_width(face, code) for code in text.encode("cp1252")) * size / 1000


@cache
def glyph_width(face: str, code: int) -> int:
    """In thousandths of the font's size."""
    pdfium.FPDF_InitLibrary()
    document = pdfium.FPDF_CreateNewDocument()
    font = pdfium.FPDFText_LoadStandardFont(document, face.encode())
    width = ctypes.c_float()
    pdfium.FPDFFont_GetGlyphWidth(font, ord(bytes([code]).decode("cp1252")), 1000, ctypes.byref(width))
    pdfium.FPDFFont_Close(font)
    pdfium.FPDF_CloseDocument(document)
    return round(width.value)


def typeset(text: str) -> bytes:
    """The PDF of a document in the markup."""
    lines = text.strip().split("\n")
    settings = Settings.of(line for line in lines if line.startswith("@"))
    body = "\n".join(line for line in lines if not line.startswith("@"))
    typesetter = Typesetter(settings)
    for block in body.split("\n\n"):
        if block.strip():
            _set_block(typesetter, block.strip("\n"))
    for number, page in enumerate(typesetter.pages, start=1):
        head, foot = (
            b"BT /F1 %g Tf %.6g %.6g Td (%s) Tj ET\n" % (settings.size * SMALL, typesetter.left, y, escaped(line))
            for template, y in ((settings.header, settings.height - 36), (settings.footer, 30))
            for line in [template.format(page=number, pages=len(typesetter.pages))]
        )
        page[:] = head + page + foot
    info = b"<</Title(%s)/Author(%s)>>" % (escaped(settings.title), escaped(settings.author))
    media = 0, 0, settings.width, settings.height
    sheets = [Sheet(media=media, content=bytes(page), objects=(info,)) for page in typesetter.pages]
    return pdf(*sheets, trailer=b"/Info 100 0 R", fonts=FACES[settings.font])


def _set_block(typesetter: Typesetter, block: str) -> None:
    size = typesetter.settings.size
    mark = block.split()[0]
    lines = [line[len(mark) :].strip() for line in block.split("\n")]
    typesetter.y -= size * 0.55 if typesetter.y < typesetter.top else 0
    match mark:
        case "===":
            typesetter.new_page()
        case "---":
            typesetter.rule(typesetter.y)
        case "#" | "##" | "###":
            _set_heading(typesetter, lines, size * HEADINGS[mark])
        case "=#":
            typesetter.lines(lines, size=size * HEADINGS["#"], bold=True, align="c")
        case ">" | "=" | ":":
            typesetter.lines(lines, size=size, align={">": "r", "=": "c", ":": "l"}[mark])
        case "-":
            _set_list(typesetter, block)
        case "~":
            small = typesetter.wrapped(" ".join(lines), typesetter.width, size * SMALL)
            typesetter.lines(small, size=size * SMALL)
        case "|=":
            Table.of(typesetter, block).set()
        case _:
            typesetter.lines(typesetter.wrapped(block, typesetter.width, size), size=size)


def _set_heading(typesetter: Typesetter, lines: Sequence[str], size: float) -> None:
    """With room for two lines of what follows on the same page."""
    typesetter.reserve(3.5 * size)
    typesetter.y -= size * 0.35 if typesetter.y < typesetter.top else 0
    for line in lines:
        typesetter.lines(typesetter.wrapped(line, typesetter.width, size, bold=True), size=size, bold=True)


def _set_list(typesetter: Typesetter, block: str) -> None:
    size, indent = typesetter.settings.size, 14.0
    for item in block.replace("\n  ", " ").split("\n"):
        first, *further = typesetter.wrapped(item[1:], typesetter.width - indent, size)
        typesetter.lines([f"•  {first}"], size=size, indent=4)
        typesetter.lines(further, size=size, indent=indent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table that is being set; `lefts` are where its columns begin, and where the last one ends."""

    typesetter: Typesetter
    style: str
    lefts: Sequence[float]
    alignments: str
    head: Sequence[Row]
    rows: Sequence[Row]

    @classmethod
    def of(cls, typesetter: Typesetter, block: str) -> "Table":
        first, *lines = block.split("\n")
        _, style, widths, alignments = first.split()
        shares = [float(width) for width in widths.split(",")]
        lefts = [typesetter.left + typesetter.width * at / sum(shares) for at in accumulate(shares, initial=0)]
        ends = lines.index("|-") if "|-" in lines else 0
        head, rows = ([*_rows(part)] for part in (lines[:ends], [line for line in lines[ends:] if line != "|-"]))
        return cls(typesetter=typesetter, style=style, lefts=lefts, alignments=alignments, head=head, rows=rows)

    def set(self) -> None:
        for row in self.head:
            self._set_row(row, in_head=True)
        for row in self.rows:
            if self.typesetter.reserve(self._height(row, in_head=False)):
                for again in self.head:
                    self._set_row(again, in_head=True)
            self._set_row(row, in_head=False)
        if self.style in ("lines", "head"):
            self.typesetter.rule(self.typesetter.y, weight=0.9)

    def _set_row(self, row: Row, *, in_head: bool) -> None:
        size, top = self.typesetter.settings.size, self.typesetter.y
        height = self._height(row, in_head=in_head)
        bold = in_head or row.mark != "|"
        self._draw_box(row, height, in_head=in_head)
        for number, lines in enumerate(self._cells(row, bold=bold)):
            left, right = self.lefts[number], self.lefts[number + 1]
            for at, line in enumerate(lines):
                room = right - left - 2 * PADDING - self.typesetter.extent(line, size, bold=bold)
                x = left + PADDING + {"l": 0, "r": room, "c": room / 2}[self.alignments[number]]
                self.typesetter.text(x, top - size * (1.12 + LEADING * at), line, size=size, bold=bold)
        self.typesetter.y = top - height

    def _cells(self, row: Row, *, bold: bool) -> list[list[str]]:
        """The lines of each cell; a row across the table has one cell as wide as all."""
        size = self.typesetter.settings.size
        if row.mark == "|!":
            return [[" ".join(row.cells)]]
        return [
            [
                line
                for part in cell.split("//")
                for line in self.typesetter.wrapped(
                    part, self.lefts[number + 1] - self.lefts[number] - 2 * PADDING, size, bold=bold
                )
            ]
            for number, cell in enumerate(row.cells)
        ]

    def _height(self, row: Row, *, in_head: bool) -> float:
        lines = max(map(len, self._cells(row, bold=in_head or row.mark != "|")))
        return (LEADING * lines + (0.1 if self.style == "plain" else 0.45)) * self.typesetter.settings.size

    def _draw_box(self, row: Row, height: float, *, in_head: bool) -> None:
        setter, top, left = self.typesetter, self.typesetter.y, self.lefts[0]
        if self.style == "head" and in_head:
            setter.pages[-1] += b"q .88 .91 .95 rg %.6g %.6g %.6g %.6g re f Q\n" % (
                left,
                top - height,
                setter.width,
                height,
            )
        if self.style == "grid":
            lefts = self.lefts if row.mark != "|!" else (self.lefts[0], self.lefts[-1])
            for start, end in pairwise(lefts):
                setter.pages[-1] += b".5 w %.6g %.6g %.6g %.6g re S\n" % (start, top - height, end - start, height)
        if row.mark == "|+" or (self.style == "lines" and in_head):
            setter.rule(top if row.mark == "|+" else top - height, weight=0.5)


def _rows(lines: Sequence[str]) -> Iterator[Row]:
    for line in lines:
        mark = line[:2].strip()
        yield Row(mark=mark, cells=[cell.strip() for cell in line[len(mark) :].split(" | ")])


def sources(folder: Path) -> list[Path]:
    """The texts of a folder that PDFs are set of."""
    return sorted(folder.glob(f"*{ENDING}"))


if __name__ == "__main__":
    for folder in sys.argv[1:]:
        for source in sources(Path(folder)):
            source.with_suffix(".pdf").write_bytes(typeset(source.read_text(encoding="utf-8")))
