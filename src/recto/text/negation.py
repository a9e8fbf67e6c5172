"""Which way a statement points: whether its words are negated, and on which side of a pair of opposites it stands."""

import re
from collections import defaultdict
from collections.abc import Sequence

from recto.text.languages import MIXED
from recto.text.stems import stem

SHORTEST_PREFIXED = 5  # letters: unit is no negated it
SCOPE = 2  # words of content that a negation reaches

_TOKEN = re.compile(r"[^\W\d_]+(?:['’][a-z]+)?|[.,;:()!?]")
_POLARITY = MIXED.polarity
# The name of the pair and the side, for each stem. Backwards, so that a word of two pairs counts in the first.
_SIDES = {
    stem(word): (positive.split()[0], sign)
    for positive, negative in reversed(_POLARITY.opposites)
    for words, sign in ((negative, -1), (positive, 1))
    for word in words.split()
}

Poles = dict[str, set[int]]  # for each word, or pair of opposites, the directions in which it is said: 1, -1


def contradict(claim: str, text: str) -> bool:
    """Whether the claim turns a word around that the text never uses that way: negated, or its opposite."""
    claim_tokens, text_tokens = _tokens(claim), _tokens(text)
    claim_poles, text_poles = _poles(claim_tokens), _poles(text_tokens)
    return (
        any(signs.isdisjoint(text_poles[word]) for word, signs in claim_poles.items() if word in text_poles)
        or _has_prefixed(claim_tokens, text_tokens)
        or _has_prefixed(text_tokens, claim_tokens)
    )


def negates(text: str) -> bool:
    """Whether a text negates anything, by a word or by a part of one: invalid."""
    tokens = _tokens(text)
    return any(map(_negates, tokens)) or any(
        len(token) > SHORTEST_PREFIXED and token.startswith(_POLARITY.negating_prefixes) for token in tokens
    )


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text.lower().replace("’", "'"))


def _has_prefixed(plain: Sequence[str], prefixed: Sequence[str]) -> bool:
    """Whether the first says "valid" where the second says "invalid" only, both without a negation."""
    if any(map(_negates, [*plain, *prefixed])):
        return False
    return any(
        prefix + word in prefixed and word not in prefixed
        for word in set(plain) - _POLARITY.undirected
        for prefix in _POLARITY.negating_prefixes
    )


def _negates(token: str) -> bool:
    return token in _POLARITY.negations or token.endswith("n't")


def _poles(tokens: Sequence[str]) -> Poles:
    poles: Poles = defaultdict(set)
    words: list[str] = []  # of content, in a stretch that the negation reaches, or none does
    negation = ""
    for token in [*tokens, "."]:
        negates = _negates(token)
        ends = token in _POLARITY.clause_openers or not token[0].isalpha()
        determines = negation in _POLARITY.negating_determiners
        # In "not allowed to export" it is the allowing that is negated.
        spent = negation and not determines and words and (len(words) == SCOPE or stem(words[-1]) in _SIDES)
        if negates or ends or spent:
            # In "no limit" the limit is negated; in "no page is ever cached" it is not the page, and may be any word.
            anywhere = determines and len(words) > 1
            for root in map(stem, words):
                pair, side = _SIDES.get(root, (root, 1))
                poles[pair] |= {side, -side} if anywhere else {-side if negation else side}
            words, negation = [], token if negates else ""
        # A word of a pair counts even if it has no direction elsewhere: "over", "early".
        undirected = token in _POLARITY.undirected or token.endswith("ly")
        if not negates and not ends and (not undirected or stem(token) in _SIDES):
            words.append(token)
    return poles
