"""Which lines of a reading are words, and which a photograph's grain or a drawing's arrows and circles."""

import numpy as np
from numpy.typing import NDArray

from recto.pdf.recognition.reading import Reading

NOISE = 0.6  # mean confidence of a line, and that of a word in it: below, it is the grain of a photograph
LETTERS = 3  # of the words of a line that are more than single letters and runs of one
IDEOGRAPHS = 0x2E80  # code points from here on: a letter says as much as a word
MOSTLY = 0.5  # of the characters in lines of words: other lines are numbers, and no noise


def of_words(reading: Reading, *, scan: bool) -> NDArray[np.bool_]:
    """Tell the words of lines to keep beside a page's own text.

    Where most of it is lines of words, numbers stay too, as the columns of a table; of a scan all lines do.
    """
    lines, at = np.unique(reading.lines, return_inverse=True)
    clear = reading.confidences >= NOISE
    sure = (np.bincount(at, reading.confidences, len(lines)) / np.bincount(at, minlength=len(lines)))[at] >= NOISE
    letters = np.array([_letters(text) for text in reading.texts], np.int64) * clear
    worded = sure & (np.bincount(at, letters, len(lines)) >= LETTERS)[at]
    if reading.lengths[worded].sum() < MOSTLY * reading.lengths.sum():
        return worded
    numbers = np.array([len(set(filter(str.isdigit, text))) > 1 for text in reading.texts], bool) & clear
    return sure if scan else worded | (sure & (np.bincount(at, numbers, len(lines)) > 0)[at])


def _letters(text: str) -> int:
    """How many letters of a word count: none where it is but one letter, once or again and again."""
    letters = list(filter(str.isalpha, text.casefold()))
    ideographs = sum(ord(letter) >= IDEOGRAPHS for letter in letters)
    return max(len(letters), LETTERS * (ideographs > 1)) if len(set(letters)) > 1 else ideographs
