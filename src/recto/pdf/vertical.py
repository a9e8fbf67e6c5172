"""Vertical writing: lines from the right, each from top to bottom."""

import numpy as np
from numpy.typing import NDArray

from recto.pdf.run import AS_DRAWN, NEWLINE, Run, laid, within
from recto.text.scripts import LAID_OUT
from recto.types import Floats

LEAST = 8  # characters of scripts that are written so
SHARE = 0.5  # of the ink that is of these scripts at least
NEXT = 1.3  # character heights between the middles of two neighbours on one line at most
ASIDE = 0.5  # character heights between the middles of two lines at least
TIER = 2.0  # character heights of white space across all lines: the next tier begins


def vertical(run: Run, aspect: float) -> Run | None:
    """The characters by vertical lines; None where the page is not written so. `aspect`: its height by its width."""
    ours = int(within(run.codes, LAID_OUT).sum())
    if ours < LEAST or ours < SHARE * run.ink.sum():
        return None
    rows = np.flatnonzero(run.ink & ~np.isnan(run.boxes[:, 0]))
    boxes = run.boxes[rows]
    tall = float(np.median(boxes[:, 3] - boxes[:, 1]))
    middles = boxes.reshape(-1, 2, 2).mean(1) * (1 / aspect, 1) / max(tall, 1e-6)  # x, y in character heights
    down, across = _neighbours(middles[:, ::-1]), _neighbours(middles)
    if down <= across:
        return None
    line = _groups(-middles[:, 0], ASIDE)
    tier = _groups(middles[:, 1], TIER)
    order = np.lexsort((middles[:, 0], middles[:, 1].round(1), line, tier))
    return _relaid(run, rows, order, line + tier * len(rows))


def _neighbours(middles: Floats) -> int:
    """How many characters have another next to them along the first axis, on one line."""
    line = _groups(middles[:, 1], ASIDE)
    steps = np.diff(middles[np.lexsort((middles[:, 0], line))], axis=0)
    return int(((steps[:, 0] > 0) & (steps[:, 0] <= NEXT) & (np.abs(steps[:, 1]) < ASIDE)).sum())


def _groups(values: Floats, gap: float) -> NDArray[np.int64]:
    """Number the values from the smallest on, a new number wherever two are `gap` or more apart."""
    order = np.argsort(values, kind="stable")
    groups = np.empty(len(values), np.int64)
    groups[order] = np.cumsum(np.diff(values[order], prepend=values[order[0]]) >= gap)
    return groups


def _relaid(run: Run, rows: NDArray[np.int64], order: NDArray[np.int64], line: NDArray[np.int64]) -> Run:
    """The run with these characters in this order, and a newline between two lines alone."""
    before, after = order[:-1], order[1:]
    drawn = np.cumsum(run.codes == NEWLINE)[rows]
    as_drawn = (after == before + 1) & (drawn[before] == drawn[after])
    breaks = np.zeros(len(rows), np.int64)
    breaks[before] = np.where(line[before] != line[after], NEWLINE, np.where(as_drawn, AS_DRAWN, 0))
    return laid(run, rows, order, breaks)
