"""Passages: a page's sentences packed to a few hundred characters, as contiguous spans of its text.

No ink is lost outside furniture that says nothing new, no passage is over its limit, no number is cut. Sizes were
measured, see docs/ranking.md.

Passages may be cut in more places than quotes, see `recto.text.sentences`: at a semicolon, or behind an abbreviation. A
part that is too small is packed with the next one anyway. They know no language: a new abbreviation there makes better
quotes at once, while other passages would need new vectors in every library.
"""

import re
from collections.abc import Sequence
from functools import partial

from recto.pdf.furniture import RunningLine
from recto.pdf.structure import NO_HEADINGS, Headings, heading_at
from recto.text.sentences import LONGEST, Range, cut, divided, grouped, lines
from recto.types import Page, Passage, Span

TARGET = 450  # characters a passage is packed to: ranking is flat from 200 to 800, and the encoder sees all of it
LIMIT = LONGEST  # a single piece may be longer than the target
BLOCK = 2000  # characters after which a block ends whatever follows
FULL_LINE = 40  # a line longer than this may run on into the next
FULL_BLOCK = 70  # joined text longer than this runs on even before a capital

_FIGURES = re.compile(r"[\d)%]\s+[$€£¥(]*\s?\d[\d.,]*\s?[)%]*$", re.MULTILINE)  # a table's row ends like this
# Dots that lead from a label to its figures end no sentence.
_SENTENCE_END = re.compile(r"""(?<!\.\.)[.!?;]["'”’»)\]]*\s+(?=["'“‘«(\[A-Z0-9•·▪●*–—-]|[^\W\d_a-z])|[。！？]\s*""")


def passages(
    page: Page, doc: str, headings: Headings = NO_HEADINGS, furniture: Sequence[RunningLine] = ()
) -> list[Passage]:
    """Cut a page into passages; those of its running heads and feet that say something new are passages, too."""
    places: list[Range] = []
    at = 0  # behind the furniture so far
    for line in sorted(furniture, key=lambda line: line.place):
        places += _packed(page.text, (at, max(at, line.place[0])))
        places += cut(page.text, *line.place) if line.new else ()
        at = max(at, line.place[1])
    places += _packed(page.text, (at, len(page.text)))
    return [
        Passage(Span(doc, page.number, start, end), page.text[start:end], heading_at(headings, start))
        for start, end in places
    ]


def _packed(text: str, region: Range) -> list[Range]:
    blocks = grouped(lines(text, region), partial(_runs_on, text))  # whole lines where lines do not run on
    pieces = (
        piece
        for block in blocks
        for piece in divided(text, (block[0][0], block[-1][1]), _SENTENCE_END, lambda start, match: True)
    )
    groups = grouped(pieces, lambda passage, piece: piece[1] - passage[0][0] <= TARGET)
    return [(group[0][0], group[-1][1]) for group in groups]


def _runs_on(text: str, block: Sequence[Range], following: Range) -> bool:
    """Whether a sentence may go on from the block's last line into the following one."""
    line = block[-1]
    length = line[1] - block[0][0]
    return (
        line[1] - line[0] > FULL_LINE
        and text[line[1] - 1] not in ".!?:;"
        and not _FIGURES.search(text, *line)
        and (length > FULL_BLOCK or text[following[0]].islower())
        and length <= BLOCK
        and text.count("\n", line[1], following[0]) == 1
    )
