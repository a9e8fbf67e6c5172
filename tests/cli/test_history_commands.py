"""`recto history`, and `recto ask` that keeps and goes on."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from recto.cli import recto

QUESTION = "How many litres does the pump of hall 3 move a minute?"
NONSENSE = "Who sang the third aria of the purple elephant opera?"

Run = Callable[..., Result]


@pytest.fixture
def run(pumps: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`recto` with a library of its own, nothing asked so far."""
    shutil.copytree(pumps, tmp_path / "home")
    monkeypatch.setenv("RECTO_HOME", str(tmp_path / "home"))
    CliRunner().invoke(recto, ["history", "forget", "--all", "--yes"])
    return lambda *arguments, **more: CliRunner().invoke(recto, list(arguments), **more)


def objects(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_question_is_kept_listed_shown_and_forgotten(run: Run) -> None:
    turn = objects(run("ask", QUESTION, "--json"))[0]["turn"]
    assert f"{turn}  " in run("history", "list").stdout
    shown = run("history", "show", str(turn))
    assert QUESTION in shown.stdout
    assert "111 litres" in shown.stdout
    removed = run("remove", "pumps.pdf")
    assert "1 answer in the history" in removed.stderr
    assert "not in the library any more" in run("history", "show", str(turn)).stdout
    (mends,) = (line for line in removed.stderr.splitlines() if "history forget" in line)
    assert "forgotten: 1 question" in run(*mends.split()[1:]).stdout
    assert run("history", "list").exit_code == 3
    assert run("history", "show", str(turn)).exit_code == 1


def test_json_keeps_its_promise(run: Run) -> None:
    (answer,) = objects(run("ask", QUESTION, "--json"))
    (listed,) = objects(run("history", "search", "LITRES", "--json"))
    assert set(listed) == {"turn", "conversation", "asked", "question", "state", "kind"}
    assert (listed["turn"], listed["state"], listed["kind"]) == (answer["turn"], "answered", "quoted")
    (shown,) = objects(run("history", "show", str(answer["turn"]), "--json"))
    assert set(shown) == {*listed, "searched_for", "answer", "problem"}
    again = shown["answer"]
    assert isinstance(again, dict)
    assert [place.pop("standing") for place in again["citations"]] == ["stands"] * len(again["citations"])
    assert again["citations"] == answer["citations"]
    assert objects(run("ask", QUESTION, "--events"))[-1]["turn"] == 1 + int(str(answer["turn"]))


def test_the_last_conversation_goes_on_after_a_restart(run: Run) -> None:
    run("ask", QUESTION)
    result = run("ask", "--continue", "and of hall 4?")
    assert f"after '{QUESTION}'" in result.stderr
    assert "148 litres" in result.stdout
    first, second = sorted(objects(run("history", "list", "--json")), key=lambda turn: str(turn["asked"]))
    assert first["conversation"] == second["conversation"]
    assert "going on" in run("ask", "--continue", input="and of hall 5?\n").stderr
    assert {turn["conversation"] for turn in objects(run("history", "list", "--json"))} == {first["conversation"]}


def test_there_need_be_no_conversation_to_go_on_with(run: Run) -> None:
    result = run("ask", "--continue", QUESTION)
    assert (result.exit_code, "there is none" in result.stderr) == (0, True)


def test_switched_off_nothing_is_kept_and_that_is_said(run: Run) -> None:
    run("history", "off")
    assert objects(run("ask", QUESTION, "--json"))[0]["turn"] is None
    listed = run("history", "list")
    assert (listed.exit_code, "switched off" in listed.stderr) == (3, True)
    run("history", "on")
    run("ask", NONSENSE)
    assert "(no answer)" in run("history", "list").stdout


def test_what_is_to_be_forgotten_must_be_named(run: Run) -> None:
    run("ask", QUESTION)
    assert run("history", "forget").exit_code == 2
    assert run("history", "forget", "1", "--all").exit_code == 2
    assert run("history", "forget", "4711").exit_code == 1
    assert run("history", "forget", "--doc", "nothing.pdf").stdout == "forgotten: 0 questions\n"
    assert run("history", "forget", "--all", input="n\n").exit_code == 0
    assert run("history", "list").exit_code == 0
