"""Stems: words without their endings, so that "increased" and "increases" are one term."""

from collections.abc import Sequence
from functools import cache

import Stemmer

from recto.text.languages import MIXED


@cache
def _stemmer(language: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(language, 0)  # without a cache of its own: who stems much keeps what was made of it


def stem(word: str) -> str:
    """The English stem of a word in lower case."""
    root: str = _stemmer(MIXED.stemmer).stemWord(word)
    return root


def stems(words: Sequence[str], stemmer: str = MIXED.stemmer) -> list[str]:
    """The stems of words in lower case, (n,), by a stemmer of Snowball; the words, if it has no name."""
    roots: list[str] = _stemmer(stemmer).stemWords(words) if stemmer else list(words)
    return roots


def roots(words: Sequence[str]) -> list[str]:
    """The English stems of words in lower case, (n,), those of irregular verbs as of their bases: kept is keep."""
    return stems([MIXED.bases.get(word, word) for word in words])
