"""Letterspaced words: their gaps are all alike, and those between the words are wider, or hold a drawn space."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from recto.pdf.characters import LETTER, Characters
from recto.pdf.characters.breaks import BACKWARD
from recto.pdf.characters.measures import Measures
from recto.pdf.run import decode, stretches
from recto.types import Floats

# Gaps are in heights of a letter's box, which is about 1.15 times its font size.
LETTERSPACE = 0.07, 0.45
TIGHT = 0.04  # no letterspaced letter stands closer to another
KERNING = 0.08  # a letter stands off its place by less
WORD_SPACE = 0.12  # what a space adds to the gap at the least: half of a narrow one
OUTER_SPACE = 0.06  # what the gap to the other words of a line is wider than those within, if no space is drawn there
MOST_SPACES = 0.5  # of pairs with a drawn space between them
LEAST_LETTERS = 4
LEAST_WORD = 3.0  # characters, on average: "a b c d" is a list
LEAST_SHARE = 0.6  # of letters: the others are figures and signs
ASCII = 0x21, 0x7E  # the figures and signs that may stand among letters


def letterspaced(characters: Characters, measures: Measures) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """The stretches of pairs whose characters are letterspaced words: where each starts, and which gaps end a word."""
    pairs, codes = characters.neighbours, characters.ink_codes
    printed = ((characters.ink_kinds & LETTER) > 0) | ((codes >= ASCII[0]) & (codes <= ASCII[1]))
    near = pairs.level & ~pairs.broken & printed[1:] & printed[:-1]
    edges = stretches(near & (pairs.gap > LETTERSPACE[0]))
    beside = np.append(near & (pairs.gap > BACKWARD), False)  # the last one is before the first
    tight = beside & np.append(pairs.gap < TIGHT, False)
    for start, end in edges[edges[:, 1] - edges[:, 0] >= LEAST_LETTERS - 1].tolist():
        gaps = pairs.gap[start:end]
        ends = gaps > np.median(gaps) + WORD_SPACE
        if beside[start - 1] or beside[end]:
            spaces = measures.draws_space(characters, slice(start, end))
            inner = _within_line(characters, slice(start, end), spaces, tight[[start - 1, end]])
            start, gaps, ends = start + inner.start, gaps[inner], (ends | spaces)[inner]
        if len(gaps) >= LEAST_LETTERS - 1 and _are_words(gaps, ends, decode(codes[start : start + len(gaps) + 1])):
            yield start, ends


def _within_line(characters: Characters, stretch: slice, spaces: NDArray[np.bool_], tight: NDArray[np.bool_]) -> slice:
    """The part of a stretch that other words of its line are set apart from; nothing if they are not.

    `spaces` tells the pairs with a space between them that the page draws: words typed letter by letter are left alone.
    `tight`: whether the character before the stretch, and the one behind it, belongs to its first or last character.
    """
    gaps, codes = characters.neighbours.gap[stretch], characters.ink_codes
    outer = spaces | (gaps > np.median(gaps) + OUTER_SPACE)
    start, end = int(tight[0] and outer[0]), len(gaps) - int(tight[1] and outer[-1])
    # What goes on in normal letters is no word of its own, but for the bracket before it or the stop behind it.
    goes_on = (tight[0] and not start and chr(codes[stretch.start - 1]).isalnum()) or (
        tight[1] and end == len(gaps) and chr(codes[stretch.stop]).isalnum()
    )
    return slice(0, 0) if goes_on or spaces[start:end].mean() > MOST_SPACES else slice(start, end)


def _are_words(gaps: Floats, ends: NDArray[np.bool_], text: str) -> bool:
    """Whether characters with these gaps between them are words, and no list of single letters."""
    usual = float(np.median(gaps))
    alike = bool((ends | (np.abs(gaps - usual) < KERNING)).all())
    long = len(text) >= LEAST_WORD * (1 + int(ends.sum()))
    of_letters = sum(map(str.isalpha, text)) >= LEAST_SHARE * len(text)
    cased = ends.any() or text.isupper() or text[1:].islower()
    return usual < LETTERSPACE[1] and alike and long and of_letters and cased and list(text) != sorted(text)
