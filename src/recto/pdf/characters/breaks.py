"""Line breaks that PDFium puts between neighbours on one line, as where it takes a page's lines for vertical ones."""

import numpy as np

from recto.pdf.characters import WORD_GAP, Characters
from recto.pdf.characters.code_points import RETURN
from recto.pdf.run import NEWLINE

BACKWARD = -0.3  # heights that neighbours on one line may overlap by: italics, kerning, a mark above a comma


def unbroken(characters: Characters) -> Characters:
    """Drop each line break between neighbours on one line; a space stands there if they are apart."""
    pairs = characters.neighbours
    joined = pairs.broken & pairs.level & (pairs.gap > BACKWARD)
    if not joined.any():
        return characters
    ends = (characters.codes == NEWLINE) | (characters.codes == RETURN)
    others = np.cumsum(~ends)
    bare = others[pairs.second] == others[pairs.first] + 1
    parted = joined & bare & (pairs.gap > WORD_GAP[0])
    return characters.changed(parted, ends & characters.inside(joined))
