"""Tables as PDFs, each with the truth of its cells: layouts that public bug reports of PDF tools are about, by seed.

Nothing but the standard font Helvetica is used, and for the one table from the right a font that is not embedded, whose
letters have widths and Unicode values alone.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pikepdf

WIDTH, HEIGHT = 612.0, 792.0  # points
LEADING = 1.2
_WIDTHS = (  # Helvetica's, from the space to the tilde, in thousandths of its size
    278,
    278,
    355,
    556,
    556,
    889,
    667,
    191,
    333,
    333,
    389,
    584,
    278,
    333,
    278,
    278,
    556,
    556,
    556,
    556,
    556,
    556,
    556,
    556,
    556,
    556,
    278,
    278,
    584,
    584,
    584,
    556,
    1015,
    667,
    667,
    722,
    722,
    667,
    611,
    778,
    722,
    278,
    500,
    667,
    556,
    833,
    722,
    778,
    667,
    778,
    722,
    667,
    611,
    722,
    667,
    944,
    667,
    667,
    611,
    278,
    278,
    278,
    469,
    556,
    333,
    556,
    556,
    500,
    556,
    556,
    278,
    556,
    556,
    222,
    222,
    500,
    222,
    833,
    556,
    556,
    556,
    556,
    333,
    500,
    278,
    556,
    500,
    722,
    500,
    500,
    500,
    334,
    260,
    334,
    584,
)
_HEBREW_WIDTH = 500
_HEBREW = [
    "שלום",
    "בית",
    "ספר",
    "עיר",
    "דרך",
    "מים",
    "לחם",
    "שמש",
    "ירח",
    "הר",
    "נהר",
    "גשר",
    "רחוב",
    "חלון",
    "דלת",
    "שולחן",
    "כיסא",
    "עץ",
    "פרח",
    "אבן",
]
_HEBREW_HEADS = ["מוצר", "כמות", "מחיר", "מלאי"]
_NAMES = [
    "Abbot",
    "Barrow",
    "Calder",
    "Dalby",
    "Elton",
    "Farley",
    "Garth",
    "Halden",
    "Ilford",
    "Jarrow",
    "Keld",
    "Lorton",
    "Marden",
    "Norby",
    "Oakham",
    "Penrith",
    "Quorn",
    "Radley",
    "Selby",
    "Thirsk",
    "Ulverton",
    "Wexcombe",
    "Yarm",
    "Aldford",
    "Bramley",
    "Corfe",
]
_THINGS = ["Ash", "Birch", "Cedar", "Oak", "Pine", "Maple", "Walnut", "Elm", "Beech", "Larch"]
_KINDS = ["table", "bench", "chest", "stool", "frame", "shelf", "door", "panel", "desk", "ladder"]
_LABELS = (
    "Trade receivables",
    "Inventories",
    "Cash at banks",
    "Land and buildings",
    "Machinery",
    "Prepaid expenses",
    "Goodwill",
    "Trade payables",
    "Accrued charges",
    "Deferred income",
    "Provisions",
    "Share capital",
    "Retained earnings",
    "Bank loans",
)
_CLAUSES = (
    "Dental crowns and bridges including the laboratory work that goes with them",
    "Spectacles and contact lenses for members over eighteen years of age",
    "Stays in a health resort on the advice of a doctor",
    "Hearing aids with the batteries of the first two years",
    "Journeys by ambulance between two hospitals of the region",
    "Physiotherapy after an operation or an accident",
    "Vaccinations for journeys to countries outside the continent",
    "Home nursing by a person who is not a relative",
)
_PROSE = [
    "The",
    "committee",
    "met",
    "twice",
    "during",
    "the",
    "year",
    "and",
    "looked",
    "at",
    "the",
    "accounts",
    "of",
    "all",
    "branches,",
    "of",
    "which",
    "most",
    "were",
    "in",
    "good",
    "order.",
    "It",
    "thanks",
    "the",
    "members",
    "of",
    "the",
    "staff",
    "for",
    "the",
    "care",
    "with",
    "which",
    "they",
    "kept",
    "the",
    "books",
    "and",
    "answered",
    "every",
    "question",
    "that",
    "was",
    "put",
    "to",
    "them.",
    "Further",
    "details",
    "are",
    "given",
    "in",
    "the",
    "notes,",
    "which",
    "are",
    "part",
    "of",
    "this",
    "report",
    "and",
    "should",
    "be",
    "read",
    "together",
    "with",
    "it.",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueCell:
    """A cell as it was drawn: `heads` from the top, empty for heads themselves; boxes in points from the top left."""

    text: str
    page: int
    row: int
    column: int
    heads: tuple[str, ...]
    group: str
    box: tuple[float, float, float, float]
    is_head: bool


@dataclass(slots=True)
class Pen:
    """Draws words on the pages of one document, and lines; `x` from the left, `y` from the top."""

    rng: random.Random
    size: float
    pages: list[list[str]] = field(default_factory=lambda: [[]])
    turned: bool = False

    @property
    def page(self) -> int:
        return len(self.pages) - 1

    def width(self, text: str) -> float:
        return (
            sum(_HEBREW_WIDTH if letter >= "\u0590" else _WIDTHS[ord(letter) - 32] for letter in text)
            * self.size
            / 1000
        )

    def write(self, x: float, y: float, text: str) -> None:
        """A text whose base line is `y` below the top."""
        if any(letter >= "\u0590" for letter in text):
            shown = "<" + "".join(f"{ord(letter):04x}" for letter in reversed(text)) + ">"
            font = "F2"
        else:
            shown = "(" + text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") + ")"
            font = "F1"
        matrix = f"0 1 -1 0 {y:.2f} {x:.2f}" if self.turned else f"1 0 0 1 {x:.2f} {HEIGHT - y:.2f}"
        self.pages[-1].append(f"BT /{font} {self.size:g} Tf {matrix} Tm {shown} Tj ET")

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.pages[-1].append(f"0.5 w {x0:.2f} {HEIGHT - y0:.2f} m {x1:.2f} {HEIGHT - y1:.2f} l S")

    def prose(self, x: float, y: float, width: float, lines: int) -> float:
        """So many lines of running text; where the next line would stand."""
        for _ in range(lines):
            words: list[str] = []
            place = self.rng.randrange(len(_PROSE))
            while self.width(" ".join([*words, word := _PROSE[(place + len(words)) % len(_PROSE)]])) <= width:
                words.append(word)
            self.write(x, y, " ".join(words))
            y += LEADING * self.size
        return y

    def box(self, x: float, y: float, width: float, lines: int) -> tuple[float, float, float, float]:
        """The box of text whose first base line is `y`, as the page shows it."""
        top, bottom = y - 0.8 * self.size, y + (lines - 1) * LEADING * self.size + 0.2 * self.size
        if self.turned:
            return top, HEIGHT - x - width, bottom, HEIGHT - x
        return x, top, x + width, bottom


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Where a column stands and how its cells are set: l, r or c."""

    x: float
    width: float
    align: str = "l"


