"""Sentences of a page: prose at its full stops; a heading, a list item and a table row each by itself.

These are what is quoted. Passages, which are ranked, are cut by a rule of their own, see `recto.pdf.passages`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice, pairwise
from typing import TypeVar

from recto.text.detection import language_of
from recto.text.languages import LANGUAGES, MIXED
from recto.text.languages.language import any_of
from recto.text.memory import remembered

T = TypeVar("T")
Range = tuple[int, int]  # start and end, character offsets into the page's text

LINES = 512  # whose looks are remembered: each line of a page is looked at beside its neighbours, and for tables
LONGEST = 600  # characters; what has no full stop for longer is cut
EARLIEST_CUT = 300  # characters: at a space, unless there is none behind so many
SHORT_LINE = 20  # characters; a line below is a label, unless the next one goes on in lower case
SHORT_ITEM = 40  # characters; a line below an item this short begins something else, unless in lower case
FULL_LINE = 0.75  # of the next line's length: a line shorter than that ended before the margin
WIDE_LINE = 70  # characters; a line this long reached the margin, whatever follows
PHRASES = 180  # characters: no fewer are a sentence where but phrases are parted, as in Thai; 110 cut answers apart
RUN_IN_WORDS = 2  # of a heading on the line of what it heads, at most: "E12 Locks. All doors ...", "Yes. You ..."
FEWEST_INK = 4  # letters and digits before a full stop: "1." and "a)" end no sentence

_DOTTED_DAY_MONTH = re.compile(rf"{any_of(map(str.capitalize, MIXED.dotted_day_months))}\b")
_DAY = re.compile(r"[0-3]?\d")
_CODE = re.compile(r"[A-Z/-]*\.?\d")  # which something goes under

_LINE = re.compile(r"\S(?:.*\S)?")
_ITEM = re.compile(r"[\uf000-\uf0ff•·▪●◦‣■□➢✓*–—-]\s|\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{2,4}|[IVX]{2,4})[.)]\s")
_LABELLED = re.compile(r"[^\W\d_][^:!?]{0,30}: \S")
_COUNTED = re.compile(r"(?:[A-Z]|\d{1,2}) ")
# In Thai a space that stands between two letters ends a phrase; one beside a number or a Latin word is but typography.
_END = re.compile(
    r"""[.!?؟۔।॥](?:["'”’»)\]]|\s»)*\s+|[。！？｡]["'”’」』）]*\s*|(?<=[\u0e01-\u0e4e])[ ]+(?=[\u0e01-\u0e44])"""
)
_INITIALS = re.compile(
    r"(?:[A-Z]\.)*[A-Z]|(?:[\u0391-\u03a9]\.)*[\u0391-\u03a9]|(?:[\u0410-\u042f]\.)*[\u0410-\u042f]|[\u0620-\u064a]"
)
_DATE = r"\d{1,2}([./-])\d{1,2}\1\d{2,4}|\d{4}([./-])\d{1,2}\2\d{1,2}"
_TIME = r"\d{1,2}[:.]\d{2}(?:[–-]\d{1,2}[:.]\d{2}|[ap]\.?m\.?)?"
_FIGURE = r"[$€£¥(\[+−–—-]*\d(?:[\d.,]*\d)?[)\]%x]*(?:\([^()\s]{1,6}\)|[*†‡]{1,3})?"
_CELL = re.compile(rf"(?:{_DATE}|{_TIME})|{_FIGURE}|[—–-]|[nN]/?[aA]")
_MONTH = "|".join(rf"{month[:3]}(?:{month[3:]}|\.)?" for month in map(str.capitalize, MIXED.months))
_WRITTEN_DATE = re.compile(rf"\b(?:\d{{1,2}}(?:st|nd|rd|th|\.)? (?:{_MONTH})|(?:{_MONTH}) \d{{1,2}}),? \d{{4}}\b")
_SIGN = re.compile(r"[$€£¥%()]+")
_AMOUNT = re.compile(rf"(?:{_DATE}|{_TIME})|[$€£¥(−–-]*\d[\d,]*[.,]\d+[)%]*|[$€£¥]\d+|\d+%")
# Groups of digits that are no cells: a number under which somebody is called, paid or known.
_DIGITS = re.compile(r"\(?\+?\d+\)?")
_GROUP = re.compile(r"\d{3,}[,.;]?(?:\s|$)|[\d ]+$")  # that a long number goes on with below a full line
_PREFIXED = re.compile(r"0\d|\+|\(0")  # as no count is written
_IDENTIFIER = re.compile(
    r"\b(?:tel|telephone|phone|fax|mobile|hotline|account|iban|bic|sort code|vat|registration|isbn|customer|card|order|"
    r"reference|contract|policy|téléphone|konto|teléfono|telefono)"
    r"\W*(?:no|number|nr|id)?\W*(?-i:[A-Z]{2}\w*(?: \w{4})?)?$",
    re.IGNORECASE,
)
IDENTIFYING = 6  # digits, fewer are amounts
LEADERS = re.compile(r"\.{4,}|(?:\. ){4,}")  # dots that lead to a figure, or to the number of a page


def sentences(text: str, region: Range | None = None) -> list[Range]:
    """The sentences of a text, or of a region of it, in order, without the white space around them; no ink is lost.

    A region that begins and ends where sentences do has the sentences that the whole text has there.
    """
    pieces: list[Range] = []
    for block in grouped(lines(text, region), lambda block, line: _runs_on(text, block[-1], line)):
        place = block[0][0], block[-1][1]
        if len(block) == 1 and is_row(_whole_line(text, block[0])):  # there, dots may lead to numbers
            pieces += cut(text, *place)
        else:
            pieces += divided(text, place, _END, partial(_ends, text))
    return pieces


def below_headings(text: str, region: Range, headings: Sequence[Range]) -> list[Range]:
    """The sentences of a region, none running into one of these lines or on from it; lines below each other are one."""
    start, end = region
    pieces: list[Range] = []
    for run in grouped(headings, lambda run, heading: not text[run[-1][1] : heading[0]].strip()):
        first, last = run[0][0], run[-1][1]
        if start <= first and last <= end:
            pieces += (start, first), (first, last)
            start = last
    return [place for piece in (*pieces, (start, end)) for place in sentences(text, piece)]


def flowing(text: str) -> str:
    """The text with spaces for those line ends that only a full line made; each character keeps its place."""
    characters, places = list(text), lines(text)
    for above, below in pairwise(places):
        if _runs_on(text, above, below):
            characters[above[1] : below[0]] = " " * (below[0] - above[1])
    return "".join(characters)


def is_row(line: str) -> bool:
    """Whether a line is a row of a table: it ends in two or more cells, or in one after dots that lead to it."""
    count = cells(line)
    return count >= 2 or (count == 1 and LEADERS.search(line) is not None)


@remembered(LINES)
def cells(line: str) -> int:
    """How many numbers, dates, times and dashes a line ends in.

    None if they are the groups of one long number: a telephone's, an account's.
    """
    if ends_in_identifier(line):
        return 0
    count = 0
    for word in reversed(_WRITTEN_DATE.sub("0", line).split()):
        if _CELL.fullmatch(word):
            count += 1
        elif not _SIGN.fullmatch(word):
            break
    return count


@remembered(LINES)
def ends_in_amount(line: str) -> bool:
    """Whether a line ends in an amount, a date or a time, as a row with one column of figures does."""
    words = line.split()
    return (
        len(words) > 1
        and _AMOUNT.fullmatch("".join(words[-2:] if _SIGN.fullmatch(words[-2]) else words[-1:])) is not None
    )


@remembered(LINES)
def ends_in_identifier(line: str) -> bool:
    """Whether a line ends in the groups of one long number, by how they are written or what stands before them."""
    words = line.split()
    first = next((place for place in range(len(words), 0, -1) if not _DIGITS.fullmatch(words[place - 1])), 0)
    groups = words[first:]
    if len(groups) < 2:
        return False
    called = _IDENTIFIER.search(" ".join(words[max(first - 4, 0) : first])) is not None
    return any(map(_PREFIXED.match, groups)) or (called and sum(map(len, groups)) >= IDENTIFYING)


def are_counted(line: str, following: str) -> bool:
    """Whether two lines begin with a capital letter or a number by itself and the next one: "A Tank", "B Lid"."""
    marks = _COUNTED.match(line), _COUNTED.match(following)
    if not (marks[0] and marks[1]):
        return False
    first, second = marks[0][0].strip(), marks[1][0].strip()
    if first.isdecimal() and second.isdecimal():
        return int(second) == int(first) + 1
    return len(first) == len(second) == 1 and ord(second) == ord(first) + 1


def is_item(line: str) -> bool:
    """Whether a line begins with a bullet, a number or a letter, as an item of a list."""
    return _ITEM.match(line) is not None


def lines(text: str, region: Range | None = None) -> list[Range]:
    """The lines that hold ink, of a text or of a region of it."""
    return [match.span() for match in _LINE.finditer(text, *(region or ()))]


def grouped(items: Iterable[T], belongs: Callable[[list[T], T], bool]) -> Iterator[list[T]]:
    """Put each item to the group before it, if it belongs there."""
    group: list[T] = []
    for following in items:
        if group and not belongs(group, following):
            yield group
            group = []
        group.append(following)
    if group:
        yield group


def divided(
    text: str, place: Range, stop: re.Pattern[str], ends: Callable[[int, re.Match[str]], bool]
) -> Iterator[Range]:
    """The parts of a place, none too long, each up to a stop that ends it: `ends` is given where the part begins."""
    start, end = place
    for match in stop.finditer(text, *place):
        if match.end() < end and ends(start, match):
            yield from cut(text, start, match.start() + len(match[0].rstrip()))
            start = match.end()
    yield from cut(text, start, end)


def _runs_on(text: str, line: Range, following: Range) -> bool:
    """Whether a sentence may run on from a line into the following one."""
    if text.count("\n", line[1], following[0]) > 1 or text[line[1] - 1] == ":":
        return False
    upper, lower = _whole_line(text, line), _whole_line(text, following)
    if len(upper) >= WIDE_LINE and ends_in_identifier(upper) and _GROUP.match(lower):
        return True
    if not lower[0].islower() and (ends_in_identifier(upper) or (lower[0].isalpha() and ends_in_identifier(lower))):
        return False
    if is_labelled(upper) and is_labelled(lower) and not lower[0].islower():
        return False
    if is_row(upper) or is_row(lower) or is_item(lower):
        return False
    prose = lower[0].islower() and len(upper) >= WIDE_LINE  # whose lines may end in amounts by chance
    if not prose and ends_in_amount(upper) and ends_in_amount(lower):
        return False
    if (is_item(upper) and len(upper) < SHORT_ITEM and lower[0].isupper()) or are_counted(upper, lower):
        return False
    return lower[0].islower() or (len(upper) >= SHORT_LINE and len(upper) >= min(FULL_LINE * len(lower), WIDE_LINE))


def is_labelled(line: str) -> bool:
    """Whether a line begins with a label and what it stands for: "Due date: 12 October"."""
    return _LABELLED.match(line) is not None


def _whole_line(text: str, place: Range) -> str:
    """The line around a place: a region may begin and end within lines."""
    start, end = text.rfind("\n", 0, place[0]) + 1, text.find("\n", place[1])
    return text[start : end if end >= 0 else len(text)].strip()


def _ends(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether a full stop ends the sentence that begins at `start`, or belongs to an abbreviation or a number."""
    if text[match.end()].islower():
        return False
    if text[match.start()] == " ":
        return match.start() - start >= PHRASES
    if text[match.start()] != ".":
        return True
    before = text[start : match.start()]
    word = next(iter(before.rsplit(maxsplit=1)[-1:]), "").lstrip("([")
    if word.lower() in MIXED.abbreviations or word in MIXED.cased_abbreviations or _INITIALS.fullmatch(word):
        return False
    if word.lower() in MIXED.numbering_abbreviations and _CODE.match(text, match.end()):
        return False
    if "\n" not in match[0] and len(before.split()) <= RUN_IN_WORDS and text[start - 1 : start] in ("", "\n"):
        return False
    if _DAY.fullmatch(word) and _DOTTED_DAY_MONTH.match(text, match.end()):
        return False
    own = LANGUAGES.get(language_of(text), MIXED)
    if word in own.cased_abbreviations or (own.dotted_ordinals and _DAY.fullmatch(word)):
        return False
    ink = filter(str.isalnum, before)
    return len(list(islice(ink, FEWEST_INK))) == FEWEST_INK


def cut(text: str, start: int, end: int) -> Iterator[Range]:
    """Parts of what is too long: cut at the last space that leaves enough on the left, and in no number."""
    while end - start > LONGEST:
        places = range(start + LONGEST, start + EARLIEST_CUT, -1)
        cut = next((at for at in places if text[at].isspace()), None) or next(
            (at for at in places if not (_is_figure(text[at - 1]) and _is_figure(text[at]))), places[0]
        )
        yield start, start + len(text[start:cut].rstrip())
        start = end - len(text[cut:end].lstrip())
    yield start, end


def _is_figure(character: str) -> bool:
    return character.isdecimal() or character in ".,"
