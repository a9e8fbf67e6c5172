"""The parameters of the system of 2025, in code of our own: long chunks, and weights on scores stretched from 0 to 1.

It cut whole documents, guessed pages from the table of contents, and dropped what looked like no sentence: much of a
text and most page numbers were lost. Here it cuts page by page and keeps every character.
"""

import re
from collections import Counter
from collections.abc import Sequence

import bm25s
import numpy as np
from bench.baselines.baseline import Chunk, PageText, Rank
from bench.baselines.vectors import Vectors
from numpy.typing import NDArray

SHORTEST, TARGET, LONGEST, OVERLAP = 800, 1400, 2000, 200  # characters
K1, B = 1.2, 0.75
SENT = 5
CANDIDATES = 2 * SENT  # of either kind
DENSE = 0.7  # weight of the cosine, the rest is BM25's
LEAST = 0.3  # cosine of a candidate
PER_DOCUMENT = 2  # chunks among those sent, while there are others

_END = re.compile(r"[.!?:;]\s")

Floats = NDArray[np.floating]


def index(pages: Sequence[PageText], vectors: Vectors) -> Rank:
    chunks = [Chunk(page.place, text) for page in pages for text in cut(page.text) if text.strip()]
    texts = [chunk.text for chunk in chunks]
    matrix = vectors.encode(texts)
    bm25 = bm25s.BM25(k1=K1, b=B)
    bm25.index(_terms(texts), show_progress=False)

    def rank(question: str) -> list[Chunk]:
        cosine = matrix @ vectors.encode([question])[0]
        dense = [number for number in _best(cosine) if cosine[number] >= LEAST]
        words = bm25.get_scores(_terms([question])[0])
        sparse = _best(words)
        scores = DENSE * _stretched(cosine, dense) + (1 - DENSE) * _stretched(words, sparse)
        candidates = sorted({*dense, *sparse}, key=lambda number: -scores[number])
        return _mixed([chunks[number] for number in candidates])

    return rank


def cut(text: str) -> list[str]:
    """Pieces that end with a sentence where one ends in time; each repeats the end of the one before."""
    ends = [match.end() for match in _END.finditer(text)]
    pieces, start = [], 0
    while len(text) - start > LONGEST:
        near = [end for end in ends if SHORTEST <= end - start <= LONGEST]
        end = min(near, key=lambda end: abs(end - start - TARGET), default=start + LONGEST)
        pieces.append(text[start:end])
        start = end - OVERLAP
    return [*pieces, text[start:]]


def _terms(texts: Sequence[str]) -> list[list[str]]:
    terms: list[list[str]] = bm25s.tokenize(list(texts), stopwords=None, return_ids=False, show_progress=False)
    return terms


def _best(scores: Floats) -> list[int]:
    return [int(number) for number in np.argsort(-scores, kind="stable")[:CANDIDATES]]


def _stretched(scores: Floats, candidates: Sequence[int]) -> Floats:
    """The candidates from 0 to 1 by their scores, all others 0."""
    stretched = np.zeros(len(scores))
    if candidates:
        low, high = scores[candidates].min(), scores[candidates].max()
        stretched[candidates] = (scores[candidates] - low) / (high - low) if high > low else 1.0
    return stretched


def _mixed(ranked: Sequence[Chunk]) -> list[Chunk]:
    """First those to be sent, of as many documents as can be had."""
    count: Counter[str] = Counter()
    first: list[Chunk] = []
    for chunk in ranked:
        count[chunk.place[0]] += 1
        if count[chunk.place[0]] <= PER_DOCUMENT and len(first) < SENT:
            first.append(chunk)
    return [*first, *(chunk for chunk in ranked if chunk not in first)]
