"""What the documents say is run, or held against the code."""

import json
import re
from pathlib import Path

import click
import pytest
from bench import figures

from recto import errors, wire
from recto.cli import recto
from recto.types import Added, Document, Flag

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def test_the_readme_s_python_runs(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = blocks(README, "python")
    assert len(code.strip().splitlines()) <= 9
    monkeypatch.chdir(ROOT)
    exec(code.replace('"my-library"', repr(str(home))), {})
    printed = capsys.readouterr().out
    assert "riscv-reri-architecture.pdf" in printed
    assert "Rect(" in printed


def test_the_readme_s_commands_exist() -> None:
    context = click.Context(recto)
    for line in "".join(blocks(README, "console")).splitlines():
        words = re.sub(r"\s+#.*", "", line).replace("$ recto ", "").split()
        command = recto.get_command(context, words[0])
        assert command is not None, line
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words[1:] if re.fullmatch(r"--?[a-z-]+", word)} <= known, line


def test_the_readme_is_short_and_its_links_lead_somewhere() -> None:
    assert len(README.splitlines()) <= 150
    assert len((ROOT / "CONTRIBUTING.md").read_text().splitlines()) <= 60
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
            assert target.startswith("https://") or (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_dependency_has_its_line() -> None:
    listed = README.split("| dependency |")[1]
    names = re.findall(r'^  "([a-z0-9-]+)>=', (ROOT / "pyproject.toml").read_text().split("[project.scripts]")[0], re.M)
    assert len(names) > 10
    assert [name for name in names if name not in listed] == []


def test_the_json_page_shows_the_fields_that_are_printed() -> None:
    page = (ROOT / "docs" / "json.md").read_text()
    shown = [json.loads(block.replace("...", "")) for block in blocks(page, "json")]
    document = Document("", "", "", 0, 0, 0.0)
    outcome = Added(document, "added", 0, 0.0, dict.fromkeys(Flag, 0), None)
    assert set(shown[0]) == set(wire.added(outcome))
    assert set(shown[0]["page_flags"]) == {flag.value for flag in Flag}


def test_the_json_page_names_every_kind_of_problem() -> None:
    page = (ROOT / "docs" / "json.md").read_text()

    def leaves(root: type[errors.RectoError]) -> list[type[errors.RectoError]]:
        return [leaf for child in root.__subclasses__() for leaf in (leaves(child) or [child])]

    for kind in (*leaves(errors.FileProblem), *leaves(errors.LibraryProblem)):
        assert f"`{kind.kind}`" in page


def test_the_figures_are_those_of_the_results() -> None:
    shown = README.split(figures.BEGIN)[1].split(figures.END)[0]
    assert shown.strip() == figures.block(), "run `make figures`"
