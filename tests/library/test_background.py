"""What is done ahead of a question, in threads of its own: one reading at a time, and no error without a word."""

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from recto import Library, writing
from recto.config import Writing
from recto.events import AskEvent, FellBack
from recto.generation import Load, Piece, Prompt
from recto.llm import LLM
from recto.runtime import engines
from recto.runtime.background import Background
from recto.stop import Stop
from recto.types import Kind
from recto.writing import AHEAD, WritingTask
from support import scripted
from support.live import soon
from support.ollama_server import MODEL, OllamaServer

QUESTION = "How many litres does the pump of hall 3 move a minute?"
AT_ONCE = 8
ROUNDS = 200


@pytest.fixture
def library(pumps: Path, daemon: OllamaServer) -> Iterator[Library]:
    daemon.behaviour = scripted.brief
    with Library(pumps, writing=Writing(model=f"ollama:{MODEL}", ollama_host=daemon.url)) as opened:
        yield opened


@pytest.fixture
def _hasty_threads() -> Iterator[None]:
    """Threads take turns as often as Python lets them."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("_hasty_threads")
def test_of_readings_that_begin_at_once_one_goes_on(library: Library) -> None:
    together = threading.Barrier(AT_ONCE)

    def begin(_: int) -> Stop:
        together.wait()
        return library._writer.forestall()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        for _ in range(ROUNDS):
            brakes = list(threads.map(begin, range(AT_ONCE)))
            assert [brake.pulled for brake in brakes].count(False) == 1


@pytest.mark.usefixtures("_hasty_threads")
def test_closing_waits_for_all_that_read_ahead(pumps: Path) -> None:
    together = threading.Barrier(AT_ONCE)
    for _ in range(5):
        library = Library(pumps)

        def prepare(number: int, library: Library = library) -> None:
            together.wait()
            library.prepare(f"{QUESTION} {number}")

        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(prepare, range(AT_ONCE)))
        library.close()
        assert not [thread for thread in threading.enumerate() if thread.name == AHEAD]


def test_an_error_while_reading_ahead_is_told_with_the_next_answer(library: Library) -> None:
    def find() -> WritingTask:
        raise LookupError("no such shelf")

    library._writer.read_ahead(find, library._writer.forestall())
    library._writer.join()
    events: list[AskEvent] = list(library.ask(QUESTION))
    (told,) = [event for event in events if isinstance(event, FellBack)]
    assert told.why == "work in the background (recto-ahead) broke off: LookupError: no such shelf"
    assert told.problem is not None
    assert told.problem.internal
    answer = library.ask(QUESTION).answer
    assert (answer.kind, answer.notice) == (Kind.WRITTEN, "")


def test_the_answer_itself_carries_the_notice(library: Library) -> None:
    library._writer.read_ahead(lambda: {}[QUESTION], library._writer.forestall())
    library._writer.join()
    answer = library.ask(QUESTION).answer
    assert answer.kind is Kind.WRITTEN
    assert "recto-ahead" in answer.notice


@dataclass
class Faltering:
    """A language model that cannot be told apart from another one when it is first asked what it is."""

    llm: LLM
    asked: bool = False

    @property
    def name(self) -> str:
        return self.llm.name

    @property
    def fingerprint(self) -> str:
        if not self.asked:
            self.asked = True
            raise ArithmeticError("no number for this model")
        return self.llm.fingerprint

    def weigh(self, prompt: Prompt, /) -> Load:
        return self.llm.weigh(prompt)

    def stream(self, prompt: Prompt, /, *, most: int, stop: Stop) -> Iterator[Piece]:
        return self.llm.stream(prompt, most=most, stop=stop)

    def close(self) -> None:
        self.llm.close()


def test_a_model_that_falters_is_loaded_the_next_time(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (engines, writing):
        monkeypatch.setattr(module, "LOOK_AGAIN_S", 0.05)
    engine = library._writer.engine()
    assert engine is not None
    engine.llm = Faltering(engine.llm)
    library.warm()
    assert soon(lambda: library.speeds is not None)
    answer = library.ask(QUESTION).answer
    assert answer.kind is Kind.WRITTEN
    assert answer.notice == "work in the background (recto-warm) broke off: ArithmeticError: no number for this model"


def test_an_error_is_told_once_and_ends_nothing_else() -> None:
    background, release = Background(), threading.Event()

    def fail() -> None:
        raise ZeroDivisionError("by nothing")

    background.start("patient", lambda: release.wait() and None)
    background.start("hasty", fail)
    background.join("hasty")
    problem = background.take_problem()
    assert problem is not None
    assert problem.message == "work in the background (hasty) broke off: ZeroDivisionError: by nothing"
    assert background.take_problem() is None
    assert [thread for thread in threading.enumerate() if thread.name == "patient"]
    release.set()
    background.join("patient")
    assert background.take_problem() is None
