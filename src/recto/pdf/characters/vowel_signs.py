"""Spaces that PDFium puts behind vowel signs which the box of their syllable leaves out, as browsers write Hindi."""

import unicodedata

import numpy as np

from recto.pdf.characters import Characters
from recto.pdf.characters.measures import Measures

FIRST, LAST = 0x0900, 0x0DFF  # the scripts of India, whose vowel signs may stand beside their letter
GAP = 0.205  # heights of a line: a sign that is left out takes .07 to .19, with a space behind it .22 to .39
_CATEGORIES = [unicodedata.category(chr(code)) for code in range(FIRST, LAST + 1)]
_BESIDE = np.array([category == "Mc" for category in _CATEGORIES])
_ABOVE = np.array([category == "Mn" for category in _CATEGORIES])


def unparted(characters: Characters, measures: Measures) -> Characters:
    """Drop the spaces of PDFium's own that are no wider than the vowel sign before them."""
    codes = characters.ink_codes
    indic = (codes >= FIRST) & (codes <= LAST)
    if not indic.any():
        return characters
    places = np.where(indic, codes - FIRST, 0)
    beside, above = indic & _BESIDE[places], indic & _ABOVE[places]
    ends = beside | (above & np.append(False, beside[:-1]))  # a dot may stand above the sign
    pairs = characters.neighbours
    parted = ends[:-1] & indic[1:] & pairs.level & (pairs.gap < GAP) & (pairs.second == pairs.first + 2)
    rows = pairs.first[parted] + 1
    spaces = rows[(characters.codes[rows] == ord(" ")) & (characters.index[rows] >= 0)]
    dropped = np.zeros(len(characters.codes), np.bool_)
    dropped[spaces] = measures.are_generated(characters.index[spaces])
    return characters.without(dropped)
