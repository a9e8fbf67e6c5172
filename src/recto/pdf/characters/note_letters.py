"""Raised single letters behind words and numbers, marks of notes and of institutes: a space parts them."""

import numpy as np

from recto.pdf.characters import DIGIT, LETTER, Characters
from recto.pdf.characters.measures import Measures
from recto.pdf.characters.raised import is_raised
from recto.pdf.run import within

WORD = 3  # letters or digits before the mark: "x" with a raised "n" is a formula, "2e" an ordinal
# Small letters and digits: a mark behind a capital may be an ordinal, "XIXe".
ENDS = ((0x30, 0x39), (0x61, 0x7A), (0xDF, 0xF6), (0xF8, 0xFF))
SEPARATORS = ((0x2C, 0x2C), (0x2E, 0x2E))  # of a number


def parted_from_marks(characters: Characters, measures: Measures) -> Characters:
    """Set a space before single raised letters that end a word or a number, so that it is found."""
    ink, codes, boxes = characters.ink, characters.ink_codes, characters.ink_boxes
    letter = (characters.ink_kinds & LETTER) > 0
    heights = boxes[:, 3] - boxes[:, 1]
    marks = np.flatnonzero(heights[WORD:] < heights[WORD - 1 : -1]) + WORD
    marks = marks[letter[marks] & within(codes[marks - 1], ENDS)]
    touching = np.append(np.diff(ink) == 1, False)
    member = (characters.ink_kinds & (LETTER | DIGIT)) > 0
    for back in range(1, WORD + 1):
        marks = marks[(member[marks - back] | within(codes[marks - back], SEPARATORS)) & touching[marks - back]]
    marks = marks[~(touching & np.append(member[1:], False))[marks]]
    marks = marks[is_raised(characters, measures, marks, marks - 1)] if marks.size else marks
    return characters.spaced(ink[marks])
