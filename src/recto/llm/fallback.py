"""The timeout and fallback race: how long a model is waited for, and who speaks in its stead.

Silence is measured from the last sign of life, not from the beginning. An engine that stands by is started beside the
first one when that is late; whoever speaks first is heard, the other is stopped.
"""

import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from math import inf
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TypeAlias

from recto.errors import EngineFailed, EngineProblem, EngineSlow, NothingWritten
from recto.events import FellBack
from recto.generation import Delayed, Finished, Piece, Prompt, Text
from recto.llm import LLM
from recto.stop import TICK_S, Stop, Stopped
from recto.text.sanitize import Sanitizer

UNRIVALLED = 3  # times the patience that an engine which gives signs of life has if no other one stands by

Signal: TypeAlias = Piece | EngineProblem


def _ignore(_: Piece) -> None:
    """Look at no piece."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of an engine, and how long its first word may take."""

    prompt: Prompt
    most: int  # tokens
    patience_s: float
    expected_s: float = 0.0  # until the first word, as announced
    late_s: float = inf  # of silence, after which it is said that the engine is late
    wordless: bool = False  # whether an end without a word will do
    see: Callable[[Piece], None] = _ignore  # told of the first engine's pieces when they come, in its thread


def listen(first: LLM, second: LLM | None, request: Request, stop: Stop) -> Generator[Piece | FellBack, None, None]:
    """The pieces of the first engine, or of the second after a FellBack; Finished is the last.

    EngineSlow if nobody spoke in time, else the problem of the last engine left. Stopped if the brake was pulled.
    """
    race = _Race(first, second, request)
    with stop.doing(race.stop):  # at once, though nobody may take the next piece for long
        try:
            yield from race.run(stop)
        finally:
            race.stop()


class _Runner:
    """One engine at work in a thread of its own."""

    def __init__(
        self,
        llm: LLM,
        request: Request,
        signals: "SimpleQueue[tuple[_Runner, Signal]]",
        reason: EngineProblem | None = None,
    ) -> None:
        self.llm, self.stop = llm, Stop()
        self.reason = reason  # why it stands in for the first engine, None for that one itself
        self.texts: list[Text] = []  # until a word of it can be shown
        self._sanitizer = Sanitizer("")
        threading.Thread(target=self._run, args=(request, signals), name="recto-write", daemon=True).start()

    def _run(self, request: Request, signals: "SimpleQueue[tuple[_Runner, Signal]]") -> None:
        try:
            for piece in self.llm.stream(request.prompt, most=request.most, stop=self.stop):
                request.see(piece)
                signals.put((self, piece))
        except Stopped:
            pass
        except EngineProblem as problem:
            signals.put((self, problem))
        except Exception as error:  # whoever listens is told; where it happened is told by the thread's end
            signals.put((self, EngineFailed(f"{self.llm.name} broke off ({type(error).__name__}: {error})")))
            raise

    def has_words(self, signal: Signal) -> bool:
        """Whether this brings the first word that can be shown; thoughts do not."""
        if isinstance(signal, Text):
            self.texts.append(signal)
            return bool(self._sanitizer.feed(signal.text).strip())
        return isinstance(signal, Finished) and bool(self._sanitizer.end().strip())


