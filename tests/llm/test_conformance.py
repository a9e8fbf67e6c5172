"""What every LLM must do, whoever runs it: two that play, and two that are real."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from recto.errors import EngineClosed, PromptTooLong
from recto.generation import Finished, Piece, Prompt, Text
from recto.llm import LLM, gguf
from recto.llm.llama import Llama, LlamaRuntime
from recto.llm.ollama import Daemon, Ollama
from recto.llm.remote import Remote
from recto.stop import Stop, Stopped
from support.ollama_server import MODEL as OLLAMA_MODEL
from support.ollama_server import OllamaServer
from support.openai_server import KEY, OpenAIServer

SYSTEM = "Answer from the excerpts."
EVIDENCE = " ".join(f"The pump of hall {n} moves {n * 37} litres a minute." for n in range(1, 6))
PROMPT = Prompt(SYSTEM, EVIDENCE, "Question: How much does the pump of hall 3 move?")
LONG = Prompt(SYSTEM, EVIDENCE, "Write a very long story about pumps, halls and litres. Do not stop.")
LATE_S = 120.0  # for what takes a second on a quiet machine


@pytest.fixture(scope="session")
def child(smol: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Llama]:
    llama = Llama(gguf.read(smol), LlamaRuntime("", ""), threads=1, logs=tmp_path_factory.mktemp("logs"))
    yield llama
    llama.close()


ENGINES = ["ollama", "remote", "remote, real", "llama.cpp"]


@pytest.fixture
def own_child(smol: Path, tmp_path: Path) -> Iterator[Llama]:
    llama = Llama(gguf.read(smol), LlamaRuntime("", ""), threads=1, logs=tmp_path)
    yield llama
    llama.close()


@pytest.fixture(params=ENGINES)
def llm(request: pytest.FixtureRequest) -> LLM:
    """An engine for the tests that leave it open."""
    return engine(request, "child")


@pytest.fixture(params=ENGINES)
def own_llm(request: pytest.FixtureRequest) -> LLM:
    """An engine that a test may close."""
    return engine(request, "own_child")


def engine(request: pytest.FixtureRequest, child: str) -> LLM:
    if request.param == "ollama":
        daemon: OllamaServer = request.getfixturevalue("daemon")
        return Ollama(Daemon(daemon.url, "0.31.1"), OLLAMA_MODEL, threads=2, context=4096)
    if request.param == "remote":
        hosted: OpenAIServer = request.getfixturevalue("hosted")
        return Remote(f"{hosted.url}/v1", "some/model", KEY)
    if request.param == "remote, real":
        return Remote(request.getfixturevalue("real"), "SmolLM2-135M", KEY)
    llama: Llama = request.getfixturevalue(child)
    return llama


def answered(llm: LLM, prompt: Prompt = PROMPT, most: int = 6) -> list[Piece]:
    return list(llm.stream(prompt, most=most, stop=Stop()))


def texts(pieces: list[Piece]) -> list[str]:
    return [piece.text for piece in pieces if isinstance(piece, Text)]


def test_says_who_it_is(llm: LLM) -> None:
    engine, _, model = llm.name.partition("/")
    assert engine
    assert model
    assert llm.fingerprint


def test_text_comes_first_and_one_end_last(llm: LLM) -> None:
    pieces = answered(llm)
    assert [type(piece) for piece in pieces].index(Finished) == len(pieces) - 1
    assert "".join(texts(pieces)).strip()
    assert all(texts(pieces))


def test_the_limit_holds(llm: LLM) -> None:
    pieces = answered(llm, LONG, most=5)
    end = pieces[-1]
    assert isinstance(end, Finished)
    assert end.cut
    assert len(texts(pieces)) <= 5
    assert end.answer == 5
    assert end.prompt
    assert end.prompt > 20


def test_reading_ahead_writes_nothing(llm: LLM) -> None:
    pieces = answered(llm, most=0)
    end = pieces[-1]
    assert isinstance(end, Finished)
    assert (end.answer, end.cut) == (0, False)
    assert not texts(pieces)


def test_a_brake_pulled_before_stops_at_once(llm: LLM) -> None:
    stop = Stop()
    stop.pull()
    for most in (0, 5):
        with pytest.raises(Stopped):
            list(llm.stream(PROMPT, most=most, stop=stop))


def test_a_brake_frees_the_thread_that_reads(llm: LLM) -> None:
    stop, speaks = Stop(), threading.Event()

    def read() -> list[Piece]:
        pieces = []
        for piece in llm.stream(LONG, most=400, stop=stop):
            pieces.append(piece)
            if isinstance(piece, Text):
                speaks.set()
        return pieces

    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read)
        assert speaks.wait(LATE_S)
        stop.pull()
        with pytest.raises(Stopped):
            reading.result(1.0)
    assert texts(answered(llm))


def test_a_stream_may_be_left(llm: LLM) -> None:
    with closing(llm.stream(LONG, most=400, stop=Stop())) as pieces:  # type: ignore[type-var]
        assert next(piece for piece in pieces if isinstance(piece, Text))
    assert texts(answered(llm))


def test_weighs_more_where_more_is_said(llm: LLM) -> None:
    answered(llm, most=1)  # llama.cpp counts exactly once it runs
    short = llm.weigh(Prompt("a", "b", "c"))
    longer = llm.weigh(PROMPT)
    longest = llm.weigh(Prompt(SYSTEM, EVIDENCE * 3, "?"))
    assert 0 < short.total < longer.total < longest.total
    assert all(0 <= load.cached <= load.total for load in (short, longer, longest))


def test_weighs_about_what_the_engine_counts(llm: LLM) -> None:
    end = answered(llm, most=1)[-1]
    assert isinstance(end, Finished)
    assert end.prompt
    assert llm.weigh(PROMPT).total == pytest.approx(end.prompt, abs=2)


def test_knows_what_the_engine_holds(llm: LLM) -> None:
    unread = Prompt(SYSTEM, EVIDENCE.replace("pump", "boiler"), "Question: Where does the boiler of hall 3 stand?")
    answered(llm, Prompt("z", "y", "x"), most=1)
    cold = llm.weigh(unread)
    answered(llm, unread, most=1)
    next_one = llm.weigh(replace(unread, question="Question: And the boiler of hall 4?"))
    other = llm.weigh(Prompt("Quite another text.", "Of other things.", "?"))
    assert cold.cached < next_one.cached < next_one.total
    assert next_one.cached > next_one.total / 2
    assert other.cached < next_one.cached / 2
    assert next_one.new == next_one.total - next_one.cached


def test_two_at_once_both_finish(llm: LLM) -> None:
    with ThreadPoolExecutor(2) as pool:
        for pieces in pool.map(lambda _: answered(llm), range(2)):
            assert texts(pieces)
            assert isinstance(pieces[-1], Finished)


def test_what_does_not_fit_is_refused(llm: LLM) -> None:
    with pytest.raises(PromptTooLong):
        answered(llm, Prompt(SYSTEM, EVIDENCE * 100, "?"))
    assert texts(answered(llm))


def test_a_closed_engine_says_so_and_does_nothing(own_llm: LLM) -> None:
    own_llm.close()
    own_llm.close()
    for most in (0, 5):
        with pytest.raises(EngineClosed, match=own_llm.name):
            answered(own_llm, most=most)
    assert getattr(own_llm, "pid", None) is None


def test_closing_an_engine_ends_what_it_writes(own_llm: LLM) -> None:
    speaks = threading.Event()

    def write() -> None:
        for piece in own_llm.stream(LONG, most=400, stop=Stop()):
            if isinstance(piece, Text):
                speaks.set()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        assert speaks.wait(LATE_S)
        own_llm.close()
        with pytest.raises(EngineClosed):
            writing.result(LATE_S)
    assert getattr(own_llm, "pid", None) is None
