"""BM25, plain or with stems, and its fusion with a list of nearest vectors."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial

import bm25s
import Stemmer
from bench.baselines import langchain
from bench.baselines.shelf import DEEP, Chunk, Rank, Sheet
from bench.baselines.vectors import Vectors

RRF = 60  # the constant of the paper, and everybody's

Terms = Callable[..., bm25s.tokenization.Tokenized]

tokens = partial(bm25s.tokenize, show_progress=False)
stems = partial(tokens, stopwords="english_plus", stemmer=Stemmer.Stemmer("english"))


def index(sheets: Sequence[Sheet], _: Vectors, terms: Terms = tokens) -> Rank:
    chunks = langchain.chunks(sheets)
    bm25 = bm25s.BM25()
    bm25.index(terms([chunk.text for chunk in chunks]), show_progress=False)

    def rank(question: str) -> list[Chunk]:
        found, scores = bm25.retrieve(terms(question), corpus=chunks, k=min(DEEP, len(chunks)), show_progress=False)
        return [chunk for chunk, score in zip(found[0], scores[0], strict=True) if score > 0]

    return rank


def fused(sheets: Sequence[Sheet], vectors: Vectors, terms: Terms = tokens) -> Rank:
    both = index(sheets, vectors, terms), langchain.index(sheets, vectors)
    return lambda question: _fuse([rank(question) for rank in both])


def _fuse(lists: Sequence[Sequence[Chunk]]) -> list[Chunk]:
    scores: dict[Chunk, float] = defaultdict(float)
    for ranked in lists:
        for place, chunk in enumerate(ranked, start=1):
            scores[chunk] += 1 / (RRF + place)
    return sorted(scores, key=scores.__getitem__, reverse=True)
