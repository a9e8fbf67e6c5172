"""Scripts that put no space between words, by code point: one table, and what each reader of text takes from it.

Blocks as in Unicode 16, chapter "East Asia" and "Southeast Asia". Hangul is not among them: Korean has spaces.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

Ranges = tuple[tuple[int, int], ...]  # code points, the first and the last of each range

THAI: Ranges = ((0x0E00, 0x0EFF),)  # and Lao
SOUTH_EAST_ASIAN: Ranges = (*THAI, (0x1000, 0x109F), (0x1780, 0x17FF))  # and Burmese; Khmer
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
# syllables, which are better terms than letters. Of Thai and Lao two letters with their vowels are a term.
TERMS = SOUTH_EAST_ASIAN[1:] + KANA + IDEOGRAPHS
# A page's layout breaks these lines anywhere, and joins them again without a space.
LAID_OUT = EAST_ASIAN + HALF_WIDTH_KANA
# A quote is looked for whatever the white space behind these: full-width punctuation and letters stand between them.
QUOTED = EAST_ASIAN + FULL_WIDTH


# The language that a letter of a script is read as, whatever the text around it is in; common ones go by the largest.
LANGUAGE_OF: Mapping[str, Ranges] = {
    "el": ((0x0370, 0x03FF), (0x1F00, 0x1FFF)),
    "ru": ((0x0400, 0x052F),),
    "ar": ((0x0620, 0x06FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)),
    "hi": ((0x0900, 0x097F),),
    "th": ((0x0E00, 0x0E7F),),
    "ko": ((0x1100, 0x11FF), (0xAC00, 0xD7A3)),
    "ja": KANA,
    "zh": IDEOGRAPHS,
}


UNSPACED_LANGUAGES = frozenset({"th", "ja", "zh"})  # no space tells their words


def character_class(ranges: Ranges) -> str:
    """A regular expression for one character in these ranges."""
    return "[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges) + "]"


_UNSPACED = re.compile(character_class(UNSPACED))
_TERMS = re.compile(character_class(TERMS))


def is_unspaced(text: str) -> bool:
    """Whether a text begins in a script without spaces."""
    return _UNSPACED.match(text) is not None


_THAI_RUN = re.compile("[\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece]+")
# A letter with the vowel that is written before it, and the vowels and tones that stand on it and behind it.
_THAI_CLUSTER = re.compile(
    "[\u0e40-\u0e44\u0ec0-\u0ec4]?[\u0e01-\u0e2f\u0e46\u0e81-\u0eae\u0ec6][\u0e30-\u0e3a\u0e45\u0e47-\u0e4e\u0eb0-\u0ebd\u0ec8-\u0ece]*|."
)


def with_cluster_pairs(text: str) -> str:
    """A text with its Thai and Lao as overlapping pairs of letters, each with its vowels, and spaces between.

    Their dictionaries find no more, see docs/languages.md.
    """
    return _THAI_RUN.sub(lambda run: f" {' '.join(cluster_pairs(run[0]))} ", text)


def cluster_pairs(run: str) -> list[str]:
    """The overlapping pairs; the whole of a run that is no longer."""
    clusters = _THAI_CLUSTER.findall(run)
    return ["".join(clusters[at : at + 2]) for at in range(max(len(clusters) - 1, 1))]


def is_term(text: str) -> bool:
    """Whether a text begins with a character that is a term by itself."""
    return _TERMS.match(text) is not None


@lru_cache(1 << 12)
def script_language(character: str) -> str:
    """The language that a letter is read as; empty for Latin letters and for scripts of which nothing is known."""
    code = ord(character)
    return next(
        (language for language, ranges in LANGUAGE_OF.items() if any(low <= code <= high for low, high in ranges)), ""
    )
