"""Accents that are drawn as characters of their own, as TeX does with its old fonts: composed with their letters."""

from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from recto.pdf.boxes import HAIR, gap, level
from recto.pdf.characters import LETTERS, WORD_GAP, Characters
from recto.pdf.characters.breaks import BACKWARD
from recto.pdf.characters.code_points import RETURN
from recto.pdf.run import NEWLINE, blank, distinct, within

# What spacing accents stand for: Unicode's compatibility decompositions, and ASCII's three; combining ones as they are.
COMBINING = {at: at for at in range(0x300, 0x370)} | {
    0x60: 0x300, 0xB4: 0x301, 0x5E: 0x302, 0x2C6: 0x302, 0x7E: 0x303, 0x2DC: 0x303, 0xAF: 0x304, 0x2C9: 0x304,
    0x2D8: 0x306, 0x2D9: 0x307, 0xA8: 0x308, 0x2DA: 0x30A, 0x2DD: 0x30B, 0x2C7: 0x30C, 0xB8: 0x327, 0x2DB: 0x328,
}  # fmt: skip
IS_ACCENT = np.zeros(max(COMBINING) + 2, bool)  # the last one stands for all code points above
IS_ACCENT[list(COMBINING)] = True
BEARERS = (*LETTERS, (0x3D, 0x3D))  # and the equals sign, which TeX strikes through
DOTLESS = {0x131: "i", 0x237: "j"}
OVERLAP = 0.5  # of the lower height: TeX raises an accent over a capital by a third of its own
ASIDE = 0.35  # of the letter's width: an accent's middle stands off the letter's by less


def composed(characters: Characters) -> Characters:
    """Put each accent on the letter that it stands over, wherever in the content it was drawn."""
    accents = np.flatnonzero(IS_ACCENT.take(characters.codes, mode="clip"))
    bearers = _bearers(characters, accents) if accents.size else accents
    accents, bearers = accents[bearers >= 0], bearers[bearers >= 0]
    if not accents.size:
        return characters
    codes, boxes = characters.codes.copy(), characters.boxes.copy()
    places = np.arange(len(codes), dtype=np.float64)
    single = np.zeros(len(codes), bool)
    for accent, bearer in zip(accents.tolist(), bearers.tolist(), strict=True):
        letter = DOTLESS.get(int(codes[bearer]), chr(codes[bearer]))
        text = normalize("NFC", letter + chr(COMBINING[int(codes[accent])]))
        codes[bearer], codes[accent] = ord(text[0]), ord(text[-1])
        single[accent] = len(text) == 1
        places[accent] = bearer + 0.5
        if boxes[accent].any():
            boxes[bearer, :2] = np.minimum(boxes[bearer, :2], boxes[accent, :2])
            boxes[bearer, 2:] = np.maximum(boxes[bearer, 2:], boxes[accent, 2:])
        boxes[accent] = boxes[bearer]
    dropped = single | _left_behind(characters, accents)
    order = np.argsort(places, kind="stable")
    return Characters(codes, boxes, characters.index).take(order[~dropped[order]])


def _bearers(characters: Characters, accents: NDArray[np.int64]) -> NDArray[np.int64]:
    """The row of each accent's letter, -1 where there is none; a combining one without a box follows it."""
    rows = np.flatnonzero(within(characters.codes, BEARERS) & (characters.boxes[:, 2] > characters.boxes[:, 0]))
    boxes = characters.boxes[rows]
    middles, widths = boxes[:, [0, 2]].mean(1), np.maximum(boxes[:, 2] - boxes[:, 0], HAIR)
    bearers = np.full(len(accents), -1)
    for place, accent in enumerate(accents.tolist()):
        box = characters.boxes[accent]
        aside = np.abs(middles - box[[0, 2]].mean()) / widths
        over = (aside < ASIDE) & level(boxes, box[None], OVERLAP)
        if over.any():
            bearers[place] = rows[np.flatnonzero(over)[aside[over].argmin()]]
        elif not box.any() and characters.codes[accent] >= 0x300 and accent - 1 in rows:
            bearers[place] = accent - 1
    return bearers


def _left_behind(characters: Characters, accents: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell the white space around accents that is none without them."""
    white = blank(characters.codes)
    ends = np.isin(characters.codes, (NEWLINE, RETURN))
    dropped = np.zeros(len(white), bool)
    ink = np.flatnonzero(~white)
    ink = ink[~np.isin(ink, accents)]
    for place in distinct(np.searchsorted(ink, accents)).tolist():
        first = int(ink[place - 1]) if place else -1
        second = int(ink[place]) if place < len(ink) else len(white)
        between = np.arange(first + 1, second)
        between = between[white[between]]
        beside = characters.boxes[[first, second]] if 0 < place < len(ink) else characters.boxes[:0]
        near = level(beside[:1], beside[1:]) & (gap(beside[:1], beside[1:]) < WORD_GAP[0])
        if (near & (gap(beside[:1], beside[1:]) > BACKWARD)).any():  # without the accent it is one word
            dropped[between] = True
        elif ends[between].any():
            dropped[between[~ends[between]]] = True
        else:
            dropped[between[1:]] = True
    return dropped
