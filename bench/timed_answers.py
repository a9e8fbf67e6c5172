"""Written answers that were timed, and what is told of many: medians, and how far off the announced wait was."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from bench.cost_meter import Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedAnswer:
    """Seconds from the question on; `model_asked_s` is when the model was asked."""

    model_asked_s: float = 0.0
    first_s: float
    total_s: float
    tokens: int
    expected_first_s: float = 0.0  # from the asking of the model on, as announced
    expected_total_s: float = 0.0

    @property
    def model_first_s(self) -> float:
        """Until the first word, searching and quoting left out."""
        return self.first_s - self.model_asked_s

    @property
    def model_total_s(self) -> float:
        """The whole answer, searching and quoting left out."""
        return self.total_s - self.model_asked_s


Answers = Sequence[TimedAnswer | None]  # None where no model wrote


def summary(answers: Answers) -> Figures:
    """Medians. Seconds count from the question; `of_the_model` leaves out searching and quoting."""
    written = [answer for answer in answers if answer]
    return {
        "asked": len(answers),
        "written": len(written),
        "first_s": round(middle(answers, "first_s"), 3),
        "total_s": round(middle(answers, "total_s"), 3),
        "first_s_of_the_model": round(middle(answers, "model_first_s"), 3),
        "pieces": median(answer.tokens for answer in written),
    }


def middle(answers: Answers, name: str) -> float:
    """The median of an attribute."""
    return float(median(getattr(answer, name) for answer in answers if answer))


def announced_errors(answers: Answers) -> Figures:
    """How far off the announced seconds were, as shares of those that it took."""
    written = [answer for answer in answers if answer]
    errors = {
        "first_token": [abs(answer.expected_first_s / answer.model_first_s - 1) for answer in written],
        "total": [abs(answer.expected_total_s / answer.model_total_s - 1) for answer in written],
    }
    return {
        name: {f"p{q}": round(float(np.percentile(shares, q)), 3) for q in (50, 90)} for name, shares in errors.items()
    }


def comparison(before: Answers, after: Answers) -> Figures:
    """The same questions both ways: those that were written both times."""
    pairs = [pair for pair in zip(before, after, strict=True) if all(pair)]
    before_s, after_s = (round(middle([pair[side] for pair in pairs], "model_first_s"), 3) for side in (0, 1))
    return {"pairs": len(pairs), "without_first_s_of_the_model": before_s, "first_s_of_the_model": after_s}


def slowdown(before: Answers, after: Answers) -> Figures:
    """The same questions without and with other work; `decode_share` is what remains of the speed of writing."""
    share = _pieces_per_second(after) / _pieces_per_second(before)
    return {**comparison(before, after), "decode_share": round(share, 3)}


def _pieces_per_second(answers: Answers) -> float:
    """While writing."""
    return median(
        (answer.tokens - 1) / (answer.total_s - answer.first_s) for answer in answers if answer and answer.tokens > 1
    )
