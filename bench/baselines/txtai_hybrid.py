"""txtai's hybrid index."""

from collections.abc import Sequence

from bench.baselines import langchain
from bench.baselines.shelf import DEEP, Rank, Sheet
from bench.baselines.vectors import Vectors
from txtai import Embeddings

SENT = 3  # what a search returns if nothing is said


def index(sheets: Sequence[Sheet], vectors: Vectors) -> Rank:
    chunks = langchain.chunks(sheets)
    # A function, not a bound method: txtai would call that without arguments.
    kept = Embeddings(hybrid=True, method="external", transform=lambda texts: vectors.encode(texts))
    kept.index([chunk.text for chunk in chunks])
    return lambda question: [chunks[number] for number, _ in kept.search(question, DEEP)]
