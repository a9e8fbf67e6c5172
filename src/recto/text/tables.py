"""Tables of a page as far as its lines of text show them: titles, heads of columns, rows and the groups of rows."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from recto.text.memory import remembered
from recto.text.sentences import Range, cells, ends_in_amount, is_item, is_row, lines

HEAD_LINES = 4  # lines that the heads of columns may take
HEAD_WORDS = 2  # words in such a line that are no dates, periods or units
LABELS = 5  # lines without numbers that may stand between two rows, or between the heads and the first row
LABEL_LINES = 2  # lines that a row's label may take above its cells
TITLE_LINES = 10  # lines above the heads that say what the table is
PROSE_WORDS = 9  # in a line without figures at its end: more than a label or a title has
STATED_WORDS = 5  # before a full stop: more than an abbreviation at a label's end
FARTHEST = 12  # lines after which a table without heads is no further part of the one above
PAGE = 80  # lines above a row in which ranking looks for its heads
HEADS = 4096  # words of which is remembered whether they may head columns
PAGE_END = 3  # lines that may stand below a table that goes on overleaf, or above its further rows: footnotes, numbers

_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d[\d.,]*")
_HEAD = re.compile(
    r"\b(?:(?:19|20)\d\d[AE]?|FY ?'?\d+|[QH][1-4]|[1-4][QH]\d*|years?|months?|quarters?|weeks?|days?|half|fiscal|ended|"
    r"ending|jan\w*|feb\w*|mar(?:ch)?|apr\w*|may|june?|july?|aug\w*|sept?\w*|oct\w*|nov\w*|dec\w*|thousands?|millions?|"
    r"billions?|percent\w*|change|unaudited)\b|%",
    re.IGNORECASE,
)
_DAY = re.compile(r"\b(?:[12]?\d|3[01])\b,?")
_FILLER = re.compile(
    r"\b(?:the|and|for|as|of|at|in|except|per|share|shares|data|amounts|three|six|nine|twelve|vs)\b", re.I
)
_HEAD_PART = re.compile(rf"{_HEAD.pattern}|{_FILLER.pattern}|\w*\d\w*|FY", re.IGNORECASE)
_CAPTION = re.compile(
    r"(?:table|tab\.|tabelle|tableau|tabla|tabella|exhibit|schedule)\s[\dA-Z][\w.-]*\b", re.IGNORECASE
)
_TOTAL = re.compile(r"\W*(?:sub)?totals?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its label, which may take lines of its own, and its cells."""

    place: Range
    group: Range | None  # the label of the group of rows that it stands in
    cells: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of a page that belong together, and the lines above that say what they are."""

    start: int  # where its title begins, or its heads, or its rows
    heads: Range | None  # of the columns
    dated: bool  # whether the heads are dates, periods or units: no line that only happens to stand above
    rows: tuple[Row, ...]

    @property
    def end(self) -> int:
        """Where its last row ends."""
        return self.rows[-1].place[1]


def tables(text: str, within: Sequence[Range] | None = None) -> list[Table]:
    """The tables of a page, or of the sentences of a page, in order; in time linear in its lines."""
    return _TableLines.of(text, within).tables()


def continued(table: Table, text: str, above: Sequence[Table], text_above: str) -> Range | None:
    """The heads on the page before of a table at the top of a page, if it goes on there from the page's end."""
    if not above or above[-1].heads is None or above[-1].rows[-1].cells != table.rows[0].cells:
        return None
    near = may_go_on(table, text) and len(lines(text_above[above[-1].end :])) <= PAGE_END
    return above[-1].heads if near else None


def may_go_on(table: Table, text: str) -> bool:
    """Whether a table of a page may belong to the page before, as far as its own page tells."""
    return not table.dated and len(lines(text[: table.rows[0].place[0]])) <= PAGE_END


