"""What the commands say, in German: by `--lang`, `RECTO_LANG` or the locale."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from recto.cli import messages, recto
from recto.cli.messages import spoken
from recto.messages import Messages
from support.pdfs import text_pdf

GERMAN = "Die Pumpe steht in der Halle und wird mit dem Schlüssel\ngeöffnet, der in dem Büro liegt."


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in messages.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(messages, "_chosen", "")


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, "en"),
        ({"LANG": "de_AT.UTF-8"}, "de"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "xx_XX.UTF-8"}, "en"),
        ({"LANG": "de_DE", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_GB", "RECTO_LANG": "de"}, "de"),
        ({"LANG": "de_DE", "RECTO_LANG": ""}, "de"),
    ],
)
def test_the_environment_says_which_language(
    variables: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert spoken() == language


def test_add_ask_search_and_list_speak_german(tmp_path: Path) -> None:
    path, home = tmp_path / "pumpe.pdf", str(tmp_path / "home")
    path.write_bytes(text_pdf(GERMAN))

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(recto, ["--lang", "de", *arguments, "--home", home])
        assert result.exit_code == 0, result.output
        return result.output

    assert "hinzugefügt: pumpe.pdf: 1 Seite, 1 Stelle" in run("add", str(path))
    asked = run("ask", "Where is the Schlüssel of the Pumpe?", "--model", "quote")
    assert "pumpe.pdf, Seite 1 (auf Deutsch)" in asked
    assert re.search(r"(zitiert|am nächsten) \(durch quote\): Suche", asked)
    assert "Wörter" in run("search", "Schlüssel der Pumpe")
    assert "1 Seite " in run("list")
    assert json.loads(run("list", "--json").splitlines()[-1])["pages"] == 1


def test_collections_history_feedback_and_removing_speak_german_wherever_it_is_asked_for(tmp_path: Path) -> None:
    path, home = tmp_path / "pumpe.pdf", str(tmp_path / "home")
    path.write_bytes(text_pdf(GERMAN))

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(recto, [*arguments, "--home", home, "--lang", "de"])
        assert result.exit_code == 0, result.output
        return result.output

    assert "noch keine Sammlung" in run("collection", "list")
    run("add", str(path), "--no-wait")
    assert run("collection", "create", "Pumpen", "pumpe.pdf") == "angelegt: Pumpen, 1 Dokument\n"
    run("ask", "Wo liegt der Schlüssel der Pumpe?", "--model", "quote")
    assert "pumpe.pdf, Seite 1: " in run("feedback", "yes")
    assert "lässt es sich zurückholen" in run("remove", "pumpe.pdf")
    assert "nicht mehr in der Bibliothek" in run("history", "show", "1")
    assert run("undo") == "zurückgeholt: pumpe.pdf\n"
    assert run("history", "forget", "--all", "--yes") == "vergessen: 1 Frage\n"
    assert "keine Token" in run("token", "list")
    assert run("export", str(tmp_path / "alles.recto")).startswith("exportiert: 1 Dokument nach ")
    assert run("remove", "--all", "--yes").startswith("entfernt: Das eine Dokument in ")


def test_an_unknown_language_is_refused() -> None:
    result = CliRunner().invoke(recto, ["--lang", "tlh", "list"])
    assert result.exit_code == 2
    assert "tlh" in result.output


def test_every_message_of_the_commands_is_used() -> None:
    code = "\n".join(path.read_text() for path in messages.FOLDER.parent.glob("*.py"))
    literals, beginnings = (
        set(re.findall(r"[\"']([\w.]+)[\"']", code)),
        tuple(re.findall(r"t\(f[\"']([\w.]+\.)\{", code)),
    )
    names = Messages.of(messages.FOLDER, "en").table
    assert not [name for name in names if name not in literals and not name.startswith(beginnings)]
    assert set(re.findall(r"\bt\([\"']([\w.]+)[\"']", code)) <= set(names)


def test_models_and_doctor_speak_german(tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        result = CliRunner().invoke(recto, ["--lang", "de", *arguments, "--home", str(tmp_path)])
        assert result.exit_code == 0, result.output
        return result.output

    listed = run("models", "list")
    assert re.search(r"GB, (installiert|nicht da)\n", listed)
    assert "         Lizenz: " in listed
    findings = run("doctor")
    assert "mend: " not in findings
    assert re.findall(r"^ {13}\S+", findings, re.MULTILINE) == ["             Abhilfe:"] * findings.count("Abhilfe: ")
