"""What a written answer is worth, judged without a person: by the words and numbers of the known answer.

The rule is cautious, for nobody reads the answers. Right is what has all of the known answer that the question does not
have already: who repeats the question has none of it. A text that turns the known answer around has none of it either,
and one that names other amounts beside a known number is right in part. A true answer in words of its own counts as
wrong, and so does a bare "No." How often a person judges otherwise, docs/models.md says.
"""

import re
from collections.abc import Sequence
from enum import StrEnum

from recto.evaluate.outcomes import PARTS, place
from recto.evaluate.questions import Question
from recto.text.languages import MIXED
from recto.text.negation import contradict, negates
from recto.text.numbers import Number, claimed_numbers, stated_numbers
from recto.text.stems import stems

WHOLE = 0.8  # of the known answer's words: all but what is said in other words
HALF = 0.5

_WORD = re.compile(r"[^\W_]+")


class Verdict(StrEnum):
    """How much of the known answer a text has."""

    RIGHT = "right"
    PARTLY = "partly"
    WRONG = "wrong"


def judge(text: str, question: Question) -> Verdict | None:
    """Hold a text against the known answer. None if there is none, or the question has all of it."""
    return _verdict([_right(part, text, question.text) for part in question.answer.split(PARTS)])


def holds(text: str, question: Question) -> Verdict | None:
    """The same of quotes, which may say much beside it."""
    return _verdict([_share(part, text, question.text) for part in question.answer.split(PARTS)])


def _verdict(parts: Sequence[float | None]) -> Verdict | None:
    """Of the shares of all parts of an answer, None for those that the question has."""
    shares = [share for share in parts if share is not None]
    if not shares:
        return None
    if min(shares) >= WHOLE:
        return Verdict.RIGHT
    return Verdict.PARTLY if sum(shares) >= HALF * len(shares) else Verdict.WRONG


def _right(part: str, text: str, question: str) -> float | None:
    """The share that a text has of a part of the known answer, less if it turns it around or names other amounts."""
    share = _share(part, text, question)
    if share and negates(part) != negates(text) and contradict(text, part):
        return 0.0
    numbers = _lacking(claimed_numbers(part), question)
    start, end = place(text, part) or (0, 0)
    besides = claimed_numbers(f"{text[:start]} {text[end:]}")
    others = [number for number in _lacking(besides, f"{question} {part}") if not number.is_year]
    if share and any(number.unit == known.unit for number in others for known in numbers):
        return min(share, HALF)
    return share


def _share(part: str, text: str, question: str) -> float | None:
    """How much of a part of the known answer a text has, 0 to 1; None if the question has all of it."""
    numbers, words = _lacking(claimed_numbers(part), question), _stems(part) - _stems(question)
    if not numbers and not words:
        return None
    if place(text, part):
        return 1.0
    if _lacking(numbers, text):
        return 0.0
    words = {word for word in words if not word[0].isdigit()}
    share = len(words & _stems(text)) / len(words) if words else 1.0
    return max(share, HALF) if numbers else share  # a unit may be written in another way


def _lacking(numbers: Sequence[Number], text: str) -> list[Number]:
    """Those of the numbers that a text does not state."""
    return [number for number in numbers if not any(number.matches(match) for match in stated_numbers(text))]


def _stems(text: str) -> set[str]:
    words = _WORD.findall(text.casefold())
    return set(stems([word for word in words if word not in MIXED.stop_words] or words))
