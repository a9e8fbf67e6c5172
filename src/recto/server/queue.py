"""The line before the answers: so many at once, the others first come, first served, told their place and wait."""

import asyncio
import heapq
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from statistics import mean

REMEMBERED = 16  # answers, the newest: a wait is expected from what they took
TELL_S = 1.0  # between two looks at the place of who waits


@dataclass(eq=False)
class QueueTicket:
    """Somebody's place in the line, and the turn that follows from it."""

    turn: asyncio.Event = field(default_factory=asyncio.Event)
    began: float = 0.0  # when the turn came, on the monotonic clock


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """How many answers are to end before this one begins, and in how many seconds that will be, if anybody knows."""

    ahead: int
    eta_s: float | None


class AskQueue:
    """First come, first served, so many at once."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._line: list[QueueTicket] = []  # those whose turn it is come first
        self._took: deque[float] = deque(maxlen=REMEMBERED)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return max(0, len(self._line) - self._at_once)

    @property
    def served(self) -> int:
        """How many have their turn."""
        return len(self._line) - self.waiting

    @contextmanager
    def joined(self) -> Iterator[QueueTicket]:
        """Stand in the line, and leave it at the end of the block, whoever waits still or had a turn."""
        ticket = QueueTicket()
        self._line.append(ticket)
        self._serve()
        try:
            yield ticket
            if ticket.turn.is_set():
                self._took.append(time.monotonic() - ticket.began)
        finally:
            self._line.remove(ticket)
            self._serve()

    def _serve(self) -> None:
        for ticket in self._line[: self._at_once]:
            if not ticket.turn.is_set():
                ticket.began = time.monotonic()
                ticket.turn.set()

    async def places(self, ticket: QueueTicket) -> AsyncIterator[QueuePlace]:
        """The place, now and then, until the turn comes."""
        while not ticket.turn.is_set():
            yield self._place(ticket)
            with suppress(TimeoutError):
                async with asyncio.timeout(TELL_S):
                    await ticket.turn.wait()

    def _place(self, ticket: QueueTicket) -> QueuePlace:
        ahead = self._line.index(ticket) + 1 - self._at_once
        return QueuePlace(ahead, self._wait_s(ahead) if self._took else None)

    def _wait_s(self, ahead: int) -> float:
        """Seconds until so many have ended, if each takes what the newest took on average."""
        usual, now = mean(self._took), time.monotonic()
        waits = [max(0.0, ticket.began + usual - now) for ticket in self._line[: self._at_once]]
        heapq.heapify(waits)
        for _ in range(ahead - 1):
            heapq.heapreplace(waits, waits[0] + usual)
        return waits[0]
