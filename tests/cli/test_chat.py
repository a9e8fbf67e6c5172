"""`recto ask` without a question: from a pipe, one a line, and in a terminal, where somebody types."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from recto import Library
from recto.cli import recto
from recto.cli.ask import AskOptions, answer
from recto.keeping import FOLLOWED, Thread
from support import scripted
from support.ollama_server import MODEL, OllamaServer
from support.terminals import LIMIT_S, Terminal

QUESTION = "How many litres does the pump of hall 3 move a minute?"
POWER = "How many megawatt hours of power did the plant use in 2021?"
NONSENSE = "Who sang the third aria of the purple elephant opera?"
SAYS_3, SAYS_2021, SAYS_2022 = "111 litres", "900 megawatt", "800 megawatt"

Pipe = Callable[..., Result]


@pytest.fixture
def pipe(pumps: Path, monkeypatch: pytest.MonkeyPatch) -> Pipe:
    """`recto ask` with lines on its standard input."""
    monkeypatch.setenv("RECTO_HOME", str(pumps))

    def ask(*lines: str | bytes, options: tuple[str, ...] = ()) -> Result:
        data = b"".join(line if isinstance(line, bytes) else f"{line}\n".encode() for line in lines)
        return CliRunner().invoke(recto, ["ask", *options], input=data)

    return ask


def objects(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


# --- from a pipe -----------------------------------------------------------------------------------------------------
def test_one_question_a_line(pipe: Pipe) -> None:
    result = pipe(QUESTION, "", "   ", POWER)
    assert result.exit_code == 0
    first, second = result.stdout.index(f"? {QUESTION}\n"), result.stdout.index(f"? {POWER}\n")
    assert SAYS_3 in result.stdout[first:second]
    assert SAYS_2021 in result.stdout[second:]
    assert result.stdout.count("? ") == 2


def test_a_follow_up_is_searched_with_what_was_asked_before(pipe: Pipe) -> None:
    result = pipe(POWER, "and in 2022?")
    (said,) = [line for line in result.stderr.splitlines() if line.startswith("searched for: ")]
    assert "power" in said
    assert "2022" in said
    assert "2021" not in said
    assert SAYS_2022 in result.stdout.split("? and in 2022?")[1]


def test_new_forgets(pipe: Pipe) -> None:
    result = pipe(POWER, ":new", "and in 2022?")
    assert "A new conversation: " in result.stderr
    assert "searched for" not in result.stderr


@pytest.mark.parametrize("form", ["--json", "--events"])
def test_json_tells_what_was_searched_for(pipe: Pipe, form: str) -> None:
    result = pipe(POWER, "and in 2022?", options=(form,))
    answers = [one.get("answer", one) if "event" in one else one for one in objects(result)]
    searched = [one["searched_for"] for one in answers if isinstance(one, dict) and "searched_for" in one]
    assert searched[0] == POWER
    assert "power" in searched[-1]
    assert "2022" in searched[-1]
    if form == "--json":
        assert len(objects(result)) == 2
    else:
        assert [one["event"] for one in objects(result)].count("done") == 2


@pytest.mark.slow
def test_the_exit_code_is_the_greatest(pipe: Pipe) -> None:
    assert pipe(QUESTION, ":help").exit_code == 0
    assert pipe(NONSENSE, QUESTION).exit_code == 3
    assert pipe(QUESTION, "x" * 2001, QUESTION).exit_code == 2
    assert pipe("x" * 2001, NONSENSE, QUESTION).exit_code == 3
    assert pipe(NONSENSE, QUESTION, options=("--require-model",)).exit_code == 4


def test_a_question_too_long_is_told_and_the_next_one_answered(pipe: Pipe) -> None:
    result = pipe("x" * 100_000, QUESTION)
    assert "error: the question has 100000 characters, the limit is 2000" in result.stderr
    assert SAYS_3 in result.stdout


def test_quit_ends_before_the_rest(pipe: Pipe) -> None:
    result = pipe(QUESTION, ":quit", POWER)
    assert result.exit_code == 0
    assert SAYS_2021 not in result.stdout


def test_commands_are_told_beside_the_answers(pipe: Pipe) -> None:
    result = pipe(":help", ":dance \x1b[2J", QUESTION)
    assert ":new   begin a new conversation" in result.stderr
    assert ":dance [2J means nothing here; :help says what does." in result.stderr
    assert ":new" not in result.stdout


@pytest.mark.parametrize("lines", [(), ("",), ("  ", "\t"), (":quit",)])
def test_no_question_at_all_is_exit_code_2(pipe: Pipe, lines: tuple[str, ...]) -> None:
    result = pipe(*lines)
    assert result.exit_code == 2
    assert "there is no question" in result.stderr
    assert result.stdout == ""


def test_what_is_no_utf_8_is_passed_over(pipe: Pipe) -> None:
    result = pipe(
        b"\xff\xfe How many litres does the pump \xc3 of hall 3 move a minute?\n", b"\xff\n", b"\x00\n", QUESTION
    )
    asked = result.stdout.split("? ")
    assert SAYS_3 in asked[1]
    assert SAYS_3 in asked[-1]
    assert "Traceback" not in result.stderr


def test_windows_lines_and_a_last_line_without_an_end(pipe: Pipe) -> None:
    result = pipe(f"{QUESTION}\r\n".encode(), POWER.encode())
    assert SAYS_3 in result.stdout
    assert SAYS_2021 in result.stdout
    assert "\r" not in result.stdout


def test_control_characters_of_a_question_are_not_repeated(pipe: Pipe) -> None:
    result = pipe(f"\x1b[2J\x9b31m\u202e{QUESTION}")
    assert not [char for char in result.stdout + result.stderr if not char.isprintable() and char != "\n"]
    assert SAYS_3 in result.stdout


def test_an_unknown_document_is_told_for_each(pipe: Pipe) -> None:
    result = pipe(QUESTION, POWER, options=("--doc", "none.pdf"))
    assert result.exit_code == 1
    assert result.stderr.count("error: no document is called 'none.pdf'") == 2


def test_an_abstention_does_not_carry_its_words_over(pipe: Pipe) -> None:
    """It is in the history all the same: a follow-up means what was asked last."""
    result = pipe(NONSENSE, POWER, "and in 2022?")
    assert "elephant" not in result.stderr
    assert SAYS_2022 in result.stdout.split("? and in 2022?")[1]


# --- the history -----------------------------------------------------------------------------------------------------
def test_the_history_is_bounded(pumps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lengths: list[int] = []
    plain = Library.ask

    def watched(library: Library, question: str, **more: Any) -> object:
        lengths.append(len(more["history"]))
        return plain(library, question, **more)

    monkeypatch.setattr(Library, "ask", watched)
    data = "\n".join(f"How many litres does the pump of hall {3 + n % 2} move?" for n in range(9))
    assert CliRunner().invoke(recto, ["ask", "--home", str(pumps)], input=data).exit_code == 0
    assert lengths == [0, 1, 2, 3, 4, 5, 5, 5, 5]
    assert FOLLOWED == 5


def test_what_could_not_be_asked_is_not_remembered(pumps: Path) -> None:
    thread = Thread()
    with Library(pumps) as library:
        for question in ("", "x" * 2001):
            with pytest.raises(Exception, match="the question"):
                answer(library, question, AskOptions(form="json"), thread)
    assert not thread.searched


# --- somebody types --------------------------------------------------------------------------------------------------
@pytest.fixture
def terminal(pumps: Path, daemon: OllamaServer) -> Iterator[Callable[..., Terminal]]:
    """`recto ask` in a terminal of its own, ready for a question."""
    opened: list[Terminal] = []

    def begin(*arguments: str, model: str = "quote") -> Terminal:
        env = {"RECTO_HOME": str(pumps), "OLLAMA_HOST": daemon.url, "RECTO_MODEL": model}
        opened.append(Terminal("ask", *arguments, env=env))
        opened[-1].wait_for(":help says what can be typed here, Ctrl-D ends.")
        opened[-1].wait_for("? ")
        return opened[-1]

    yield begin
    for one in opened:
        one.close()


DONE = "all 0."  # of the line of times


@pytest.mark.slow
def test_a_conversation(terminal: Callable[..., Terminal]) -> None:
    shown = terminal()
    assert "1 document." in shown.plain
    shown.type(f"{POWER}\r")
    shown.wait_for("(engine: quote)")
    shown.type("and in 2022?\r")
    shown.wait_for("searched for: ")
    shown.wait_for("(engine: quote)", times=2)
    shown.type("\r  \r:help\r")
    shown.wait_for("Ctrl-C stops the answer at hand.")
    shown.type(":new\r")
    shown.wait_for("A new conversation: ")
    shown.type("and in 2022?\r")
    shown.wait_for("(engine: quote)", times=3)
    assert shown.plain.count("searched for: ") == 1
    shown.type(":quit\r")
    assert shown.end() == 0
    assert SAYS_2022 in shown.plain


@pytest.mark.slow
def test_control_d_ends(terminal: Callable[..., Terminal]) -> None:
    shown = terminal()
    shown.type("\x04")
    assert shown.end() == 0
    assert "Traceback" not in shown.plain


@pytest.mark.slow
def test_control_c_at_the_prompt_asks_again(terminal: Callable[..., Terminal]) -> None:
    shown = terminal()
    shown.type("half a ques")
    shown.wait_for("half a ques")
    shown.interrupt()
    shown.wait_for("? ", times=2)
    shown.type(f"{QUESTION}\r")
    shown.wait_for("(engine: quote)")
    assert "searched for" not in shown.plain
    shown.wait_for("? ", times=3)
    shown.type("\x04")  # before the prompt the terminal itself takes it
    assert shown.end() == 0


@pytest.mark.slow
def test_control_c_stops_only_the_answer_at_hand(terminal: Callable[..., Terminal], daemon: OllamaServer) -> None:
    daemon.behaviour = scripted.brief
    shown = terminal(model=f"ollama:{MODEL}")
    shown.type(f"{QUESTION}\r")
    shown.wait_for(f"written (engine: ollama/{MODEL})")
    daemon.behaviour = scripted.falling_silent
    daemon.came.clear()
    shown.type(f"{QUESTION}\r")
    shown.wait_for("writes: first word", times=2)
    assert daemon.came.wait(LIMIT_S)
    shown.type("\x03")
    shown.wait_for("stopped")
    assert daemon.gone.wait(LIMIT_S)
    daemon.behaviour = scripted.brief
    shown.type("and that of hall 4?\r")
    shown.wait_for(f"written (engine: ollama/{MODEL})", times=2)
    shown.type(":quit\r")
    assert shown.end() == 0
    assert "Traceback" not in shown.plain


@pytest.mark.slow
def test_bytes_that_are_no_text_may_be_typed(terminal: Callable[..., Terminal]) -> None:
    shown = terminal()
    shown.type(b"\xff\xfe\xc3\r")
    shown.type(f"{QUESTION}\r")
    shown.wait_for(SAYS_3)
    shown.wait_for("? ", times=3)
    shown.type("\x04")
    assert shown.end() == 0
    assert "Traceback" not in shown.plain


@pytest.mark.slow
def test_a_question_too_long_is_told_and_the_next_one_answered_in_a_terminal(terminal: Callable[..., Terminal]) -> None:
    shown = terminal()
    shown.type("x" * 2001 + "\r")
    shown.wait_for("the limit is 2000")
    shown.type(f"{QUESTION}\r")
    shown.wait_for(SAYS_3)
    shown.type(":quit\r")
    assert shown.end() == 0


@pytest.mark.slow
def test_an_interrupt_ends_what_comes_from_a_pipe(pumps: Path, daemon: OllamaServer) -> None:
    daemon.behaviour = scripted.stalled
    env = {**os.environ, "RECTO_HOME": str(pumps), "OLLAMA_HOST": daemon.url, "RECTO_MODEL": f"ollama:{MODEL}"}
    command = [sys.executable, "-m", "recto", "ask"]
    with subprocess.Popen(
        command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        process.stdin.write(f"{QUESTION}\n{POWER}\n")
        process.stdin.flush()
        assert process.stdout is not None
        assert any(SAYS_3 in line for line in process.stdout)
        assert daemon.came.wait(LIMIT_S)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert SAYS_2021 not in out
    assert daemon.gone.wait(LIMIT_S)


@pytest.mark.slow
def test_answers_for_a_file_while_somebody_types(pumps: Path, tmp_path: Path) -> None:
    """Only answers go into the file, the prompt does not."""
    command = f"{sys.executable} -m recto ask > {tmp_path / 'answers'}"
    shown = Terminal("-c", command, env={"RECTO_HOME": str(pumps), "RECTO_MODEL": "quote"}, shell=True)
    shown.wait_for("? ")
    shown.type(f"{QUESTION}\r")
    shown.wait_for("(engine: quote)")
    shown.type(b"\xff\r\x04")
    assert shown.end() == 0
    shown.close()
    written = (tmp_path / "answers").read_text()
    assert SAYS_3 in written
    assert "? " not in written
    assert "Traceback" not in shown.plain
