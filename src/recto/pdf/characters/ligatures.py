"""The letters of one ligature in scripts that run to the left: PDFium turns them round with the word."""

import numpy as np

from recto.pdf.characters import LEFT, Characters

LAM = 0x644
ALEFS = (0x622, 0x623, 0x625, 0x627, 0x671)


def in_own_order(characters: Characters) -> Characters:
    """Turn the letters that have one box, those of a ligature, back into the order of reading.

    Lam and alef join in this order only, so that these two tell by themselves whether they were turned.
    """
    codes, boxes = characters.codes, characters.boxes
    leftward = (characters.kinds & LEFT) > 0
    if not leftward.any():
        return characters
    together = leftward[1:] & leftward[:-1] & (boxes[1:] == boxes[:-1]).all(1) & (boxes[1:, 2] > boxes[1:, 0])
    if not together.any():
        return characters
    order = np.arange(len(codes))
    edges = np.flatnonzero(np.diff(np.concatenate(([False], together, [False])).astype(np.int8))).reshape(-1, 2)
    for start, last in edges.tolist():
        letters = codes[start : last + 1].tolist()
        if not (letters[0] == LAM and letters[1] in ALEFS):
            order[start : last + 1] = order[start : last + 1][::-1]
    return characters.take(order)
