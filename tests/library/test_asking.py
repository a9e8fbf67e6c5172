"""`recto ask` as a person and a script meet it: what comes where, in which form, and with which exit code."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from recto import Library
from recto.answer import abstain
from recto.cli import recto
from recto.cli.messages import t
from support import scripted
from support.ollama_server import MODEL, OllamaServer
from support.openai_server import KEY, OpenAIServer
from support.pdfs import text_pdf
from support.processes import children
from support.scripted import telling
from support.terminals import Terminal

QUESTION = "How many litres does the pump of hall 3 move a minute?"
NONSENSE = "Who sang the third aria of the purple elephant opera?"
QUOTE = "The pump of hall 3 moves 111 litres a minute."
INVENTED = " Purple elephants dance on the moon of Jupiter."
STOPS_S = 60.0  # as long is waited for what takes a second on a quiet machine

Run = Callable[..., Result]


@pytest.fixture
def run(pumps: Path, daemon: OllamaServer, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`recto ask` over the pumps, with an Ollama that plays."""
    monkeypatch.setenv("RECTO_HOME", str(pumps))
    monkeypatch.setenv("OLLAMA_HOST", daemon.url)
    monkeypatch.setenv("RECTO_MODEL", f"ollama:{MODEL}")
    daemon.behaviour = telling(QUOTE + INVENTED)
    return lambda *arguments, **more: CliRunner().invoke(recto, ["ask", *map(str, arguments)], **more)


