"""Scripts that run to the left: words in the order of reading."""

import re
from dataclasses import replace
from itertools import pairwise
from unicodedata import combining

import numpy as np
from numpy.typing import NDArray

from recto.pdf.run import NEWLINE, Run, blank, decode, stretches, within
from recto.types import Floats

RIGHT_TO_LEFT = ((0x590, 0x65F), (0x66A, 0x6EF), (0x6FA, 0x8FF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFE))  # without digits
_EDGE = r"[^\s()\[\]{}\"«»]"
BEFORE_NUMBER = re.compile(rf"(?<!{_EDGE})([.,:;!?%\u066a\u060c\u061b\u061f]+)(\d[\d.,]*)(?!{_EDGE})")
MIRRORED = dict(zip(map(ord, "()[]{}"), map(ord, ")(][}{"), strict=True))
OPENING, CLOSING = "([{", ")]}"
BRACKET = re.compile(r"([^\s()\[\]{}]+)([()\[\]{}])[ ](?=([^\s()\[\]{}]+))")


def leftward(run: Run) -> Run:
    """Put words of scripts that run to the left in the order of reading; PDFium gives some as they are drawn."""
    leftward = within(run.codes, RIGHT_TO_LEFT)
    if not leftward.any():
        return run
    order = np.arange(len(run.codes))
    for start, end in stretches(leftward).tolist():
        order[start:end] = start + _from_the_right(run.codes[start:end], run.boxes[start:end])
    text, lines = decode(run.codes), _lines(run.codes, leftward)
    for match in BEFORE_NUMBER.finditer(text):
        if lines[match.start()]:  # there, the mark on a number's left stands behind it
            order[match.start() : match.end()] = [*range(*match.span(2)), *range(*match.span(1))]
    for match in BRACKET.finditer(text):
        before, bracket, after = (run.boxes[slice(*match.span(part))] for part in (1, 2, 3))
        at = match.start(2)
        if lines[at] and _distance(before, bracket) > 2 * _distance(bracket, after):  # the space is in front of it
            order[at], order[at + 1] = at + 1, at
    return _unmirrored(run.take(order), lines)


def _lines(codes: NDArray[np.uint32], leftward: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether most of each character's line runs to the left, (n,)."""
    line = np.cumsum(codes == NEWLINE)
    mostly: NDArray[np.bool_] = (2 * np.bincount(line, leftward) > np.bincount(line, ~blank(codes)))[line]
    return mostly


def _distance(one: Floats, other: Floats) -> float:
    """Between the characters of two words, (n, 4) and (m, 4), from side to side; 0 where they overlap."""
    return max(0.0, float(one[:, 0].min() - other[:, 2].max()), float(other[:, 0].min() - one[:, 2].max()))


def _unmirrored(run: Run, lines: NDArray[np.bool_]) -> Run:
    """Brackets as they are read: some files give those of lines that run to the left as they are drawn."""
    text, wrong, right = decode(run.codes), 0, 0
    rows = [at for at, character in enumerate(text) if lines[at] and ord(character) in MIRRORED]
    for before, after in pairwise(rows):
        if text[before] in CLOSING and MIRRORED[ord(text[before])] == ord(text[after]):
            wrong += 1
        elif text[before] in OPENING and MIRRORED[ord(text[before])] == ord(text[after]):
            right += 1
    if wrong <= right:
        return run
    codes = run.codes.copy()
    codes[rows] = [MIRRORED[int(code)] for code in codes[rows]]
    return replace(run, codes=codes)


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
