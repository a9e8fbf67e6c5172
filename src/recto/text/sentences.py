"""Sentences of a page: prose at its full stops; a heading, a list item and a table row each by itself."""

import re
from collections.abc import Iterator

from recto.text.languages import MIXED
from recto.text.languages.language import any_of

Range = tuple[int, int]  # start and end, character offsets into the page's text

LONGEST = 600  # characters; what has no full stop for longer is cut at a space, as passages are
SHORT_LINE = 20  # characters; a line below is a label, unless the next one goes on in lower case
FULL_LINE = 0.75  # of the next line's length: a line shorter than that ended before the margin
WIDE_LINE = 70  # characters; a line this long reached the margin, whatever follows
FEWEST_INK = 4  # letters and digits before a full stop: "1." and "a)" end no sentence

_DOTTED_DAY_MONTH = re.compile(rf"{any_of(map(str.capitalize, MIXED.dotted_day_months))}\b")
_DAY = re.compile(r"[0-3]?\d")

_LINE = re.compile(r"\S(?:.*\S)?")
_ITEM = re.compile(r"[\uf000-\uf0ff•·▪●◦‣■□➢✓*–—-]\s|\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{2,4})[.)]\s")
_END = re.compile(r"""[.!?؟।](?:["'”’»)\]]|\s»)*\s+|[。！？]["'”’」』）]*\s*""")
_INITIALS = re.compile(r"(?:[A-Z]\.)*[A-Z]")
_CELL = re.compile(r"[$€£¥(\[+−–—-]*\d(?:[\d.,]*\d)?[)\]%x]*|[—–-]|[nN]/?[aA]")
_SIGN = re.compile(r"[$€£¥%()]+")
_LEADERS = re.compile(r"\.{4,}|(?:\. ){4,}")


def sentences(text: str) -> list[Range]:
    """The sentences of a text, in order, without the white space around them; no ink is lost."""
    return [piece for block in _blocks(text) for sentence in _split(text, block) for piece in _cut(text, sentence)]


def is_row(line: str) -> bool:
    """Whether a line is a row of a table: it ends in two or more numbers, or in one after dots that lead to it."""
    cells = 0
    for word in reversed(line.split()):
        if _CELL.fullmatch(word):
            cells += 1
        elif not _SIGN.fullmatch(word):
            break
    return cells >= 2 or (cells == 1 and _LEADERS.search(line) is not None)


def is_item(line: str) -> bool:
    """Whether a line begins with a bullet, a number or a letter, as an item of a list."""
    return _ITEM.match(line) is not None


def lines(text: str) -> list[Range]:
    """The lines of a text that hold ink."""
    return [match.span() for match in _LINE.finditer(text)]


def _blocks(text: str) -> Iterator[Range]:
    """Lines, joined where a sentence may run on from one into the next."""
    whole: Range | None = None
    last = (0, 0)
    for line in lines(text):
        if whole is not None and _runs_on(text, last, line):
            whole = whole[0], line[1]
        else:
            if whole is not None:
                yield whole
            whole = line
        last = line
    if whole is not None:
        yield whole


def _runs_on(text: str, line: Range, following: Range) -> bool:
    if text.count("\n", line[1], following[0]) > 1 or text[line[1] - 1] == ":":
        return False
    this, that = text[slice(*line)], text[slice(*following)]
    if is_row(this) or is_row(that) or is_item(that):
        return False
    return that[0].islower() or (len(this) >= SHORT_LINE and len(this) >= min(FULL_LINE * len(that), WIDE_LINE))


def _split(text: str, block: Range) -> Iterator[Range]:
    at, end = block
    if is_row(text[at:end]):  # whose dots lead to a number
        yield block
        return
    for match in _END.finditer(text, at, end):
        if match.end() < end and _ends(text, at, match):
            yield at, match.start() + len(match[0].rstrip())
            at = match.end()
    yield at, end


def _ends(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether a full stop ends the sentence that begins at `start`, or belongs to an abbreviation or a number."""
    if text[match.end()].islower():
        return False
    if text[match.start()] != ".":
        return True
    before = text[start : match.start()]
    word = before.split()[-1].lstrip("([") if before.split() else ""
    short = (
        word.lower() in MIXED.abbreviations
        or word in MIXED.cased_abbreviations
        or _INITIALS.fullmatch(word) is not None
    )
    if _DAY.fullmatch(word) and _DOTTED_DAY_MONTH.match(text, match.end()):
        return False
    return not short and sum(map(str.isalnum, before)) >= FEWEST_INK


def _cut(text: str, sentence: Range) -> Iterator[Range]:
    start, end = sentence
    while end - start > LONGEST:
        space = max(text.rfind(" ", start, start + LONGEST), text.rfind("\n", start, start + LONGEST))
        cut = space if space > start else start + LONGEST
        yield start, start + len(text[start:cut].rstrip())
        start = cut + len(text[cut:end]) - len(text[cut:end].lstrip())
    yield start, end
