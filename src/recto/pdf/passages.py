"""Passages: a page's sentences packed to a few hundred characters, as contiguous spans of its text.

No ink is lost outside furniture, no passage is over its limit, no number is cut. Sizes were measured, see
docs/ranking.md.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from recto.pdf.structure import NO_HEADINGS, Headings, Range, heading_at
from recto.types import Page, Passage, Span

TARGET = 450  # characters a passage is packed to: ranking is flat from 200 to 800, and the encoder sees all of it
LIMIT = 600  # a single piece may be this long before it is cut
EARLIEST_CUT = 300
BLOCK = 2000  # characters after which a block ends whatever follows
FULL_LINE = 40  # a line longer than this may run on into the next
FULL_BLOCK = 70  # joined text longer than this runs on even before a capital

Joins = Callable[[Range, Range, Range], bool]  # whether what was joined, whose last part is given, takes the next

_LINE = re.compile(r"\S(?:.*\S)?")
_FIGURES = re.compile(r"[\d)%]\s+[$€£¥(]*\s?\d[\d.,]*\s?[)%]*$", re.MULTILINE)  # a table's row ends like this
# Dots that lead from a label to its figures end no sentence.
_SENTENCE_END = re.compile(r"""(?<!\.\.)[.!?;]["'”’»)\]]*\s+(?=["'“‘«(\[A-Z0-9•·▪●*–—-]|[^\W\d_a-z])|[。！？]""")


def passages(page: Page, doc: str, headings: Headings = NO_HEADINGS, furniture: Sequence[Range] = ()) -> list[Passage]:
    """Cut a page into passages; `furniture` are spans of running headers and footers, which belong to none."""
    return [
        Passage(Span(doc, page.number, start, end), page.text[start:end], heading_at(headings, start))
        for region in _regions(len(page.text), furniture)
        for start, end in _joined(_pieces(page.text, region), _fits)
    ]


def _regions(length: int, furniture: Sequence[Range]) -> Iterator[Range]:
    """The stretches of text between furniture."""
    at = 0
    for start, end in sorted(furniture):
        yield at, max(at, start)
        at = max(at, end)
    yield at, length


def _pieces(text: str, region: Range) -> Iterator[Range]:
    """Sentences, whole lines where lines do not run on, and parts of what is too long."""
    lines = (match.span() for match in _LINE.finditer(text, *region))
    for block in _joined(lines, partial(_runs_on, text)):
        for sentence in _sentences(text, block):
            yield from _cut(text, sentence)


def _joined(ranges: Iterable[Range], joins: Joins) -> Iterator[Range]:
    """Join each range to those before it as long as they take it."""
    whole: Range | None = None
    last = (0, 0)
    for following in ranges:
        if whole is not None and joins(whole, last, following):
            whole = whole[0], following[1]
        else:
            if whole is not None:
                yield whole
            whole = following
        last = following
    if whole is not None:
        yield whole


def _fits(whole: Range, _last: Range, following: Range) -> bool:
    return following[1] - whole[0] <= TARGET


def _runs_on(text: str, block: Range, line: Range, following: Range) -> bool:
    """Whether a sentence may go on from the block's last line into the following one."""
    length = line[1] - block[0]
    return (
        line[1] - line[0] > FULL_LINE
        and text[line[1] - 1] not in ".!?:;"
        and not _FIGURES.search(text, *line)
        and (length > FULL_BLOCK or text[following[0]].islower())
        and length <= BLOCK
        and text.count("\n", line[1], following[0]) == 1
    )


def _sentences(text: str, block: Range) -> Iterator[Range]:
    at, end = block
    for match in _SENTENCE_END.finditer(text, at, end):
        yield _trimmed(text, at, match.end())
        at = match.end()
    if at < end:
        yield _trimmed(text, at, end)


def _cut(text: str, piece: Range) -> Iterator[Range]:
    """Cut what is over the limit, at the last space that leaves enough on the left."""
    start, end = piece
    while end - start > LIMIT:
        cut = _place_to_cut(text, start)
        yield _trimmed(text, start, cut)
        start, end = _trimmed(text, cut, end)
    yield start, end


def _place_to_cut(text: str, start: int) -> int:
    places = range(start + LIMIT, start + EARLIEST_CUT, -1)
    space = next((at for at in places if text[at].isspace()), None)
    if space is not None:
        return space
    return next((at for at in places if not _in_number(text[at - 1]) or not _in_number(text[at])), places[0])


def _in_number(character: str) -> bool:
    return character.isdecimal() or character in ".,"


def _trimmed(text: str, start: int, end: int) -> Range:
    """The range without white space at its ends; it must hold ink."""
    while text[start].isspace():
        start += 1
    while text[end - 1].isspace():
        end -= 1
    return start, end