@dataclass(slots=True, kw_only=True)
class Drawing:
    """A table under way: what was drawn, and its truth."""

    pen: Pen
    columns: Sequence[Column]
    cells: list[TrueCell] = field(default_factory=list)
    row: int = 0

    def lines(self, column: Column, text: str) -> list[str]:
        """A text in lines as wide as its column."""
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and self.pen.width(longer) > column.width:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

    def cell(
        self,
        y: float,
        column: int,
        text: str,
        *,
        heads: tuple[str, ...] = (),
        group: str = "",
        is_head: bool = False,
        across: int = 1,
    ) -> int:
        """Draw a cell, and note it; how many lines it took."""
        place = self.columns[column]
        if across > 1:
            last = self.columns[column + across - 1]
            place = Column(x=place.x, width=last.x + last.width - place.x, align="c")
        lines = self.lines(place, text)
        wide = max(map(self.pen.width, lines))
        for number, line in enumerate(lines):
            self.pen.write(self._left(place, line), y + number * LEADING * self.pen.size, line)
        left = min(self._left(place, line) for line in lines)
        box = self.pen.box(left, y, wide, len(lines))
        cell = TrueCell(
            text=text,
            page=self.pen.page,
            row=self.row,
            column=column,
            heads=heads,
            group=group,
            box=box,
            is_head=is_head,
        )
        self.cells.append(cell)
        return len(lines)

    def _left(self, column: Column, text: str) -> float:
        spare = column.width - self.pen.width(text)
        return column.x + {"l": 0.0, "r": spare, "c": spare / 2}[column.align]


