"""A model at hand: how fast it is here, and the line of those who wait for it."""

import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

from recto.errors import (
    EngineBusy,
    EngineProblem,
    NothingWritten,
)
from recto.events import Progress, Stage
from recto.generation import Prefilled, Prompt, Waking
from recto.llm import LLM
from recto.llm.fallback import Request, listen
from recto.llm.speeds import REMOTE, SpeedBook, Speeds, calibrate
from recto.stop import Stop

TICK_S = 0.1
LONGEST_REST_S = 300.0  # for an engine that fails again and again; somebody may have mended it


@dataclass(eq=False)
class Ticket:
    """A place in the line before an engine."""

    ends: float | None = None  # when the answer is expected to end, on the monotonic clock; None until it is announced


class EngineQueue:
    """First come, first served: a model on two cores writes one answer at a time; a hosted one, all at once."""

    def __init__(self, *, all_at_once: bool) -> None:
        self._all_at_once = all_at_once
        self._line: deque[Ticket] = deque()
        self._lock = threading.Lock()

    @property
    def busy(self) -> bool:
        """Whether anybody has or awaits a turn."""
        return bool(self._line)

    def join(self) -> Ticket:
        """Stand in line; the ticket shows the place."""
        ticket = Ticket()
        with self._lock:
            self._line.append(ticket)
        return ticket

    def ahead(self, ticket: Ticket) -> list[Ticket]:
        """Those whose answers must end before."""
        with self._lock:
            return [] if self._all_at_once else list(self._line)[: self._line.index(ticket)]

    def leave(self, ticket: Ticket) -> None:
        """Let the next one have its turn."""
        with self._lock:
            self._line.remove(ticket)


class Engine:
    """A model at hand: how fast it is here, and the line of those who wait for it."""

    def __init__(self, llm: LLM, book: SpeedBook, primer: Prompt, *, hosted: bool) -> None:
        """`primer` is the part that every prompt has: it is read as soon as the model is loaded."""
        self.llm, self._book, self._primer, self.hosted = llm, book, primer, hosted
        self.turns = EngineQueue(all_at_once=hosted)
        self.awake = hosted
        self._waking = threading.Lock()
        self._progress = Progress(Stage.LOADING, llm.name, 0, 0, None)
        self._speeds: Speeds | None = None
        self._failures, self._again = 0, 0.0
        self._problem: EngineProblem | None = None

    @property
    def speeds(self) -> Speeds:
        """As last measured. The engine must have been woken before."""
        known = self._known
        assert known is not None
        return known

    @property
    def _known(self) -> Speeds | None:
        return self._speeds or self._book.get(self.llm.fingerprint) or (REMOTE if self.hosted else None)

    def wait_s(self, ahead: Sequence[Ticket], within_s: float) -> float | None:
        """Seconds until these have ended, each as announced, or usual for evidence that is read within that time.

        None while nobody knows how fast the engine is.
        """
        if not (speeds := self._known):
            return None
        usual, now = speeds.total_s(speeds.tokens_within(within_s)), time.monotonic()
        return sum(usual if one.ends is None else max(0.0, one.ends - now) for one in ahead)

    def learn(self, speeds: Speeds) -> None:
        """Keep what an answer has taught."""
        self._speeds, self._failures = speeds, 0
        self._book.put(self.llm.fingerprint, speeds)

    def hope(self) -> None:
        """Expect a little more of an engine that was refused as too slow."""
        self._speeds = self.speeds.hopeful
        self._book.put(self.llm.fingerprint, self._speeds)

    def failed(self, problem: EngineProblem, after_s: float) -> None:
        """Leave the engine alone for as long as its failure took, twice as long if it fails again, and so on.

        A failure that cost no time rests none: the next question may ask at once. A silent engine costs its wait once.
        """
        self._again = time.monotonic() + min(after_s * 2**self._failures, LONGEST_REST_S)
        self._failures, self._problem = self._failures + 1, problem

    @contextmanager
    def working(self) -> Iterator[None]:
        """While the block runs the engine works; note whether it fails."""
        began = time.monotonic()
        try:
            yield
        except NothingWritten:
            raise  # it had nothing to say to this question
        except EngineProblem as problem:
            self.failed(problem, time.monotonic() - began)
            self.awake = self.hosted  # it may have crashed: the next question looks, and loads it if need be
            raise

    def _check_rest(self) -> None:
        left = self._again - time.monotonic()
        if left > 0 and self._problem:
            raise EngineBusy(f"{self._problem.message}; it is asked again in {left:.1f} s", hint=self._problem.hint)

    def wake(self, patience_s: float, stop: Stop) -> Iterator[Progress]:
        """Load the model, measure it if that was never done here, and let it read the part that every prompt has.

        EngineBusy if it is left alone after a failure.
        """
        while not self.awake:
            if self._waking.acquire(timeout=TICK_S):
                try:
                    yield from self._wake_once(patience_s, stop)
                finally:
                    self._waking.release()
            else:
                stop.check()
                yield self._progress
        self._check_rest()

    def _wake_once(self, patience_s: float, stop: Stop) -> Iterator[Progress]:
        """Wake it, unless somebody just has; if it failed for whoever that was, the wait is not to be borne again."""
        if not self.awake:
            self._check_rest()
            with self.working():
                yield from self._wake(patience_s, stop)

    def _wake(self, patience_s: float, stop: Stop) -> Iterator[Progress]:
        self._speeds = self._book.get(self.llm.fingerprint)
        if self._speeds is None:
            yield from self._measure(patience_s, stop)
        with closing(listen(self.llm, None, Request(self._primer, 0, patience_s, wordless=True), stop)) as pieces:
            for piece in pieces:
                if isinstance(piece, Waking):
                    yield self._loading(piece)
        self.awake = True

    def _loading(self, piece: Waking) -> Progress:
        usual = self._speeds.load_s if self._speeds else 0.0
        left = max(0.0, usual - piece.elapsed_s) if usual else None
        self._progress = Progress(Stage.LOADING, self.llm.name, int(piece.elapsed_s), int(usual), left)
        return self._progress

    def _measure(self, patience_s: float, stop: Stop) -> Iterator[Progress]:
        for found in calibrate(self.llm, patience_s, stop):
            match found:
                case Waking():
                    yield self._loading(found)
                case Prefilled():
                    self._progress = Progress(Stage.MEASURING, self.llm.name, 0, 1, None)
                    yield self._progress
                case Speeds():
                    self.learn(found)