def events(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


# --- text ------------------------------------------------------------------------------------------------------------
def test_quotes_then_the_written_answer_then_the_places(run: Run) -> None:
    result = run("--brief", QUESTION)
    assert result.exit_code == 0
    quotes, _, rest = result.stdout.partition(f"{QUOTE} [1]")
    assert f"{QUOTE}\n    -- pumps.pdf, page 1\n" in quotes
    assert f"{INVENTED} [no support found]\n" in rest
    assert rest.endswith(f"\n[1] pumps.pdf, page 1: {QUOTE}\n")


def test_what_is_announced_and_measured_goes_to_standard_error(run: Run) -> None:
    result = run(QUESTION)
    assert f"ollama/{MODEL} writes: first word in about" in result.stderr
    assert "(Ctrl-C stops it)" in result.stderr
    assert f"written (engine: ollama/{MODEL}): search " in result.stderr
    assert "writes" not in result.stdout
    assert "engine" not in result.stdout


def test_a_failure_is_a_notice_and_the_quotes_stand(run: Run, daemon: OllamaServer) -> None:
    daemon.behaviour = scripted.in_turn(*[scripted.brief] * 4, scripted.crashing)
    result = run("--brief", QUESTION)
    assert result.exit_code == 0
    assert f"{QUOTE}\n    -- pumps.pdf, page 1\n" in result.stdout
    assert "notice: " in result.stderr
    assert "connection broke" in result.stderr
    assert "quoted (engine: quote)" in result.stderr


def test_what_was_written_before_a_failure_is_said_to_be_void(run: Run, daemon: OllamaServer) -> None:
    def breaking(reply: scripted.Reply) -> None:
        reply.begin()
        for word in scripted.ANSWER[:6]:
            reply.say(word)
        reply.drop()

    run(QUESTION)  # measures
    daemon.behaviour = scripted.in_turn(scripted.brief, breaking)
    result = run(QUESTION)
    assert "The pump of hall 3\n" in result.stdout  # ends the line; the last word waited for what comes after it
    assert "what was written so far does not count; the quotes above stand" in result.stderr


def test_nothing_in_the_documents_is_exit_code_3(run: Run, daemon: OllamaServer) -> None:
    result = run(NONSENSE)
    assert result.exit_code == 3
    assert result.stdout.startswith("The documents do not seem to say. The nearest passages:\n1. pumps.pdf, page ")
    assert "writes" not in result.stderr


def test_quote_says_nothing_of_models(run: Run, daemon: OllamaServer) -> None:
    result = run("--model", "quote", QUESTION)
    assert result.exit_code == 0
    assert QUOTE in result.stdout
    assert daemon.requests == []
    assert result.stderr.startswith("quoted (engine: quote): search ")
    assert len(result.stderr.splitlines()) == 1


# --- json and events -------------------------------------------------------------------------------------------------
FIELDS = {"kind", "certainty", "answer", "citations", "nearest", "engine", "seconds", "quotes", "unsupported", "notice"}


def test_json_is_one_object_with_everything(run: Run) -> None:
    result = run("--json", QUESTION)
    (answer,) = events(result)
    assert set(answer) == FIELDS | {"searched_for", "survey", "missing", "turn"}
    assert (answer["kind"], answer["engine"], answer["notice"]) == ("written", f"ollama/{MODEL}", "")
    assert answer["answer"] == QUOTE + INVENTED
    assert answer["unsupported"] == [INVENTED.strip()]
    assert answer["searched_for"] == QUESTION
    (cited,) = answer["citations"]
    assert (cited["at"], cited["quote"], cited["page"]) == (len(QUOTE), QUOTE, 1)
    assert QUOTE in [quote["quote"] for quote in answer["quotes"]]
    seconds = answer["seconds"]
    assert 0 < seconds["search"] < seconds["first_token"] < seconds["total"]


def test_json_of_a_quoted_answer(run: Run) -> None:
    (answer,) = events(run("--json", "--model", "ollama:none", QUESTION))
    assert (answer["kind"], answer["engine"], answer["unsupported"]) == ("quoted", "quote", [])
    assert "no model none" in answer["notice"]
    assert answer["citations"] == answer["quotes"] != []
    assert answer["seconds"]["first_token"] is None


def test_closest_lines_are_no_failure(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(abstain, "ANSWERED", 1000.0)
    result = run("--json", "--model", "quote", QUESTION)
    (answer,) = events(result)
    assert (answer["kind"], answer["certainty"], result.exit_code) == ("closest", "closest", 0)
    assert QUOTE in answer["answer"]
    (found, quoted, *_, done) = events(run("--events", QUESTION))
    assert (found["event"], quoted["kind"], done["answer"]["kind"]) == ("found", "closest", "written")
    assert done["answer"]["certainty"] == "closest"
    assert run(QUESTION).stdout.startswith(t("closest") + "\n\n")


def test_json_of_an_abstention(run: Run) -> None:
    result = run("--json", NONSENSE)
    (answer,) = events(result)
    assert result.exit_code == 3
    assert (answer["kind"], answer["citations"], answer["quotes"]) == ("abstained", [], [])
    assert answer["nearest"]


def test_events_are_a_line_each_and_done_is_last(run: Run) -> None:
    result = run("--events", QUESTION)
    stream = events(result)
    names = [event["event"] for event in stream]
    assert names[:2] == ["found", "quoted"]
    assert names.count("done") == 1
    assert names[-1] == "done"
    assert names.index("expect") < names.index("token")
    written = "".join(event["text"] for event in stream if event["event"] == "token")
    answer = stream[-1]["answer"]
    assert written == answer["answer"] == QUOTE + INVENTED
    assert [event["sentence"] for event in stream if event["event"] == "unsupported"] == answer["unsupported"]
    assert [event["citation"] for event in stream if event["event"] == "cited"] == answer["citations"]
    assert result.stderr == ""


def test_events_tell_of_a_fall_back(run: Run) -> None:
    stream = events(run("--events", "--model", "ollama:none", QUESTION))
    (fell,) = [event for event in stream if event["event"] == "fell_back"]
    assert fell["engine"] == "quote"
    assert fell["why"] == stream[-1]["answer"]["notice"]


# --- exit codes ------------------------------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.parametrize("form", [[], ["--json"], ["--events"]])
def test_a_missing_model_fails_only_if_it_is_required(run: Run, form: list[str]) -> None:
    assert run(*form, "--model", "ollama:none", QUESTION).exit_code == 0
    required = run(*form, "--model", "ollama:none", "--require-model", QUESTION)
    assert required.exit_code == 4
    assert "error: no language model wrote, and --require-model was given" in required.stderr
    assert QUOTE in required.stdout
    assert run(*form, "--require-model", QUESTION).exit_code == 0
    assert run(*form, "--require-model", NONSENSE).exit_code == 3


def test_a_missing_model_is_told_with_what_mends_it(run: Run) -> None:
    shown = run("--model", "ollama:none", QUESTION)
    assert "has no model none (recto models pull ollama:none)" in shown.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--nonsense", QUESTION],
        ["--patience", "0", QUESTION],
        ["--patience", "-1", QUESTION],
        ["--patience", "nan", QUESTION],
        ["--patience", "inf", QUESTION],
        ["--patience", "soon", QUESTION],
        [QUESTION, "and another"],
        [""],
        [" \t\n"],
        ["x" * 2001],
        ["\x00\x1b"],
    ],
)
def test_what_cannot_be_meant_is_exit_code_2(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr


@pytest.mark.parametrize("name", ["RECTO_PATIENCE", "RECTO_FIRST_TOKEN"])
@pytest.mark.parametrize("value", ["soon", "0", "-3", "nan", "inf", "1e999"])
def test_a_setting_that_means_nothing_is_exit_code_2(run: Run, name: str, value: str) -> None:
    result = run(QUESTION, env={name: value})
    assert result.exit_code == 2
    assert f"error: {name} is '{value}'" in result.stderr
    assert "mend: export " in result.stderr
    assert result.stdout == ""


def test_the_flag_beats_the_environment(run: Run, daemon: OllamaServer) -> None:
    assert run("--model", "quote", QUESTION, env={"RECTO_MODEL": "ollama:none"}).exit_code == 0
    assert daemon.requests == []


# --- who sees passages -----------------------------------------------------------------------------------------------
AWAY = "Passages of the documents may leave this machine, to engine.example: you have allowed that.\n"
REMOTE = {"RECTO_REMOTE_URL": "http://engine.example:9/v1", "RECTO_REMOTE_MODEL": "x", "RECTO_REMOTE_TOKEN": KEY}


@pytest.mark.slow
@pytest.mark.parametrize("form", [[], ["--json"], ["--events"]])
def test_it_is_said_that_passages_may_leave(run: Run, form: list[str]) -> None:
    assert AWAY in run(*form, "--allow-remote", QUESTION, env=REMOTE).stderr
    assert AWAY in run(*form, QUESTION, env={**REMOTE, "RECTO_ALLOW_REMOTE": "1"}).stderr
    assert AWAY not in run(*form, QUESTION, env=REMOTE).stderr


@pytest.mark.slow
def test_nothing_is_said_where_nothing_leaves(run: Run, hosted: OpenAIServer) -> None:
    here = {**REMOTE, "RECTO_REMOTE_URL": f"{hosted.url}/v1"}
    assert "leave this machine" not in run("--allow-remote", QUESTION, env=here).stderr
    assert "leave this machine" not in run("--allow-remote", "--model", "quote", QUESTION, env=REMOTE).stderr
    assert "leave this machine" not in run("--allow-remote", QUESTION, env={**REMOTE, "RECTO_REMOTE_TOKEN": ""}).stderr


def test_without_consent_nothing_leaves(run: Run) -> None:
    result = run("--model", "remote:x", QUESTION, env=REMOTE)
    assert result.exit_code == 0
    assert "notice: passages of your documents would leave this machine, to engine.example" in result.stderr


@pytest.mark.slow
def test_doctor_says_who_may_see_passages(pumps: Path, hosted: OpenAIServer) -> None:
    def found(env: dict[str, str]) -> dict[str, Any]:
        shown = CliRunner().invoke(recto, ["doctor", "--json", "--home", str(pumps)], env=env).stdout
        said: dict[str, Any] = json.loads(shown)
        return said

    allowed = {**REMOTE, "RECTO_ALLOW_REMOTE": "1", "OLLAMA_HOST": "http://127.0.0.1:9"}
    assert found({**allowed, "RECTO_MODEL": "remote"})["remote"]["found"] == "engine.example"
    assert found({**allowed, "RECTO_MODEL": "remote"})["writer"]["found"]["leaves_machine"] is True
    assert found({**REMOTE, "RECTO_MODEL": "quote"})["remote"]["found"] is None
    here = {**allowed, "RECTO_MODEL": "remote", "RECTO_REMOTE_URL": f"{hosted.url}/v1"}
    assert found(here)["writer"]["found"]["leaves_machine"] is False


def test_a_consented_engine_writes_and_is_named(run: Run, hosted: OpenAIServer, daemon: OllamaServer) -> None:
    daemon.models, hosted.behaviour = [], telling(QUOTE)
    env = {"RECTO_REMOTE_URL": f"{hosted.url}/v1", "RECTO_REMOTE_MODEL": "x", "RECTO_REMOTE_TOKEN": KEY}
    result = run("--allow-remote", "--patience", "60", QUESTION, env=env)
    assert f"{QUOTE} [1]" in result.stdout
    assert "notice: Ollama at" in result.stderr
    assert "remote/127.0.0.1/x writes" in result.stderr
    assert KEY not in result.stdout + result.stderr


# --- what a terminal must not be sent --------------------------------------------------------------------------------
HOSTILE = "\x1b[2J\x1b]0;owned\x07\x9b31m\x9d52;c;aGk=\x9c\u202e\u2066\r\x08\x7f"
HARMLESS = {"\n"}


def unsafe(text: str) -> list[str]:
    return sorted({char for char in text if not char.isprintable() and char not in HARMLESS})


@pytest.mark.parametrize("form", [[], ["--json"], ["--events"]])
def test_what_a_model_says_cannot_drive_the_terminal(run: Run, daemon: OllamaServer, form: list[str]) -> None:
    daemon.behaviour = telling(f"The pump of hall 3 moves 111 litres a minute. It{HOSTILE} does.{HOSTILE}")
    result = run(*form, QUESTION)
    assert "written" in result.stdout + result.stderr
    assert unsafe(result.stdout + result.stderr) == []


@pytest.mark.parametrize("form", [[], ["--json"], ["--events"]])
def test_what_an_engine_complains_cannot_either(run: Run, daemon: OllamaServer, form: list[str]) -> None:
    daemon.behaviour = scripted.refusing(500, f"the{HOSTILE} runner died")
    result = run(*form, QUESTION)
    assert "runner died" in result.stdout + result.stderr
    assert unsafe(result.stdout + result.stderr) == []


@pytest.mark.slow
@pytest.mark.parametrize("form", [[], ["--json"], ["--events"]])
def test_nor_can_a_document_its_name_or_a_question(
    run: Run, home: Path, tmp_path: Path, daemon: OllamaServer, form: list[str]
) -> None:
    path = tmp_path / "\x1b[2J\x9b31m\u202eevil.pdf"
    path.write_bytes(text_pdf("The secret pump\x1b[31m\x07 runs at nine hundred turns a minute, as everybody knows."))
    with Library(home) as library:
        assert library.add(path)[0].status == "added"
    for model in (f"ollama:{MODEL}", f"\x1b[2J\x9b\u202e\udcff{tmp_path}/none.gguf"):
        result = run(*form, "--home", home, "--model", model, f"How fast does the {HOSTILE}secret pump run?")
        assert "secret pump" in result.stdout
        assert unsafe(result.stdout + result.stderr) == []


def test_json_is_the_same_text_all_the_same(run: Run, daemon: OllamaServer) -> None:
    model = "\x9bnone\udcff\U000e0001.gguf"
    (answer,) = events(run("--json", "--model", model, QUESTION))
    assert model in answer["notice"]


# --- a terminal, and Ctrl-C ------------------------------------------------------------------------------------------
@pytest.fixture
def terminal(pumps: Path, daemon: OllamaServer) -> Iterator[Callable[..., Terminal]]:
    """`recto ask ...` in a terminal of its own."""
    opened: list[Terminal] = []

    def begin(*arguments: str, model: str = f"ollama:{MODEL}") -> Terminal:
        env = {"RECTO_HOME": str(pumps), "OLLAMA_HOST": daemon.url, "RECTO_MODEL": model}
        opened.append(Terminal("ask", *arguments, env=env))
        return opened[-1]

    yield begin
    for one in opened:
        one.close()


@pytest.mark.slow
def test_in_a_terminal_the_answer_is_whole(terminal: Callable[..., Terminal], daemon: OllamaServer) -> None:
    daemon.behaviour = telling(QUOTE + INVENTED)
    shown = terminal(QUESTION)
    assert shown.end() == 0
    assert f"{QUOTE} [1]{INVENTED} [no support found]\r\n" in shown.plain
    assert shown.plain.index("-- pumps.pdf, page 1") < shown.plain.index("writes: first word")


@pytest.mark.slow
@pytest.mark.parametrize("state", ["measured", "writing"])
def test_control_c_ends_with_130_and_stops_the_engine(
    terminal: Callable[..., Terminal], daemon: OllamaServer, state: str
) -> None:
    speaks = threading.Event()

    def speak(reply: scripted.Reply) -> None:
        speaks.set()
        scripted.falling_silent(reply)

    daemon.behaviour = scripted.to_question(QUESTION, speak) if state == "writing" else scripted.stalled
    shown = terminal(QUESTION)
    shown.wait_for("-- pumps.pdf, page 1")
    assert (speaks if state == "writing" else daemon.came).wait(STOPS_S)
    daemon.gone.clear()
    shown.type("\x03")
    assert shown.end() == 130
    assert daemon.gone.wait(STOPS_S)
    assert "Traceback" not in shown.plain
    assert shown.plain.endswith(("\r\n", "\r"))  # the shell's prompt begins a line


@pytest.mark.slow
def test_control_c_while_ollama_loads(terminal: Callable[..., Terminal], daemon: OllamaServer) -> None:
    daemon.loading = scripted.stalled
    shown = terminal(QUESTION)
    shown.wait_for("loading ollama/")
    shown.type("\x03")
    assert shown.end() == 130
    assert daemon.gone.wait(STOPS_S)
    assert "Traceback" not in shown.plain


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("moment", ["llama.cpp/", "writes: first word"])
def test_control_c_ends_the_model_s_process(terminal: Callable[..., Terminal], smol: Path, moment: str) -> None:
    """As soon as the model is named, which loads or is measured then, and while it reads."""
    shown = terminal(QUESTION, model=str(smol))
    shown.wait_for(moment)
    models = children(shown.pid)
    assert models
    shown.type("\x03")
    assert shown.end() == 130
    assert not [pid for pid in models if lives(pid)]
    assert "Traceback" not in shown.plain


@pytest.mark.slow
@pytest.mark.parametrize("form", ["--json", "--events"])
def test_an_interrupt_in_a_script(pumps: Path, daemon: OllamaServer, form: str) -> None:
    daemon.behaviour = scripted.stalled
    env = {**os.environ, "RECTO_HOME": str(pumps), "OLLAMA_HOST": daemon.url, "RECTO_MODEL": f"ollama:{MODEL}"}
    command = [sys.executable, "-m", "recto", "ask", form, QUESTION]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert daemon.came.wait(STOPS_S)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=STOPS_S)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert all(json.loads(line)["event"] in ("found", "quoted", "progress", "expect") for line in out.splitlines())


@pytest.mark.slow
def test_a_reader_that_goes_ends_it_quietly(pumps: Path, daemon: OllamaServer) -> None:
    daemon.behaviour = scripted.slow(0.1)
    env = {**os.environ, "RECTO_HOME": str(pumps), "OLLAMA_HOST": daemon.url, "RECTO_MODEL": f"ollama:{MODEL}"}
    command = f"{sys.executable} -m recto ask --events '{QUESTION}' | head -n 1"
    shown = subprocess.run(command, shell=True, env=env, capture_output=True, text=True, check=False, timeout=STOPS_S)
    assert shown.stdout.startswith('{"event": "found"')
    assert "Traceback" not in shown.stderr
