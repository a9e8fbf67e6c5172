"""Roman numbers as parts of documents have them: up to 39, beyond which they read like words."""

import re
from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType

LARGEST = 39
LETTERS: Mapping[str, int] = MappingProxyType({"x": 10, "ix": 9, "v": 5, "iv": 4, "i": 1})

_WORTH = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_NUMBER = re.compile("(?=[xvi])x{0,3}(?:ix|iv|v?i{0,3})")


def roman_value(written: str) -> int:
    """What a number in small letters is worth; 0 if it is none."""
    return numeral_value(written) if _NUMBER.fullmatch(written) else 0


def numeral_value(letters: str) -> int:
    """What the letters of a roman number are worth together, small ones up to c."""
    values = [_WORTH[letter] for letter in letters]
    return sum(-value if value < following else value for value, following in pairwise([*values, 0]))


def roman(value: int) -> str:
    """A number from 1 to 39 in small letters."""
    written = ""
    for letters, worth in LETTERS.items():
        written += letters * (value // worth)
        value %= worth
    return written
