"""Bringing scores of different kinds to one scale, so that only their order and shape count."""

import numpy as np
from numpy.typing import NDArray

Float64s = NDArray[np.float64]

EPSILON = 1e-6  # keeps equal scores from dividing by zero, see docs/ranking.md


def z(scores: Float64s) -> Float64s:
    """Standard scores: mean 0, deviation 1."""
    return z_against(scores, scores)


def z_against(scores: Float64s, all_scores: Float64s) -> Float64s:
    """Standard scores against a larger population that `scores` were taken from."""
    if not all_scores.size:
        return np.zeros(scores.size)
    return np.asarray((scores - all_scores.mean()) / (all_scores.std() + EPSILON), np.float64)


def share(scores: Float64s) -> Float64s:
    """Scores as shares of the largest; all 0 if that is 0."""
    top = scores.max(initial=0.0)
    return scores / top if top > 0 else np.zeros(scores.size)
