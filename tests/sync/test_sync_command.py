"""`recto sync`: what it prints, what it asks, how it ends, and that a kill in the middle loses nothing."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from recto import Library
from recto.cli import recto
from recto.cli import sync as sync_command
from support.folders import page, write
from support.forked import Program, command
from support.paths import HERE

JSON_PAGE = HERE.parent / "docs" / "json.md"


def sync(home: Path, *arguments: object) -> Result:
    return CliRunner().invoke(recto, ["sync", *map(str, arguments), "--home", str(home)])


def acts(result: Result) -> list[str]:
    return [line.split(": ")[0] + " " + line.split(": ")[1] for line in result.stdout.splitlines()]


def test_a_dry_run_says_in_the_same_words_what_is_done_then(home: Path, folder: Path) -> None:
    for number in (1, 2):
        write(folder / f"{number}.pdf", page(number))
    empty = home / "nothing"
    dry = sync(empty, folder, "--dry-run")
    assert dry.exit_code == 0
    assert "Nothing was done" in dry.stderr
    assert not empty.exists()
    done = sync(home, folder)
    assert done.exit_code == 0
    assert acts(dry) == acts(done) == ["add 1.pdf", "add 2.pdf"]
    assert "add 2, unchanged 0;" in dry.stderr
    assert "add 2, unchanged 0;" in done.stderr
    (folder / "1.pdf").rename(folder / "one.pdf")
    (folder / "2.pdf").unlink()
    write(folder / "broken.pdf", b"%PDF-1.7")
    dry, done = sync(home, folder, "--dry-run", "--delete"), sync(home, folder, "--delete")
    assert acts(dry) == ["add broken.pdf", "move one.pdf (was 1.pdf)", "delete 2.pdf"]
    assert acts(done) == acts(dry)[1:]
    assert "failed: " in done.stderr
    assert done.exit_code == 1
    again = sync(home, folder)
    assert (again.exit_code, acts(again)) == (0, ["skip broken.pdf"])
    assert sync(home).stdout == f"{folder}: 2 files, 1 failed; documents go with their files\n"


def test_json_has_a_line_for_each_step_and_one_for_the_whole(home: Path, folder: Path) -> None:
    write(folder / "a.pdf", page(1))
    lines = [json.loads(line) for line in sync(home, folder, "--json").stdout.splitlines()]
    assert [lines[0][field] for field in ("act", "path", "from", "why")] == ["add", "a.pdf", None, ""]
    assert lines[0]["outcomes"][0]["document"]["name"] == "a.pdf"
    assert lines[1]["counts"]["add"] == 1
    assert lines[1]["dry_run"] is False
    section = JSON_PAGE.read_text().split("## `recto sync FOLDER --json`")[1]
    for line, shown in zip(lines, section.split("```jsonl\n")[1].split("\n```")[0].splitlines(), strict=True):
        assert line.keys() == json.loads(shown).keys()
    (dry,) = sync(home, folder, "--json", "--dry-run").stdout.splitlines()
    assert json.loads(dry)["unchanged"] == 1
    (listed,) = sync(home, "--json").stdout.splitlines()
    assert json.loads(listed) == {"folder": str(folder), "deletes": None, "collection": None, "files": 1, "failed": 0}


def test_a_folder_from_which_everything_is_gone_is_asked_about(home: Path, folder: Path) -> None:
    write(folder / "a.pdf", page(1))
    sync(home, folder, "--delete")
    (folder / "a.pdf").unlink()
    told = sync(home, folder)
    assert told.exit_code == 1
    assert f"recto sync {folder} --delete --yes" in told.stderr
    assert acts(sync(home, folder, "--yes")) == ["delete a.pdf"]


def test_whoever_sits_at_a_terminal_is_asked_once_whether_documents_go_with_their_files(
    home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        write(folder / f"{number}.pdf", page(number))
    sync(home, folder)
    (folder / "1.pdf").unlink()
    asked: list[str] = []
    monkeypatch.setattr(sync_command, "_may_ask", lambda: True)
    monkeypatch.setattr(sync_command.click, "confirm", lambda text, **_: not asked.append(text))
    assert acts(sync(home, folder)) == ["delete 1.pdf"]
    (folder / "2.pdf").unlink()
    assert acts(sync(home, folder)) == ["delete 2.pdf"]
    assert len(asked) == 1
    assert "1 file gone" in asked[0]


def test_a_folder_that_is_not_there_is_said(home: Path, folder: Path) -> None:
    result = sync(home, folder / "nowhere")
    assert result.exit_code == 1
    assert "cannot be looked into" in result.stderr
    assert sync(home, "--watch").exit_code == 2
    assert sync(home, folder, "--watch", "--dry-run").exit_code == 2


def test_a_forgotten_folder_is_listed_no_more(home: Path, folder: Path) -> None:
    write(folder / "a.pdf", page(1))
    sync(home, folder)
    assert "its documents stay" in sync(home, folder, "--forget").stdout
    assert sync(home).stdout == ""


@pytest.mark.slow
def test_a_folder_fills_its_collection(home: Path, folder: Path) -> None:
    write(folder / "a.pdf", page(1))
    assert sync(home, folder).exit_code == 0
    unknown = sync(home, folder, "--collection", "Papers")
    assert unknown.exit_code == 1
    assert "recto collection create" in unknown.stderr
    with Library(home) as library:
        library.collections.create("Papers")
    assert sync(home, folder, "--collection", "papers").exit_code == 0
    write(folder / "b.pdf", page(2))
    assert sync(home, folder).exit_code == 0
    with Library(home) as library:
        assert {document.name for document in library.within("Papers").documents()} == {"a.pdf", "b.pdf"}
    assert sync(home).stdout.endswith("; in Papers\n")
    with Library(home) as library:
        library.collections.delete("Papers")
    write(folder / "c.pdf", page(3))
    assert sync(home, folder).exit_code == 0
    assert "Papers" not in sync(home).stdout


def test_a_sync_that_is_killed_goes_on(home: Path, folder: Path) -> None:
    for number in range(12):
        write(folder / f"{number:02}.pdf", page(number))
    seen = 0
    for kept in (1, 3, 2):
        with Program(command, "sync", str(folder), "--home", str(home)) as program:
            for _ in range(kept):
                program.stdout.readline()
            program.kill()
        with Library(home) as library:
            assert len(library.documents()) >= seen + kept
            seen = len(library.documents())
    done = sync(home, folder, "--delete")
    assert done.exit_code == 0
    with Library(home) as library:
        assert sorted(document.name for document in library.documents()) == [f"{n:02}.pdf" for n in range(12)]
    for path in sorted(folder.iterdir())[1:]:
        path.unlink()
    sync(home, folder)
    with Library(home) as library:
        assert [document.name for document in library.documents()] == ["00.pdf"]
