"""How good a ranking of pages is. Ranks count from 1; only the first DEPTH distinct pages count."""

from collections.abc import Collection, Hashable, Iterable, Sequence
from math import log2

DEPTH = 10

Scores = dict[str, float]


def ranks(found: Iterable[Hashable], wanted: Collection[Hashable]) -> tuple[int, ...]:
    """At which ranks the wanted pages stand; a page that is found twice counts where it is found first."""
    distinct = list(dict.fromkeys(found))[:DEPTH]
    return tuple(rank for rank, page in enumerate(distinct, start=1) if page in wanted)


def score(at: Sequence[int], wanted: int) -> Scores:
    """The figures of one question, all 0 to 1, whose `wanted` evidence pages were found at these ranks, ascending.

    H@k: one of them is among the first k. R@k: their share among the first k. MRR: 1 / rank of the first, 0 if none was
    found. nDCG: binary gain, discount log2(rank + 1), ideal of min(wanted, DEPTH) pages (Järvelin and Kekäläinen 2002).
    ValueError if no page is wanted.
    """
    if wanted < 1:
        raise ValueError("a question needs at least one evidence page")
    ideal = sum(_gain(rank) for rank in range(1, min(wanted, DEPTH) + 1))
    return {
        **{f"H@{k}": float(any(rank <= k for rank in at)) for k in (1, 5, 10)},
        "R@5": sum(rank <= 5 for rank in at) / wanted,
        "MRR": 1 / at[0] if at else 0.0,
        "nDCG": sum(map(_gain, at)) / ideal,
    }


def _gain(rank: int) -> float:
    return 1 / log2(rank + 1)