def headed_rows(text: str, before: str = "") -> Iterator[str]:
    """Each row of a page's tables, below the nearest heads above: what the numbers are stands there.

    Ranking looks farther for heads than quotes do: pages are found better so, see docs/ranking.md. Rows that go on from
    the page before have their heads in that page's text.
    """
    page = _TableLines.of(text, None)
    first = next(iter(page.tables()), None)
    overleaf = continued(first, text, tables(before), before) if first and before else None
    for number, place in enumerate(page.places):
        row = text[slice(*place)]
        if page.rows[number]:
            heads = page.heads_above(number)
            if overleaf and first and first.start <= place[0] < first.end:
                yield f"{before[slice(*overleaf)]}\n{row}"
            else:
                yield f"{text[slice(*heads)]}\n{row}" if heads else row


def names_columns(line: str) -> bool:
    """Whether a line says what stands in the columns below: dates, periods and units, and hardly anything else."""
    words = (match for match in _WORD.finditer(line) if not _may_head_columns(match[0]))
    if line.endswith(".") or next(islice(words, HEAD_WORDS, None), None):  # of running text soon told
        return False
    if not _HEAD.search(line):
        return False
    remainder = _FILLER.sub(" ", _DAY.sub(" ", _HEAD.sub(" ", line)))
    return not _NUMBER.search(remainder) and len(_WORD.findall(remainder)) <= HEAD_WORDS


@remembered(HEADS)
def _may_head_columns(word: str) -> bool:
    """Whether a word may be a date, a period, a unit or a filler, or a part of one: "FY 19"."""
    return _HEAD_PART.fullmatch(word) is not None


def is_caption(line: str) -> bool:
    """Whether a line begins with a table's number: "Table 3: ..."."""
    return _CAPTION.match(line) is not None


