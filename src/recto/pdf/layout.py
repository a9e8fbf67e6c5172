"""From characters to a page: lines, columns put right on proof, hyphens joined, words with boxes."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from recto.pdf.comments import without_comments
from recto.pdf.hyphens import Vocabulary, joined
from recto.pdf.native import TRAITS, Glyphs
from recto.pdf.order import ordered
from recto.pdf.order.blanks import filled
from recto.pdf.order.initials import initials
from recto.pdf.order.leftward import leftward
from recto.pdf.run import Run, blank, decode, pieces, stretches
from recto.pdf.trust import flag
from recto.pdf.visibility.pictures import NO_REGIONS, WHOLE, regions
from recto.pdf.words import words
from recto.types import Flag, Floats, Page, Trait, UInt32s

DROPPED = (0, 13, 0xFEFF)


class Unreadable(Exception):
    """A reader cannot make anything of a file or a page."""


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """The lines of a page's text: `spans` uint32 (m, 2); `look` float32 (m, 4): top, bottom, height, font weight.

    Top, bottom and height are shares of the page's height; a line without boxes has zeros.
    """

    spans: UInt32s
    look: Floats


@dataclass(frozen=True, slots=True, eq=False)
class ReadPage:
    """A page as read, with the looks of its lines, which headings and running heads are told by.

    `regions` float32 (n, 4): the parts of the page that are pictures of text, perhaps, and not read yet.
    """

    page: Page
    lines: Lines
    regions: Floats = field(default_factory=lambda: NO_REGIONS)

    @property
    def scan(self) -> bool:
        """Whether the page as a whole is a picture that was not read."""
        return np.array_equal(self.regions, WHOLE)


def arrange(number: int, glyphs: Glyphs, vocabulary: Vocabulary | None = None) -> ReadPage:
    """Make the page: its characters in the order of reading; docs/reading-order.md has the rules.

    `vocabulary` has the words of pages read before, by which a hyphen at a line's end is told from a cut; it learns
    those of this page.
    """
    aspect = glyphs.height / glyphs.width
    run = _tidy(Run(glyphs.codes, glyphs.boxes, glyphs.weights, glyphs.traits))
    content, comments = without_comments(run)
    content = ordered(leftward(initials(filled(content, aspect), aspect), aspect), aspect)
    run = joined(content, vocabulary or Vocabulary()).followed_by(comments)
    spans, boxes = words(run)
    page = Page(
        number=number,
        width=glyphs.width,
        height=glyphs.height,
        flag=flag(run.codes[run.ink]),
        text=decode(run.codes),
        spans=spans,
        boxes=boxes,
        label=glyphs.label,
        hidden=glyphs.hidden,
        traits=tuple(_traits(run)),
    )
    lines = pieces(run, np.inf)
    look = np.column_stack((lines.boxes[:, [1, 3]], lines.heights, run.weights[lines.spans[:, 0]]))
    unread = regions(glyphs.pictures, page.flag, boxes)
    return ReadPage(page, Lines(lines.spans.astype(np.uint32), look.astype(np.float32)), unread)


def blank_page(number: int, width: float, height: float) -> ReadPage:
    """A page without text."""
    page = Page(
        number=number,
        width=width,
        height=height,
        flag=Flag.EMPTY,
        text="",
        spans=np.zeros((0, 2), np.uint32),
        boxes=np.zeros((0, 4), np.uint16),
    )
    return ReadPage(page, Lines(np.zeros((0, 2), np.uint32), np.zeros((0, 4), np.float32)))


def _tidy(run: Run) -> Run:
    """Drop NULs, carriage returns and what lies outside the page; clip boxes to it; NaN where there is none."""
    codes = run.codes.copy()
    codes[codes > 0x10FFFF] = 0xFFFD
    left, top, right, bottom = run.boxes.T
    has_box = (right > left) & (bottom > top)
    x, y = (left + right) / 2, (top + bottom) / 2
    outside = has_box & ((x < 0) | (x > 1) | (y < 0) | (y > 1)) & ~blank(codes)
    keep = ~outside
    for code in DROPPED:
        keep &= codes != code
    boxes = np.clip(run.boxes, 0, 1).astype(np.float32)
    boxes[~has_box] = np.nan
    return Run(codes, boxes, run.weights, run.traits).take(np.flatnonzero(keep))


def _traits(run: Run) -> Iterator[Trait]:
    """The stretches of characters that have a trait, kind by kind; white space between two of them belongs to both."""
    if not run.traits.any():
        return
    rows = np.flatnonzero(run.ink)
    for bit, kind in enumerate(TRAITS):
        has = (run.traits[rows] >> bit & 1).astype(bool)
        for first, end in stretches(has).tolist():
            yield Trait(kind, int(rows[first]), int(rows[end - 1]) + 1)
