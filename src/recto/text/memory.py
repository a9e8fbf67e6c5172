"""What was worked out of texts and is remembered, until a document is removed: no word of it stays in memory then."""

from collections.abc import Callable
from functools import lru_cache
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_forgetting: list[Callable[[], None]] = []


def remembered(most: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Remember so many results of a function of hashable values, those that were asked for last."""

    def remember(function: Callable[P, T]) -> Callable[P, T]:
        memory = lru_cache(most)(function)
        _forgetting.append(memory.cache_clear)
        return memory  # type: ignore[return-value]

    return remember


def forget_all() -> None:
    """Forget all that is remembered of any text."""
    for forget in _forgetting:
        forget()
