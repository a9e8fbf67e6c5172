"""The queue in which questions wait: each asker in turn, each told its place and about how long it will be."""

import heapq
import threading
import time
from bisect import insort
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import mean

GOES_ON = -1  # the round of those that go on: before all others
REMEMBERED = 16  # turns, the newest: a wait is expected from what they took


@dataclass(eq=False)
class Ticket:
    """Somebody's place in a queue, and the turn that follows from it."""

    asker: str = ""
    round: int = 0  # in each of which an asker has one turn
    turn: threading.Event = field(default_factory=threading.Event)
    began: float = 0.0  # when the turn came, on the monotonic clock
    ends: float | None = None  # when it will end on that clock, if that was announced


@dataclass(frozen=True, slots=True)
class Place:
    """How many turns are to end before this one begins, and in how many seconds that will be, if anybody knows."""

    ahead: int
    eta_s: float | None


class Queue:
    """So many at once, each asker in turn, and of one first come, first served: nobody waits for all of another's.

    Threads may share it, and an event loop may look at it.
    """

    def __init__(self, at_once: int | None) -> None:
        """With None, everybody's turn comes at once."""
        self._at_once = at_once
        self._lock = threading.Lock()
        self._tickets: list[Ticket] = []  # by their rounds: those whose turn it is come first
        self._round = 0  # of the last one that was called
        self._took: deque[float] = deque(maxlen=REMEMBERED)

    @property
    def served(self) -> int:
        """How many have their turn."""
        with self._lock:
            return len(self._tickets[: self._at_once])

    @property
    def waiting(self) -> int:
        """How many wait."""
        with self._lock:
            return len(self._tickets) - len(self._tickets[: self._at_once])

    def waiting_of(self, asker: str) -> int:
        """How many of one asker wait."""
        with self._lock:
            return sum(ticket.asker == asker and not ticket.turn.is_set() for ticket in self._tickets)

    @contextmanager
    def joined(self, asker: str = "", *, goes_on: bool = False) -> Iterator[Ticket]:
        """Stand in the queue, and leave it at the end of the block, whether or not the turn has come.

        Who `goes_on` with what has had a turn comes before all that have had none: half done, it is of use to nobody.
        """
        with self._lock:
            rounds = [ticket.round + 1 for ticket in self._tickets if ticket.asker == asker]
            ticket = Ticket(asker=asker, round=GOES_ON if goes_on else max([self._round, *rounds]))
            insort(self._tickets, ticket, key=lambda other: (not other.turn.is_set(), other.round))
            self._call()
        try:
            yield ticket
            if ticket.turn.is_set():  # a turn that an error ended teaches nothing
                self._took.append(time.monotonic() - ticket.began)
        finally:
            with self._lock:
                self._tickets.remove(ticket)
                self._call()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, however long that takes, and have it while the block runs."""
        with self.joined() as ticket:
            ticket.turn.wait()
            yield

    def place(self, ticket: Ticket, usual_s: float | None = None) -> Place | None:
        """The place at this moment; None once the turn has come.

        `usual_s` is how long a turn takes that was not announced; without it, what the newest took on average.
        """
        with self._lock:
            if ticket.turn.is_set() or self._at_once is None:
                return None
            ahead = self._tickets.index(ticket) + 1 - self._at_once
            if usual_s is None and self._took:
                usual_s = mean(self._took)
            return Place(ahead, None if usual_s is None else self._wait_s(ahead, usual_s))

    def _call(self) -> None:
        for ticket in self._tickets[: self._at_once]:
            if not ticket.turn.is_set():
                self._round = max(self._round, ticket.round)
                ticket.began = time.monotonic()
                ticket.turn.set()

    def _wait_s(self, ahead: int, usual_s: float) -> float:
        """Seconds until so many turns have ended, each as announced, or after the usual time."""
        now = time.monotonic()
        served = self._tickets[: self._at_once]
        ends = (ticket.began + usual_s if ticket.ends is None else ticket.ends for ticket in served)
        seconds = [max(0.0, end - now) for end in ends]
        heapq.heapify(seconds)
        for _ in range(ahead - 1):
            heapq.heapreplace(seconds, seconds[0] + usual_s)
        return seconds[0]
