"""Line breaks and spaces by the gaps between letters: PDFium guesses both, its boxes tell."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from recto.pdf.characters import DIGIT, LETTER, Characters
from recto.pdf.code_points import RETURN
from recto.pdf.run import NEWLINE, decode
from recto.types import Floats

# Gaps are in heights of the lower neighbour's box, which is about 1.15 times its font size.
BACKWARD = -0.3  # neighbours on one line may overlap by so much: italics, kerning, a mark above a comma
WORD_GAP = 0.18, 1.5  # between two words; farther apart are cells, or the letters of a drawing
DIGIT_GAP = 0.5  # a space inside of a number is worse than none between two

# Letterspaced words: their gaps are all alike, and those between the words are wider.
LETTERSPACE = 0.07, 0.45
TIGHT = 0.04  # no letterspaced letter stands closer to another
KERNING = 0.08  # a letter stands off its place by less
WORD_SPACE = 0.12  # what a space adds to the gap at the least: half of a narrow one
LEAST_LETTERS = 4
LEAST_WORD = 3.0  # characters, on average: "a b c d" is a list
LEAST_SHARE = 0.6  # of letters: the others are figures and signs
ASCII = 0x21, 0x7E  # the figures and signs that may stand among letters


def spaced(characters: Characters) -> Characters:
    """Join the lines that PDFium broke; set spaces where the gaps say so, and no others in letterspaced words."""
    characters = _unbroken(characters)
    pairs, kinds = characters.neighbours, characters.kinds[characters.ink]
    both = kinds[1:] & kinds[:-1]
    parted = ((both & LETTER) > 0) & (pairs.gap > WORD_GAP[0]) & (pairs.gap < WORD_GAP[1])
    parted |= ((both & DIGIT) > 0) & (pairs.gap > DIGIT_GAP)
    together = np.zeros_like(parted)
    for start, end in _letterspaced(characters):
        parted[start:end] = _between_words(pairs.gap[start:end])
        together[start:end] = ~parted[start:end]
    parted &= pairs.level & (pairs.second == pairs.first + 1)
    return _changed(characters, parted, _inside(characters, together) if together.any() else together)


def _unbroken(characters: Characters) -> Characters:
    """Drop each line break between neighbours on one line; a space stands there if they are apart."""
    pairs = characters.neighbours
    joined = pairs.broken & pairs.level & (pairs.gap > BACKWARD)
    if not joined.any():
        return characters
    ends = (characters.codes == NEWLINE) | (characters.codes == RETURN)
    others = np.cumsum(~ends)
    bare = others[pairs.second] == others[pairs.first] + 1
    parted = joined & bare & (pairs.gap > WORD_GAP[0])
    return _changed(characters, parted, ends & _inside(characters, joined))


def _inside(characters: Characters, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell the characters that stand between the two of a chosen pair."""
    steps = np.zeros(len(characters.codes) + 1, np.int64)
    steps[characters.neighbours.first[chosen] + 1] += 1
    steps[characters.neighbours.second[chosen]] -= 1
    return np.cumsum(steps[:-1]) > 0


def _changed(characters: Characters, parted: NDArray[np.bool_], dropped: NDArray[np.bool_]) -> Characters:
    """Put a space between the two of each parted pair, and leave out what is dropped."""
    before = characters.neighbours.second[parted]
    if not dropped.any():
        return characters.spaced(before)
    return characters.spaced(before).without(np.insert(dropped, before, False))


def _letterspaced(characters: Characters) -> Iterator[tuple[int, int]]:
    """The stretches of pairs, from and to, whose characters are letterspaced words."""
    pairs, codes = characters.neighbours, characters.codes[characters.ink]
    printed = ((characters.kinds[characters.ink] & LETTER) > 0) | ((codes >= ASCII[0]) & (codes <= ASCII[1]))
    near = pairs.level & ~pairs.broken & printed[1:] & printed[:-1]
    wide = np.zeros(len(near) + 2, bool)
    wide[1:-1] = near & (pairs.gap > LETTERSPACE[0])
    edges = np.flatnonzero(wide[1:] != wide[:-1]).reshape(-1, 2)
    tight = np.append(near & (pairs.gap < TIGHT) & (pairs.gap > BACKWARD), False)  # the last one is before the first
    for start, end in edges[edges[:, 1] - edges[:, 0] >= LEAST_LETTERS - 1].tolist():
        free = not tight[start - 1] and not tight[end]
        if free and _are_words(pairs.gap[start:end], decode(codes[start : end + 1])):
            yield start, end


def _are_words(gaps: Floats, text: str) -> bool:
    """Whether characters with these gaps between them are words, and no list of single letters."""
    ends = _between_words(gaps)
    usual = float(np.median(gaps))
    alike = bool((ends | (np.abs(gaps - usual) < KERNING)).all())
    long = len(text) >= LEAST_WORD * (1 + int(ends.sum()))
    of_letters = sum(map(str.isalpha, text)) >= LEAST_SHARE * len(text)
    cased = ends.any() or text.isupper() or text[1:].islower()
    return usual < LETTERSPACE[1] and alike and long and of_letters and cased and list(text) != sorted(text)


def _between_words(gaps: Floats) -> NDArray[np.bool_]:
    """Tell the gaps that are wider than those between letters."""
    return gaps > np.median(gaps) + WORD_SPACE
