"""How long a model is waited for, and who speaks in its stead.

Silence is measured from the last sign of life, not from the beginning. An engine that stands by is started beside the
first one when that is late; whoever speaks first is heard, the other is stopped.
"""

import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from recto.errors import EngineFailed, EngineProblem, EngineSlow, NothingWritten
from recto.events import FellBack
from recto.generation import Finished, Piece, Prompt, Text
from recto.llm import LLM
from recto.stop import Stop, Stopped
from recto.text.sanitize import Sanitizer

TICK_S = 0.1
UNRIVALLED = 3  # times the patience that an engine which gives signs of life has if no other one stands by


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of an engine, and how long its first word may take."""

    prompt: Prompt
    most: int  # tokens
    patience_s: float
    expected_s: float = 0.0  # until the first word, as announced
    wordless: bool = False  # whether an end without a word will do
    see: Callable[[Piece], None] = lambda _: None  # told of the first engine's pieces when they come, in its thread


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
        self, llm: LLM, request: Request, heard: "SimpleQueue[_Said]", see: Callable[[Piece], None] | None
    ) -> None:
        self.llm, self.stop = llm, Stop()
        self.said: list[Text] = []  # until a word of it can be shown
        self._request, self._heard, self._see = request, heard, see
        self._sanitizer = Sanitizer("")
        threading.Thread(target=self._run, name="recto-write", daemon=True).start()

    def _run(self) -> None:
        problem: EngineProblem | None = EngineFailed(f"{self.llm.name} ended without a word about why")
        try:
            for piece in self.llm.stream(self._request.prompt, most=self._request.most, stop=self.stop):
                if self._see:
                    self._see(piece)
                self._heard.put((self, piece))
            problem = None
        except Stopped:
            problem = None
        except EngineProblem as error:
            problem = error
        finally:
            if problem is not None:
                self._heard.put((self, problem))

    def speaks(self, piece: Piece | EngineProblem) -> bool:
        """Whether this brings the first word that can be shown; thoughts do not."""
        if isinstance(piece, Text):
            self.said.append(piece)
            return bool(self._sanitizer.feed(piece.text).strip())
        return isinstance(piece, Finished) and bool(self._sanitizer.end().strip())


_Said = tuple[_Runner, Piece | EngineProblem]


class _Race:
    """One engine, or two side by side until one has spoken."""

    def __init__(self, first: LLM, second: LLM | None, request: Request) -> None:
        self._first, self._second, self._request = first, second, request
        self._heard: SimpleQueue[_Said] = SimpleQueue()
        self._runners: list[_Runner] = []
        self._speaker: _Runner | None = None
        self._why = EngineProblem("")
        self._began = self._alive = 0.0  # on the monotonic clock; the second is the last sign of life

    def stop(self) -> None:
        """Stop whoever runs."""
        for runner in tuple(self._runners):
            runner.stop.pull()

    def run(self, stop: Stop) -> Iterator[Piece | FellBack]:
        """Listen until the end."""
        stop.check()
        slow = self._slow(self._request.expected_s)
        if self._request.expected_s > self._request.patience_s:
            self._stand_in(slow)
        self._start(self._first)
        self._began = self._alive = time.monotonic()
        while True:
            stop.check()
            self._look_at_the_clock()
            try:
                who, said = self._heard.get(timeout=TICK_S)
            except Empty:
                continue
            self._alive = time.monotonic()
            yield from self._hear(who, said)
            if isinstance(said, Finished) and who is self._speaker:
                return

    def _look_at_the_clock(self) -> None:
        """Let the second engine stand in if no word came in time; end if nobody is left who gives a sign of life."""
        if not self._heard.empty():
            return  # whoever listens was late, not the engine
        now, limit = time.monotonic(), self._request.patience_s
        if now - self._alive > limit and not (self._second and self._speaker is None):
            raise self._silent()
        longest = limit if self._second else limit * UNRIVALLED
        if self._speaker is None and not self._request.wordless and now - self._began > longest:
            late = self._late()
            self._began = self._alive = now  # the other one has as long
            self._stand_in(late)

    def _hear(self, who: _Runner, said: Piece | EngineProblem) -> Iterator[Piece | FellBack]:
        if who not in self._runners:
            return
        if self._speaker is None and self._begins(who, said):
            yield from self._choose(who)
        elif isinstance(said, Text) and self._speaker is who:
            yield said
        if isinstance(said, Finished) and self._speaker is None:
            if self._request.wordless:
                self._speaker = who
            else:
                said = NothingWritten(f"{who.llm.name} ended without a word")
        if isinstance(said, EngineProblem):
            self._lose(who, said)
        elif not isinstance(said, Text) and self._is_heard(who):
            yield said

    def _begins(self, who: _Runner, said: Piece | EngineProblem) -> bool:
        """Whether this is the first word; of an engine without a rival anything is."""
        shown, alone = who.speaks(said), self._second is None and len(self._runners) == 1
        return shown or (alone and isinstance(said, Text) and bool(said.text.strip()))

    def _is_heard(self, who: _Runner) -> bool:
        return who is self._speaker or (self._speaker is None and who.llm is self._first)

    def _choose(self, who: _Runner) -> Iterator[Text | FellBack]:
        """Hear this one alone, from its first word on."""
        self._speaker = who
        for other in [runner for runner in self._runners if runner is not who]:
            other.stop.pull()
            self._runners.remove(other)
        if who.llm is not self._first:
            yield FellBack(self._why.message, who.llm.name, type(self._why))
        yield from who.said

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
        self._why = why
        self._start(self._second)
        self._second = None

    def _start(self, llm: LLM) -> None:
        see = self._request.see if llm is self._first else None
        self._runners.append(_Runner(llm, self._request, self._heard, see))

    def _slow(self, seconds: float) -> EngineSlow:
        limit = self._request.patience_s
        return EngineSlow(
            f"{self._first.name} would need about {seconds:.0f} s for its first word, the patience is {limit:g} s",
            hint=f"recto ask --patience {seconds * 2:.0f}, or a smaller model: recto models list",
        )

    def _late(self) -> EngineSlow:
        waited_s = time.monotonic() - self._began
        hint = f"recto ask --patience {waited_s * 2:.0f}, or a smaller model: recto models list"
        return EngineSlow(f"{self._first.name} said no word for {waited_s:.1f} s", hint=hint)

    def _silent(self) -> EngineSlow:
        limit = self._request.patience_s
        return EngineSlow(f"{self._first.name} gave no sign of life for {limit:g} s", hint="recto models speed")
