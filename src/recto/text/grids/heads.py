"""What the cells of a table belong to: heads of columns, units above it, groups of rows."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from recto.text.grids.columns import PAIR
from recto.text.grids.lines import median
from recto.text.grids.rows import CELLS, is_figure, is_number, is_period
from recto.text.memory import remembered
from recto.text.tables import is_total

HEAD_ROWS = 4  # that a table has at most

_UNIT = (
    r"(?:[€$£¥%]|(?:EUR|USD|GBP|CHF|JPY|INR|CAD|AUD|SEK|NOK|DKK|PLN)\b|(?:[kTm€]{2}|M€)\b|(?i:euros?|(?:US )?dollars?|"
    r"pounds?|francs?|hundreds?|thousands?|tausend|milliers|miles|tsd|millions?|mio|millionen|millones|billions?|mrd|"
    r"milliarden|per ?cent|prozent|percentages?|tonnes?|tons|kilograms?|kg|grams?|litres?|kilometres?|km|metres?|"
    r"hours?|"
    r"minutes?|seconds?|days?|weeks?|months?|years?|units|pieces|persons?|people|heads|hectares?|kWh|MWh|GWh|MW|°C)\b)"
)
_UNITS = re.compile(
    rf"\(\s*((?:(?:all |the )?(?:amounts?|figures?|values?) )?(?:in |en )?'?(?:000 )?{_UNIT}[^()]*)\)|"
    rf"\b((?:in|en|expressed in|angaben in)\s+(?:thousands |millions |billions )?(?:of )?{_UNIT}[^.;:)]*)",
    re.IGNORECASE,
)
_ONLY_UNITS = re.compile(rf"\W*(?:{_UNIT}[ ,']*)+\W*")
APART = 1.5  # times what is free between a table's rows: no heads of several rows are so far from each other
LABEL_WORDS = 4  # of a label beside what it stands for
NEAR_LABEL = 2.0  # of a line's height: from the longest label to what the labels stand for
LONGEST_UNITS = 40  # characters
UNIT_WORDS = 9  # that a line with units has at most: running text may name some as well
TEXT_LINES = 4  # lines of one cell, one behind the other: text between two tables, no names of groups


class RowCell(NamedTuple):
    """A cell while its row is looked at: columns `first:end`, words and where they stand across, its words' numbers."""

    first: int
    end: int
    text: str
    x0: float
    x1: float
    y0: float
    y1: float
    numbers: tuple[int, ...]

    @property
    def alone(self) -> bool:
        """Whether it stands in one column."""
        return self.end == self.first + 1


GridRow = tuple[RowCell, ...]


def units_of(text: str) -> str:
    """The units that a line names for what stands below it, such as "in EUR thousand"; empty if it names none."""
    if _ONLY_UNITS.fullmatch(text):
        return text.strip("() ")
    match = _UNITS.search(text) if len(text.split()) <= UNIT_WORDS else None
    units = " ".join((match[1] or match[2]).split()).strip(" ,") if match else ""
    return units if len(units) <= LONGEST_UNITS else ""


def parts(rows: Sequence[GridRow], columns: int) -> list[Sequence[GridRow]]:
    """Rows cut where another table begins: at heads below a line of their own, and at text between them."""
    kinds = _usual_kinds(rows, columns)
    cuts = [0]
    for number in range(1, len(rows) - 1):
        title, heads, body = rows[number - 1 : number + 2]
        names = number > 1 and len(title) == 1 < len(heads) and not any(_is_body(cell, kinds) for cell in heads)
        begins = _begins_table(rows, number) and any(is_figure(cell.text) for cell in body)
        if begins or (names and any(_is_body(cell, kinds) for cell in body)):
            cuts.append(number)
        elif _holds(title, figures=True) and _holds(heads, figures=False) and _holds(body, figures=True):
            cuts.append(number)  # cards: each has a label above its figure
    return [part for start, end in pairwise([*cuts, len(rows)]) for part in _without_text(rows[start:end])]


