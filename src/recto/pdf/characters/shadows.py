"""Letters that are drawn twice, for a shadow or for weight: read once."""

import numpy as np
from numpy.typing import NDArray

from recto.pdf.characters import Characters
from recto.pdf.run import blank
from recto.types import Floats

SAME_PLACE = 0.6  # of a box's width and height: PDFium leaves doubles out itself if it knows the size of the font


def undoubled(characters: Characters) -> Characters:
    """Leave out each letter that covers the same letter before it, and the white space before what is left out."""
    ink = characters.ink
    codes, boxes = characters.ink_codes, characters.ink_boxes
    double = _doubled(codes, boxes, 1)
    if double.any():
        beside = np.pad(double, 2)
        double &= beside[:-4] | beside[4:]  # else it is the "ff" of a ligature, or of italics with wide boxes
    for lag in _lags(codes, boxes):
        double |= _doubled(codes, boxes, lag)
    if not double.any():
        return characters
    dropped = np.zeros(len(characters.codes), bool)
    dropped[ink[double]] = True
    # White space goes with the ink behind it.
    white = np.flatnonzero(blank(characters.codes[: ink[-1]]))
    dropped[white[double[np.searchsorted(ink, white)]]] = True
    return characters.without(dropped)


def _lags(codes: NDArray[np.uint32], boxes: Floats) -> set[int]:
    """How many letters before it the same two stand in the same place, wherever the drawing goes back or up."""
    before, after = boxes[:-1], boxes[1:]
    back = (after[:, 0] < before[:, 0]) & (after[:, 1] < before[:, 3] - SAME_PLACE * (before[:, 3] - before[:, 1]))
    starts = np.flatnonzero(back[:-1]) + 1
    if not starts.size:
        return set()
    pairs = codes[:-1].astype(np.uint64) << np.uint64(32) | codes[1:]
    lags = set()
    for start in starts.tolist():
        same = np.flatnonzero(pairs[:start] == pairs[start])
        lags |= set((start - same[_covers(boxes[same], boxes[start : start + 1])]).tolist())
    return lags


def _doubled(codes: NDArray[np.uint32], boxes: Floats, lag: int) -> NDArray[np.bool_]:
    """Tell the letters that cover the same one so many letters before."""
    doubled = np.zeros(len(codes), bool)
    same = np.flatnonzero(codes[lag:] == codes[:-lag])
    doubled[same[_covers(boxes[same], boxes[same + lag])] + lag] = True
    return doubled


def _covers(first: Floats, second: Floats) -> NDArray[np.bool_]:
    """Tell the pairs of boxes that overlap both ways by more than a share of the smaller one."""
    covers = np.ones(len(first), bool)
    for low, high in ((0, 2), (1, 3)):
        overlap = np.minimum(first[:, high], second[:, high]) - np.maximum(first[:, low], second[:, low])
        smaller = np.minimum(first[:, high] - first[:, low], second[:, high] - second[:, low])
        covers &= overlap > SAME_PLACE * smaller
    return covers
