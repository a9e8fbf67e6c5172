"""Spaces by the gaps between letters: PDFium makes none of character spacing, and too many in letterspaced words."""

import numpy as np

from recto.pdf.characters import DIGIT, LETTER, WORD_GAP, Characters
from recto.pdf.characters.letterspacing import letterspaced
from recto.pdf.characters.measures import Measures

DIGIT_GAP = 0.5  # a space inside of a number is worse than none between two


def spaced(characters: Characters, measures: Measures) -> Characters:
    """Set spaces where the gaps between letters or digits say so, and no others in letterspaced words."""
    pairs, kinds = characters.neighbours, characters.ink_kinds
    common = kinds[1:] & kinds[:-1]
    parted = ((common & LETTER) > 0) & (pairs.gap > WORD_GAP[0]) & (pairs.gap < WORD_GAP[1])
    parted |= ((common & DIGIT) > 0) & (pairs.gap > DIGIT_GAP)
    together = np.zeros_like(parted)
    for start, ends in letterspaced(characters, measures):
        parted[start : start + len(ends)], together[start : start + len(ends)] = ends, ~ends
    parted &= pairs.level & (pairs.second == pairs.first + 1)
    if not parted.any() and not together.any():
        return characters
    return characters.changed(parted, characters.inside(together))
