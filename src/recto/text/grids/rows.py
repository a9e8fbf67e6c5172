"""Rows: the lines of a table, those of one row together where cells wrap."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from recto.text.grids.columns import Columns
from recto.text.grids.lines import Line, PlacedWord, Stretch
from recto.text.memory import remembered

PADDED = 0.2  # of a line's height: what the space between two rows has more than that between the lines of a cell
CLOSE = 0.6  # of a line's height: lines of one cell are no farther apart
CELLS = 1024  # whose kinds are remembered: each cell of a page is looked at some ten times
LABEL_LINES = 3  # that a label may take above its figures
SPACE = 0.24  # of a line's height: what a space takes

_SIGN = r"[$€£¥₹]|(?-i:[A-Z]{3})|(?:US|C|A)\$"
_NUMBER = rf"(?:{_SIGN})? ?[(\[+−–—-]*(?:{_SIGN})? ?\d(?:[\d.,'’]| (?=\d{{3}}\b))*[)\]]?(?: ?[%‰)])*[*†‡]*"
_DAY = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{1,2}\.? \w{3,9}\.? \d{4}|\w{3,9} \d{1,2}, \d{4}"
_HOUR = r"\d{1,2}[:.]\d{2}(?: ?[–-] ?\d{1,2}[:.]\d{2})?(?: ?[ap]\.?m\.?)?"
_ABSENT = r"[—–−‐-]+|\.\.|n/?a\.?|none|nil|keine?|aucune?|ninguno|nessuno"
_FIGURE = re.compile(rf"{_NUMBER}|{_DAY}|{_HOUR}|{_ABSENT}", re.IGNORECASE)
_MEASURE = re.compile(rf"(?:{_NUMBER}) ?[^\W\d]\S*(?: \S+){{0,7}}")  # 900 euros, 3 months at most
_PERIOD = re.compile(r"(?:FY|[QH][1-4])? ?'?(?:19|20)\d\d(?:[/–-]\d{2,4})?[AEFPe*]?", re.IGNORECASE)


@remembered(CELLS)
def is_figure(text: str) -> bool:
    """Whether a cell holds a number, an amount, a date, a time, or says that there is none."""
    return _FIGURE.fullmatch(text) is not None or _MEASURE.fullmatch(text) is not None


def is_number(text: str) -> bool:
    """Whether a cell holds a number, a date or a time and nothing else, or says that there is none."""
    return _FIGURE.fullmatch(text) is not None


def is_period(text: str) -> bool:
    """Whether a cell holds a year or the like, as heads do."""
    return _PERIOD.fullmatch(text) is not None


class Fragment(NamedTuple):
    """What of a cell stands on one line: columns `first:end`."""

    first: int
    end: int
    words: tuple[PlacedWord, ...]
    text: str

    @property
    def x0(self) -> float:
        """Its left end."""
        return min(word.x0 for word in self.words)

    @property
    def x1(self) -> float:
        """Its right end."""
        return max(word.x1 for word in self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLine:
    """A line of a table, from left to right."""

    top: float
    bottom: float
    fragments: tuple[Fragment, ...]

    @classmethod
    def of(cls, line: Line, columns: Columns) -> "TableLine":
        """Tell the cells of a line; a stretch across a blank stands in both columns."""
        groups: list[tuple[int, int, list[Stretch]]] = []
        for stretch in (part for whole in line.stretches for part in columns.split(whole, line.height)):
            first, end = columns.place(stretch)
            if groups and groups[-1][1] > first:
                start, _, stretches = groups.pop()
                if start >= first:
                    groups.append((start, end, [*stretches, stretch]))
                    continue
                groups.append((start, first, stretches))
            groups.append((first, end, [stretch]))
        fragments = []
        for first, end, stretches in groups:
            words = tuple(word for stretch in stretches for word in stretch.words)
            text = " ".join(word.text for word in words)
            fragments.append(Fragment(first=first, end=end, words=words, text=text))
        return cls(top=line.top, bottom=line.bottom, fragments=tuple(fragments))

    @property
    def height(self) -> float:
        """Of its words."""
        return self.bottom - self.top

    @property
    def by_column(self) -> dict[int, Fragment]:
        """What stands on it, by first column."""
        return {fragment.first: fragment for fragment in self.fragments}


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnLooks:
    """What the columns of a table look like, by which its lines are told to be one row or several.

    `figured`: columns of which most cells hold figures, as heads may stand above them; `widths`: of each column;
    `at_end`: figures stand beside the last line of their label.
    """

    figured: frozenset[int]
    widths: dict[int, float]
    at_end: bool

    @classmethod
    def of(cls, table_lines: Sequence[TableLine]) -> "ColumnLooks":
        """The looks of the columns of these lines."""
        figures: Counter[int] = Counter()
        cells: Counter[int] = Counter()
        widths: dict[int, float] = {}
        for fragment in (fragment for line in table_lines for fragment in line.fragments):
            if fragment.end == fragment.first + 1:
                cells[fragment.first] += 1
                figures[fragment.first] += is_figure(fragment.text)
                widths[fragment.first] = max(widths.get(fragment.first, 0.0), fragment.x1 - fragment.x0)
        figured = frozenset(column for column, count in figures.items() if 2 * count >= cells[column])
        looks = cls(figured=figured, widths=widths, at_end=False)
        labels = [line for line in table_lines if line.fragments[0].first == 0]
        lower = [bool(looks.figures(line)) for line in labels if line.fragments[0].text[0].islower()]
        return cls(figured=figured, widths=widths, at_end=2 * sum(lower) > len(lower))

    def figures(self, line: TableLine) -> set[int]:
        """The columns of figures in which a figure, and no more, stands on a line."""
        return {f.first for f in line.fragments if f.first in self.figured and _FIGURE.fullmatch(f.text)}

    def wraps(self, upper: Fragment, lower: Fragment, height: float) -> bool:
        """Whether a cell may go on below: in lower case, or since its next word had no room."""
        if lower.text[0].islower() or upper.text[-1] in "-–,/&(":
            return True
        room = self.widths.get(upper.first, 0.0) - (upper.x1 - upper.x0)
        return lower.words[0].x1 - lower.words[0].x0 + SPACE * height > room and len(upper.text.split()) > 1

    def are_stacked(self, row: Sequence[TableLine]) -> bool:
        """Whether lines are rows of their own: two figures in a column, or cells in several that do not go on below."""
        figures: Counter[int] = Counter()
        for line in row:
            figures.update(self.figures(line))
        if any(count > 1 for count in figures.values()):
            return True
        for before, line in pairwise(row):
            above = before.by_column
            shared = [fragment for fragment in line.fragments if fragment.first in above]
            if not all(self.wraps(above[fragment.first], fragment, line.height) for fragment in shared):
                return True
        return False

    def cut(self, row: Sequence[TableLine]) -> list[list[TableLine]]:
        """A row cut where lines cannot be of one: a head of several columns above theirs, figures below each other."""
        result = [[row[0]]]
        for line in row[1:]:
            above = [fragment for before in result[-1] for fragment in before.fragments]
            spread = any(
                max(upper.end - upper.first, lower.end - lower.first) > 1
                and upper.first < lower.end
                and lower.first < upper.end
                and (upper.first, upper.end) != (lower.first, lower.end)
                for upper in above
                for lower in line.fragments
            )
            if spread or set().union(*map(self.figures, result[-1])) & self.figures(line):
                result.append([])
            result[-1].append(line)
        return result

    def go_on(self, row: Sequence[TableLine], line: TableLine) -> bool:
        """Whether a line holds the rest of cells above it, or they the beginning of its own label."""
        last = row[-1]
        if line.top - last.bottom > CLOSE * line.height:
            return False
        above = last.by_column
        filled = {fragment.first for before in row for fragment in before.fragments}
        wrapped = [
            fragment.first in above and self.wraps(above[fragment.first], fragment, line.height)
            for fragment in line.fragments
        ]
        label = line.fragments[0]
        lower = label.text[0].islower()
        if all(wrapped) and not self.figures(line):
            closed = self.at_end and any(map(self.figures, row))
            return lower or (len(line.fragments) < len(filled) and not closed)
        label_alone = len(row) <= LABEL_LINES and all([f.first for f in before.fragments] == [0] for before in row)
        label_goes_on = label_alone and wrapped[0] and label.first == 0 and (self.at_end or lower)
        return label_goes_on and bool(self.figures(line))


def rows(table_lines: Sequence[TableLine]) -> list[list[TableLine]]:
    """The lines of each row: told by the spaces between rows, else by what the lines hold."""
    looks = ColumnLooks.of(table_lines)
    result: list[list[TableLine]] = []
    for row in padded_rows(table_lines):
        if len(row) > 1 and not looks.are_stacked(row):
            result += looks.cut(row)
            continue
        own: list[list[TableLine]] = []
        for line in row:
            if own and looks.go_on(own[-1], line):
                own[-1].append(line)
            else:
                own.append([line])
        result += own
    return result


def padded_rows(table_lines: Sequence[TableLine]) -> list[list[TableLine]]:
    """Lines between spaces that are clearly wider than those between the lines of a cell; all, if all are alike."""
    spaces = [max(after.top - before.bottom, 0.0) for before, after in pairwise(table_lines)]
    if not spaces:
        return [list(table_lines)]
    height = sorted(line.height for line in table_lines)[len(table_lines) // 2]
    least = min(spaces)
    limit = least + PADDED * height
    if max(spaces) <= limit or least > CLOSE * height:
        return [list(table_lines)]
    result = [[table_lines[0]]]
    for line, space in zip(table_lines[1:], spaces, strict=True):
        if space > limit:
            result.append([])
        result[-1].append(line)
    return result
