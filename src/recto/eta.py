"""How long work will take that goes on as it began: the one rule behind every time that is left."""

import time


class Eta:
    """Looks at the clock when work begins, and tells what is left of it.

    `done` units came before, such as the bytes of a file that an earlier try fetched: they say nothing about the speed.
    """

    def __init__(self, done: int = 0) -> None:
        self._began, self._before = time.monotonic(), done

    @property
    def elapsed_s(self) -> float:
        """Seconds since the work began."""
        return time.monotonic() - self._began

    def left_s(self, done: int, total: int) -> float | None:
        """Seconds until `total` units are done; None before the first of them."""
        new = done - self._before
        return self.elapsed_s / new * (total - done) if new > 0 else None