def _begins_table(rows: Sequence[GridRow], number: int) -> bool:
    """Whether a row names each column below it, and those above are a letter's head: none is as full."""
    above, heads, below = rows[:number], rows[number], rows[number + 1 :]
    used = {cell.first for row in below for cell in row if cell.alone}
    if any(map(str.isdigit, "".join(cell.text for cell in heads))) or used != {cell.first for cell in heads}:
        return False
    spaces = [_space(row, following) for row, following in pairwise([heads, *below])]
    apart = _space(above[-1], heads) >= APART * median(spaces)
    return (apart or number >= HEAD_ROWS - 1) and all(len(row) < len(heads) for row in above)


def _holds(row: GridRow, *, figures: bool) -> bool:
    """Whether each cell of a row, of two at least, is a figure, or none is."""
    return len(row) > 1 and all(cell.alone and is_figure(cell.text) is figures for cell in row)


def _space(row: GridRow, following: GridRow) -> float:
    """What is free between two rows, in units of the page's height."""
    return min(cell.y0 for cell in following) - max(cell.y1 for cell in row)


def _without_text(rows: Sequence[GridRow]) -> Iterator[list[GridRow]]:
    """The rows before, between and behind lines of text; below a part's last lines of one cell stands nothing."""
    part: list[GridRow] = []
    above: list[GridRow] = []  # lines of one cell
    for row in rows:
        if len(row) == 1 and row[0].first == 0:
            above.append(row)
            continue
        if part and len(above) >= TEXT_LINES:
            yield part
            part = []
        part += [*above[1 - TEXT_LINES :], row]
        above = []
    if part:
        yield part


def _is_body(cell: RowCell, kinds: Sequence[str]) -> bool:
    """Whether a cell is a figure of the kind that its column holds."""
    return cell.alone and _kind(cell.text) in {kinds[cell.first], "absent"} - {""}


def are_labelled(rows: Sequence[GridRow], columns: int) -> bool:
    """Whether rows are labels with what they stand for beside them: of few words, and close to the longest of them.

    Farther off it is another column of text, such as the right side of a letter's head.
    """
    if columns != PAIR or any(len(row) < PAIR for row in rows):
        return False
    labels, values = zip(*rows, strict=True)
    height = median([label.y1 - label.y0 for label in labels])
    gap = min(value.x0 for value in values) - max(label.x1 for label in labels)
    return gap <= NEAR_LABEL * height and all(len(label.text.split()) <= LABEL_WORDS for label in labels)


def head_rows(rows: Sequence[GridRow], columns: int) -> int:
    """How many rows at the top say what stands below: those whose figures are of another kind, or are none."""
    kinds = _usual_kinds(rows, columns)
    if not any(kinds):
        return int(len(rows) > 1 and len(rows[0]) > 1 and not are_labelled(rows, columns))
    labelled = [
        number for number, row in enumerate(rows) if any(_kind(c.text) == "" and kinds[c.first] for c in row if c.alone)
    ]
    # Words above figures are heads, whatever stands beside them: 4.6 and 8.8 are names of steel.
    count = int(labelled == [0])
    for row in rows[count:HEAD_ROWS]:
        if any(_is_body(cell, kinds) for cell in row):
            break
        count += 1
    else:
        return 0
    while count and len(rows[count - 1]) == 1 and rows[count - 1][0].first == 0:
        count -= 1  # the name of the first group
    pairs = columns == 2 and sum(len(row) == 2 for row in rows[:count]) > 1
    return 0 if pairs else count  # a name and a word above names and figures are no heads


def column_heads(rows: Sequence[GridRow], columns: int, middles: Sequence[float]) -> tuple[str, ...]:
    """The heads above each column, from the top, as one text; those of several columns belong to each."""
    heads: list[list[str]] = [[] for _ in range(columns)]
    for number, row in enumerate(rows):
        for cell, (first, end) in zip(row, reaches(row, columns, middles, number + 1 < len(rows)), strict=True):
            for column in range(first, end):
                heads[column].append(cell.text)
    return tuple(map(" ".join, heads))


