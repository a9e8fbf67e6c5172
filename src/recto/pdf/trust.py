"""Whether the text of a page can be trusted."""

import numpy as np
from numpy.typing import NDArray

from recto.types import Flag

FEW = 20  # visible characters: fewer than this is no page of text (a stamp, a page number on a scan)
ODD_SHARE = 0.15  # of characters that no font meant: private use, replacement, control
ENOUGH_LETTERS = 200
LATIN = 0x250  # code points from here on are of other scripts
# The letter pairs that European languages use most: .34 to .7 of all pairs on 968 English pages, .2 to .5 in sentences
# of six other languages, mostly under .15 once a font has exchanged the letters.
PAIRS = (
    "th he in er an re nd at on nt ha es st en ed to it ou ea hi is or ti as te et ng of al de se le sa si ar ve ra ld "
    "ur ch ie ge la ne li el il me ro no ta co ca ma ri di ce us un da os ic be ei io em po za na ni ka"
)
PAIR_SHARE = 0.16

_LETTER = np.array([ord(chr(code).lower()[0]) if chr(code).isalpha() else 0 for code in range(LATIN)] + [0], np.uint32)
_USUAL = np.zeros(LATIN * LATIN, bool)  # of a pair's first letter by its second
_USUAL[[ord(pair[0]) * LATIN + ord(pair[1]) for pair in PAIRS.split()]] = True


def flag(codes: NDArray[np.uint32]) -> Flag:
    """Say whether the text can be trusted, by the code points of its ink."""
    if len(codes) < FEW:
        return Flag.TEXT if len(codes) else Flag.EMPTY
    control = (codes < 32) | ((codes >= 0x7F) & (codes < 0xA0))
    private = ((codes >= 0xE000) & (codes <= 0xF8FF)) | (codes >= 0xF0000)
    odd = np.count_nonzero(control | private | (codes == 0xFFFD))
    if odd > ODD_SHARE * len(codes):
        return Flag.GARBLED
    # Latin text with next to none of the usual letter pairs is of a font whose codes were never mapped to letters.
    letters = _LETTER.take(codes, mode="clip")
    before, after = letters[:-1], letters[1:]
    pairs = (before * LATIN + after)[(before > 0) & (after > 0)]
    unpronounceable = len(pairs) >= ENOUGH_LETTERS and _USUAL[np.minimum(pairs, LATIN * LATIN - 1)].mean() < PAIR_SHARE
    return Flag.GARBLED if unpronounceable else Flag.TEXT
