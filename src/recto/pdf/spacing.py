"""Line breaks and spaces by the gaps between letters: PDFium guesses both, its boxes tell."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from recto.pdf.characters import Characters, Neighbours, neighbours
from recto.pdf.code_points import RETURN
from recto.pdf.run import NEWLINE, decode, within
from recto.types import Floats

# Gaps are in heights of the lower neighbour's box, which is about 1.15 times its font size.
BACKWARD = -0.3  # neighbours on one line may overlap by so much: italics, kerning, a mark above a comma
WORD_GAP = 0.18, 1.5  # between two words; farther apart are cells, or the letters of a drawing
DIGIT_GAP = 0.5  # a space inside of a number is worse than none between two
# Letters of scripts with spaces that run to the right.
LETTERS = ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x24F), (0x370, 0x52F), (0x1E00, 0x1FFF))
DIGITS = ((0x30, 0x39),)

# Letterspaced words: their gaps are all alike, and those between the words are wider.
LETTERSPACE = 0.07, 0.45
TIGHT = 0.04  # no letterspaced letter stands closer to another
KERNING = 0.08  # a letter stands off its place by less
WORD_SPACE = 0.12  # what a space adds to the gap at the least: half of a narrow one
LEAST_LETTERS = 4
LEAST_WORD = 3.0  # characters, on average: "a b c d" is a list
LEAST_SHARE = 0.7  # of letters: the others are figures and signs
PRINTED = (*LETTERS, (0x21, 0x7E), (0x2010, 0x2026))


def spaced(characters: Characters) -> Characters:
    """Join the lines that PDFium broke; set spaces where the gaps say so, and no others in letterspaced words."""
    characters = _unbroken(characters)
    pairs = neighbours(characters)
    letters, digits = within(characters.codes, LETTERS), within(characters.codes, DIGITS)
    of_words = letters[pairs.first] & letters[pairs.second] & (pairs.gap > WORD_GAP[0]) & (pairs.gap < WORD_GAP[1])
    of_numbers = digits[pairs.first] & digits[pairs.second] & (pairs.gap > DIGIT_GAP)
    parted = of_words | of_numbers
    together = np.zeros_like(parted)
    for start, end in _letterspaced(pairs, characters.codes):
        parted[start:end] = _between_words(pairs.gap[start:end])
        together[start:end] = ~parted[start:end]
    parted &= pairs.level & ~pairs.apart
    return _changed(characters, pairs, parted, _inside(pairs, together, len(letters)))


def _unbroken(characters: Characters) -> Characters:
    """Drop each line break between neighbours on one line; a space stands there if they are apart."""
    pairs = neighbours(characters)
    joined = pairs.broken & pairs.level & (pairs.gap > BACKWARD)
    if not joined.any():
        return characters
    ends = np.isin(characters.codes, (NEWLINE, RETURN))
    others = np.cumsum(~ends)
    bare = others[pairs.second] == others[pairs.first] + 1
    parted = joined & bare & (pairs.gap > WORD_GAP[0])
    return _changed(characters, pairs, parted, ends & _inside(pairs, joined, len(ends)))


def _inside(pairs: Neighbours, chosen: NDArray[np.bool_], length: int) -> NDArray[np.bool_]:
    """Tell the characters that stand between the two of a chosen pair."""
    steps = np.zeros(length + 1, np.int64)
    steps[pairs.first[chosen] + 1] += 1
    steps[pairs.second[chosen]] -= 1
    return np.cumsum(steps[:-1]) > 0


def _changed(
    characters: Characters, pairs: Neighbours, parted: NDArray[np.bool_], dropped: NDArray[np.bool_]
) -> Characters:
    """Put a space between the two of each parted pair, and leave out what is dropped."""
    before = pairs.second[parted]
    return characters.spaced(before).without(np.insert(dropped, before, False))


def _letterspaced(pairs: Neighbours, codes: NDArray[np.uint32]) -> Iterator[tuple[int, int]]:
    """The stretches of pairs, from and to, whose characters are letterspaced words."""
    printed = within(codes, PRINTED)
    near = pairs.level & ~pairs.broken & printed[pairs.first] & printed[pairs.second] & (pairs.gap > BACKWARD)
    wide = near & (pairs.gap > LETTERSPACE[0])
    tight = np.append(near & (pairs.gap < TIGHT), False)  # also what lies before the first
    edges = np.flatnonzero(np.diff(np.concatenate(([False], wide, [False])).astype(np.int8))).reshape(-1, 2)
    edges = edges[(edges[:, 1] - edges[:, 0] >= LEAST_LETTERS - 1) & ~tight[edges[:, 0] - 1] & ~tight[edges[:, 1]]]
    for start, end in edges.tolist():
        if _are_words(pairs.gap[start:end], decode(codes[np.append(pairs.first[start:end], pairs.second[end - 1])])):
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
