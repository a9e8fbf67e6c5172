"""When to say that the documents do not say: a rule of a few numbers, fitted by bench/abstention.py.

Weak where the question is about another thing of the same kind: another company's annual report holds the same words.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Similarity:
    """How near the encoder finds a question and what was retrieved for it."""

    passage: float  # the largest cosine of the question and a passage, its title and headings with it
    window: float  # the largest max-sim of the question and one of the passages that were read whole
    words: float  # of the question's words, rare ones counting more, how near something in those passages comes to each


@dataclass(frozen=True, slots=True, kw_only=True)
class AbstainSignals:
    """What the rule is told about one question."""

    similarity: Similarity | None  # None without an encoder
    page_coverage: float  # how much of the question's terms the best quote's page holds, 0 to 1
    quote_coverage: float  # how much of them the best quote itself holds
    terms: int  # how many the question has
    rarity: float  # how rare they are among the library's passages, 0 to 1: of rare words fewer are to be expected

    @property
    def features(self) -> tuple[float, ...]:
        """What the coefficients are multiplied with."""
        words = 1.0, math.log1p(self.page_coverage * self.terms), self.quote_coverage
        if self.similarity is None:  # words alone cannot make up for rarity: any question with rare ones would get in
            return words
        return (*words, self.rarity, self.similarity.passage, self.similarity.window, self.similarity.words)


NO_EVIDENCE = AbstainSignals(
    similarity=Similarity(0.0, 0.0, 0.0), page_coverage=0.0, quote_coverage=0.0, terms=0, rarity=0.0
)

# Logistic regression on questions asked of their own documents and of others, of four origins of equal weight; those
# with an answer weigh half as much again, as people mostly ask what their documents say; by words alone they do not.
WITH_ENCODER = (-19.31, 0.8, 2.42, 13.47, 6.08, 10.87, 8.35)
WORDS_ONLY = (-3.13, 1.63, 4.66)


def confidence(signals: AbstainSignals) -> float:
    """The log-odds that the documents answer."""
    rule = WORDS_ONLY if signals.similarity is None else WITH_ENCODER
    return sum(weight * feature for weight, feature in zip(rule, signals.features, strict=True))


def abstains(signals: AbstainSignals) -> bool:
    """Whether it is more likely than not that the documents do not answer."""
    return confidence(signals) < 0
