"""Which lines of a reading are words, and which a photograph's grain or a drawing's arrows and circles."""

import numpy as np
from numpy.typing import NDArray

from recto.pdf.recognition.reading import Reading

NOISE = 0.6  # mean confidence of a line, and that of a word in it: below, it is the grain of a photograph
LETTERS = 3  # of the words of a line that are more than single letters and runs of one
IDEOGRAPHS = 0x2E80  # code points from here on: a letter says as much as a word
MOSTLY = 0.5  # of the characters of a scan in lines of words: its other lines are numbers, and no noise


def of_words(reading: Reading, *, scan: bool) -> NDArray[np.bool_]:
    """Tell the words of lines to keep beside a page's own text; of a scan with words also lines without."""
    lines, at = np.unique(reading.lines, return_inverse=True)
    means = np.bincount(at, reading.confidences, len(lines)) / np.bincount(at, minlength=len(lines))
    clear = reading.confidences >= NOISE
    letters = np.array([_letters(text) for text in reading.texts], np.int64) * clear
    sure = means[at] >= NOISE
    worded = sure & (np.bincount(at, letters, len(lines)) >= LETTERS)[at]
    if scan and reading.lengths[worded].sum() >= MOSTLY * reading.lengths.sum():
        return sure
    return worded


def _letters(text: str) -> int:
    """How many letters of a word count: none where it is but one letter, once or again and again."""
    letters = list(filter(str.isalpha, text.casefold()))
    ideographs = sum(ord(letter) >= IDEOGRAPHS for letter in letters)
    return max(len(letters), LETTERS * (ideographs > 1)) if len(set(letters)) > 1 else ideographs