def reaches(row: GridRow, columns: int, middles: Sequence[float], spreads: bool) -> Iterator[tuple[int, int]]:
    """The columns that each head stands above: it is centred over them, if heads of one column stand below it."""
    covered = {column for cell in row for column in range(cell.first, cell.end)}
    for cell in row:
        first, end = cell.first, cell.end
        middle = (cell.x0 + cell.x1) / 2

        def off(first: int, end: int, middle: float = middle) -> float:
            return abs(middle - (middles[first] + middles[end - 1]) / 2)

        while spreads and end < columns and end not in covered and off(first, end + 1) < off(first, end):
            end += 1
        while spreads and first > 1 and first - 1 not in covered and off(first - 1, end) < off(first, end):
            first -= 1
        covered |= set(range(first, end))
        yield first, end


def row_groups(rows: Sequence[GridRow], heads: int) -> tuple[tuple[str, ...], frozenset[int]]:
    """The name of the group of each row, empty without one, and which rows are but such names."""
    groups = [""] * len(rows)
    names: set[int] = set()
    name = ""
    for number in range(heads, len(rows)):
        row = rows[number]
        single = len(row) == 1 and row[0].first == 0 and not is_number(row[0].text)
        if single and number + 1 < len(rows):
            names.add(number)
            name = row[0].text
        else:
            groups[number] = name
            if is_total(row[0].text):
                name = ""
    body = [number for number in range(heads, len(rows)) if number not in names]
    for number, merged in merged_groups(rows, body):
        groups[number] = f"{groups[number]} {merged}".strip()
    return tuple(groups), frozenset(names)


def merged_groups(rows: Sequence[GridRow], body: Sequence[int]) -> Iterator[tuple[int, str]]:
    """The rows that a cell of the first column stands for without standing in them: it is merged over several.

    It stands in the first of them, or in their middle.
    """
    labelled = [number for number in body if rows[number][0].first == 0]
    blank = [number for number in body if rows[number][0].first == 1 and not is_figure(rows[number][0].text)]
    if not labelled or len(labelled) + len(blank) < len(body) or not blank:
        return
    if any(len(rows[n]) < 2 or rows[n][1].first != 1 or is_number(rows[n][0].text) for n in labelled):
        return
    place, index = 0, 0
    while place < len(body) and index < len(labelled):
        own = body.index(labelled[index])
        following = body.index(labelled[index + 1]) if index + 1 < len(labelled) else len(body)
        end = following if own == place else min(2 * own - place + 1, following)
        for number in body[place:end]:
            if number != labelled[index]:
                yield number, rows[labelled[index]][0].text
        place, index = end, index + 1


def _usual_kinds(rows: Sequence[GridRow], columns: int) -> list[str]:
    """What most cells of each column hold, if that is figures of a kind."""
    kinds: list[Counter[str]] = [Counter() for _ in range(columns)]
    for cell in (cell for row in rows for cell in row if cell.alone):
        kinds[cell.first][_kind(cell.text)] += 1
    usual = []
    for counts in kinds:
        count, kind = max(((n, kind) for kind, n in counts.items() if kind and kind != "absent"), default=(0, ""))
        count += counts["absent"]
        usual.append(kind if 2 * count >= counts.total() and count > 1 - (len(rows) < 3) else "")
    return usual


@remembered(CELLS)
def _kind(text: str) -> str:
    """What a cell holds: a period, a number, a measure, a moment, an absence; empty for words."""
    if is_period(text):
        return "period"
    if not is_figure(text):
        return ""
    if not any(map(str.isdigit, text)):
        return "absent"
    if not is_number(text):
        return "measure"
    parts = len(re.findall(r"(?<=\d)[./-](?=\d)", text))
    return "moment" if ":" in text or (parts == 2 and not re.search(r",|\d\.\d{3}\.", text)) else "number"
