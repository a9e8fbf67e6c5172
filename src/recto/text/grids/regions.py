"""The parts of a page in which tables are looked for: columns of text by themselves, mirrored if read leftward."""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from recto.text.grids.lines import Line, PlacedWord, Stretch, lines

PROSE_WORDS = 4  # in a stretch of text in a column
PROSE_LINES = 8  # such stretches on each side of a gutter, at least
PROSE_SHARE = 0.6  # of the stretches on each side: less, and it is a table
CROSSING = 0.15  # of the stretches may cross a gutter: titles

_LEFTWARD = re.compile("[\u0590-\u08ff\ufb1d-\ufefc]")


def regions(words: Sequence[PlacedWord]) -> Iterator[list[Line]]:
    """The lines of a page, of each column of text by itself, from left to right as they are read."""
    if not words:
        return
    page_words = list(words)
    if reads_leftward([word.text for word in words]):  # mirrored: as if the page were read from left to right
        page_words = [word._replace(x0=-word.x1, x1=-word.x0) for word in words]
    page_lines = lines(page_words)
    stretches = [stretch for line in page_lines for stretch in line.stretches]
    gutter = gutter_of(stretches)
    if gutter is None:
        yield page_lines
        return
    sides: tuple[list[PlacedWord], list[PlacedWord], list[PlacedWord]] = [], [], []
    for stretch in stretches:
        side = 0 if stretch.x1 <= gutter else 1 if stretch.x0 >= gutter else 2
        sides[side].extend(stretch.words)
    yield from map(lines, filter(None, sides))


def gutter_of(stretches: Sequence[Stretch]) -> float | None:
    """Where a page is parted into two columns of text, if it is."""
    left, right = (np.array([getattr(stretch, side) for stretch in stretches]) for side in ("x0", "x1"))
    prose = np.array([len(stretch.words) >= PROSE_WORDS for stretch in stretches])
    if prose.sum() < 2 * PROSE_LINES:
        return None
    start, end = left.min(), right.max()
    places = np.linspace(start + 0.3 * (end - start), start + 0.7 * (end - start), 41)
    crossing = ((left < places[:, None]) & (right > places[:, None])).sum(1)
    best = np.flatnonzero(crossing == crossing.min())
    place = float(places[best[len(best) // 2]])
    if crossing.min() > CROSSING * len(stretches):
        return None
    for side in (right <= place, left >= place):
        if (prose & side).sum() < max(PROSE_LINES, PROSE_SHARE * side.sum()):
            return None
    return place


def reads_leftward(texts: Sequence[str]) -> bool:
    """Whether most letters are of scripts that run to the left: Hebrew, Arabic and theirs."""
    leftward = sum(map(str.isalpha, _LEFTWARD.findall("".join(texts))))
    return leftward > 0 and 2 * leftward > sum(map(str.isalpha, "".join(texts)))
