"""txtai's hybrid index."""

from collections.abc import Sequence

from bench.baselines import langchain
from bench.baselines.baseline import DEEP, PageText, Rank
from bench.baselines.vectors import Vectors
from txtai import Embeddings

SENT = 3  # what a search returns if nothing is said


def index(pages: Sequence[PageText], vectors: Vectors) -> Rank:
    chunks = langchain.chunks(pages)
    # A function, not a bound method: txtai would call that without arguments.
    embeddings = Embeddings(hybrid=True, method="external", transform=lambda texts: vectors.encode(texts))
    embeddings.index([chunk.text for chunk in chunks])
    return lambda question: [chunks[number] for number, _ in embeddings.search(question, DEEP)]
