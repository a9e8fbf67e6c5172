"""When to say that the documents do not say: a rule of a few numbers, fitted by bench/abstention.py.

Weak where the question is about another thing of the same kind: another company's annual report holds the same words.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from recto.text.asked_kind import WORDED, AskedKind, asked_kind, holds
from recto.types import Certainty


@dataclass(frozen=True, slots=True)
class Similarity:
    """How near the encoder finds a question and what was retrieved for it."""

    passage: float  # the largest cosine of the question and a passage, its title and headings with it
    window: float  # the largest max-sim of the question and one of the passages that were read whole
    words: float  # of the question's words, rare ones counting more, how near something in those passages comes to each


@dataclass(frozen=True, slots=True, kw_only=True)
class AbstainSignals:
    """What the rule is told about one question."""

    similarity: Similarity | None  # None without an encoder that was trained on the question's language
    page_coverage: float  # how much of the question's terms the best quote's page holds, 0 to 1
    quote_coverage: float  # how much of them the best quote itself holds
    terms: int  # how many the question has
    rarity: float  # how rare they are among the library's passages, 0 to 1: of rare words fewer are to be expected
    english: bool = True  # the question, or nothing tells its language: terms of other languages come more or fewer
    across: bool = False  # the page is in another language than the question, and the encoder knows both

    @property
    def features(self) -> tuple[float, ...]:
        """What the coefficients are multiplied with."""
        words = 1.0, math.log1p(self.page_coverage * self.terms), self.quote_coverage
        if self.similarity is None:  # words alone cannot make up for rarity: any question with rare ones would get in
            return words if self.english else (1.0, self.page_coverage, self.quote_coverage, self.rarity)
        meaning = self.similarity.passage, self.similarity.window, self.similarity.words
        return (1.0, *meaning) if self.across else (*words, self.rarity, *meaning)

    @property
    def rule(self) -> tuple[float, ...]:
        """The coefficients, one for each feature."""
        if self.similarity is None:
            return WORDS_ONLY if self.english else WORDS_OF_OTHERS
        return ACROSS_LANGUAGES if self.across else WITH_ENCODER


NO_EVIDENCE = AbstainSignals(similarity=Similarity(0, 0, 0), page_coverage=0, quote_coverage=0, terms=0, rarity=0)

# Logistic regression on questions asked of their own documents and of others, of four origins of equal weight; those
# with an answer weigh half as much again, as people mostly ask what their documents say; by words alone they do not.
WITH_ENCODER = (-8.1, 0.46, 1.31, 3.81, 3.15, 4.53, 4.32)
WORDS_ONLY = (-2.7, 1.28, 5.49)
ACROSS_LANGUAGES = (-6.6, 14.5, 10.5, 8.9)  # on 14 pairs of languages, each an origin, see docs/languages.md
WORDS_OF_OTHERS = (-8.0, 11.1, 2.3, 5.7)  # on six other languages, each an origin, see docs/languages.md

ANSWERED = 0.4  # log-odds of 1.5: even odds, for the fit weighs questions with an answer half as much again
CLOSEST = -1.5  # below, even the lines that come closest would answer fewer than one question in six
TINY = 1350  # characters of all that is asked: three quotes' surroundings show as much, so little is gained by refusing
CLOSEST_OF_TINY = -2.5  # there; of four origins' single pages it refuses half of the answerable that -1.5 refuses
LOCATED = 3.0  # at least, where a place that the question names is there: a page, a table, a title
LACKING = 0.3  # at most, where nothing shown is of the kind that is asked for, a price, a date: closest lines, not sure
FEW_TERMS = 1  # of a question that says what kind of thing it asks for, and next to nothing else
TELLING = {AskedKind.MONEY, AskedKind.DATE}
UNMISTAKABLE = {AskedKind.TELEPHONE, AskedKind.MAIL}  # nothing else looks like these, and a document has few


def confidence(signals: AbstainSignals) -> float:
    """The log-odds that the documents answer."""
    return sum(weight * feature for weight, feature in zip(signals.rule, signals.features, strict=True))


def capped(log_odds: float, question: str, places: Iterable[str]) -> float:
    """The log-odds, kept below a sure answer where no text that is shown has anything of the kind asked for."""
    kind = asked_kind(question)
    held = kind is None or kind in WORDED or any(holds(kind, text) for text in places)
    return log_odds if held else min(log_odds, LACKING)


def comes_close(question: str, terms: int, quotes: Iterable[str]) -> bool:
    """Whether a quote has the kind of thing that a question asks for, where this says most of what there is to know.

    An address or a telephone number, whoever's it may be; a price or a date of a question with so few `terms` that it
    tells nothing else: "What does it cost?"
    """
    kind = asked_kind(question)
    asked = kind in UNMISTAKABLE or (kind in TELLING and terms <= FEW_TERMS)
    return asked and kind is not None and any(holds(kind, text) for text in quotes)


def certainty(log_odds: float) -> Certainty:
    """How surely the documents answer, in words: in between, people judge for themselves."""
    if log_odds >= ANSWERED:
        return Certainty.ANSWERED
    return Certainty.CLOSEST if log_odds >= CLOSEST else Certainty.REFUSED
