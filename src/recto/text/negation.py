"""Which way a statement points: whether its words are negated, and on which side of a pair of opposites it stands."""

import re
from collections import defaultdict
from collections.abc import Sequence

from recto.text.detection import language_of
from recto.text.languages import LANGUAGES, MIXED, UNMARKED
from recto.text.languages.language import PolarityWords
from recto.text.stems import stem

SHORTEST_PREFIXED = 5  # letters: unit is no negated it
SCOPE = 2  # words of content that a negation reaches

# With the vowel signs of Hindi, which are no letters to `re`.
_TOKEN = re.compile(r"(?:[^\W\d_]|[\u0900-\u0903\u093a-\u094f])+(?:['’][a-z]+)?|[.,;:()!?]")
# The name of the pair and the side, for each stem. Backwards, so that a word of two pairs counts in the first.
_SIDES = {
    stem(word): (positive.split()[0], sign)
    for positive, negative in reversed(MIXED.polarity.opposites)
    for words, sign in ((negative, -1), (positive, 1))
    for word in words.split()
}

Poles = dict[str, set[int]]  # for each word, or pair of opposites, the directions in which it is said: 1, -1


def contradict(claim: str, text: str) -> bool:
    """Whether the claim turns a word around that the text never uses that way: negated, or its opposite."""
    claim_tokens, text_tokens, polarity = _tokens(claim), _tokens(text), _polarity(claim)
    claim_poles, text_poles = _poles(claim_tokens, polarity), _poles(text_tokens, polarity)
    return (
        any(signs.isdisjoint(text_poles[word]) for word, signs in claim_poles.items() if word in text_poles)
        or _has_prefixed(claim_tokens, text_tokens, polarity)
        or _has_prefixed(text_tokens, claim_tokens, polarity)
    )


def negates(text: str) -> bool:
    """Whether a text negates anything, by a word or by a part of one: invalid."""
    tokens, polarity = _tokens(text), _polarity(text)
    return any(_negates(token, polarity) or _has_negating_prefix(token, polarity) for token in tokens)


def denies(text: str) -> bool:
    """Whether a text negates anything, or says it by the negative one of two opposites: "banned"."""
    return negates(text) or any(_SIDES.get(stem(token), ("", 1))[1] < 0 for token in _tokens(text))


def _polarity(text: str) -> PolarityWords:
    """The words of the language that a text is in: the mixture for English, and where nothing tells."""
    language = language_of(text)
    return MIXED.polarity if language in UNMARKED or language not in LANGUAGES else LANGUAGES[language].polarity


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text.lower().replace("’", "'"))


def _has_prefixed(plain: Sequence[str], prefixed: Sequence[str], polarity: PolarityWords) -> bool:
    """Whether the first says "valid" where the second says "invalid" only, both without a negation."""
    if any(_negates(token, polarity) for token in [*plain, *prefixed]):
        return False
    return any(
        prefix + word in prefixed and word not in prefixed
        for word in set(plain) - polarity.undirected
        for prefix in polarity.negating_prefixes
    )


def _negates(token: str, polarity: PolarityWords) -> bool:
    return token in polarity.negations or token.endswith("n't")


def _has_negating_prefix(token: str, polarity: PolarityWords) -> bool:
    is_prefixed = len(token) > SHORTEST_PREFIXED and token.startswith(polarity.negating_prefixes)
    return is_prefixed and not token.startswith(polarity.unnegated)


def _poles(tokens: Sequence[str], polarity: PolarityWords) -> Poles:
    poles: Poles = defaultdict(set)
    words: list[str] = []  # of content, in a stretch that the negation reaches, or none does
    negation = ""
    for token in [*tokens, "."]:
        negates = _negates(token, polarity)
        ends = token in polarity.clause_openers or not token[0].isalpha()
        determines = negation in polarity.negating_determiners
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
        undirected = token in polarity.undirected or token.endswith("ly")
        if not negates and not ends and (not undirected or stem(token) in _SIDES):
            words.append(token)
    return poles
