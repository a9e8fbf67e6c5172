"""Rows of tables and the heads of their columns, as far as lines of text show them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from recto.text.sentences import Range, is_row, lines

HEAD_LINES = 4  # lines that the heads of columns may take
HEAD_WORDS = 2  # words in such a line that are no dates, periods or units
FARTHEST = 80  # lines above a row in which its heads are looked for: a page

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


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLines:
    """The n lines of a page, and which of them are rows of a table or name columns."""

    text: str
    places: list[Range]
    rows: list[bool]  # (n,)
    heads: list[bool]  # (n,)

    @classmethod
    def of(cls, text: str) -> Self:
        """Look at every line once."""
        places = lines(text)
        written = [text[slice(*place)] for place in places]
        return cls(
            text=text,
            places=places,
            rows=[is_row(line) for line in written],
            heads=[names_columns(line) for line in written],
        )

    def heads_of(self, row: int) -> Range | None:
        """The lines above a row that head its columns: the nearest with dates, periods or units, else the table's top.

        The top is the line above the table's first row; a single line between rows is a label in the table.
        """
        above = range(row - 1, max(row - FARTHEST, 0) - 1, -1)
        last = next((number for number in above if self.heads[number]), None)
        if last is not None:
            first = last
            while first and last - first + 1 < HEAD_LINES and self.heads[first - 1]:
                first -= 1
            return self.places[first][0], self.places[last][1]
        for number in above:
            if not self.rows[number] and not (number and self.rows[number - 1]):
                top = self.places[number]
                return top if self.text[top[1] - 1] not in ".:" else None
        return None


def headed_rows(text: str) -> Iterator[str]:
    """Each row of a page's tables, below the heads of its columns: what the numbers are stands there."""
    page = TableLines.of(text)
    for number, place in enumerate(page.places):
        if page.rows[number]:
            row, heads = text[slice(*place)], page.heads_of(number)
            yield f"{text[slice(*heads)]}\n{row}" if heads else row


def names_columns(line: str) -> bool:
    """Whether a line says what stands in the columns below: dates, periods and units, and hardly anything else."""
    if line.endswith(".") or not _HEAD.search(line):
        return False
    remainder = _FILLER.sub(" ", _DAY.sub(" ", _HEAD.sub(" ", line)))
    return not _NUMBER.search(remainder) and len(_WORD.findall(remainder)) <= HEAD_WORDS
