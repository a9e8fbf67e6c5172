"""Where numbered parts of a document begin and end on a page: captions of tables and figures, headings of sections.

Only lines tell: a line that begins with the part's name and number, and is neither an entry of a table of contents nor
prose that speaks of the part.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from recto.text.contents import is_entry
from recto.text.languages import MIXED
from recto.text.languages.language import any_of
from recto.text.romans import LARGEST, roman, roman_value
from recto.text.sentences import Range, is_row, lines

HEADING = 100  # characters of a line that is a heading
FULL_LINE = 40  # of a line that may run on into the next
CAPTION_LINES = 5  # of a caption that names no rows
TABLE_LINES = 60
BETWEEN = 8  # lines between a caption and its first row: heads of columns, units

_LAST_DIGITS = re.compile(r"\d+(?=\D*$)")
_TITLE = re.compile(r"\s*(?:[.:;|)\]\u2013\u2014-]|[^\W\d_]|[\d(\"'\u201c\u00ab]|$)")
_SPEAKS_OF = (
    MIXED.questions.prepositions | MIXED.questions.connectives | {"see", "siehe", "voir", "véase", "vedi", "the"}
)
SPELLINGS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        kind: [spelling for spelling, meaning in MIXED.places.parts.items() if meaning == kind]
        for kind in set(MIXED.places.parts.values())
    }
)
CAPTIONED = frozenset(
    {"table", "figure", "box", "equation", "algorithm", "listing", "example"}
)  # the others are headed
_CAPTIONED = re.compile(
    rf"{any_of(spelling for kind in CAPTIONED for spelling in SPELLINGS[kind])}\s*[A-Z]?[.-]?\d", re.IGNORECASE
)


def number_forms(number: str) -> tuple[str, ...]:
    """The ways in which a number may be written, lower case: 2, ii and two."""
    small = MIXED.numbers.small
    written = number.lower()
    value = int(written) if written.isdecimal() else small.index(written) if written in small else roman_value(written)
    if not 0 < value <= LARGEST:
        return (written,)
    forms = (written, str(value), roman(value), *small[value : value + 1])
    return tuple(dict.fromkeys(forms))


def following_numbers(number: str) -> tuple[str, ...]:
    """The numbers that may follow a number: 3.3 on 3.2, C on B, V on IV, and on V both VI and W."""
    written = number.lower()
    forms = [form for form in number_forms(written) if form.isdecimal()]
    letters = [chr(ord(written) + 1)] if len(written) == 1 and "a" <= written < "z" else []
    if forms:
        return (str(int(forms[0]) + 1), f"{forms[0]}a", *letters)
    if match := _LAST_DIGITS.search(written):
        return (written[: match.start()] + str(int(match[0]) + 1),)
    return tuple(letters)


class Beginning(NamedTuple):
    """The first line of a part, and where the number in it ends."""

    line: Range
    number_end: int


def worded_places(text: str, kind: str, number: str) -> list[Beginning]:
    """The lines that begin with the part's name and number: "Table II", "Figure 2: ...", "CHAPTER ONE"."""
    name = rf"{any_of(SPELLINGS[kind])}\s*(?:n[or][.\u00ba]?\s*)?{any_of(number_forms(number))}(?!\w|[.\u2013-]\d)"
    pattern = re.compile(name, re.IGNORECASE)
    return [beginning for beginning in _beginnings(text, pattern) if is_title(text, *beginning)]


def numbered_places(text: str, number: str) -> list[Beginning]:
    """The lines that begin with the bare number and read like a heading: "3.2 Leave", "12. Leases", "(12) Leases"."""
    pattern = re.compile(
        rf"\(?{any_of(number_forms(number))}(?:[.):]|\s[\u2013\u2014-])*\s+(?=[^\W\d_])", re.IGNORECASE
    )
    return [
        Beginning((start, end), title)
        for (start, end), title in _beginnings(text, pattern)
        if text[title].isupper() and end - title <= HEADING and text[end - 1] not in ",;"
        if not is_entry(text, (start, end))
    ]


def extent(text: str, kind: str, number: str, line: Range) -> Range:
    """From a part's first line to its last on this page; a table's rows may stand above its caption."""
    places = lines(text)
    first = places.index(line)
    if kind == "table":
        return table_extent(text, places, first)
    if kind in CAPTIONED:
        return line[0], _caption_end(text, places, first)
    end = section_end(text, kind, number, line[1])
    return line[0], len(text[:end].rstrip())


def section_end(text: str, kind: str, number: str, start: int) -> int | None:
    """Where the part behind a section begins, from a character on; None if it does not begin on this page."""
    ends = [*following_numbers(number)]
    while "." in number:  # behind 3.2 comes 3.3 or 4
        number = number.rpartition(".")[0]
        ends += following_numbers(number)
    beginnings = [
        beginning for end in ends for beginning in [*worded_places(text, kind, end), *numbered_places(text, end)]
    ]
    return min((beginning.line[0] for beginning in beginnings if beginning.line[0] > start), default=None)


def _beginnings(text: str, pattern: re.Pattern[str]) -> Iterator[Beginning]:
    """The lines that begin like this, and where what they begin with ends."""
    for line in lines(text):
        if match := pattern.match(text, *line):
            yield Beginning(line, match.end())


def is_title(text: str, line: Range, end: int) -> bool:
    """Whether a line that begins with a part's name and number, up to `end`, is its caption or heading."""
    remainder = text[end : line[1]].lstrip()
    shouted = text[line[0] : end].isupper()
    if not _TITLE.match(remainder) or (remainder[:1].islower() and not shouted) or is_entry(text, line):
        return False
    before = text[: line[0]].rstrip(" \t")
    if before.endswith("\n\n") or not before.strip():
        return True
    above = before.rstrip().rpartition("\n")[2].strip()
    word = re.split(r"[\s(\u201c\"]", above.rstrip("("))[-1].lower()
    if word in _SPEAKS_OF or above.endswith(("(", ",")):
        return False
    runs_on = len(above) >= FULL_LINE and above[-1:].isalpha() and not is_row(above)
    return shouted or not (runs_on and remainder[:1] in {"", "."})


def table_extent(text: str, places: Sequence[Range], first: int) -> Range:
    """From the line of a table's caption to its last row, or from its first row to the caption below it."""
    rows = [is_row(text[slice(*place)]) for place in places]
    below = next((at for at in range(first + 1, min(first + 1 + BETWEEN, len(places))) if rows[at]), None)
    if below is None and first and rows[first - 1]:
        top = first
        while top and rows[top - 1] and first - top < TABLE_LINES:
            top -= 1
        return places[max(top - 1, 0)][0], _caption_end(text, places, first)
    last = first
    for at in range(first + 1, min(first + TABLE_LINES, len(places))):
        line = text[slice(*places[at])]
        prose = len(line) >= FULL_LINE and not rows[at] and line[-1] in ".;"
        running_foot = below is None and line.isdecimal()
        if running_foot or _CAPTIONED.match(line) or (below is not None and at > below and prose):
            break
        last = at
    return places[first][0], places[last][1]


def _caption_end(text: str, places: Sequence[Range], first: int) -> int:
    last = first
    for at in range(first + 1, min(first + CAPTION_LINES, len(places))):
        line, above = text[slice(*places[at])], text[slice(*places[at - 1])]
        parted = text.count("\n", places[at - 1][1], places[at][0]) > 1
        if parted or len(above) < FULL_LINE or above[-1] in ".!?" or _CAPTIONED.match(line):
            break
        last = at
    return places[last][1]
