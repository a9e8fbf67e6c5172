"""Line breaks that PDFium puts between neighbours on one line, as where it takes a page's lines for vertical ones."""

import numpy as np

from recto.pdf.boxes import level
from recto.pdf.characters import LEFT, WORD_GAP, Characters
from recto.pdf.characters.code_points import RETURN
from recto.pdf.run import NEWLINE

BACKWARD = -0.3  # heights that neighbours on one line may overlap by: italics, kerning, a mark above a comma
SPACE = 0.12  # heights that a space parts neighbours by: .16 behind an "f" where lines are tall, and letters .00
MARK = 0.4, 0.88  # of the height of the letter beside, a raised or lowered mark
MARK_LEVEL = 0.4  # of its own height, how much such a mark overlaps that letter: .48 to .76 in browsers and LibreOffice


def unbroken(characters: Characters) -> Characters:
    """Drop each line break between neighbours on one line; a space stands there if they are apart."""
    pairs = characters.neighbours
    joined = pairs.broken & (pairs.gap > BACKWARD)
    rows = np.flatnonzero(joined)
    first, second = characters.boxes[pairs.first[rows]], characters.boxes[pairs.second[rows]]
    share = (first[:, 3] - first[:, 1]) / (second[:, 3] - second[:, 1])
    share = np.minimum(share, 1 / share)
    marked = (share > MARK[0]) & (share < MARK[1]) & level(first, second, MARK_LEVEL)
    joined[rows] = pairs.level[rows] | (marked & (pairs.gap[rows] < WORD_GAP[1]))
    if not joined.any():
        return characters
    ends = (characters.codes == NEWLINE) | (characters.codes == RETURN)
    signs = np.cumsum(~ends)
    bare = signs[pairs.second] == signs[pairs.first] + 1
    kinds = characters.ink_kinds  # letters of Arabic words that do not join are .15 apart
    parted = joined & bare & (pairs.gap > np.where(kinds[1:] & LEFT, WORD_GAP[0], SPACE))
    return characters.changed(parted, ends & characters.inside(joined))
