"""Scripts that put no space between words, by code point: one table, and what each reader of text takes from it.

Blocks as in Unicode 16, chapter "East Asia" and "Southeast Asia". Hangul is not among them: Korean has spaces.
"""

import re

Ranges = tuple[tuple[int, int], ...]  # code points, the first and the last of each range

SOUTH_EAST_ASIAN: Ranges = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF))  # Thai, Lao; Burmese; Khmer
TIBETAN: Ranges = ((0x0F00, 0x0FFF),)
KANA: Ranges = ((0x3040, 0x30FF),)
IDEOGRAPHS: Ranges = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0x20000, 0x3FFFF))
# Kana and ideographs with what is set among them: radicals, punctuation, Bopomofo, enclosed and compatibility forms.
EAST_ASIAN: Ranges = ((0x2E80, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
YI: Ranges = ((0xA000, 0xA4CF),)
HALF_WIDTH_KANA: Ranges = ((0xFF66, 0xFF9D),)
FULL_WIDTH: Ranges = ((0xFF00, 0xFFEF),)  # and half-width forms: letters, digits and punctuation in the width of kana

# Every script without spaces: a stream of characters may be cut behind each of these.
UNSPACED = SOUTH_EAST_ASIAN + TIBETAN + EAST_ASIAN + YI
# A character is a term. Compatibility forms are folded before, punctuation is no term, and in Tibetan a dot parts the
# syllables, which are better terms than letters.
TERMS = SOUTH_EAST_ASIAN + KANA + IDEOGRAPHS
# A page's layout breaks these lines anywhere, and joins them again without a space.
LAID_OUT = EAST_ASIAN + HALF_WIDTH_KANA
# A quote is looked for whatever the white space behind these: full-width punctuation and letters stand between them.
QUOTED = EAST_ASIAN + FULL_WIDTH


def character_class(ranges: Ranges) -> str:
    """A regular expression for one character in these ranges."""
    return "[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges) + "]"


_UNSPACED = re.compile(character_class(UNSPACED))
_TERMS = re.compile(character_class(TERMS))


def is_unspaced(text: str) -> bool:
    """Whether a text begins in a script without spaces."""
    return _UNSPACED.match(text) is not None


def is_term(text: str) -> bool:
    """Whether a text begins with a character that is a term by itself."""
    return _TERMS.match(text) is not None
