"""From characters to a page: lines, columns put right on proof, hyphens joined, words with boxes."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recto.pdf.comments import apart
from recto.pdf.hyphens import Vocabulary, joined
from recto.pdf.initials import initials
from recto.pdf.leftward import leftward
from recto.pdf.native import TRAITS, Glyphs
from recto.pdf.order import ordered
from recto.pdf.pictures import NO_REGIONS, WHOLE, regions
from recto.pdf.run import Run, blank, decode, pieces, stretches, within
from recto.pdf.trust import flag
from recto.text.scripts import LAID_OUT
from recto.types import FULL, INITIAL, Flag, Floats, Page, Trait, UInt16s, UInt32s

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
    content, comments = apart(run)
    content = ordered(leftward(initials(content, aspect)), aspect)
    run = joined(content, vocabulary or Vocabulary()).followed_by(comments)
    spans, boxes = _words(run)
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
    boxes = np.clip(np.where(has_box[:, None], run.boxes, np.nan), 0, 1).astype(np.float32)
    return Run(codes, boxes, run.weights, run.traits).take(np.flatnonzero(keep))


def _traits(run: Run) -> Iterator[Trait]:
    """The stretches of characters that have a trait, kind by kind; white space between two of them belongs to both."""
    rows = np.flatnonzero(run.ink)
    for bit, kind in enumerate(TRAITS):
        has = (run.traits[rows] >> bit & 1).astype(bool)
        for first, end in stretches(has).tolist():
            yield Trait(kind, int(rows[first]), int(rows[end - 1]) + 1)


# --- words and lines -------------------------------------------------------------------------------------------------
def _words(run: Run) -> tuple[UInt32s, UInt16s]:
    """Spans and boxes of the words; a word that goes on in another line has a row for each line."""
    ink = run.ink
    if not ink.any():
        return np.zeros((0, 2), np.uint32), np.zeros((0, 4), np.uint16)
    after_space = np.concatenate(([True], ~ink[:-1]))
    # In scripts without spaces each character is a word of its own, so that a quote marks no more than itself.
    single = within(run.codes, LAID_OUT)
    rows = np.flatnonzero(ink)
    heads = np.flatnonzero((after_space | _jumps(run) | single | np.roll(single, 1))[rows])
    spans = np.column_stack((rows[heads], rows[np.append(heads[1:], len(rows)) - 1] + 1)).astype(np.uint32)
    low = np.fmin.reduceat(run.boxes[rows, :2], heads)
    high = np.fmax.reduceat(run.boxes[rows, 2:], heads)
    # A word without any box gets the box of the word before it, the first ones that of the word after them.
    has_box = ~(np.isnan(low) | np.isnan(high)).any(1)
    if not has_box.any():
        low, high = np.zeros_like(low), np.zeros_like(high)
    else:
        before = np.maximum.accumulate(np.where(has_box, np.arange(len(heads)), -1))
        before[before < 0] = int(np.argmax(has_box))
        low, high = low[before], high[before]
    low = np.floor(low * FULL)  # rounded outwards, never to nothing
    high = np.maximum(np.ceil(high * FULL), low + 1)
    shares = np.clip(np.column_stack((np.minimum(low, FULL - 1), high)), 0, FULL).astype(np.uint16)
    return spans, shares


def _jumps(run: Run) -> NDArray[np.bool_]:
    """Characters on another line than the one before: apart in height, and not just below it, as in turned text."""
    before, after = run.boxes[:-1], run.boxes[1:]
    with np.errstate(invalid="ignore"):
        gap = np.maximum(after[:, :2] - before[:, 2:], before[:, :2] - after[:, 2:])  # across, down; below 0: overlap
        tall = before[:, 3] - before[:, 1]
        jumps = (gap[:, 1] >= 0) & ((gap[:, 0] >= 0) | (gap[:, 1] > tall))
        jumps |= tall > INITIAL * (after[:, 3] - after[:, 1])  # an initial
    return np.concatenate(([False], jumps))
