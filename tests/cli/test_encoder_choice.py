"""`recto encoders`, and what `recto add` says of pages in other languages."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from recto.cli import recto
from recto.runtime.encoders import KINDS
from support.pdfs import text_pdf

GERMAN = "Die Pumpe steht in der Halle und wird mit dem Schlüssel\ngeöffnet, der in dem Büro liegt."


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(recto, list(arguments))
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = replace(KINDS["e5"].wheel, package="recto_no_such_package")
    monkeypatch.setitem(KINDS, "e5", replace(KINDS["e5"], wheel=wheel))


@pytest.mark.usefixtures("absent")
def test_encoders_are_listed_with_what_installs_them(tmp_path: Path) -> None:
    lines = [json.loads(line) for line in run("encoders", "list", "--json", "--home", str(tmp_path)).splitlines()]
    assert [(line["name"], line["installed"], line["chosen"], line["searched"]) for line in lines] == [
        ("minilm", True, True, True),
        ("e5", False, False, False),
    ]
    assert "pip install 'recto-pdf[multilingual]'" in run("encoders", "list", "--home", str(tmp_path))


def test_an_unknown_encoder_is_refused_with_the_mending_command(tmp_path: Path) -> None:
    assert "recto encoders list" in run("encoders", "use", "e6", "--home", str(tmp_path), code=2)


@pytest.mark.usefixtures("absent")
def test_pages_in_other_languages_are_noticed_where_the_encoder_is_not_installed(tmp_path: Path) -> None:
    path = tmp_path / "deutsch.pdf"
    path.write_bytes(text_pdf(GERMAN))
    said = run("add", str(path), "--home", str(tmp_path / "home"))
    assert "1 of 1 page looked at is not English" in said
    assert "recto-pdf[multilingual]" in said


@pytest.mark.skipif(not KINDS["e5"].wheel.installed, reason="make multilingual")
def test_a_library_in_another_language_gets_its_encoder_and_may_go_back(tmp_path: Path) -> None:
    path, home = tmp_path / "deutsch.pdf", str(tmp_path / "home")
    path.write_bytes(text_pdf(GERMAN))
    said = run("add", str(path), "--home", home)
    assert "taking the encoder e5; recto encoders use minilm goes back" in said
    assert "deutsch.pdf" in run("ask", "Where is the key?", "--home", home)
    assert json.loads(run("doctor", "--json", "--home", home))["library"]["found"]["unencoded"] == 0
    assert "minilm: everything is encoded" in run("encoders", "use", "minilm", "--home", home)
