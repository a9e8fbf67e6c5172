"""Raised small digits, footnote marks and exponents: superscripts, so that they are no digits of the number before."""

import numpy as np
from numpy.typing import NDArray

from recto.pdf.boxes import gap, level
from recto.pdf.characters import DIGIT, DIGITS, LETTER, Characters
from recto.pdf.characters.measures import Measures
from recto.pdf.run import blank, within

SIGNS = (0x2B, 0x2D, 0x2212)
COMMA = 0x2C
OPENING = (0x28, 0x5B)
SLASHES = (0x2F, 0x2044)
SUPERSCRIPTS = dict(zip(range(0x30, 0x3A), (0x2070, 0xB9, 0xB2, 0xB3, *range(0x2074, 0x207A)), strict=True))
SUPERSCRIPTS |= dict(zip(SIGNS, (0x207A, 0x207B, 0x207B), strict=True))
SMALLER = 0.88  # of the height of the letter beside: browsers take .83, word processors .58 to .67
RAISED = 0.12  # of that height, over where such digits would end on its line; the least in use is .2
DESCENT = 0.21  # of a box's height is below its line, in most fonts
NEAR = 2.0  # heights between a mark and the letter that it belongs to; there may be signs between them
ALIKE = 0.1  # of the height: digits of one mark differ in height and place by less
JOINED = 0.5  # heights between two digits of one mark
LOW = 0.5  # of a box's height, the ink of a digit: raised ones of fonts have .35, others .55 to .7, old-style ones less
LIFTED = 0.2  # of that height, the ink of a raised digit over its line: fonts have .3 to .4, and 0 for any other digit
LIFTED_SIGN = 0.4  # the same of a sign: a minus is .25 over its line, a raised one .5


def superscribed(characters: Characters, measures: Measures) -> Characters:
    """Write raised digits as superscripts; those of a fraction stay, apart from the number before them."""
    ink, line, codes = characters.ink, characters.line, characters.ink_codes
    marks = sorted({*_marks(characters, measures), *_raised_by_font(characters, measures)})
    if not marks:
        return characters
    changed, fractions = characters.codes.copy(), []
    for start, end in marks:
        if start and codes[start - 1] in OPENING:
            continue  # brackets part it from the number already
        if end < len(codes) and codes[end] in SLASHES and line[end] == line[start]:
            fractions.append(ink[start])
        else:
            changed[ink[start:end]] = [SUPERSCRIPTS.get(code, code) for code in codes[start:end].tolist()]
    glued = [row for row in fractions if row and not blank(changed[row - 1 : row])[0]]
    return Characters(changed, characters.boxes, characters.index).spaced(np.array(glued, np.int64))


def _marks(characters: Characters, measures: Measures) -> list[tuple[int, int]]:
    """The stretches of raised digits with signs and commas, over the letter before them or else the one behind.

    From and to, counted in the characters with ink.
    """
    kinds, boxes = characters.ink_kinds, characters.ink_boxes
    digits = np.flatnonzero((kinds & DIGIT) > 0)
    letters = np.flatnonzero((kinds & (DIGIT | LETTER)) > 0)
    if len(letters) < 2:
        return []
    place = np.searchsorted(letters, digits)
    before, behind = letters[np.maximum(place - 1, 0)], letters[np.minimum(place + 1, len(letters) - 1)]
    heights = boxes[:, 3] - boxes[:, 1]
    small = heights[digits] < SMALLER * np.maximum(heights[before], heights[behind])  # few are: the rest is saved
    if not small.any():
        return []
    digits, before, behind = digits[small], before[small], behind[small]
    over_before, over_behind = (
        digits[is_raised(characters, measures, digits, letters)] for letters in (before, behind)
    )
    return _stretches(characters, over_before, over_behind) if over_before.size or over_behind.size else []


