"""Sentences that lean on the one before: "It", "Dieses", "Поэтому" make sense behind it alone."""

import re
from functools import cache

from recto.text.languages import LANGUAGES, MIXED, UNMARKED
from recto.text.languages.language import any_of
from recto.text.scripts import is_unspaced

CLOSING = ".!?؟۔।॥。！？｡"  # what a sentence ends with; a heading or a cell does not


def leans(sentence: str, language: str) -> bool:
    """Whether a sentence in a language leans on the one before."""
    pattern = _leaning(language)
    return pattern is not None and pattern.match(sentence) is not None


@cache
def _leaning(language: str) -> re.Pattern[str] | None:
    own = MIXED if language in UNMARKED else LANGUAGES.get(language, MIXED)
    if not own.leaning_words:
        return None
    if is_unspaced(next(iter(own.leaning_words))):
        return re.compile(any_of(own.leaning_words))
    # A vowel sign of Hindi is no letter to `re`. "This section" names what it speaks of.
    named = r"(?! (?:section|chapter|document|manual|guide|report)\b)"
    return re.compile(rf"{any_of(own.leaning_words)}(?![\w\u0900-\u0903\u093a-\u094f]){named}", re.IGNORECASE)
