"""Figures of rankings and of abstention, and what chance does to them: worked examples, and what always holds."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto.evaluate.abstaining import curve, judge, product_shares
from recto.evaluate.bootstrap import RESAMPLES, difference, estimate
from recto.evaluate.metrics import DEPTH, ranks, score
from recto.evaluate.outcomes import JudgedAnswer
from recto.types import Certainty

pages = st.lists(st.integers(0, 30), max_size=25)
wanted = st.sets(st.integers(0, 30), min_size=1, max_size=14)
shares = st.lists(st.integers(0, 4).map(lambda part: part / 4), min_size=1, max_size=30)
confidences = st.lists(st.floats(-5, 5).map(lambda value: round(value, 1)), min_size=1, max_size=30)


def test_a_worked_example() -> None:
    at = ranks([7, 3, 3, 9, 5], {3, 5, 8})
    assert at == (2, 4)
    ideal = 1 + 1 / math.log2(3) + 1 / 2
    gain = 1 / math.log2(3) + 1 / math.log2(5)
    assert score(at, 3) == pytest.approx(
        {"H@1": 0, "H@5": 1, "H@10": 1, "R@5": 2 / 3, "MRR": 1 / 2, "nDCG": gain / ideal}
    )


@given(pages, wanted)
def test_figures_are_shares_and_grow_with_depth(found: list[int], gold: set[int]) -> None:
    scores = score(ranks(found, gold), len(gold))
    assert all(0 <= value <= 1 + 1e-12 for value in scores.values())
    assert scores["H@1"] <= scores["H@5"] <= scores["H@10"]
    assert scores["R@5"] <= scores["H@5"]
    assert scores["H@1"] <= scores["MRR"] <= scores["H@10"]


@given(pages, wanted)
def test_only_the_first_distinct_pages_count(found: list[int], gold: set[int]) -> None:
    first = list(dict.fromkeys(found))[:DEPTH]
    assert ranks(found, gold) == ranks(first, gold)
    assert ranks([*range(100, 100 + DEPTH), *gold], gold) == ()


@given(wanted)
def test_the_best_ranking_scores_one(gold: set[int]) -> None:
    scores = score(ranks(sorted(gold), gold), len(gold))
    assert scores["MRR"] == scores["H@1"] == 1
    assert scores["nDCG"] == pytest.approx(1)
    assert scores["R@5"] == pytest.approx(min(5, len(gold)) / len(gold))


@given(pages, wanted, st.integers(0, 9))
def test_a_better_place_is_never_worth_less(found: list[int], gold: set[int], at: int) -> None:
    """A wanted page changes places with the one before it."""
    distinct = list(dict.fromkeys(found))
    if not 0 < at < len(distinct) or distinct[at] not in gold:
        return
    better = [*distinct[: at - 1], distinct[at], distinct[at - 1], *distinct[at + 1 :]]
    old, new = (score(ranks(one, gold), len(gold)) for one in (distinct, better))
    assert all(new[name] >= old[name] - 1e-12 for name in old)


def test_a_question_without_evidence_has_no_score() -> None:
    with pytest.raises(ValueError, match="evidence page"):
        score((), 0)


@given(shares)
def test_an_interval_holds_its_mean(values: list[float]) -> None:
    found = estimate(values)
    assert min(values) <= found.low <= found.mean + 1e-9
    assert found.mean - 1e-9 <= found.high <= max(values)
    assert found == estimate(values)


def test_an_interval_is_as_wide_as_theory_says() -> None:
    values = [0.0, 1.0] * 200
    found = estimate(values)
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * 0.5 / math.sqrt(400), rel=0.1)


@given(shares, st.randoms())
def test_a_comparison_turned_round_changes_its_sign(before: list[float], random: object) -> None:
    after = [random.choice(before) for _ in before]  # type: ignore[attr-defined]
    there, back = difference(before, after), difference(after, before)
    assert there.mean == pytest.approx(-back.mean)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
    assert there.worse + back.worse <= 1
    assert difference(before, before).worse == 0


def test_two_lost_questions_are_chance_and_five_are_not() -> None:
    before = [1.0] * 120
    for lost, beyond in ((2, False), (5, True)):
        found = difference(before, [0.0] * lost + [1.0] * (120 - lost))
        assert (found.worse >= 0.95) is beyond
    with pytest.raises(ValueError, match="at least one"):
        difference([], [])
    assert RESAMPLES >= 1000


@given(confidences, confidences)
def test_a_curve_ends_where_everything_is_answered(right: list[float], wrong: list[float]) -> None:
    found = curve(right, wrong)
    assert found.coverage[-1] == found.foreign[-1] == found.answered[-1] == 1
    assert found.risk[-1] == pytest.approx(len(wrong) / (len(right) + len(wrong)))
    for one in (found.coverage, found.foreign, found.answered):
        assert (np.diff(one) >= -1e-12).all()
    assert judge(right, wrong)["auc"] == pytest.approx(1 - judge(wrong, right)["auc"], abs=2e-3)


def test_what_is_told_apart_has_no_risk() -> None:
    found = judge([3, 2, 1], [-1, -2])
    assert found["auc"] == 1
    assert found["foreign_answered_at_90"] == 0
    assert found["risk_at_coverage"]["0.6"] == 0
    assert judge([1], [1])["foreign_answered_at_90"] == 1  # a tie counts against us


def test_closest_lines_are_neither_refused_nor_sure() -> None:
    answered, closest, refused = Certainty
    assert product_shares([answered, closest, refused, answered], [closest, answered, refused, refused]) == {
        "refused_although_answered_there": 0.25,
        "closest_although_answered_there": 0.25,
        "answered_although_not_there": 0.25,
        "closest_although_not_there": 0.25,
    }


def test_runs_from_before_there_were_closest_lines_are_read() -> None:
    value = {"ranks": [1], "found": [], "confidence": -0.5, "answered": False, "sentence": None, "holds": None}
    assert JudgedAnswer.of(value).certainty is Certainty.REFUSED
    assert JudgedAnswer.of({**value, "answered": True}).certainty is Certainty.ANSWERED
    assert JudgedAnswer.of({**value, "answered": True, "certainty": "closest"}).certainty is Certainty.CLOSEST
