"""When to say that the documents do not say: a rule of a few numbers, fitted by bench/abstention.py.

Weak where the question is about another thing of the same kind: another company's annual report holds the same words.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signals:
    """What the rule is told about one question."""

    similar: float | None  # the best sentence's max-sim with the question; None without an encoder
    page: float  # how much of the question's terms the best quote's page holds, 0 to 1
    said: float  # how much of them the best quote itself holds
    terms: int  # how many the question has

    @property
    def features(self) -> tuple[float, ...]:
        """What the coefficients are multiplied with."""
        words = math.log1p(self.page * self.terms), self.said
        return (1.0, *words) if self.similar is None else (1.0, *words, self.similar)


NOTHING_FOUND = Signals(0.0, 0.0, 0.0, 0)

# Logistic regression on five development sets of equal weight: questions asked of their own documents and of others.
WITH_ENCODER = (-8.9, 2.7, 1.75, 10.3)
WORDS_ONLY = (-5.6, 2.9, 6.6)


def confidence(signals: Signals) -> float:
    """The log-odds that the documents answer."""
    rule = WORDS_ONLY if signals.similar is None else WITH_ENCODER
    return sum(weight * feature for weight, feature in zip(rule, signals.features, strict=True))


def abstains(signals: Signals) -> bool:
    """Whether it is more likely than not that the documents do not answer."""
    return confidence(signals) < 0
