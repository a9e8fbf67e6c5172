"""`recto collection`, and `--collection` wherever documents are named."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from recto.cli import recto
from support.pdfs import text_pdf

Run = Callable[..., Result]


@pytest.fixture
def run(home: Path, tmp_path: Path) -> Run:
    """Commands over a library of two halls; the north one is in a collection."""

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(recto, [*map(str, arguments), "--home", str(home)])

    for hall, turns in (("north", "nine"), ("south", "seven")):
        (tmp_path / f"{hall}.pdf").write_bytes(text_pdf(f"The pump of the {hall} hall runs at {turns} hundred turns."))
    assert run("add", tmp_path, "--no-wait").exit_code == 0
    assert run("collection", "create", "North", "north.pdf").stdout == "made: North, 1 document\n"
    return run


def test_a_collection_from_its_beginning_to_its_end(run: Run) -> None:
    assert run("collection", "create", "north").exit_code == 1
    assert run("collection", "add", "NORTH", "south.pdf", "north.pdf").stdout == "filled: North, 2 documents\n"
    assert run("collection", "rename", "North", "Halls").stdout == "renamed: Halls, 2 documents\n"
    assert run("collection", "discard", "Halls", "north.pdf").stdout == "emptied: Halls, 1 document\n"
    assert "no document is called 'north.pdf'" in run("collection", "discard", "Halls", "north.pdf").stderr
    assert run("collection", "list").stdout == "    1 document  Halls\n"
    (line,) = run("collection", "list", "--json").stdout.splitlines()
    assert json.loads(line).items() >= {"name": "Halls", "documents": 1}.items()
    assert json.loads(run("collection", "delete", "Halls", "--json").stdout).items() >= {"status": "deleted"}.items()
    assert run("list", "--json").stdout.count("\n") == 2
    nothing = run("collection", "list")
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert "recto collection create" in nothing.stderr


def test_only_the_documents_of_a_collection_are_asked(run: Run) -> None:
    question = "How fast does the pump run?"
    asked = json.loads(run("ask", question, "--collection", "North", "--json").stdout)
    assert {place["document"]["name"] for place in asked["citations"]} == {"north.pdf"}
    hits = run("search", question, "--collection", "North", "--json").stdout.splitlines()
    assert {json.loads(hit)["document"]["name"] for hit in hits} == {"north.pdf"}
    (entry,) = run("list", "--collection", "north", "--json").stdout.splitlines()
    assert (json.loads(entry)["document"]["name"], json.loads(entry)["collections"]) == ("north.pdf", ["North"])
    listed = [
        line for line in run("list").stdout.splitlines() if not line.startswith(" ")
    ]  # what is said of each is not
    assert [line.rpartition("  ")[2] for line in listed] == ["[North]", "south.pdf"]


@pytest.mark.parametrize("command", [("ask", "Why?"), ("search", "Why?"), ("list",), ("eval", "--own"), ("add", ".")])
def test_an_unknown_one_comes_with_the_nearest_and_what_mends_it(run: Run, command: tuple[str, ...]) -> None:
    result = run(*command, "--collection", "Noth")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "no collection is called 'Noth'; there are 'North'" in result.stderr
    assert "mend: recto collection list" in result.stderr


def test_an_empty_one_refuses_plainly(run: Run) -> None:
    run("collection", "create", "Empty")
    for command in ("ask", "search"):
        result = run(command, "How fast does the pump run?", "--collection", "Empty")
        assert (result.exit_code, result.stdout) == (1, "")
        assert "there is no document in 'Empty'" in result.stderr
        assert "recto collection add" in result.stderr
    assert "recto collection add" in run("list", "--collection", "Empty").stderr


def test_new_files_go_into_one_and_what_is_there_too(run: Run, tmp_path: Path) -> None:
    (tmp_path / "west.pdf").write_bytes(text_pdf("The pump of the west hall stands still."))
    result = run("add", tmp_path / "west.pdf", tmp_path / "south.pdf", "--collection", "North", "--no-wait", "--json")
    assert [json.loads(line)["status"] for line in result.stdout.splitlines()] == ["added", "already"]
    assert json.loads(run("collection", "list", "--json").stdout)["documents"] == 3


def test_names_drive_no_terminal(run: Run) -> None:
    result = run("collection", "create", "\x1b]0;owned\x07")
    assert result.exit_code == 2
    assert "\x1b" not in result.stderr
