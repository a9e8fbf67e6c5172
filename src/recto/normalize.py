"""Bringing scores of different kinds to one scale, so that only their order and shape count."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Float64s = NDArray[np.float64]

EPSILON = 1e-6  # keeps equal scores from dividing by zero, see docs/ranking.md


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """What standard scores need to know of a population of scores; all 0 if it is empty."""

    count: int
    mean: float
    deviation: float
    least: float

    @classmethod
    def of(cls, scores: Float64s) -> Self:
        """The moments of scores that are all at hand."""
        if not scores.size:
            return cls(count=0, mean=0.0, deviation=0.0, least=0.0)
        least = float(scores.min())
        return cls(count=scores.size, mean=float(scores.mean()), deviation=float(scores.std()), least=least)


def z(scores: NDArray[np.floating]) -> Float64s:
    """Standard scores: mean 0, deviation 1."""
    values = np.asarray(scores, np.float64)
    return z_against(values, Moments.of(values))


def z_against(scores: Float64s, population: Moments) -> Float64s:
    """Standard scores against a larger population that `scores` were taken from."""
    return np.asarray((scores - population.mean) / (population.deviation + EPSILON), np.float64)


def share(scores: Float64s) -> Float64s:
    """Scores as shares of the largest; all 0 if that is 0."""
    top = scores.max(initial=0.0)
    return scores / top if top > 0 else np.zeros(scores.size)
