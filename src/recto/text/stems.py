"""Stems: words without their endings, so that "increased" and "increases" are one term."""

from collections.abc import Sequence

import Stemmer

from recto.text.languages import MIXED

_stemmer = Stemmer.Stemmer(MIXED.stemmer, 0)  # without a cache of its own: who stems much keeps what was made of it


def stem(word: str) -> str:
    """The stem of a word in lower case."""
    root: str = _stemmer.stemWord(word)
    return root


def stems(words: Sequence[str]) -> list[str]:
    """The stems of words in lower case, (n,)."""
    roots: list[str] = _stemmer.stemWords(words)
    return roots
