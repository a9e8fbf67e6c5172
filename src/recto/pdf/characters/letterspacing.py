"""Letterspaced words: their gaps are all alike, and those between the words are wider."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from recto.pdf.characters import LETTER, Characters
from recto.pdf.characters.breaks import BACKWARD
from recto.pdf.run import decode, stretches
from recto.types import Floats

# Gaps are in heights of a letter's box, which is about 1.15 times its font size.
LETTERSPACE = 0.07, 0.45
TIGHT = 0.04  # no letterspaced letter stands closer to another
KERNING = 0.08  # a letter stands off its place by less
WORD_SPACE = 0.12  # what a space adds to the gap at the least: half of a narrow one
LEAST_LETTERS = 4
LEAST_WORD = 3.0  # characters, on average: "a b c d" is a list
LEAST_SHARE = 0.6  # of letters: the others are figures and signs
ASCII = 0x21, 0x7E  # the figures and signs that may stand among letters


def letterspaced(characters: Characters) -> Iterator[tuple[int, int]]:
    """The stretches of pairs, from and to, whose characters are letterspaced words."""
    pairs, codes = characters.neighbours, characters.ink_codes
    printed = ((characters.ink_kinds & LETTER) > 0) | ((codes >= ASCII[0]) & (codes <= ASCII[1]))
    near = pairs.level & ~pairs.broken & printed[1:] & printed[:-1]
    edges = stretches(near & (pairs.gap > LETTERSPACE[0]))
    tight = np.append(near & (pairs.gap < TIGHT) & (pairs.gap > BACKWARD), False)  # the last one is before the first
    for start, end in edges[edges[:, 1] - edges[:, 0] >= LEAST_LETTERS - 1].tolist():
        free = not tight[start - 1] and not tight[end]
        if free and _are_words(pairs.gap[start:end], decode(codes[start : end + 1])):
            yield start, end


def _are_words(gaps: Floats, text: str) -> bool:
    """Whether characters with these gaps between them are words, and no list of single letters."""
    ends = between_words(gaps)
    usual = float(np.median(gaps))
    alike = bool((ends | (np.abs(gaps - usual) < KERNING)).all())
    long = len(text) >= LEAST_WORD * (1 + int(ends.sum()))
    of_letters = sum(map(str.isalpha, text)) >= LEAST_SHARE * len(text)
    cased = ends.any() or text.isupper() or text[1:].islower()
    return usual < LETTERSPACE[1] and alike and long and of_letters and cased and list(text) != sorted(text)


def between_words(gaps: Floats) -> NDArray[np.bool_]:
    """Tell the gaps that are wider than those between letters."""
    return gaps > np.median(gaps) + WORD_SPACE
