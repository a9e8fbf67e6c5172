"""What chance may do to a mean: the bootstrap over questions (Efron and Tibshirani 1993, chapters 13 and 16)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000  # the ends of a 95 % interval then move by about a fiftieth of its width from seed to seed
LEVEL = 0.95
SEED = 0  # the same questions give the same interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean over questions, and the interval that holds it in 95 of 100 samples of as many questions."""

    mean: float
    low: float
    high: float
    questions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The mean of the later run less that of the earlier one, question by question, and its interval.

    `worse` is the share of resamples in which it is below 0.
    """

    mean: float
    low: float
    high: float
    questions: int
    worse: float

    @property
    def is_worse(self) -> bool:
        """Whether the later run is worse beyond chance: a one-sided test at 5 %."""
        return self.worse >= LEVEL


def estimate(values: Sequence[float]) -> Estimate:
    """The mean of one figure over questions. ValueError if there are none."""
    low, high = _interval(_resampled(values))
    return Estimate(mean=float(np.mean(values)), low=low, high=high, questions=len(values))


def difference(before: Sequence[float], after: Sequence[float]) -> Difference:
    """Compare two runs over the same questions, in the same order. ValueError if there are none."""
    changes = np.subtract(after, before)
    means = _resampled(changes)
    low, high = _interval(means)
    worse = float((means < -1e-12).mean())  # sums of thirds and sevenths may miss 0 by rounding
    return Difference(mean=float(changes.mean()), low=low, high=high, questions=len(changes), worse=worse)


def _resampled(values: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Means of samples drawn with replacement, (RESAMPLES,)."""
    if not len(values):
        raise ValueError("a mean needs at least one question")
    drawn = np.random.default_rng(SEED).integers(len(values), size=(RESAMPLES, len(values)))
    means: NDArray[np.float64] = np.asarray(values, np.float64)[drawn].mean(axis=1)
    return means


def _interval(means: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