def _evenly(widths: Sequence[float], aligns: str, x: float = 60.0, gap: float = 16.0) -> list[Column]:
    columns = []
    for width, align in zip(widths, aligns, strict=True):
        columns.append(Column(x=x, width=width, align=align))
        x += width + gap
    return columns


def _amount(rng: random.Random, decimals: int = 0) -> str:
    return f"{rng.choice((rng.uniform(10, 999), rng.uniform(1000, 99999))):,.{decimals}f}"


def _figure(rng: random.Random) -> str:
    """An amount, a negative one in brackets, a dash."""
    kind = rng.random()
    return "-" if kind < 0.08 else f"({_amount(rng)})" if kind < 0.25 else _amount(rng)


def _years(rng: random.Random, count: int) -> list[str]:
    last = rng.randrange(2015, 2025)
    return [str(last - number) for number in range(count)]


def _simple(drawing: Drawing, y: float, heads: Sequence[str], rows: Sequence[Sequence[str]], *, pitch: float) -> float:
    """Heads and rows, each drawn from left to right; where the next row would stand."""
    lines = max(drawing.cell(y, column, head, is_head=True) for column, head in enumerate(heads) if head)
    y += (lines - 1) * LEADING * drawing.pen.size + pitch
    for row in rows:
        drawing.row += 1
        for column, text in enumerate(row):
            if text:
                drawing.cell(y, column, text, heads=(heads[column],) if heads[column] else ())
        y += pitch
    return y


def plain(pen: Pen) -> Drawing:
    """Figures set to the right, drawn by rows, between running text, without rules."""
    rng = pen.rng
    count = rng.randrange(2, 5)
    drawing = Drawing(pen=pen, columns=_evenly([130, *[70] * count], "l" + "r" * count))
    rows = [[name, *(_figure(rng) for _ in range(count))] for name in rng.sample(_NAMES, rng.randrange(4, 12))]
    y = pen.prose(60, 80, 480, 4) + 24
    y = _simple(drawing, y, ["Town", *_years(rng, count)], rows, pitch=rng.choice((1.25, 1.5, 1.9)) * pen.size)
    pen.prose(60, y + 20, 480, 5)
    return drawing


def by_columns(pen: Pen) -> Drawing:
    """Each column drawn from the top down before the next."""
    rng = pen.rng
    drawing = Drawing(pen=pen, columns=_evenly([140, 80, 80, 80], "llll"))
    names = [f"{rng.choice(_THINGS)} {kind}" for kind in rng.sample(_KINDS, rng.randrange(4, 9))]
    heads = ["Product", *(f"Price {year}" for year in sorted(_years(rng, 3)))]
    rows = [[name, *(_amount(rng, 2) for _ in range(3))] for name in names]
    pitch = rng.choice((1.5, 1.8)) * pen.size
    pen.write(60, 90, "Price list of wooden furniture")
    for column, head in enumerate(heads):
        drawing.row = 0
        drawing.cell(120, column, head, is_head=True)
        for number, row in enumerate(rows, 1):
            drawing.row = number
            drawing.cell(120 + number * pitch, column, row[column], heads=(head,))
    return drawing


