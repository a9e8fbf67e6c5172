"""The words of a page, each with its box; one that goes on in another line has a box for each line."""

import numpy as np
from numpy.typing import NDArray

from recto.pdf.run import Run, within
from recto.text.scripts import LAID_OUT
from recto.types import FULL, INITIAL, UInt16s, UInt32s


def words(run: Run) -> tuple[UInt32s, UInt16s]:
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
    boxes = run.boxes.take(rows, axis=0)
    low, high = np.fmin.reduceat(boxes[:, :2], heads), np.fmax.reduceat(boxes[:, 2:], heads)
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
    boxes = np.asfortranarray(run.boxes)
    before, after = boxes[:-1], boxes[1:]
    with np.errstate(invalid="ignore"):
        across, down = (
            np.maximum(after[:, low] - before[:, low + 2], before[:, low] - after[:, low + 2]) for low in (0, 1)
        )  # below 0: overlap
        tall = before[:, 3] - before[:, 1]
        jumps = (down >= 0) & ((across >= 0) | (down > tall))
        jumps |= tall > INITIAL * (after[:, 3] - after[:, 1])  # an initial
    return np.concatenate(([False], jumps))
