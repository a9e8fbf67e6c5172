"""The model's process is killed in the middle of an answer: the quotes stand, and the next answer is written again."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from recto.llm import gguf
from recto.llm.llama import Llama, LlamaRuntime
from recto.llm.speeds import SpeedBook, Speeds
from support.live import Live, live
from support.processes import children
from support.served import Json, ask, events

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds the process in /proc"),
]
QUESTION = "When is the pump of hall 3 cleaned?"
PATIENCE_S = "300"
SPEEDS = Speeds(prefill=100.0, overhead_s=0.1, decode=20.0, load_s=1.0)
CHILD = "recto.llm.child"


@pytest.fixture
def _one_core() -> Iterator[None]:
    """What is started meanwhile uses one core: two threads that wait for each other crawl on a busy machine."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    yield
    os.sched_setaffinity(0, cores)


@pytest.fixture
def server(_one_core: None, pumps: Path, smol: Path) -> Iterator[Live]:
    fingerprint = Llama(gguf.read(smol), LlamaRuntime("", ""), threads=1, logs=pumps).fingerprint
    SpeedBook(pumps).put(fingerprint, SPEEDS)  # so that it need not be measured
    with live(pumps, "--model", str(smol), RECTO_PATIENCE=PATIENCE_S) as found:
        assert answered(found)["kind"] == "written"  # loads it
        yield found
        assert not found.traceback()


def answered(server: Live) -> Json:
    answer: Json = ask(server.http, QUESTION)[-1][1]["answer"]
    return answer


def killing(server: Live) -> list[tuple[str, Json]]:
    """The events of an answer whose model is killed at its first word."""
    text = ""
    with server.http.stream("POST", "/api/ask", json={"question": QUESTION}) as answer:
        for piece in answer.iter_text():
            if "event: token" in piece and "event: token" not in text:
                (model,) = children(server.process.pid, CHILD)
                os.kill(model, signal.SIGKILL)
            text += piece
    return events(text)


def test_the_quotes_stand_and_the_next_answer_is_written(server: Live) -> None:
    said = killing(server)
    names = [name for name, _ in said]
    assert names[-2:] == ["fell_back", "done"]
    (_, fell), (_, done) = said[-2:]
    assert fell["engine"] == "quote"
    assert "broke off" in fell["why"]
    assert (done["answer"]["kind"], done["answer"]["notice"]) == ("quoted", fell["why"])
    assert "every second Monday" in done["answer"]["answer"]
    assert dict(said)["quoted"]["citations"] == done["answer"]["citations"]
    while (again := answered(server))["kind"] != "written":  # it rests for a moment after a crash
        assert "crashed 1 times" in again["notice"] or "asked again in" in again["notice"]
        time.sleep(0.5)
