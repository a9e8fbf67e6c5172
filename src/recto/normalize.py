"""Bringing numbers to one scale: scores of different kinds, so that only their order counts, and vectors to 8 bits."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recto.types import Floats, Int8s

Float64s = NDArray[np.float64]

STEPS = 127  # int8 without -128, so that the codes are symmetric around zero
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

    @classmethod
    def together(cls, parts: Sequence["Moments"]) -> Self:
        """The moments of all scores, from those of parts of them."""
        parts = [part for part in parts if part.count]
        count = sum(part.count for part in parts)
        if not count:
            return cls.of(np.empty(0))
        mean = sum(part.count * part.mean for part in parts) / count
        squares = sum(part.count * (part.deviation**2 + (part.mean - mean) ** 2) for part in parts)
        return cls(
            count=count, mean=mean, deviation=math.sqrt(squares / count), least=min(part.least for part in parts)
        )


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


def quantised(vectors: Floats) -> tuple[Int8s, Floats]:
    """Codes (n, dim) and one scale (n,) for each vector: its largest value / 127."""
    scales = np.abs(vectors).max(axis=1, initial=0).astype(np.float32) / np.float32(STEPS)
    divisors = np.where(scales > 0, scales, np.float32(1))
    return np.rint(vectors / divisors[:, None]).astype(np.int8), scales
