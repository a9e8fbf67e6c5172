"""A model at hand: how fast it is here, and the line of those who wait for it."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from math import ceil
from time import monotonic

from recto.errors import EngineBusy, EngineProblem, NothingWritten, PromptTooLong
from recto.events import Progress, Stage
from recto.generation import Prefilled, Prompt, Waking
from recto.llm import LLM
from recto.llm.fallback import Request, listen
from recto.llm.lifetime import closed_problem
from recto.llm.speeds import REMOTE, SpeedBook, Speeds, calibrate
from recto.queue import Place, Queue, Ticket
from recto.stop import TICK_S, Stop

LONGEST_REST_S = 300.0  # for an engine that fails again and again; somebody may have mended it


class Engine:
    """A model at hand: how fast it is here, and the line of those who wait for it."""

    def __init__(self, llm: LLM, book: SpeedBook, primer: Prompt, *, hosted: bool) -> None:
        """`primer` is the part that every prompt has: it is read as soon as the model is loaded."""
        self.llm, self._book, self._primer, self.hosted = llm, book, primer, hosted
        self.turns = Queue(None if hosted else 1)  # on two cores a model writes one answer at a time
        self.awake = hosted
        self._waking = threading.Lock()
        self._progress = Progress(stage=Stage.LOADING, name=llm.name, done=0, total=0, eta_s=None)
        self._speeds: Speeds | None = None
        self._failures, self._rests_until = 0, 0.0
        self._problem: EngineProblem | None = None
        self._closed = False

    def close(self) -> None:
        """Let go of the model for good. EngineClosed is for those who wait, and for the one who is answered."""
        self._closed = True
        self.llm.close()

    def _check_open(self) -> None:
        if self._closed:
            raise closed_problem(self.llm.name)

    @property
    def speeds(self) -> Speeds:
        """As last measured. The engine must have been woken before."""
        speeds = self._measured_speeds
        assert speeds is not None
        return speeds

    @property
    def _measured_speeds(self) -> Speeds | None:
        return self._speeds or self._book.get(self.llm.fingerprint) or (REMOTE if self.hosted else None)

    def place(self, ticket: Ticket, within_s: float) -> Place | None:
        """The place in line, None once the turn has come. EngineClosed if it comes no more.

        Turns take as long as was announced, or as usual for evidence that is read within that time.
        """
        self._check_open()
        speeds = self._measured_speeds
        return self.turns.place(ticket, speeds.total_s(speeds.tokens_within(within_s)) if speeds else None)

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
        self._rests_until = monotonic() + min(after_s * 2**self._failures, LONGEST_REST_S)
        self._failures, self._problem = self._failures + 1, problem

    @contextmanager
    def working(self) -> Iterator[None]:
        """While the block runs the engine works; note whether it fails."""
        began = monotonic()
        try:
            yield
        except (NothingWritten, PromptTooLong):
            raise  # it had nothing to say to this question, or not to so many words
        except EngineProblem as problem:
            self.failed(problem, monotonic() - began)
            self.awake = self.hosted  # it may have crashed: the next question looks, and loads it if need be
            raise

    def _check_rest(self) -> None:
        rest_s = self._rests_until - monotonic()
        if rest_s > 0 and self._problem:
            raise EngineBusy(f"{self._problem.message}; it is asked again in {rest_s:.1f} s", hint=self._problem.hint)

    def wake(self, patience_s: float, stop: Stop) -> Iterator[Progress]:
        """Load the model, measure it if that was never done here, and let it read the part that every prompt has.

        EngineBusy if it is left alone after a failure, EngineClosed if it is closed.
        """
        self._check_open()
        while not self.awake:
            if not self._waking.acquire(timeout=TICK_S):
                stop.check()
                yield self._progress
                continue
            try:
                if not self.awake:  # nobody else has woken it meanwhile
                    self._check_rest()  # nor failed to: that wait is not to be borne again
                    with self.working():
                        yield from self._load(patience_s, stop)
            finally:
                self._waking.release()
        self._check_rest()

    def _load(self, patience_s: float, stop: Stop) -> Iterator[Progress]:
        self._speeds = self._book.get(self.llm.fingerprint)
        if self._speeds is None:
            for step in calibrate(self.llm, patience_s, stop):
                match step:
                    case Waking():
                        yield self._loading(step)
                    case Prefilled():
                        self._progress = Progress(
                            stage=Stage.MEASURING, name=self.llm.name, done=0, total=1, eta_s=None
                        )
                        yield self._progress
                    case Speeds():
                        self.learn(step)
        request = Request(prompt=self._primer, most=0, patience_s=patience_s, wordless=True)
        elapsed_s = 0.0
        with closing(listen(self.llm, None, request, stop)) as pieces:
            for piece in pieces:
                if isinstance(piece, Waking):
                    elapsed_s = piece.elapsed_s
                    yield self._loading(piece)
        if elapsed_s:  # it was not in memory: as long as this time it will take the next time
            self._speeds = replace(self.speeds, load_s=elapsed_s)
            self._book.put(self.llm.fingerprint, self._speeds)
        self.awake = True

    def _loading(self, waking: Waking) -> Progress:
        """How far loading is, by the time that it took the last time; never full, and without an end if it is late."""
        usual_s = self._speeds.load_s if self._speeds else 0.0
        left_s = usual_s - waking.elapsed_s
        seconds = int(waking.elapsed_s)
        total = max(seconds + 1, ceil(usual_s)) if left_s > 0 else 0
        self._progress = Progress(
            stage=Stage.LOADING, name=self.llm.name, done=seconds, total=total, eta_s=left_s if left_s > 0 else None
        )
        return self._progress