def is_total(label: str) -> bool:
    """Whether a row's label says that it adds up those above."""
    return _TOTAL.match(label) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class _TableLines:
    """The n lines of a page, and what each looks like by itself."""

    text: str
    places: list[Range]
    rows: list[bool]  # (n,)
    cells: list[int]  # (n,): 0 for what is no row, or heads columns
    heads: list[bool]  # (n,)
    prose: list[bool]  # (n,): running text, with which tables end

    @classmethod
    def of(cls, text: str, within: Sequence[Range] | None) -> "_TableLines":
        places = lines(text)
        if within is not None:
            starts = [start for start, _ in within]
            before = [(place, bisect_left(starts, place[1]) - 1) for place in places]
            places = [place for place, number in before if number >= 0 and within[number][1] > place[0]]
        written = [text[slice(*place)] for place in places]
        rows = [is_row(line) for line in written]
        heads = [names_columns(line) for line in written]
        amounts = [ends_in_amount(line) for line in written]
        counts = []
        for number, line in enumerate(written):
            like = amounts[number] and any(amounts[max(number - 1, 0) : number] + amounts[number + 1 : number + 2])
            counts.append(0 if heads[number] else cells(line) if rows[number] else int(like))
        prose = [
            not count and not head and _is_prose(line) for line, count, head in zip(written, counts, heads, strict=True)
        ]
        return cls(text=text, places=places, rows=rows, cells=counts, heads=heads, prose=prose)

    def line(self, number: int) -> str:
        return self.text[slice(*self.places[number])]

    def tables(self) -> list[Table]:
        tables: list[Table] = []
        run: list[int] = []
        last = -1  # line of the last row of the table before
        for number in [*filter(self.cells.__getitem__, range(len(self.places))), len(self.places)]:
            if run and not self._belongs(run[-1], number):
                tables.append(self._table(run, last, tables[-1] if tables else None))
                last, run = run[-1], []
            run.append(number)
        return tables

    def heads_above(self, row: int) -> Range | None:
        """The nearest lines above a row with dates, periods or units, else the line above the table's first row."""
        above = range(row - 1, max(row - PAGE, 0) - 1, -1)
        last = next((number for number in above if self.heads[number]), None)
        if last is not None:
            return self.places[self._first_head(last, -1)][0], self.places[last][1]
        for number in above:
            if not self.rows[number] and not (number and self.rows[number - 1]):
                top = self.places[number]
                return top if self.text[top[1] - 1] not in ".:" else None
        return None

    def _belongs(self, row: int, following: int) -> bool:
        """Whether two rows, with no row between them, stand in one table."""
        between = range(row + 1, following)
        if following == len(self.places) or len(between) > LABELS:
            return False
        return not any(self.heads[number] or self.prose[number] or is_caption(self.line(number)) for number in between)

    def _table(self, run: Sequence[int], last: int, above: Table | None) -> Table:
        first = run[0]
        heads, dated = self._heads(first, last)
        near = above is not None and first - last <= FARTHEST and above.rows[-1].cells == self.cells[first]
        if above and near and above.dated and not dated:  # running text had parted it from the table above
            start = self.places[self._label(first, last)][0]
            return Table(start=start, heads=above.heads, dated=True, rows=self._rows(run, last))
        top = heads[0] if heads else self._label(first, last)
        while top - 1 > last and heads is not None and heads[0] - top < TITLE_LINES and not self.prose[top - 1]:
            top -= 1
        place = (self.places[heads[0]][0], self.places[heads[1]][1]) if heads else None
        return Table(
            start=self.places[top][0], heads=place, dated=dated, rows=self._rows(run, heads[1] if heads else last)
        )

    def _heads(self, first: int, last: int) -> tuple[tuple[int, int] | None, bool]:
        """First and last line of the heads above a table's first row: dates, periods and units, else its top line."""
        for number in range(first - 1, max(first - LABELS, last) - 1, -1):
            if number <= last or self.prose[number]:
                break
            if self.heads[number]:
                return (self._first_head(number, last), number), True
        lowest = top = self._label(first, last) - 1
        if top <= last or not self._may_head(top):
            return None, False
        while top - 1 > last and lowest - top + 1 < HEAD_LINES and self._may_head(top - 1):
            if len(self.text[self.places[top][0] : self.places[lowest][1]].split()) > self.cells[first]:
                break  # a word for each column
            top -= 1
        return (top, lowest), False

    def _first_head(self, lowest: int, above: int) -> int:
        """The first of the lines of heads of which this is the last; all stand below the line `above`."""
        first = lowest
        while first - 1 > above and lowest - first + 1 < HEAD_LINES and self.heads[first - 1]:
            first -= 1
        return first

    def _may_head(self, number: int) -> bool:
        line = self.line(number)
        return line[-1] not in ".:" and not self.prose[number] and not is_caption(line)

    def _label(self, row: int, last: int) -> int:
        """The line on which a row begins: its label may take the lines above its cells."""
        first = row
        while first - 1 > last and row - first < LABEL_LINES:
            below, above = self.line(first), first - 1
            if self.cells[above] or not self._may_head(above) or self.heads[above]:
                break
            if any(map(str.isalpha, below)) and not below[0].islower():
                break
            first = above
        return first

    def _rows(self, run: Sequence[int], above: int) -> tuple[Row, ...]:
        rows: list[Row] = []
        group: Range | None = None
        for number in run:
            label = self._label(number, above)
            if label - 1 > above and not self.prose[label - 1]:  # what is left between two rows is the label of a group
                group = self.places[label - 1]
            row = Row((self.places[label][0], self.places[number][1]), group, self.cells[number])
            rows.append(row)
            if is_total(self.text[slice(*row.place)]):
                group = None
            above = number
        return tuple(rows)


def _is_prose(line: str) -> bool:
    """Whether a line without figures is running text: many words, most in lower case, or a full stop behind some."""
    words = _WORD.findall(line)
    if is_caption(line):
        return False
    small = sum(word[0].islower() for word in words)
    return (len(words) >= PROSE_WORDS and 2 * small >= len(words)) or (
        line[-1] in ".!?" and len(words) >= STATED_WORDS and not is_item(line)
    )
