"""When to say that the documents do not say: a rule of three numbers, fitted by bench/abstention.py.

Weak where the question is about another thing of the same kind: another company's annual report holds the same words.
"""

import math

# Logistic regression on five development sets of equal weight: questions asked of their own documents and of others.
# With any one set left out the fit moves little, see bench/results/abstention.json.
BIAS, SIMILAR, HELD = -9.4, 12.7, 2.65
WORDS_BIAS, WORDS_SHARE = -3.0, 8.5  # without an encoder


def confidence(*, similar: float | None, share: float, terms: int) -> float:
    """The log-odds that the documents answer.

    `similar` is the best sentence's max-sim, None without an encoder; `share` is how much of the question's `terms` the
    best quote's page holds, 0 to 1.
    """
    if similar is None:
        return WORDS_BIAS + WORDS_SHARE * share
    return BIAS + SIMILAR * similar + HELD * math.log1p(share * terms)


def abstains(*, similar: float | None, share: float, terms: int) -> bool:
    """Whether it is more likely than not that the documents do not answer."""
    return confidence(similar=similar, share=share, terms=terms) < 0
