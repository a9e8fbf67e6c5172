"""How good a ranking of pages is. Ranks count from 1; only the first DEPTH distinct pages count."""

from collections.abc import Collection, Hashable, Iterable, Sequence
from math import log2

DEPTH = 10

Scores = dict[str, float]


def ranks(pages: Iterable[Hashable], relevant: Collection[Hashable]) -> tuple[int, ...]:
    """At which ranks the relevant pages stand; a page that is found twice counts where it is found first."""
    distinct = list(dict.fromkeys(pages))[:DEPTH]
    return tuple(rank for rank, page in enumerate(distinct, start=1) if page in relevant)


def score(at: Sequence[int], relevant: int) -> Scores:
    """The figures of one question, all 0 to 1, whose `relevant` pages, so many, were found at these ranks, ascending.

    H@k: one of them is among the first k. R@k: their share among the first k. MRR: 1 / rank of the first, 0 if none was
    found. nDCG: binary gain, discount log2(rank + 1), ideal of min(relevant, DEPTH) pages (Järvelin and Kekäläinen
    2002). ValueError if no page is relevant.
    """
    if relevant < 1:
        raise ValueError("a question needs at least one evidence page")
    ideal = sum(_gain(rank) for rank in range(1, min(relevant, DEPTH) + 1))
    return {
        **{f"H@{k}": float(any(rank <= k for rank in at)) for k in (1, 5, 10)},
        "R@5": sum(rank <= 5 for rank in at) / relevant,
        "MRR": 1 / at[0] if at else 0.0,
        "nDCG": sum(map(_gain, at)) / ideal,
    }


def _gain(rank: int) -> float:
    return 1 / log2(rank + 1)
