"""Which way a statement points: whether its words are negated, and on which side of a pair of opposites it stands."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from recto.text.languages import MIXED
from recto.text.stems import stem

SCOPE = 2  # words of content that a negation reaches


_POLARITY = MIXED.polarity
_TOKEN = re.compile(r"[^\W\d_]+(?:['’][a-z]+)?|[.,;:()!?]")

Poles = dict[str, set[int]]  # for each word, or pair of opposites, the directions in which it is said: 1, -1


def _sides() -> dict[str, tuple[str, int]]:
    sides: dict[str, tuple[str, int]] = {}
    for one, other in _POLARITY.opposites:
        for words, sign in ((one, 1), (other, -1)):
            for word in words.split():
                sides.setdefault(stem(word), (one.split()[0], sign))
    return sides


_SIDES = _sides()


def contradict(claim: str, text: str) -> bool:
    """Whether the claim turns a word around that the text never uses that way: negated, or its opposite."""
    these, those = _words(claim), _words(text)
    return _differ(_poles(these), _poles(those)) or _prefixed(these, those) or _prefixed(those, these)


def _words(text: str) -> list[str]:
    return _TOKEN.findall(text.lower().replace("’", "'"))


def _differ(these: Poles, those: Poles) -> bool:
    return any(signs.isdisjoint(those[word]) for word, signs in these.items() if word in those)


def _prefixed(these: Sequence[str], those: Sequence[str]) -> bool:
    """Whether one says "valid" where the other says "invalid" only, both without a negation."""
    if any(map(_negates, [*these, *those])):
        return False
    return any(
        prefix + word in those and word not in those
        for word in set(these) - _POLARITY.undirected
        for prefix in _POLARITY.negating_prefixes
    )


def _negates(token: str) -> bool:
    return token in _POLARITY.negations or token.endswith("n't")


def _poles(tokens: Sequence[str]) -> Poles:
    poles: Poles = defaultdict(set)
    for signs, words in _stretches(tokens):
        for word in words:
            side, sign = _SIDES.get(root := stem(word), (root, 1))
            poles[side] |= {sign * each for each in signs}
    return poles


def _stretches(tokens: Sequence[str]) -> Iterator[tuple[set[int], list[str]]]:
    """The words of content in stretches that a negation reaches, or none does."""
    words: list[str] = []
    negation = ""
    for token in [*tokens, "."]:
        ends = token in _POLARITY.clause_openers or not token[0].isalpha()
        if _negates(token) or ends or _is_spent(negation, words):
            yield _signs(negation, words), words
            words, negation = [], token if _negates(token) else ""
        if not _negates(token) and not ends and _counts(token):
            words.append(token)


def _is_spent(negation: str, words: list[str]) -> bool:
    """Whether a negation reaches no further: in "not allowed to export" it is the allowing that is negated."""
    if not negation or negation in _POLARITY.negating_determiners or not words:
        return False
    return len(words) == SCOPE or stem(words[-1]) in _SIDES


def _counts(token: str) -> bool:
    if stem(token) in _SIDES:
        return True
    return token not in _POLARITY.undirected and not token.endswith("ly")


def _signs(negation: str, words: list[str]) -> set[int]:
    """In "no limit" the limit is negated; in "no page is ever cached" it is not the page, and may be any word."""
    if negation in _POLARITY.negating_determiners and len(words) > 1:
        return {1, -1}
    return {-1} if negation else {1}
