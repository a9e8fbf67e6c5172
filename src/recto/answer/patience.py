"""How long a model is waited for, and who speaks in its stead.

Silence is measured from the last sign of life, not from the beginning. An engine that stands by is started beside the
first one when that is late; whoever speaks first is heard, the other is stopped.
"""

import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from recto.answer.llm import LLM, Finished, Piece, Prompt, Stop, Stopped, Text
from recto.errors import EngineFailed, EngineProblem, EngineSlow, NothingWritten
from recto.events import FellBack

TICK_S = 0.1


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of an engine, and how long its first word may take."""

    prompt: Prompt
    most: int  # tokens
    patience_s: float
    expected_s: float = 0.0  # until the first word, as announced
    wordless: bool = False  # whether an end without a word will do


def listen(first: LLM, second: LLM | None, request: Request, stop: Stop) -> Generator[Piece | FellBack, None, None]:
    """The pieces of the first engine, or of the second after a FellBack; Finished is the last.

    EngineSlow if nobody spoke in time, else the problem of the last engine left. Stopped if the brake was pulled.
    """
    race = _Race(first, second, request)
    try:
        yield from race.run(stop)
    finally:
        race.stop()


class _Runner:
    """One engine at work in a thread of its own."""

    def __init__(self, llm: LLM, request: Request, heard: "SimpleQueue[_Said]") -> None:
        self.llm, self.stop = llm, Stop()
        self._request, self._heard = request, heard
        threading.Thread(target=self._run, name="recto-write", daemon=True).start()

    def _run(self) -> None:
        problem: EngineProblem | None = EngineFailed(f"{self.llm.name} ended without a word about why")
        try:
            for piece in self.llm.stream(self._request.prompt, most=self._request.most, stop=self.stop):
                self._heard.put((self, piece))
            problem = None
        except Stopped:
            problem = None
        except EngineProblem as error:
            problem = error
        finally:
            if problem is not None:
                self._heard.put((self, problem))


_Said = tuple[_Runner, Piece | EngineProblem]


class _Race:
    """One engine, or two side by side until one has spoken."""

    def __init__(self, first: LLM, second: LLM | None, request: Request) -> None:
        self._first, self._second, self._request = first, second, request
        self._heard: SimpleQueue[_Said] = SimpleQueue()
        self._runners: list[_Runner] = []
        self._speaker: _Runner | None = None
        self._why = ""

    def stop(self) -> None:
        """Stop whoever runs."""
        for runner in self._runners:
            runner.stop.pull()

    def run(self, stop: Stop) -> Iterator[Piece | FellBack]:
        """Listen until the end."""
        slow = self._slow(self._request.expected_s)
        if self._request.expected_s > self._request.patience_s:
            self._stand_in(slow)
        self._start(self._first)
        began = alive = time.monotonic()
        while True:
            stop.check()
            try:
                who, said = self._heard.get(timeout=TICK_S)
            except Empty:
                now = time.monotonic()
                if now - alive > self._request.patience_s:
                    raise self._silent() from None
                if self._speaker is None and self._second and now - began > self._request.patience_s:
                    alive = now
                    self._stand_in(self._silent())
                continue
            alive = time.monotonic()
            yield from self._hear(who, said)
            if isinstance(said, Finished) and who is self._speaker:
                return

    def _hear(self, who: _Runner, said: Piece | EngineProblem) -> Iterator[Piece | FellBack]:
        if who not in self._runners:
            return
        if isinstance(said, Finished) and self._speaker is None:
            if self._request.wordless:
                self._speaker = who
            else:
                said = NothingWritten(f"{who.llm.name} ended without a word")
        if isinstance(said, EngineProblem):
            self._lose(who, said)
        elif self._speaker is None and isinstance(said, Text) and said.text.strip():
            yield from self._choose(who)
            yield said
        elif self._speaker is who or (self._speaker is None and who.llm is self._first and not isinstance(said, Text)):
            yield said

    def _choose(self, who: _Runner) -> Iterator[FellBack]:
        self._speaker = who
        for other in [runner for runner in self._runners if runner is not who]:
            other.stop.pull()
            self._runners.remove(other)
        if who.llm is not self._first:
            yield FellBack(self._why, who.llm.name)

    def _lose(self, who: _Runner, problem: EngineProblem) -> None:
        """Go on without an engine: with the other one, if there is any and nothing was said yet."""
        self._runners.remove(who)
        if self._speaker is who:
            raise problem
        if self._second:
            self._stand_in(problem)
        elif not self._runners:
            raise problem

    def _stand_in(self, why: EngineProblem) -> None:
        """Start the second engine. Raises the reason if there is none."""
        if self._second is None:
            raise why
        self._why = why.message
        self._start(self._second)
        self._second = None

    def _start(self, llm: LLM) -> None:
        self._runners.append(_Runner(llm, self._request, self._heard))

    def _slow(self, seconds: float) -> EngineSlow:
        limit = self._request.patience_s
        return EngineSlow(
            f"{self._first.name} would need about {seconds:.0f} s for its first word, the patience is {limit:g} s",
            hint=f"recto ask --patience {seconds * 2:.0f}, or a smaller model: recto models list",
        )

    def _silent(self) -> EngineSlow:
        limit = self._request.patience_s
        return EngineSlow(f"{self._first.name} gave no sign of life for {limit:g} s", hint="recto models speed")
