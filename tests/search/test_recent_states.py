import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto.search.encoder import MiniLM, products, similarities
from recto.search.recent_states import RecentStates

WORDS = ["pump", "valve", "seal", "tank"]


def states_of(tokens: int, seed: int = 0) -> np.ndarray:
    states = np.random.default_rng(seed).standard_normal((tokens, 8)).astype(np.float32)
    return states / np.linalg.norm(states, axis=1, keepdims=True)


def test_what_is_kept_is_what_comes_back_and_points_the_same_way() -> None:
    recent, states = RecentStates(), states_of(5)
    rounded = recent.keep("pump", states)
    np.testing.assert_array_equal(recent.states("pump"), rounded)
    assert (rounded * states).sum(axis=1).min() > 0.9995
    assert np.linalg.norm(rounded, axis=1) == pytest.approx(1, abs=1e-6)


def test_a_text_that_was_not_kept_is_not_there() -> None:
    assert RecentStates().states("pump") is None


def test_a_text_without_tokens_and_a_lone_surrogate_can_be_kept() -> None:
    recent = RecentStates()
    assert recent.keep("", states_of(0)).shape == (0, 8)
    assert len(recent.keep("\udc80", states_of(2))) == 2


@given(st.lists(st.tuples(st.sampled_from(WORDS), st.booleans()), max_size=40))
def test_the_texts_asked_for_last_stay_within_the_limit(history: list[tuple[str, bool]]) -> None:
    recent, order = RecentStates(most=6), []  # two texts of three tokens
    for word, keep in history:
        if keep:
            recent.keep(word, states_of(3))
        elif recent.states(word) is None:
            continue
        if keep and word in order:  # keeping again is no use of it
            continue
        order = [*(earlier for earlier in order if earlier != word), word][-2:]
    assert [word for word in WORDS if recent.states(word) is not None] == [word for word in WORDS if word in order]


@given(st.integers(0, 6), st.integers(0, 6))
def test_products_are_those_of_numpy(rows: int, columns: int) -> None:
    left, right = states_of(rows), states_of(columns, seed=1)
    np.testing.assert_allclose(products(left, right), left @ right.T, atol=1e-6)


@pytest.fixture(scope="module")
def encoder() -> MiniLM:
    return MiniLM.open(threads=2)


def test_states_do_not_depend_on_what_stands_beside_a_text_or_was_asked_before(encoder: MiniLM) -> None:
    texts = ["The pump must not run dry.", "A valve.", "The boiler of hall 3 was mended in May " * 5]
    together = MiniLM.open(threads=2).states(texts)
    for text, states in zip(texts, together, strict=True):
        np.testing.assert_array_equal(MiniLM.open(threads=1).states([text])[0], states)
    np.testing.assert_array_equal(encoder.states(texts[:1])[0], together[0])
    np.testing.assert_array_equal(encoder.states([texts[2], texts[0]])[1], together[0])


def test_an_excerpt_is_compared_by_its_own_tokens(encoder: MiniLM) -> None:
    question = encoder.encode_query("How hot is the boiler?").states
    text = "The boiler is 80 degrees hot. The garden has roses."
    boiler, garden, whole = similarities(
        encoder, question, [(text, 0, 29), (text, 30, len(text)), (text, 0, len(text))]
    )
    assert boiler.mean() > garden.mean()
    np.testing.assert_array_equal(whole, np.maximum(boiler, garden))


def test_nothing_to_compare_is_zero(encoder: MiniLM) -> None:
    question = encoder.encode_query("How hot?").states
    nothing = similarities(encoder, question, [("", 0, 0), ("abc", 3, 3)])
    assert nothing.tolist() == np.zeros((2, len(question))).tolist()
    assert similarities(encoder, question[:0], [("abc", 0, 3)]).shape == (1, 0)
