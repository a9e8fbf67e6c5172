"""Who speaks, and when somebody else speaks instead: engines that do what a script says, in real threads."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from recto.errors import EngineFailed, EngineProblem, EngineSlow, NothingWritten
from recto.events import FellBack
from recto.generation import Finished, Load, Piece, Prefilled, Prompt, Text
from recto.llm.fallback import Request, listen
from recto.stop import Stop, Stopped
from support.clock import Clock

PROMPT = Prompt("a", "b", "c")
END = Finished(prompt=9, cached=0, answer=3, cut=False)
LATE_S = 60.0  # for what takes no time on a quiet machine
PATIENCE_S = 5.0


@dataclass(frozen=True)
class Silence:
    """Time that passes without a sign of life."""

    clock: Clock
    seconds: float


Act = Piece | EngineProblem | threading.Event | Silence
pytestmark = pytest.mark.usefixtures("clock")


class Scripted:
    """Says pieces, raises problems, waits for events, or lets time pass. Implements LLM."""

    def __init__(self, name: str, *acts: Act) -> None:
        self.name = self.fingerprint = name
        self._acts = acts
        self.asked = 0
        self.begun, self.ended = threading.Event(), threading.Event()

    def weigh(self, prompt: Prompt) -> Load:
        return Load(9, 0)

    def stream(self, prompt: Prompt, *, most: int, stop: Stop) -> Iterator[Piece]:
        self.asked += 1
        self.begun.set()
        try:
            yield from self._said(stop)
        finally:
            self.ended.set()

    def _said(self, stop: Stop) -> Iterator[Piece]:
        for act in self._acts:
            if isinstance(act, EngineProblem):
                raise act
            if isinstance(act, threading.Event):
                while not act.wait(0.01):
                    stop.check()
            elif isinstance(act, Silence):
                act.clock.advance(act.seconds)
            else:
                yield act
            stop.check()

    def close(self) -> None:
        self.ended.set()


def heard(
    first: Scripted,
    second: Scripted | None = None,
    *,
    expected: float = 0.0,
    wordless: bool = False,
) -> list[Piece | FellBack]:
    request = Request(prompt=PROMPT, most=9, patience_s=PATIENCE_S, expected_s=expected, wordless=wordless)
    return list(listen(first, second, request, Stop()))


def words(pieces: list[Piece | FellBack]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Text))


def test_one_engine_is_heard_to_its_end() -> None:
    pieces = [Prefilled(0, 9), Prefilled(9, 9), Text("It is"), Text(" six."), END]
    assert heard(Scripted("one", *pieces)) == pieces


def test_the_second_is_not_asked_while_the_first_is_in_time() -> None:
    second = Scripted("two", Text("no"), END)
    assert words(heard(Scripted("one", Text("yes"), END), second)) == "yes"
    assert second.asked == 0


def test_silence_beyond_the_patience_is_an_end(clock: Clock) -> None:
    first = Scripted("one", Silence(clock, 5.1), threading.Event())
    with pytest.raises(EngineSlow, match="no sign of life for 5 s"):
        heard(first)
    assert first.ended.wait(LATE_S)


def test_silence_is_measured_from_the_last_sign_of_life(clock: Clock) -> None:
    slowly = [act for done in range(3) for act in (Silence(clock, 4.0), Prefilled(done, 3))]
    assert words(heard(Scripted("one", *slowly, Text("late"), END))) == "late"


def test_silence_in_the_middle_is_an_end(clock: Clock) -> None:
    first = Scripted("one", Text("It"), threading.Event())
    pieces = listen(first, None, Request(prompt=PROMPT, most=9, patience_s=PATIENCE_S), Stop())
    assert next(pieces) == Text("It")
    clock.advance(5.1)
    with pytest.raises(EngineSlow):
        next(pieces)


def test_what_is_announced_as_too_slow_is_not_begun() -> None:
    first = Scripted("one", Text("yes"), END)
    with pytest.raises(EngineSlow, match="about 60 s for its first word, the patience is 5 s") as slow:
        heard(first, expected=60.0)
    assert "--patience 120" in slow.value.hint
    assert first.asked == 0


def test_what_is_announced_as_too_slow_gets_company() -> None:
    never = threading.Event()
    first, second = Scripted("one", never), Scripted("two", Text("quick"), END)
    pieces = heard(first, second, expected=60.0)
    assert words(pieces) == "quick"
    assert [piece.engine for piece in pieces if isinstance(piece, FellBack)] == ["two"]
    assert first.ended.wait(LATE_S)


def test_the_first_may_still_win() -> None:
    second = Scripted("two", threading.Event())
    pieces = heard(Scripted("one", second.begun, Text("after all"), END), second, expected=60.0)
    assert words(pieces) == "after all"
    assert not [piece for piece in pieces if isinstance(piece, FellBack)]
    assert second.asked == 1
    assert second.ended.wait(LATE_S)


def test_company_comes_when_the_first_word_is_late(clock: Clock) -> None:
    creeping = [act for done in range(6) for act in (Silence(clock, 1.0), Prefilled(done, 400))]
    second = Scripted("two", Text("quick"), END)
    assert words(heard(Scripted("one", *creeping, threading.Event()), second)) == "quick"


def test_a_dead_engine_is_replaced_at_once() -> None:
    dead = Scripted("one", EngineFailed("it crashed"))
    pieces = heard(dead, Scripted("two", Text("here"), END))
    assert pieces[0] == FellBack("it crashed", "two", EngineFailed)
    assert words(pieces) == "here"


def test_without_another_its_problem_is_told() -> None:
    with pytest.raises(EngineFailed, match="it crashed"):
        heard(Scripted("one", EngineFailed("it crashed")))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_unexpected_error_is_told_and_replaced() -> None:
    class Broken(Scripted):
        def _said(self, stop: Stop) -> Iterator[Piece]:
            yield from super()._said(stop)
            raise KeyError("delta")

    with pytest.raises(EngineFailed, match=r"one broke off \(KeyError: 'delta'\)"):
        heard(Broken("one", Prefilled(0, 9)))
    assert words(heard(Broken("one"), Scripted("two", Text("here"), END))) == "here"
    for thread in threading.enumerate():
        if thread.name == "recto-write":
            thread.join(LATE_S)  # its end tells of the error, which no later test is to be told


def test_both_dead() -> None:
    with pytest.raises(EngineFailed, match="second"):
        heard(Scripted("one", EngineFailed("first")), Scripted("two", EngineFailed("second")))


def test_a_dead_second_leaves_the_first_alone() -> None:
    second = Scripted("two", EngineFailed("denied"))
    pieces = heard(Scripted("one", second.ended, Text("slow"), END), second, expected=60.0)
    assert words(pieces) == "slow"


def test_a_failure_after_words_is_not_glued_to_another_answer() -> None:
    second = Scripted("two", Text("other"), END)
    with pytest.raises(EngineFailed):
        heard(Scripted("one", Text("It is"), EngineFailed("cut")), second)
    assert second.asked == 0


@pytest.mark.parametrize("said", [(), (Text("  "), Text("\n"))], ids=["nothing", "spaces"])
def test_an_end_without_a_word(said: tuple[Piece, ...]) -> None:
    with pytest.raises(NothingWritten):
        heard(Scripted("one", *said, END))
    assert heard(Scripted("one", *said, END), wordless=True)[-1] == END
    assert words(heard(Scripted("one", *said, END), Scripted("two", Text("word"), END))) == "word"


def test_the_brake_and_the_closed_generator_stop_both() -> None:
    first, second = Scripted("one", threading.Event()), Scripted("two", threading.Event())
    stop = Stop()

    def pull() -> None:
        assert first.begun.wait(LATE_S)
        assert second.begun.wait(LATE_S)
        stop.pull()

    threading.Thread(target=pull).start()
    with pytest.raises(Stopped):
        list(listen(first, second, Request(prompt=PROMPT, most=9, patience_s=PATIENCE_S, expected_s=60.0), stop))
    assert first.ended.wait(LATE_S)
    assert second.ended.wait(LATE_S)
    third = Scripted("three", Text("word"), threading.Event())
    pieces = listen(third, None, Request(prompt=PROMPT, most=9, patience_s=PATIENCE_S), Stop())
    next(pieces)
    pieces.close()
    assert third.ended.wait(LATE_S)
