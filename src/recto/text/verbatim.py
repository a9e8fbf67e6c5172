"""Words looked for in a text as they stand, whatever the white space between them."""

import re

from recto.text.scripts import QUOTED, character_class

QUOTED_CHARACTER = re.compile(rf"{character_class(QUOTED)}(?!$)")


def find_words(text: str, words: str) -> tuple[int, int] | None:
    """Where these words stand, as character offsets, if need be in capitals or without; None if they do not."""
    pattern = spaced(words)
    match = re.search(pattern, text) or re.search(pattern, text, re.IGNORECASE)
    return match.span() if match and pattern else None


def spaced(words: str) -> str:
    """A pattern of these words with any white space between them, in scripts without spaces behind any character."""
    return r"\s+".join(QUOTED_CHARACTER.sub(r"\g<0>\\s*", re.escape(word)) for word in words.split())
