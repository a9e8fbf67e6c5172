"""Scripts that run to the left: words in the order of reading."""

import re
from unicodedata import combining

import numpy as np
from numpy.typing import NDArray

from recto.pdf.run import NEWLINE, Run, blank, decode, within
from recto.types import Floats

RIGHT_TO_LEFT = ((0x590, 0x65F), (0x66A, 0x6EF), (0x6FA, 0x8FF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFE))  # without digits
TIE = 1e-6  # of the page's width: between letters of one box the order decides
BEFORE_NUMBER = re.compile(r"(?<!\S)([.,:;!?\u060c\u061b\u061f]+)(\d[\d.,]*)(?!\S)")


def leftward(run: Run) -> Run:
    """Put words of scripts that run to the left in the order of reading; PDFium gives some as they are drawn."""
    leftward = within(run.codes, RIGHT_TO_LEFT)
    if not leftward.any():
        return run
    order = np.arange(len(run.codes))
    edges = np.flatnonzero(np.diff(np.concatenate(([False], leftward, [False])).astype(np.int8)))
    falls = _falls(run.boxes[leftward])
    for start, end in edges.reshape(-1, 2).tolist():
        boxes = run.boxes[start:end]
        turned = (_falls(boxes) or falls) > 0
        order[start:end] = start + _from_the_right(run.codes[start:end], boxes, turned=turned)
    for match in BEFORE_NUMBER.finditer(decode(run.codes)):
        newlines = np.flatnonzero(run.codes[: match.start()] == NEWLINE)
        line = slice(newlines[-1] + 1 if newlines.size else 0, match.start())
        # Where most of the line before it runs to the left, the mark on a number's left stands behind it.
        if 2 * leftward[line].sum() > (~blank(run.codes[line])).sum():
            order[match.start() : match.end()] = [*range(*match.span(2)), *range(*match.span(1))]
    return run.take(order)


def _falls(boxes: Floats) -> int:
    """How many more steps from letter to letter go left than right: above 0 where PDFium turned the letters around."""
    return -int(np.sign(np.diff(boxes[:, [0, 2]].mean(1))[~np.isnan(boxes[1:, 0] + boxes[:-1, 0])]).sum())


def _from_the_right(codes: NDArray[np.uint32], boxes: Floats, *, turned: bool) -> NDArray[np.int64]:
    """The order of a word's letters, the rightmost first, each with its marks; as they came, if a letter has no box.

    The letters of one ligature have one box. Where PDFium turned the word around, it turned them, too.
    """
    middles = boxes[:, [0, 2]].mean(1)
    marks = np.array([bool(combining(chr(code))) for code in codes.tolist()])
    letters = np.flatnonzero(~marks)
    if not letters.size or np.isnan(middles[letters]).any():
        return np.arange(len(codes))
    # A mark belongs to the letter that it stands over, in one ligature to the one it came with; without a box, to the
    # one before it.
    before = np.maximum.accumulate(np.where(marks, letters[0], np.arange(len(codes))))
    steps = (letters - np.arange(len(codes))[:, None]) * (1 if turned else -1)
    apart = np.abs(middles[:, None] - middles[letters]) + np.where(steps > 0, steps, len(codes)) * TIE
    nearest = letters[apart.argmin(1)]
    bearers = np.where(marks & np.isnan(middles), before, nearest)
    bearers[letters] = letters
    came = -bearers if turned else bearers
    return np.lexsort((marks, came, -middles[bearers]))
