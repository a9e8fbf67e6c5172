"""Vertical writing: lines from the right, each from top to bottom."""

import numpy as np

from recto.pdf.run import AS_DRAWN, NEWLINE, Run, groups, laid, within
from recto.text.scripts import LAID_OUT
from recto.types import Floats

LEAST = 8  # characters of scripts that are written so
SHARE = 0.5  # of the ink that is of these scripts at least
NEXT = 1.3  # character heights between the middles of two neighbours on one line at most
ASIDE = 0.5  # character heights between the middles of two lines at least
TIER = 2.0  # character heights of white space across all lines: the next tier begins


def vertical(run: Run, aspect: float) -> Run | None:
    """The characters by vertical lines; None where the page is not written so. `aspect`: its height by its width."""
    count = int(within(run.codes, LAID_OUT).sum())
    if count < LEAST or count < SHARE * run.ink.sum():
        return None
    rows = np.flatnonzero(run.ink & ~np.isnan(run.boxes[:, 0]))
    boxes = run.boxes[rows]
    tall = float(np.median(boxes[:, 3] - boxes[:, 1]))
    middles = boxes.reshape(-1, 2, 2).mean(1) * (1 / aspect, 1) / max(tall, 1e-6)  # x, y in character heights
    down, across = _neighbours(middles[:, ::-1]), _neighbours(middles)
    if down <= across:
        return None
    line = groups(-middles[:, 0], ASIDE)
    tier = groups(middles[:, 1], TIER)
    order = np.lexsort((middles[:, 0], middles[:, 1].round(1), line, tier))
    line += tier * len(rows)
    before, after = order[:-1], order[1:]
    drawn = np.cumsum(run.codes == NEWLINE)[rows]
    as_drawn = (after == before + 1) & (drawn[before] == drawn[after])
    breaks = np.zeros(len(rows), np.int64)
    breaks[before] = np.where(line[before] != line[after], NEWLINE, np.where(as_drawn, AS_DRAWN, 0))
    return laid(run, rows, order, breaks)


def _neighbours(middles: Floats) -> int:
    """How many characters have another next to them along the first axis, on one line."""
    line = groups(middles[:, 1], ASIDE)
    steps = np.diff(middles[np.lexsort((middles[:, 0], line))], axis=0)
    return int(((steps[:, 0] > 0) & (steps[:, 0] <= NEXT) & (np.abs(steps[:, 1]) < ASIDE)).sum())
