"""`recto feedback`: what is said of answers becomes questions that `recto eval --mine` asks."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from recto.cli import recto
from recto.evaluate import questions

QUESTION = "How many litres does the pump of hall 3 move a minute?"
CLEANED = "When is the pump of hall 3 cleaned?"
NONSENSE = "Who sang the third aria of the purple elephant opera?"
WORDS = "The pump of hall 3 is cleaned every second Monday"

Run = Callable[..., Result]


@pytest.fixture
def run(pumps: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`recto` with a library of its own, nothing asked and nothing said so far."""
    shutil.copytree(pumps, tmp_path / "home")
    monkeypatch.setenv("RECTO_HOME", str(tmp_path / "home"))
    invoke = CliRunner().invoke
    for group in ("history", "feedback"):
        assert invoke(recto, [group, "forget", "--all", "--yes"]).exit_code == 0
    return lambda *arguments, **more: invoke(recto, [str(word) for word in arguments], **more)


def asked(run: Run, question: str) -> int:
    return int(json.loads(run("ask", question, "--json").stdout)["turn"])


def test_what_is_said_is_measured(run: Run, tmp_path: Path) -> None:
    right, elsewhere, nothing = asked(run, QUESTION), asked(run, CLEANED), asked(run, NONSENSE)
    assert run("feedback", right, "yes").exit_code == 0
    assert run("feedback", elsewhere, "no").exit_code == 0
    said = run("feedback", elsewhere, "--here", "pumps.pdf", 2, "the PUMP of hall 3  is cleaned every second Monday")
    assert f"page 2: {WORDS}" in said.stdout
    assert "nothing answers it" in run("feedback", "yes").stdout  # of the last one, which says that nothing does
    lines = [json.loads(line) for line in run("feedback", "list", "--json").stdout.splitlines()]
    assert [line["id"] for line in lines] == [str(right), str(elsewhere), str(nothing)]
    assert [line["evidence_pages"] for line in lines] == [[1], [2], []]
    assert "111 litres" in lines[0]["evidence"][0]["text"]
    measured = run("eval", "--mine", "--json")
    assert measured.exit_code == 0, measured.output
    assert json.loads(measured.stdout)["questions"] == 3
    assert run("feedback", "export", tmp_path / "mine.jsonl").exit_code == 0
    assert [question.text for question in questions.read(tmp_path / "mine.jsonl")] == [QUESTION, CLEANED, NONSENSE]
    assert run("feedback", "export", tmp_path / "mine.jsonl").exit_code == 2


def test_it_outlives_the_history_until_it_is_forgotten(run: Run) -> None:
    turn = asked(run, QUESTION)
    run("feedback", turn, "yes")
    run("history", "forget", "--all", "--yes")
    assert run("feedback", "list").exit_code == 0
    assert run("feedback", turn, "no").exit_code == 1
    assert "1 line" in run("feedback", "forget", turn).stdout
    assert run("feedback", "list").exit_code == 3
    assert run("eval", "--mine").exit_code == 2


def test_documents_that_are_gone_are_left_out_and_that_is_said(run: Run) -> None:
    run("feedback", asked(run, QUESTION), "yes")
    run("remove", "pumps.pdf")
    result = run("eval", "--mine")
    assert (result.exit_code, "left out: 1 question" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["yes", "no"], 2),
        (["perhaps"], 2),
        ([], 2),
        (["yes", "--quote", "99"], 1),
        (["--here", "pumps.pdf", "2", "unsaid words"], 1),
        (["--here", "pumps.pdf", "9", WORDS], 1),
        (["yes", "--here", "pumps.pdf", "2", WORDS], 2),
    ],
)
def test_what_cannot_be_meant_is_refused(run: Run, words: list[str], code: int) -> None:
    assert run("feedback", asked(run, QUESTION), *words).exit_code == code
    assert run("feedback", "list").exit_code == 3


def test_without_a_question_there_is_nothing_to_say(run: Run) -> None:
    assert run("feedback", "yes").exit_code == 1
    assert run("feedback", "4711", "yes").exit_code == 1
    assert run("feedback", str(10**30), "yes").exit_code == 2
