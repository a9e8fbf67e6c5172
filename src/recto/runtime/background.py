"""Threads for what nobody waits for: an error in one is kept until somebody can be told of it."""

import threading
from collections.abc import Callable

from recto.errors import EngineFailed, RectoError


class Background:
    """Work in threads of its own, by name."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # over both
        self._threads: list[threading.Thread] = []
        self._problem: RectoError | None = None

    def start(self, name: str, work: Callable[[], None]) -> None:
        """Begin with the work in a thread of this name."""
        thread = threading.Thread(target=self.attempt, args=(name, work), name=name, daemon=True)
        with self._lock:
            thread.start()
            self._threads = [*filter(threading.Thread.is_alive, self._threads), thread]

    def attempt(self, name: str, work: Callable[[], None]) -> None:
        """Do the work in the thread at hand; an error ends it alone, and is kept."""
        problem: RectoError
        try:
            work()
        except RectoError as error:
            problem = error
        except Exception as error:  # noqa: BLE001 - nobody waits for this thread; whoever asks next is told
            problem = EngineFailed(f"work in the background ({name}) broke off: {type(error).__name__}: {error}")
        else:
            return
        with self._lock:
            self._problem = problem

    def take_problem(self) -> RectoError | None:
        """The last error of those that nobody was told of yet."""
        with self._lock:
            problem, self._problem = self._problem, None
            return problem

    def join(self, name: str) -> None:
        """Wait for the threads of this name."""
        with self._lock:
            threads = [thread for thread in self._threads if thread.name == name]
        for thread in threads:
            thread.join()