class _Race:
    """One engine, or two side by side until one has spoken."""

    def __init__(self, first: LLM, second: LLM | None, request: Request) -> None:
        self._first, self._second, self._request = first, second, request
        self._signals: SimpleQueue[tuple[_Runner, Signal]] = SimpleQueue()
        self._runners: list[_Runner] = []
        self._speaker: _Runner | None = None
        self._late = False  # whether that was said
        self._began = self._alive = 0.0  # on the monotonic clock; the second is the last sign of life

    def stop(self) -> None:
        """Stop whoever runs."""
        for runner in tuple(self._runners):
            runner.stop.pull()

    def run(self, stop: Stop) -> Iterator[Piece | FellBack]:
        """Listen until the end."""
        stop.check()
        self._began = self._alive = monotonic()
        expected_s, patience_s = self._request.expected_s, self._request.patience_s
        if expected_s > patience_s:
            self._stand_in(
                EngineSlow(
                    f"{self._first.name} would need about {expected_s:.0f} s for its first word, the patience is"
                    f" {patience_s:g} s",
                    hint=f"recto ask --patience {expected_s * 2:.0f}, or a smaller model: recto models list",
                )
            )
        self._runners.append(_Runner(self._first, self._request, self._signals))
        while True:
            stop.check()
            self._check_patience()
            try:
                runner, signal = self._signals.get(timeout=TICK_S)
            except Empty:
                if self._speaker is None and not self._late and monotonic() - self._alive > self._request.late_s:
                    self._late = True
                    yield Delayed()
                continue
            self._alive = monotonic()
            yield from self._hear(runner, signal)
            if isinstance(signal, Finished) and runner is self._speaker:
                return

    def _check_patience(self) -> None:
        """Let the second engine stand in if no word came in time; end if nobody is left who gives a sign of life."""
        now, patience_s = monotonic(), self._request.patience_s
        if not self._signals.empty():
            return  # whoever listens was late, not the engine; a signal that came after `now` is no silence either
        if now - self._alive > patience_s and not (self._second and self._speaker is None):
            raise EngineSlow(f"{self._first.name} gave no sign of life for {patience_s:g} s", hint="recto models speed")
        waited_s = now - self._began
        longest_s = patience_s if self._second else patience_s * UNRIVALLED
        if self._speaker is None and not self._request.wordless and waited_s > longest_s:
            self._began = self._alive = now  # the other one has as long
            self._stand_in(
                EngineSlow(
                    f"{self._first.name} said no word for {waited_s:.1f} s",
                    hint=f"recto ask --patience {waited_s * 2:.0f}, or a smaller model: recto models list",
                )
            )

    def _hear(self, runner: _Runner, signal: Signal) -> Iterator[Piece | FellBack]:
        """What of this is to be passed on; nothing of an engine that has lost."""
        if runner not in self._runners:
            return
        if self._speaker is None:
            alone = self._second is None and len(self._runners) == 1  # without a rival, any text is the first word
            if runner.has_words(signal) or (alone and isinstance(signal, Text) and signal.text.strip()):
                yield from self._give_floor(runner)
        elif isinstance(signal, Text) and self._speaker is runner:
            yield signal
        match signal:
            case Text():
                pass
            case EngineProblem():
                self._lose(runner, signal)
            case Finished() if self._speaker is None and not self._request.wordless:
                self._lose(runner, NothingWritten(f"{runner.llm.name} ended without a word"))
            case _:
                if isinstance(signal, Finished) and self._speaker is None:
                    self._speaker = runner
                if runner is self._speaker or (self._speaker is None and runner.reason is None):
                    yield signal

    def _give_floor(self, runner: _Runner) -> Iterator[Text | FellBack]:
        """Hear this one alone, from its first word on."""
        self._speaker = runner
        for loser in [rival for rival in self._runners if rival is not runner]:
            loser.stop.pull()
            self._runners.remove(loser)
        if runner.reason:
            yield FellBack(runner.reason.message, runner.llm.name, type(runner.reason), runner.reason.detail)
        yield from runner.texts

    def _lose(self, runner: _Runner, problem: EngineProblem) -> None:
        """Go on without an engine: with the other one, if there is any and nothing was said yet."""
        self._runners.remove(runner)
        if self._speaker is runner:
            raise problem
        if self._second:
            self._stand_in(problem)
        elif not self._runners:
            raise problem

    def _stand_in(self, reason: EngineProblem) -> None:
        """Start the second engine. Raises the reason if there is none."""
        if self._second is None:
            raise reason
        request = replace(self._request, see=_ignore)
        self._runners.append(_Runner(self._second, request, self._signals, reason))
        self._second = None
