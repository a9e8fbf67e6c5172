"""The parts of a page in which tables are looked for: columns of text each by itself, mirrored if read from the right."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from recto.text.grids.lines import Stretch, Word, lines

PROSE_WORDS = 4  # in a stretch of text in a column
PROSE_LINES = 8  # such stretches on each side of a gutter, at least
PROSE_SHARE = 0.6  # of the stretches on each side: less, and it is a table
CROSSING = 0.15  # of the stretches may cross a gutter: titles


def regions(words: Sequence[Word], texts: Sequence[str]) -> Iterator[list[Word]]:
    """The words of a page, of each column of text by itself, from left to right as they are read."""
    if not words:
        return
    page_words = _mirrored(words) if _leftward(texts) else list(words)
    stretches = [stretch for line in lines(page_words) for stretch in line.stretches]
    gutter = _gutter(stretches)
    if gutter is None:
        yield page_words
        return
    sides: tuple[list[Word], list[Word], list[Word]] = [], [], []
    for stretch in stretches:
        side = 0 if stretch.x1 <= gutter else 1 if stretch.x0 >= gutter else 2
        sides[side].extend(stretch.words)
    yield from filter(None, sides)


def _gutter(stretches: Sequence[Stretch]) -> float | None:
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


def _leftward(texts: Sequence[str]) -> bool:
    """Whether most letters are of scripts that run to the left: Hebrew, Arabic and theirs."""
    letters = [character for text in texts for character in text if character.isalpha()]
    return 2 * sum("\u0590" <= letter <= "\u08ff" or "\ufb1d" <= letter <= "\ufefc" for letter in letters) > len(letters)


def _mirrored(words: Sequence[Word]) -> list[Word]:
    """Words as if the page were read from left to right."""
    return [replace(word, x0=-word.x1, x1=-word.x0) for word in words]
