"""Scripts that run to the left: words in the order of reading."""

import re
from unicodedata import combining

import numpy as np
from numpy.typing import NDArray

from recto.pdf.run import NEWLINE, Run, blank, decode, stretches, within
from recto.types import Floats

RIGHT_TO_LEFT = ((0x590, 0x65F), (0x66A, 0x6EF), (0x6FA, 0x8FF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFE))  # without digits
BEFORE_NUMBER = re.compile(r"(?<!\S)([.,:;!?\u060c\u061b\u061f]+)(\d[\d.,]*)(?!\S)")


def leftward(run: Run) -> Run:
    """Put words of scripts that run to the left in the order of reading; PDFium gives some as they are drawn."""
    leftward = within(run.codes, RIGHT_TO_LEFT)
    if not leftward.any():
        return run
    order = np.arange(len(run.codes))
    for start, end in stretches(leftward).tolist():
        order[start:end] = start + _from_the_right(run.codes[start:end], run.boxes[start:end])
    for match in BEFORE_NUMBER.finditer(decode(run.codes)):
        newlines = np.flatnonzero(run.codes[: match.start()] == NEWLINE)
        line = slice(newlines[-1] + 1 if newlines.size else 0, match.start())
        # Where most of the line before it runs to the left, the mark on a number's left stands behind it.
        if 2 * leftward[line].sum() > (~blank(run.codes[line])).sum():
            order[match.start() : match.end()] = [*range(*match.span(2)), *range(*match.span(1))]
    return run.take(order)


def _from_the_right(codes: NDArray[np.uint32], boxes: Floats) -> NDArray[np.int64]:
    """The order of a word's letters, the rightmost first, each with its marks; as they came, if a letter has no box."""
    middles = boxes[:, [0, 2]].mean(1)
    marks = np.array([bool(combining(chr(code))) for code in codes.tolist()])
    letters = np.flatnonzero(~marks)
    if not letters.size or np.isnan(middles[letters]).any():
        return np.arange(len(codes))
    # A mark belongs to the letter that it stands over, or, without a box, to the one before it.
    before = np.maximum.accumulate(np.where(marks, letters[0], np.arange(len(codes))))
    nearest = letters[np.abs(middles[:, None] - middles[letters]).argmin(1)]
    bearers = np.where(marks & (np.isnan(middles) | (middles == middles[before])), before, nearest)  # or of a ligature
    bearers[letters] = letters
    return np.lexsort((marks, bearers, -middles[bearers]))