def ruled(pen: Pen) -> Drawing:
    """Rules around every cell, cells wrapped and set at the top, in the middle or at the bottom of their row."""
    rng = pen.rng
    widths = [190, 130, 110]
    drawing = Drawing(pen=pen, columns=_evenly(widths, "lll", gap=12))
    heads = ["Benefit", "Waiting period", "Yearly maximum"]
    waits = ["none", "3 months", "12 months from the start of the contract", "24 months after the first payment"]
    maxima = ["900 euros", "250 euros every two years", "1,400 euros for at most 21 days", "no limit"]
    where = rng.choice((0.0, 0.5, 1.0))
    rows = [(clause, rng.choice(waits), rng.choice(maxima)) for clause in rng.sample(_CLAUSES, rng.randrange(3, 6))]
    y, step, padding = 110.0, LEADING * pen.size, rng.choice((4.0, 7.0))
    edges = [54.0, *(column.x - 6 for column in drawing.columns[1:]), drawing.columns[-1].x + widths[-1] + 6]
    tops = [y - pen.size - padding]
    for number, row in enumerate([heads, *rows]):
        counts = [len(drawing.lines(column, text)) for column, text in zip(drawing.columns, row, strict=True)]
        for column, (text, count) in enumerate(zip(row, counts, strict=True)):
            start = y + where * (max(counts) - count) * step
            drawing.cell(start, column, text, heads=(heads[column],) if number else (), is_head=not number)
        drawing.row += 1
        y += (max(counts) - 1) * step + pen.size + 2 * padding + 2
        tops.append(y - pen.size - padding)
    for top in tops:
        pen.rule(edges[0], top, edges[-1], top)
    for edge in edges:
        pen.rule(edge, tops[0], edge, tops[-1])
    return drawing


