"""BM25 over arrays, against a plain implementation with dictionaries."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto.index_types import Statistics, pairs
from recto.search.bm25 import Form, Texts, bm25, distinct_terms

FORMS = (Form(1.2, 0.75), Form(1.0, 0.3), Form(1.2, 0.75, with_pairs=True))
# Few distinct ids, some equal in their low 16 bits only.
TERMS = st.sampled_from([0, 1, 2, 65536, 65537, 2**32 - 1, 2**32 - 65536])
ARRAYS = st.lists(TERMS, max_size=12).map(lambda terms: np.array(terms, np.uint32))


def plain(texts, question, form):
    """BM25 as in the textbook: one text and one term at a time."""
    bags = [Counter([*text.tolist(), *(pairs(text).tolist() if form.with_pairs else [])]) for text in texts]
    asked = {*question.tolist(), *(pairs(question).tolist() if form.with_pairs else [])}
    mean = sum(map(Counter.total, bags)) / max(len(bags), 1)
    scores = []
    for bag in bags:
        score = 0.0
        for term in asked & set(bag):
            df = sum(term in other for other in bags)
            idf = math.log(1 + (len(bags) - df + 0.5) / (df + 0.5))
            norm = form.k1 * (1 - form.b + form.b * bag.total() / mean)
            score += idf * bag[term] * (form.k1 + 1) / (bag[term] + norm)
        scores.append(score)
    return scores


@given(st.lists(ARRAYS, max_size=8), ARRAYS, st.sampled_from(FORMS))
def test_equals_the_textbook(texts, question, form) -> None:
    scores = bm25(Texts.of(texts), distinct_terms(question, form), form)
    assert scores.tolist() == pytest.approx(plain(texts, question, form))


@given(st.lists(ARRAYS, min_size=1, max_size=8), ARRAYS, st.sampled_from(FORMS))
def test_known_statistics_score_a_part_as_in_the_whole(texts, question, form) -> None:
    whole, wanted = Texts.of(texts), distinct_terms(question, form)
    bags = [{*text.tolist(), *(pairs(text).tolist() if form.with_pairs else [])} for text in texts]
    lengths = [text.size + max(text.size - 1, 0) * form.with_pairs for text in texts]
    frequencies = np.array([sum(term in bag for bag in bags) for term in wanted.tolist()], np.int64)
    known = Statistics(len(texts), sum(lengths) / len(texts), frequencies)
    part = bm25(Texts.of(texts[:1]), wanted, form, statistics=known)
    assert part.tolist() == pytest.approx(bm25(whole, wanted, form)[:1].tolist())


def test_a_repeated_question_term_counts_once() -> None:
    once, twice = np.array([7], np.uint32), np.array([7, 7], np.uint32)
    assert distinct_terms(once, FORMS[0]).tolist() == distinct_terms(twice, FORMS[0]).tolist()


def test_pairs_do_not_reach_into_the_next_text() -> None:
    texts = Texts.of([np.array([1, 2], np.uint32), np.array([3, 4], np.uint32)])
    assert not bm25(texts, np.sort(pairs(np.array([2, 3], np.uint32))), FORMS[2]).any()
