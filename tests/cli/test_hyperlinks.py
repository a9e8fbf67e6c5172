"""Places as links of the terminal (OSC 8), to the file that was added."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from recto import Library
from recto.cli import recto, terminal
from support.pdfs import text_pdf

ESCAPE = "\x1b]8;;"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("links")
    for name in ("my paper.pdf", "gone.pdf", "other.pdf"):
        (folder / name).write_bytes(text_pdf(f"The first page of {name}.", f"The valve of {name} opens at 40 bar."))
    with Library(folder / "library") as library:
        library.add(*(folder / name for name in ("my paper.pdf", "gone.pdf", "other.pdf")))
    (folder / "gone.pdf").unlink()
    (folder / "other.pdf").write_bytes(b"another file by now")
    return folder


def searched(home: Path, name: str) -> str:
    return CliRunner().invoke(recto, ["search", "valve", "--doc", name, "--home", str(home / "library")]).stdout


def test_a_place_links_to_its_file_where_that_still_lies(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recto.cli.terminal.knows_links", lambda: True)
    monkeypatch.setattr("recto.cli.hits.knows_links", lambda: True)
    address = f"{(home / 'my paper.pdf').as_uri()}#page=2"
    assert f"{ESCAPE}{address}\x1b\\my paper.pdf, page 2{ESCAPE}\x1b\\" in searched(home, "my paper.pdf")
    for name in ("gone.pdf", "other.pdf"):
        assert f"{name}, page 2" in searched(home, name)
        assert ESCAPE not in searched(home, name)


def test_what_is_no_terminal_gets_no_links(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VTE_VERSION", "7600")
    assert ESCAPE not in searched(home, "my paper.pdf")


@pytest.mark.parametrize(
    ("environment", "links"),
    [
        ({"TERM": "xterm"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM_PROGRAM": "vscode"}, True),
        ({"VTE_VERSION": "7600"}, True),
    ],
)
def test_terminals_that_know_links_are_known(
    environment: dict[str, str], links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TERM", "TERM_PROGRAM", *terminal.LINKING_SIGNS):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert terminal.knows_links() is links
