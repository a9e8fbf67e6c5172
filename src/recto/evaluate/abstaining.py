"""Answering or abstaining: how well the confidence tells questions that a document answers from those it does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recto.types import Certainty

LEVELS = np.linspace(0.1, 1, 10)  # of coverage at which figures are written down
COVERAGE = 0.9  # coverage at which runs are compared

Float64s = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Curve:
    """What happens when the n most confident answers are given and the others refused, for every n. All (n,).

    `coverage` is the share of the answerable questions that is answered, `foreign` that of the others, `risk` the share
    of the others among all that are answered (El-Yaniv and Wiener 2010).
    """

    answered: Float64s  # the share of all questions
    coverage: Float64s
    foreign: Float64s
    risk: Float64s


def curve(answerable: Sequence[float], foreign: Sequence[float]) -> Curve:
    """From the confidence in questions with an answer, and in questions without; ties are broken against us."""
    order = np.argsort(-np.concatenate([foreign, answerable]), kind="stable")
    wrong = np.cumsum(order < len(foreign))
    answers = np.arange(1, order.size + 1)
    return Curve(
        answered=answers / order.size,
        coverage=(answers - wrong) / len(answerable),
        foreign=wrong / len(foreign),
        risk=wrong / answers,
    )


def product_shares(answerable: Sequence[Certainty], foreign: Sequence[Certainty]) -> dict[str, float]:
    """How often the product refuses what has an answer, is sure of what has none, and gives either closest lines."""

    def share(outcomes: Sequence[Certainty], certainty: Certainty) -> float:
        return round(outcomes.count(certainty) / len(outcomes), 3)

    return {
        "refused_although_answered_there": share(answerable, Certainty.REFUSED),
        "closest_although_answered_there": share(answerable, Certainty.CLOSEST),
        "answered_although_not_there": share(foreign, Certainty.ANSWERED),
        "closest_although_not_there": share(foreign, Certainty.CLOSEST),
    }


def judge(answerable: Sequence[float], foreign: Sequence[float]) -> dict[str, Any]:
    """What any threshold of the confidence could do."""
    right, wrong = np.asarray(answerable, np.float64), np.asarray(foreign, np.float64)
    thresholds = curve(answerable, foreign)
    reached = int(np.searchsorted(thresholds.coverage, COVERAGE - 1e-9))
    return {
        "questions": len(right),
        "foreign": len(wrong),
        "auc": round(float((right[:, None] > wrong).mean() + (right[:, None] == wrong).mean() / 2), 3),
        "foreign_answered_at_90": round(float(thresholds.foreign[reached]), 3),
        "risk_at_coverage": {
            f"{level:.1f}": round(float(thresholds.risk[max(round(level * thresholds.risk.size), 1) - 1]), 3)
            for level in LEVELS
        },
    }