def _stretches(
    characters: Characters, over_before: NDArray[np.int64], over_behind: NDArray[np.int64]
) -> list[tuple[int, int]]:
    """The stretches of digits, signs and commas of one height in which these digits stand.

    Digits over the letter behind them count only where their stretch opens a line.
    """
    line, codes, boxes = characters.line, characters.ink_codes, characters.ink_boxes
    digit, heights = (characters.ink_kinds & DIGIT) > 0, boxes[:, 3] - boxes[:, 1]
    members = within(codes, (*DIGITS, *((sign, sign) for sign in (*SIGNS, COMMA))))
    one_line = line[1:] == line[:-1]
    edges = np.abs(np.diff(boxes[:, [1, 3]], axis=0))
    edges = np.where(digit[1:] & digit[:-1], edges.max(1), edges[:, 1])  # a sign may be lower than a digit
    alike = (edges < ALIKE * heights[:-1]) & (np.abs(gap(boxes[:-1], boxes[1:])) < JOINED)
    ends = np.flatnonzero(~np.append(members[1:] & members[:-1] & one_line & alike, False)) + 1
    starts = np.append(0, ends[:-1])
    stretches = set(np.searchsorted(ends, over_before, "right").tolist())
    opening = np.append(True, ~one_line)[starts]
    stretches |= {at for at in np.searchsorted(ends, over_behind, "right").tolist() if opening[at]}
    return [(int(starts[at]), int(ends[at])) for at in sorted(stretches)]


def is_raised(
    characters: Characters, measures: Measures, marks: NDArray[np.int64], letters: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Tell the marks that are smaller than the letters beside them and stand higher; both counted in those with ink."""
    line, mark, letter = characters.line, characters.ink_boxes[marks], characters.ink_boxes[letters]
    height, tall = mark[:, 3] - mark[:, 1], letter[:, 3] - letter[:, 1]
    higher = letter[:, 3] - mark[:, 3] - DESCENT * (tall - height)
    distance = np.maximum(mark[:, 0] - letter[:, 2], letter[:, 0] - mark[:, 2])
    raised: NDArray[np.bool_] = (
        (height < SMALLER * tall) & (higher > RAISED * tall) & (distance < NEAR * tall)
        & level(mark, letter, 0.5) & (line[marks] == line[letters])
    )  # fmt: skip
    # In another font a mark's box may be smaller and higher, though it stands on the same line.
    base, lower = (measures.baselines(characters.index[characters.ink[rows[raised]]]) for rows in (marks, letters))
    raised[raised] = base - lower > RAISED * tall[raised]
    return raised


def _raised_by_font(characters: Characters, measures: Measures) -> list[tuple[int, int]]:
    """The stretches of digits and signs that are raised glyphs of their font: they have the boxes of others.

    From and to, counted in the characters with ink. Only the last digit of each number is asked about, and what stands
    before a raised one.
    """
    ink, boxes = characters.ink, characters.ink_boxes
    digit = (characters.ink_kinds & DIGIT) > 0
    beside = (np.diff(ink) == 1) & level(boxes[:-1], boxes[1:])
    last = digit & ~np.append(digit[1:] & beside, False)
    last &= np.append(False, beside) | np.append(beside, False)
    member = digit | within(characters.ink_codes, tuple((sign, sign) for sign in SIGNS))

    def is_raised(rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        heights, areas = boxes[rows, 3] - boxes[rows, 1], measures.tight_boxes(characters.index[ink[rows]])
        raised: NDArray[np.bool_] = areas[:, 3] - areas[:, 1] < LOW * heights
        if not raised.any():
            return raised
        lift = areas[raised, 1] - measures.baselines(characters.index[ink[rows[raised]]])
        raised[raised] = lift > np.where(digit[rows[raised]], LIFTED, LIFTED_SIGN) * heights[raised]
        return raised

    marks, rows = [], np.flatnonzero(last)
    for row in rows[is_raised(rows)].tolist():
        start = row
        while start and beside[start - 1] and member[start - 1] and is_raised(np.array([start - 1]))[0]:
            start -= 1
        marks.append((start, row + 1))
    return marks
