"""BM25, plain or with stems, and its fusion with a list of nearest vectors."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial

import bm25s
import Stemmer
from bench.baselines import langchain
from bench.baselines.baseline import DEEP, Chunk, PageText, Rank
from bench.baselines.vectors import Vectors

RRF = 60  # the constant of the paper, and everybody's

Terms = Callable[..., bm25s.tokenization.Tokenized]

tokens = partial(bm25s.tokenize, show_progress=False)
stems = partial(tokens, stopwords="english_plus", stemmer=Stemmer.Stemmer("english"))


def index(pages: Sequence[PageText], _: Vectors, terms: Terms = tokens) -> Rank:
    chunks = langchain.chunks(pages)
    bm25 = bm25s.BM25()
    bm25.index(terms([chunk.text for chunk in chunks]), show_progress=False)

    def rank(question: str) -> list[Chunk]:
        ranked, scores = bm25.retrieve(terms(question), corpus=chunks, k=min(DEEP, len(chunks)), show_progress=False)
        return [chunk for chunk, score in zip(ranked[0], scores[0], strict=True) if score > 0]

    return rank


def fused(pages: Sequence[PageText], vectors: Vectors, terms: Terms = tokens) -> Rank:
    rankers = index(pages, vectors, terms), langchain.index(pages, vectors)

    def rank(question: str) -> list[Chunk]:
        scores: dict[Chunk, float] = defaultdict(float)
        for ranker in rankers:
            for place, chunk in enumerate(ranker(question), start=1):
                scores[chunk] += 1 / (RRF + place)
        return sorted(scores, key=scores.__getitem__, reverse=True)

    return rank
