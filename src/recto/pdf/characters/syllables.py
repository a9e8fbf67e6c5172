"""Syllables that a file gives as text (/ActualText) for signs drawn one by one, as browsers write many scripts.

PDFium boxes them by the first sign alone, gives them again where it has read another letter meanwhile, and takes the
room of the other signs for spaces.
"""

import ctypes
from collections.abc import Iterator

import numpy as np
import pypdfium2.raw as raw
from numpy.typing import NDArray

from recto.pdf.boxes import around, around_each, gap
from recto.pdf.characters import LEFT, Characters
from recto.pdf.characters.actual_text import marks_with_text, object_boxes
from recto.pdf.characters.measures import Measures, text_objects
from recto.pdf.run import blank, within
from recto.types import Floats

# Hebrew and Arabic, the scripts of India, Thai, Lao, Tibetan, Burmese, and Khmer.
SCRIPTS = ((0x0590, 0x08FF), (0x0900, 0x109F), (0x1780, 0x17FF))
THAI = ((0x0E00, 0x0EFF),)
GAP, THAI_GAP = 0.08, 0.17  # heights between two words: .12 to .4 and .2 and more were seen, within words .02 and .11


def whole(page: raw.FPDF_PAGE, text: int, characters: Characters, corner: tuple[float, float]) -> Characters:
    """Box each such syllable by all of its signs, and leave out what PDFium gives again; `corner`: left and top."""
    if not within(characters.codes, SCRIPTS).any():
        return characters
    objects = text_objects(text, np.maximum(characters.index, 0))
    objects[characters.index < 0] = 0
    boxes, repeated = characters.boxes.copy(), np.zeros(len(objects), np.bool_)
    for drawn, box in _given(page, corner):
        rows = np.flatnonzero(np.isin(objects, drawn))
        if not rows.size:
            continue
        repeated[rows] = objects[rows] != objects[rows[0]]
        own = rows[~repeated[rows]]
        left, _, right, _ = around(boxes[own])
        if right > left:
            scale = (box[2] - box[0]) / (right - left)
            for side in (0, 2):
                boxes[own, side] = box[0] + (boxes[own, side] - left) * scale
    return Characters(characters.codes, boxes, characters.index).without(repeated)


def unparted(characters: Characters, measures: Measures) -> Characters:
    """Drop the spaces that PDFium made between letters of these scripts which stand close to each other."""
    letters = within(characters.ink_codes, SCRIPTS)
    if not letters.any():
        return characters
    pairs = characters.neighbours
    widest = np.where(within(characters.ink_codes, THAI)[1:], THAI_GAP, GAP)
    gaps = np.minimum(np.abs(pairs.gap), _between_stretches(characters))
    parted = letters[:-1] & letters[1:] & pairs.level & (gaps < widest)
    parted &= pairs.second == pairs.first + 2
    rows = pairs.first[parted] + 1
    spaces = rows[(characters.codes[rows] == ord(" ")) & (characters.index[rows] >= 0)]
    dropped, generated = np.zeros(len(characters.codes), np.bool_), measures.are_generated(characters.index[spaces])
    dropped[spaces[generated]] = True
    return _behind(characters, spaces[~generated]).without(dropped)


def _behind(characters: Characters, spaces: NDArray[np.int64]) -> Characters:
    """Put spaces that PDFium gives inside of words running to the left behind these, where the file has them."""
    order = np.arange(len(characters.codes), dtype=np.float64)
    for space in spaces[(characters.kinds[spaces + 1] & LEFT) > 0].tolist():
        order[space] = _end_of_word(characters, space + 1) - 0.5
    return characters.take(np.argsort(order, kind="stable"))


def _end_of_word(characters: Characters, start: int) -> int:
    """Where a word ends that begins in some row: at white space, or at a letter that stands apart from it."""
    codes, boxes, box = characters.codes, characters.boxes, characters.boxes[start : start + 1]
    white = blank(codes[start:])
    for at in range(start + 1, start + int(white.argmax()) if white.any() else len(codes)):
        own = boxes[at : at + 1]
        if characters.kinds[at] & LEFT and own.any() and max(*gap(box, own), *gap(own, box)) > GAP:
            return at
        box = around(np.concatenate((box, own)))[None] if own.any() else box
    return start + int(white.argmax()) if white.any() else len(codes)


def _between_stretches(characters: Characters) -> Floats:
    """How far apart stretches of letters that run to the left stand, for each pair of neighbours (m,), in heights.

    PDFium gives some of them as they are drawn, so that its neighbours stand at their far ends. Infinite elsewhere.
    """
    ink, leftward = characters.ink, (characters.ink_kinds & LEFT) > 0
    starts = np.append(True, ~leftward[1:] | ~leftward[:-1] | (np.diff(ink) > 1))
    boxes = around_each(characters.ink_boxes, np.flatnonzero(starts))[np.cumsum(starts) - 1]
    apart = np.maximum(gap(boxes[:-1], boxes[1:]), gap(boxes[1:], boxes[:-1]))
    return np.where(leftward[:-1] & leftward[1:], np.abs(apart), np.float32(np.inf))


def _given(page: raw.FPDF_PAGE, corner: tuple[float, float]) -> Iterator[tuple[NDArray[np.uint64], Floats]]:
    """Of each text that is given for several objects: these, and the box around them."""
    parts: dict[int, list[raw.FPDF_PAGEOBJECT]] = {}
    for at in range(raw.FPDFPage_CountObjects(page)):
        drawn = raw.FPDFPage_GetObject(page, at)
        for mark in marks_with_text(drawn):
            parts.setdefault(mark, []).append(drawn)
    for objects in parts.values():
        if len(objects) > 1:
            handles = [ctypes.cast(drawn, ctypes.c_void_p).value or 0 for drawn in objects]
            yield np.array(handles, np.uint64), around(object_boxes(objects, corner))
