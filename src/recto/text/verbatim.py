"""Words looked for in a text as they stand, whatever the white space between them and however accents are encoded."""

import re
from unicodedata import is_normalized, normalize

from recto.text.scripts import QUOTED, character_class

QUOTED_CHARACTER = re.compile(rf"{character_class(QUOTED)}(?!$)")
# A character and what may compose with it: combining marks, the sounding marks of kana, vowels and finals of Korean.
COMPOSING = re.compile(r"(?s).[\u0300-\u036f\u0591-\u08ff\u0900-\u0dff\u1161-\u11c2\u1ab0-\u1aff\u3099\u309a]*")


def find_words(text: str, words: str) -> tuple[int, int] | None:
    """Where these words stand, as character offsets, if need be in capitals or without; None if they do not."""
    pattern = spaced(words)
    return search(pattern, text) or search(pattern, text, re.IGNORECASE) if pattern else None


def search(pattern: str, text: str, flags: int = 0) -> tuple[int, int] | None:
    """The first match of a pattern of composed characters (NFC), as offsets of the text, which may have others."""
    if is_normalized("NFC", text):
        match = re.search(pattern, text, flags)
        return match.span() if match else None
    parts = [(normalize("NFC", cluster.group()), *cluster.span()) for cluster in COMPOSING.finditer(text)]
    match = re.search(pattern, "".join(part for part, _, _ in parts), flags)
    if not match or not match.group():
        return None
    places = [(start, end) for part, start, end in parts for _ in part]
    return places[match.start()][0], places[match.end() - 1][1]


def spaced(words: str) -> str:
    """A pattern of these words with any white space between them, in scripts without spaces behind any character."""
    composed = normalize("NFC", words)
    return r"\s+".join(QUOTED_CHARACTER.sub(r"\g<0>\\s*", re.escape(word)) for word in composed.split())
