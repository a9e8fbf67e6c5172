"""Exact BM25 over arrays of term ids: no index, a few milliseconds for a million terms.

Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009); idf as in Lucene, never negative.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from recto.index_types import Field, Statistics, pairs
from recto.normalize import Float64s
from recto.query import Query
from recto.storage import Store
from recto.types import UInt32s

Int64s = NDArray[np.int64]

LOW_BITS = 1 << 16  # the first look: a table of 64 KiB stays in the fastest cache


class Form(NamedTuple):
    """How a field is scored: BM25's saturation and length normalisation, and whether pairs of terms count."""

    k1: float
    b: float
    with_pairs: bool = False


def library_statistics(store: Store, field: Field, query_terms: UInt32s) -> Statistics:
    """The statistics of a whole library, to score a few of its texts."""
    return store.totals().statistics(field, store.frequencies(field, query_terms))


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Many texts laid end to end: text `i` is `terms[bounds[i]:bounds[i + 1]]`."""

    terms: UInt32s
    bounds: Int64s  # (n + 1,)

    @classmethod
    def of(cls, arrays: Sequence[UInt32s]) -> Self:
        """Lay term arrays end to end."""
        bounds = np.zeros(len(arrays) + 1, np.int64)
        np.cumsum([array.size for array in arrays], out=bounds[1:])
        return cls(np.concatenate([np.empty(0, np.uint32), *arrays]), bounds)

    def holding(self, term: int) -> Int64s:
        """The indices of the texts that hold a term, one for each time."""
        return np.searchsorted(self.bounds, np.flatnonzero(self.terms == term), side="right") - 1

    @property
    def mean_length(self) -> float:
        """Terms of a text, on average, without pairs."""
        return self.terms.size / max(self.bounds.size - 1, 1)


def distinct_terms(terms: UInt32s, form: Form) -> UInt32s:
    """The distinct ids to look for, ascending: a term repeated in the question counts once."""
    return np.unique(np.concatenate([terms, pairs(terms)]) if form.with_pairs else terms)


def question_terms(query: Query, form: Form) -> UInt32s:
    """The distinct ids to look for, ascending, as all languages of the library read the question."""
    return np.unique(np.concatenate([distinct_terms(terms, form) for terms in query.readings]))


def bm25(texts: Texts, query_terms: UInt32s, form: Form, *, statistics: Statistics | None = None) -> Float64s:
    """Score each text (n,) for distinct ascending terms; the statistics are the texts' own unless given."""
    lengths = _lengths(texts, form)
    if not query_terms.size:
        return np.zeros(lengths.size)
    text, term, counts = _cells(texts, query_terms, form)
    statistics = statistics or _own(lengths, np.bincount(term, minlength=query_terms.size))
    norm = form.k1 * (1 - form.b + form.b * lengths / max(statistics.mean_length, 1e-9))
    scores = statistics.idf[term] * counts * (form.k1 + 1) / (counts + norm[text])
    return np.bincount(text, weights=scores, minlength=lengths.size).astype(np.float64, copy=False)


def counted(texts: Texts, query_terms: UInt32s, form: Form) -> Statistics:
    """The statistics of these texts, for scoring others."""
    if not query_terms.size:
        return _own(_lengths(texts, form), np.zeros(0, np.int64))
    _, term, _ = _cells(texts, query_terms, form)
    return _own(_lengths(texts, form), np.bincount(term, minlength=query_terms.size))


def _cells(texts: Texts, query_terms: UInt32s, form: Form) -> tuple[Int64s, Int64s, Int64s]:
    """Each text and query term that occurs in it, and how often it does."""
    at, term = _find(texts.terms, query_terms)
    if form.with_pairs:
        pair_at, pair_term = _find(pairs(texts.terms), query_terms)
        inside = ~np.isin(pair_at + 1, texts.bounds)  # no pair begins in one text and ends in the next
        at, term = np.concatenate([at, pair_at[inside]]), np.concatenate([term, pair_term[inside]])
    text = np.searchsorted(texts.bounds, at, side="right") - 1
    cells, counts = np.unique(text * query_terms.size + term, return_counts=True)
    text, term = np.divmod(cells, query_terms.size)
    return text, term, counts


def _own(lengths: Int64s, frequencies: Int64s) -> Statistics:
    return Statistics(lengths.size, float(lengths.mean()) if lengths.size else 0.0, frequencies)


def _lengths(texts: Texts, form: Form) -> Int64s:
    """Terms of each text (n,); a text of n terms has n - 1 pairs."""
    lengths = np.diff(texts.bounds)
    return lengths + np.maximum(lengths - 1, 0) if form.with_pairs else lengths


def _find(terms: UInt32s, query_terms: UInt32s) -> tuple[Int64s, Int64s]:
    """Where query terms stand, and which they are: first by their low 16 bits, then exactly."""
    table = np.zeros(LOW_BITS, np.bool_)
    table[query_terms.astype(np.uint16)] = True
    at = np.flatnonzero(table[terms.astype(np.uint16)])
    term = np.searchsorted(query_terms, terms[at])
    exact = query_terms[np.minimum(term, query_terms.size - 1)] == terms[at]
    return at[exact], term[exact]