def statement(pen: Pen) -> Drawing:
    """Heads of several columns above those of one, currency signs in columns of their own, negatives in brackets."""
    rng = pen.rng
    columns = _evenly([150, 8, 60, 8, 60, 8, 60, 8, 60], "llrlrlrlr", gap=6)
    drawing = Drawing(pen=pen, columns=columns)
    tops, years = ("Three months ended", "Year ended"), sorted(_years(rng, 2), reverse=True)
    pen.write(60, 80, "CONSOLIDATED STATEMENTS OF INCOME")
    pen.write(60, 94, "(in thousands)")
    y, pitch = 120.0, rng.choice((1.35, 1.6)) * pen.size
    for place, top in zip((1, 5), tops, strict=True):
        drawing.cell(y, place, top, is_head=True, across=4)
    y += pitch
    drawing.row += 1
    for place in (1, 3, 5, 7):
        drawing.cell(y, place, years[place // 2 % 2], is_head=True, across=2)
    labels = rng.sample(_LABELS, rng.randrange(5, 10))
    for number, label in enumerate(labels):
        y += pitch
        drawing.row += 1
        drawing.cell(y, 0, label)
        for place in (1, 3, 5, 7):
            text = _figure(rng)
            heads = (tops[place // 5], years[place // 2 % 2])
            drawing.cell(y, place + 1, text, heads=heads)
            if number in (0, len(labels) - 1) and text != "-":
                pen.write(columns[place].x, y, "$")
                drawing.cells[-1] = replace(drawing.cells[-1], text=f"${text}")
    return drawing


def grouped(pen: Pen) -> Drawing:
    """Rows in groups below their names, totals, units above the table."""
    rng = pen.rng
    drawing = Drawing(pen=pen, columns=_evenly([190, 80, 80], "lrr", gap=20))
    years = _years(rng, 2)
    pen.write(60, 80, "Balance sheet")
    pen.write(60, 94, "in EUR thousand")
    y, pitch = 118.0, rng.choice((1.3, 1.6)) * pen.size
    for column, year in enumerate(years, 1):
        drawing.cell(y, column, year, is_head=True)
    labels = rng.sample(_LABELS, 8)
    for name, items in (("Current assets", labels[:3]), ("Fixed assets", labels[3:5]), ("Liabilities", labels[5:])):
        y += pitch * rng.choice((1.0, 1.5))
        drawing.row += 1
        drawing.cell(y, 0, name)
        for label in [*items, f"Total {name.lower()}"]:
            y += pitch
            drawing.row += 1
            drawing.cell(y, 0, label, group=name)
            for column, year in enumerate(years, 1):
                drawing.cell(y, column, _figure(rng), heads=(year,), group=name)
    return drawing


def over_pages(pen: Pen) -> Drawing:
    """A table that goes on overleaf without its heads."""
    rng = pen.rng
    drawing = Drawing(pen=pen, columns=_evenly([130, 110, 110], "lrr"))
    heads = ["Town", *(f"Inhabitants {year}" for year in _years(rng, 2))]
    pen.write(60, 80, "Census of the small towns")
    y = 700 - 18.0 * rng.randrange(6, 20)
    for column, head in enumerate(heads):
        drawing.cell(y, column, head, is_head=True)
    for name in rng.sample(_NAMES, len(_NAMES)):
        y += 18
        if y > 720:
            pen.pages.append([])
            y = 70
        drawing.row += 1
        drawing.cell(y, 0, name)
        for column in (1, 2):
            drawing.cell(y, column, _amount(rng), heads=(heads[column],))
    return drawing


def turned(pen: Pen) -> Drawing:
    """A table whose lines run up the page."""
    pen.turned = True
    rng = pen.rng
    count = rng.randrange(3, 6)
    drawing = Drawing(pen=pen, columns=_evenly([140, *[75] * count], "l" + "r" * count, x=90))
    rows = [[label, *(_figure(rng) for _ in range(count))] for label in rng.sample(_LABELS, rng.randrange(5, 12))]
    pen.write(90, 80, "Statement of changes")
    _simple(drawing, 110, ["Item", *_years(rng, count)], rows, pitch=rng.choice((1.4, 1.7)) * pen.size)
    return drawing


def from_the_right(pen: Pen) -> Drawing:
    """Hebrew, the first column on the right."""
    rng = pen.rng
    drawing = Drawing(
        pen=pen, columns=[Column(x=x, width=w, align="r") for x, w in ((420, 120), (320, 70), (220, 70), (120, 70))]
    )
    words = rng.sample(_HEBREW, len(_HEBREW))
    rows = [[words[number], *(_amount(rng) for _ in range(3))] for number in range(rng.randrange(4, 10))]
    _simple(drawing, 110, _HEBREW_HEADS, rows, pitch=1.6 * pen.size)
    return drawing


def noted(pen: Pen) -> Drawing:
    """Marks of notes at labels, and the notes below the table, between running text."""
    rng = pen.rng
    drawing = Drawing(pen=pen, columns=_evenly([150, 70, 70, 70], "lrrr"))
    rows = []
    for number, name in enumerate(rng.sample(_NAMES, rng.randrange(4, 9))):
        mark = f" ({'abc'[number]})" if number < 3 else ""
        rows.append([name + mark, *(_amount(rng, 1) for _ in range(3))])
    y = pen.prose(60, 80, 480, 3) + 20
    pen.write(60, y, "Table 2: Rainfall in millimetres")
    y = _simple(drawing, y + 18, ["Station", "Spring", "Summer", "Autumn"], rows, pitch=1.45 * pen.size)
    pen.write(60, y + 4, "(a) Measured at the old site until the end of June of the year before.")
    pen.write(60, y + 4 + LEADING * pen.size, "(b) Without the days on which the gauge was being repaired.")
    pen.prose(60, y + 60, 480, 4)
    return drawing


def wrapped(pen: Pen) -> Drawing:
    """Labels wrapped into lines as close to each other as the rows are; figures beside the first or the last line."""
    rng = pen.rng
    drawing = Drawing(pen=pen, columns=_evenly([150, 80, 80], "lrr", gap=24))
    years = _years(rng, 2)
    y, step = 110.0, 1.25 * pen.size
    for column, year in enumerate(years, 1):
        drawing.cell(y, column, year, is_head=True)
    last = rng.random() < 0.5
    labels = [*rng.sample(_LABELS, 4), *(clause for clause in rng.sample(_CLAUSES, 3))]
    rng.shuffle(labels)
    for label in labels:
        y += step
        drawing.row += 1
        count = drawing.cell(y, 0, label)
        bottom = y + (count - 1) * LEADING * pen.size
        for column, year in enumerate(years, 1):
            drawing.cell(bottom if last else y, column, _amount(rng), heads=(year,))
        y = bottom
    return drawing


def merged(pen: Pen) -> Drawing:
    """Cells of the first column merged over rows, at the top or in the middle of them."""
    rng = pen.rng
    drawing = Drawing(pen=pen, columns=_evenly([90, 110, 70, 70], "llrr"))
    heads = ["Region", "Town", *_years(rng, 2)]
    middle = rng.random() < 0.5
    pitch = 1.7 * pen.size
    y = 110.0
    for column, head in enumerate(heads):
        drawing.cell(y, column, head, is_head=True)
    names = rng.sample(_NAMES, 9)
    for region, count in zip(("North", "South", "West"), rng.choice(((3, 3, 3), (3, 5, 1), (1, 3, 3))), strict=True):
        for number in range(count):
            y += pitch
            drawing.row += 1
            own = number == (count // 2 if middle else 0)
            if own:
                drawing.cell(y, 0, region, heads=("Region",))
            drawing.cell(y, 1, names.pop(), heads=("Town",), group="" if own else region)
            for column in (2, 3):
                drawing.cell(y, column, _figure(rng), heads=(heads[column],), group="" if own else region)
    return drawing


def timetable(pen: Pen) -> Drawing:
    """Dates, times, "none" and dashes, in the middle of their columns, with rules below each row."""
    rng = pen.rng
    drawing = Drawing(pen=pen, columns=_evenly([110, 80, 70, 70, 80], "lcccc"))
    rows = []
    for name in rng.sample(_NAMES, rng.randrange(4, 9)):
        day = f"{rng.randrange(1, 29):02}/{rng.randrange(1, 13):02}/20{rng.randrange(10, 25)}"
        hours = [f"{rng.randrange(5, 23)}:{rng.randrange(0, 60):02}" for _ in range(2)]
        rows.append([name, day, *hours, rng.choice(("none", "-", "12.50", "9.80"))])
    _simple(drawing, 110, ["Stop", "Day", "Arrives", "Leaves", "Fare"], rows, pitch=1.8 * pen.size)
    for number in range(len(rows) + 1):
        pen.rule(56, 114 + number * 1.8 * pen.size, 540, 114 + number * 1.8 * pen.size)
    return drawing


def in_a_column(pen: Pen) -> Drawing:
    """A small table in one of two columns of running text."""
    rng = pen.rng
    side = rng.choice((54.0, 318.0))
    other = 372.0 - side
    drawing = Drawing(pen=pen, columns=_evenly([100, 50, 50], "lrr", x=side, gap=12))
    pen.prose(other, 80, 240, 40)
    y = pen.prose(side, 80, 240, 12) + 20
    rows = [[name, _amount(rng), _amount(rng)] for name in rng.sample(_NAMES, 6)]
    y = _simple(drawing, y, ["Branch", *_years(rng, 2)], rows, pitch=1.4 * pen.size)
    pen.prose(side, y + 16, 240, 12)
    return drawing


def sparse(pen: Pen) -> Drawing:
    """Blank cells, words and figures mixed, no figures in some columns."""
    rng = pen.rng
    drawing = Drawing(pen=pen, columns=_evenly([100, 100, 90, 80], "lllr"))
    rows = []
    for name in rng.sample(_NAMES, rng.randrange(5, 10)):
        row = [name, rng.choice(_THINGS), rng.choice(("paid", "open", "yes")), _amount(rng, 2)]
        if rng.random() < 0.5:
            row[rng.randrange(1, 4)] = ""
        rows.append(row)
    _simple(drawing, 110, ["Member", "Species", "State", "Amount"], rows, pitch=1.5 * pen.size)
    return drawing


def words(pen: Pen) -> Drawing:
    """Words alone in three columns."""
    rng = pen.rng
    drawing = Drawing(pen=pen, columns=_evenly([110, 120, 120], "lll", gap=20))
    rows = [
        [name, f"{rng.choice(_THINGS)} {rng.choice(_KINDS)}", rng.choice(_LABELS)] for name in rng.sample(_NAMES, 6)
    ]
    y = pen.prose(60, 80, 480, 3) + 20
    _simple(drawing, y, ["Person", "Duty", "Account"], rows, pitch=1.6 * pen.size)
    return drawing


def prose(pen: Pen) -> None:
    """Running text."""
    pen.prose(60, 80, 480, 40)


def two_columns(pen: Pen) -> None:
    """Running text in two columns."""
    pen.prose(54, 80, 240, 45)
    pen.prose(318, 80, 240, 45)


def numbered_list(pen: Pen) -> None:
    """A list with numbers, its items over several lines."""
    y = 80.0
    for number in range(1, 9):
        pen.write(60, y, f"{number}.")
        y = pen.prose(84, y, 440, pen.rng.randrange(1, 4)) + 4


def contents_page(pen: Pen) -> None:
    """Titles, leaders and the numbers of pages."""
    y, number = 90.0, 1
    for label in pen.rng.sample(_LABELS, 12):
        title = f"{label} " + "." * 70
        pen.write(60, y, title)
        pen.write(520, y, str(number))
        number += pen.rng.randrange(1, 9)
        y += 16


def letter(pen: Pen) -> None:
    """Two addresses side by side, and running text."""
    for x, name in ((60, "Abbot"), (340, "Radley")):
        for line, text in enumerate(
            (f"{name} and Sons", f"{pen.rng.randrange(1, 99)} Quay Street", "Falmouth", "Telephone 000 0000 0000")
        ):
            pen.write(x, 80 + 12 * line, text)
    pen.prose(60, 180, 480, 12)


LAYOUTS: dict[str, Callable[[Pen], Drawing]] = {
    layout.__name__: layout
    for layout in (
        plain,
        by_columns,
        ruled,
        statement,
        grouped,
        over_pages,
        turned,
        from_the_right,
        noted,
        wrapped,
        merged,
        timetable,
        in_a_column,
        sparse,
        words,
    )
}
OTHERS: dict[str, Callable[[Pen], None]] = {
    layout.__name__: layout for layout in (prose, two_columns, numbered_list, contents_page, letter)
}


def make(layout: Callable[[Pen], Drawing | None], seed: int, target: Path) -> list[TrueCell]:
    """Write one document; the cells of its table, none if it has no table."""
    rng = random.Random(f"{layout.__name__} {seed}")
    pen = Pen(rng=rng, size=rng.choice((9.0, 10.0, 11.0)))
    drawing = layout(pen)
    with pikepdf.new() as pdf:
        fonts = pikepdf.Dictionary(F1=_helvetica(), F2=_hebrew(pdf))
        for content in pen.pages:
            page = pdf.add_blank_page(page_size=(WIDTH, HEIGHT))
            page.Contents = pdf.make_stream("\n".join(content).encode("latin-1"))
            page.Resources = pikepdf.Dictionary(Font=fonts)
        pdf.save(target, deterministic_id=True)
    return drawing.cells if drawing else []


def _helvetica() -> pikepdf.Dictionary:
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type1,
        BaseFont=pikepdf.Name.Helvetica,
        Encoding=pikepdf.Name.WinAnsiEncoding,
    )


def _hebrew(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """A font of which a page's text needs no more: widths, and which letter each code is."""
    mapping = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Letters def /CMapType 2 def "
        "1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange <0590> <05FF> <0590> endbfrange "
        "endcmap end end"
    )
    descriptor = pikepdf.Dictionary(
        Type=pikepdf.Name.FontDescriptor,
        FontName=pikepdf.Name.Letters,
        Flags=4,
        FontBBox=[0, -200, 1000, 900],
        ItalicAngle=0,
        Ascent=900,
        Descent=-200,
        CapHeight=700,
        StemV=80,
    )
    descendant = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.CIDFontType2,
        BaseFont=pikepdf.Name.Letters,
        DW=_HEBREW_WIDTH,
        CIDSystemInfo=pikepdf.Dictionary(
            Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0
        ),
        FontDescriptor=pdf.make_indirect(descriptor),
    )
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type0,
            BaseFont=pikepdf.Name.Letters,
            Encoding=pikepdf.Name("/Identity-H"),
            DescendantFonts=[pdf.make_indirect(descendant)],
            ToUnicode=pdf.make_stream(mapping.encode()),
        )
    )
