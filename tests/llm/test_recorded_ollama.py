"""Each recorded exchange, asked once through our client: what is shown, what class of error, and what comes next."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from recto.cli.answer_printer import progress_words
from recto.errors import (
    ChecksumWrong,
    EngineBusy,
    EngineDenied,
    EngineFailed,
    EngineProblem,
    ModelMissing,
    ModelUnusable,
    PromptTooLong,
    PullProblem,
    RectoError,
    TooLittleMemory,
)
from recto.events import Progress, Stage
from recto.generation import Finished, Prompt, Text
from recto.llm.ollama import Daemon, Ollama, Resident, find
from recto.stop import Stop
from support import scripted
from support.ollama_server import VERSION, OllamaServer, listed
from support.recorded import exchanges

PROMPT = Prompt("Answer with the words of the notes.", "The weir lets two litres pass a second.", "How much?")
ANSWERS = {  # what is shown, and whether the answer is cut
    **dict.fromkeys(
        ("chat-limit", "chat-again", "context-full-no-shift", "context-full-shift"), ("The weir at the", True)
    ),
    **dict.fromkeys(("two-at-once-1", "two-at-once-2", "too-long-history", "base-chat"), ("The weir at the", False)),
    **dict.fromkeys(
        ("sys-no-options", "sys-own-system", "tmpl-think-false", "tmpl-think-unsaid"), ("The weir at the", False)
    ),
    **dict.fromkeys(
        ("after-drop", "after-engine-killed", "chat-stop", "predict-minus-1", "threads-1", "logprobs"), ("The", False)
    ),
    "format-schema": ("The weir at the", False),
    "queue-full-0": ("The weir at the", True),
    "predict-0": ("The", True),
    "unknown-option": ("The weir at", True),
}
REFUSALS: dict[str, tuple[type[EngineProblem], str]] = {  # of a question
    "bad-json": (EngineFailed, "Ollama got only a part of the question"),
    "empty-body": (EngineFailed, "Ollama could not answer with weir: missing request body"),
    "bad-option-type": (EngineFailed, 'Ollama could not answer with weir: option "num_ctx" must be of type integer'),
    "format-bad": (EngineFailed, "Ollama could not answer with weir: Unable to generate parser for this template"),
    "chat-after-delete": (ModelMissing, "has no model gone"),
    "missing-model": (ModelMissing, "has no model nobody:7b"),
    "missing-blob": (ModelMissing, "has no model sluice"),
    "cloud-name": (EngineDenied, "gpt-oss:120b-cloud runs in Ollama's cloud"),
    "foreign-origin-post": (EngineDenied, "Ollama does not answer to the name in http"),
    "damaged-blob": (ModelUnusable, "the file of sluice is damaged"),
    "think-true": (ModelUnusable, "does not support thinking"),
    "no-memory": (TooLittleMemory, "weir needs more memory than is free: Ollama tried to take 24.6 GB"),
    "queue-full-1": (EngineBusy, "Ollama is too busy: it has as many questions as it takes"),
    "too-long-no-truncate": (PromptTooLong, "too long for weir: it has 3935 tokens of 2048"),
    "too-long-truncate": (PromptTooLong, "too long for weir: it has 3924 tokens of 2048"),
    "engine-killed-while-reading": (EngineFailed, "Ollama stopped before the answer"),
    "engine-killed-mid-answer": (EngineFailed, "Ollama stopped in the middle of the answer"),
    "server-ended-mid-answer": (EngineFailed, "Ollama stopped in the middle of the answer"),
    "dropped": (EngineFailed, "Ollama stopped in the middle of the answer"),
}
PULLS: dict[str, tuple[type[RectoError], str] | tuple[int, int]] = {  # bytes that are there, and all; or why not
    "pull-again": (98_362_745, 98_362_745),
    "pull-resumed": (98_362_593, 98_362_593),
    "create-sys": (0, 0),
    "create-tmpl": (0, 0),
    "pull-401": (PullProblem, "its registry asks for a login"),
    "pull-corrupt": (ChecksumWrong, "what came is not what the registry announced"),
    "pull-dropped": (PullProblem, "the connection broke; what was fetched so far is kept"),
    "pull-missing": (PullProblem, "there is no such model in its registry"),
    "pull-no-insecure": (PullProblem, "its registry does not speak https"),
    "pull-no-network": (PullProblem, "its registry cannot be reached"),
    "pull-nobody": (PullProblem, "its registry cannot be reached"),
}
LOADS = ("big-ctx", "load-empty", "threads-2")  # requests without a message
RESIDENTS = {
    "ps": [Resident("weir:latest", 2048, kept=True)],
    "ps-after-delete": [Resident("gone:latest", 4096, kept=True)],
    "ps-big-ctx": [Resident("weir:latest", 32768, kept=True)],
    "ps-sys": [Resident("weir-sys:latest", 512, kept=True)],
    "ps-empty": [],
}
TOLD: dict[str, Callable[[Daemon], object]] = {  # what the other cases hold, each read by whoever needs it
    "tags": lambda daemon: [model.name for model in daemon.models()] == ["sluice:latest", "weir:latest"],
    "version": lambda daemon: find(daemon.url, "local")[1][0].version == "0.33.2",
    "show": lambda daemon: daemon.check_writer("weir") is None,
    "show-sys": lambda daemon: daemon.check_writer("weir") is None,
    "show-tmpl": lambda daemon: daemon.check_writer("weir") is None,
    "unload": lambda daemon: daemon.unload("weir") is None,
    "copy": lambda daemon: daemon.remove("weir") is None,
    "delete-loaded": lambda daemon: daemon.remove("weir") is None,
}
REFUSED: dict[str, tuple[type[EngineProblem], Callable[[Daemon], object]]] = {
    "show-base": (ModelUnusable, lambda daemon: daemon.check_writer("weir")),
    "delete-missing": (ModelMissing, lambda daemon: daemon.remove("nobody:7b")),
    "foreign-host": (EngineDenied, Daemon.models),
    "foreign-origin": (EngineDenied, Daemon.models),
    "unknown-path": (EngineFailed, Daemon.models),
    "wrong-method": (EngineFailed, Daemon.models),
}


@pytest.fixture
def server(daemon: OllamaServer) -> Daemon:
    daemon.models = [listed(f"{name}:latest") for name in ("weir", "sluice", "gone")]
    return Daemon(daemon.url, VERSION)


def writer(server: Daemon, case: str) -> Ollama:
    """The model of a recorded question."""
    body = exchanges()[case]["request"].get("body")
    model = body["model"] if isinstance(body, dict) and body["model"] != "gpt-oss:120b-cloud" else "weir"
    return Ollama(server, str(model), threads=None, context=4096)


def asked(llm: Ollama) -> tuple[str, bool]:
    """The text of an answer, and whether it is cut."""
    *pieces, end = llm.stream(PROMPT, most=20, stop=Stop())
    assert isinstance(end, Finished)
    return "".join(piece.text for piece in pieces if isinstance(piece, Text)), end.cut


def test_every_recorded_case_is_asked() -> None:
    assert {*ANSWERS, *REFUSALS, *PULLS, *LOADS, *RESIDENTS, *TOLD, *REFUSED} == {*exchanges()}
    assert len(exchanges()) == 74


@pytest.mark.parametrize("case", ANSWERS)
def test_a_recorded_answer_is_shown(daemon: OllamaServer, server: Daemon, case: str) -> None:
    daemon.recorded, daemon.models = (
        case,
        [listed(f"{name}:latest") for name in ("weir", "weir-sys", "weir-tmpl", "weir-base")],
    )
    assert asked(writer(server, case)) == ANSWERS[case]
    assert len([body for body in daemon.asked_at("/api/chat") if body["messages"]]) == 1


@pytest.mark.parametrize("case", REFUSALS)
def test_a_recorded_refusal_says_what_is_wrong_and_hurts_no_other_question(
    daemon: OllamaServer, server: Daemon, case: str
) -> None:
    problem, sentence = REFUSALS[case]
    daemon.recorded, daemon.behaviour = case, scripted.brief
    if "nobody" in sentence:  # listed when it was chosen, gone when it is asked
        daemon.models = [listed("nobody:7b")]
    llm = writer(server, case)
    with pytest.raises(problem) as raised:
        asked(llm)
    assert type(raised.value) is problem
    assert sentence.replace("gpt-oss:120b-cloud", "weir") in raised.value.message
    assert not [raw for raw in ("HTTP", "chunked", '{"error', "tensor", "ggml") if raw in raised.value.message]
    assert raised.value.detail  # Ollama's own words, for programs
    is_load = case == "foreign-origin-post"
    questions = [body for body in daemon.asked_at("/api/chat") if body["messages"] or is_load]
    assert len(questions) == 1  # nothing is asked again behind the writer's back
    daemon.recorded = ""
    assert asked(llm)[0]


@pytest.mark.parametrize("case", LOADS)
def test_a_recorded_load_goes_before_the_question(daemon: OllamaServer, server: Daemon, case: str) -> None:
    daemon.recorded, daemon.behaviour = case, scripted.brief
    assert asked(writer(server, case))[0]
    assert [bool(body["messages"]) for body in daemon.asked_at("/api/chat")] == [False, True]


@pytest.mark.parametrize("case", PULLS)
def test_a_recorded_pull(daemon: OllamaServer, server: Daemon, case: str) -> None:
    daemon.recorded, expected = case, PULLS[case]
    daemon.recorded_at = "/api/pull"
    steps = server.pull("weir", Stop())
    if isinstance(expected[0], int):
        last = [(0, 0), *((step.done, step.total) for step in steps)][-1]
        assert last == expected
        return
    problem, sentence = expected
    assert isinstance(problem, type)
    with pytest.raises(problem, match=str(sentence)) as raised:
        list(steps)
    assert raised.value.detail
    assert "dial tcp" not in raised.value.message
    assert "tls:" not in raised.value.message


@pytest.mark.parametrize("case", RESIDENTS)
def test_what_is_in_memory(daemon: OllamaServer, server: Daemon, case: str) -> None:
    daemon.recorded = case
    assert server.residents() == RESIDENTS[case]


@pytest.mark.parametrize("case", TOLD)
def test_what_the_daemon_tells(daemon: OllamaServer, server: Daemon, case: str) -> None:
    daemon.recorded = case
    daemon.recorded_at = "/api/delete" if case == "copy" else ""
    assert TOLD[case](server)


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_daemon_refuses(daemon: OllamaServer, server: Daemon, case: str) -> None:
    problem, call = REFUSED[case]
    daemon.recorded = case
    daemon.recorded_at = "/api/tags" if call is Daemon.models else ""
    with pytest.raises(problem) as raised:
        call(server)
    assert type(raised.value) is problem


def test_an_ollama_that_does_not_answer_to_our_name_for_it_is_told(daemon: OllamaServer) -> None:
    daemon.recorded, daemon.recorded_at = "foreign-host", "/api/version"
    _, probes = find(daemon.url, "local")
    assert "does not answer to this name" in probes[0].answer


def test_the_log_of_an_ollama_that_recto_started_is_named(daemon: OllamaServer, server: Daemon, tmp_path: Path) -> None:
    daemon.recorded, server.log = "engine-killed-mid-answer", tmp_path / "ollama.log"
    for line in ("journalctl", "read "):  # without such a file Ollama runs by itself
        with pytest.raises(EngineFailed) as raised:
            asked(writer(server, daemon.recorded))
        assert (line in raised.value.hint) == (sys.platform == "linux" or line == "read ")
        server.log.touch()
    assert raised.value.hint == f"read {server.log}"


def test_a_terminal_says_that_ollama_answers_somebody_else() -> None:
    late = Progress(stage=Stage.WAITING, name="ollama/weir", done=0, total=1, eta_s=None)
    assert "waiting for ollama/weir, which is busy with another question" in progress_words(late)
