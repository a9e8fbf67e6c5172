"""A brake: work that runs in one thread is stopped from any other."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

TICK_S = 0.1  # between two looks of whoever waits for something else: nobody notices so short a delay


class Stopped(Exception):
    """Somebody pulled the brake; nobody waits for the rest."""


class Stop:
    """A brake that any thread may pull, once."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._actions: list[Callable[[], None]] = []

    @property
    def pulled(self) -> bool:
        """Whether it was pulled."""
        return self._event.is_set()

    def pull(self) -> None:
        """Stop whatever runs under this brake."""
        with self._lock:
            self._event.set()
            actions = list(self._actions)
        for action in actions:
            action()

    def wait(self, seconds: float) -> bool:
        """Wait, at most so long, until it is pulled, and tell whether it was."""
        return self._event.wait(seconds)

    def check(self) -> None:
        """Raise Stopped if it was pulled."""
        if self.pulled:
            raise Stopped

    @contextmanager
    def doing(self, action: Callable[[], None]) -> Iterator[None]:
        """While the block runs, pulling the brake calls this; at once if it is pulled already."""
        with self._lock:
            self._actions.append(action)
        try:
            if self.pulled:
                action()
            yield
        finally:
            with self._lock:
                self._actions.remove(action)
