"""A library whose vectors another encoder made: said, searched by words, and encoded anew with the next file."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from recto import Library
from recto.cli import recto
from recto.library.doctor import examine


@pytest.fixture
def old(pumps: Path, tmp_path: Path) -> Path:
    """The home of such a library, of one document."""
    home = tmp_path / "old"
    shutil.copytree(pumps, home)
    with closing(sqlite3.connect(home / "library.sqlite")) as connection, connection:
        assert connection.execute("UPDATE vectors SET fingerprint = 'another encoder'").rowcount == 1
    return home


def test_doctor_and_questions_say_what_is_found_by_words_only(old: Path) -> None:
    (finding,) = [finding for finding in examine(old) if finding.name == "library"]
    counts = {"documents": 1, "lagging": 0, "unencoded": 1, "unrecognised": 0, "encrypted": False}
    assert finding.value.items() >= counts.items()
    assert f"{finding.value['unencoded_passages']} passages without vectors" in finding.words
    assert finding.words.endswith("1 document found by words only")
    assert finding.hint.startswith("recto add")
    for command in ("search", "ask"):
        result = CliRunner().invoke(recto, [command, "How fast is the pump?", "--home", str(old)])
        assert "1 of 1 documents are found by words only" in result.stderr
        assert "recto add" in result.stderr


def test_the_next_file_has_all_documents_encoded_anew(old: Path, pumps: Path) -> None:
    with Library(old) as library, Library(pumps) as encoded:
        assert [document.name for document in library.unencoded()] == ["pumps.pdf"]
        assert library.add(pumps / "pumps.pdf")[0].status == "already"
        assert library.unencoded() == []
        question = "How fast does the pump turn?"
        scores = [[(hit.passage.span, hit.semantic) for hit in each.search(question)] for each in (library, encoded)]
        assert scores[0] == scores[1]
    result = CliRunner().invoke(recto, ["search", question, "--home", str(old)])
    assert "words only" not in result.stderr
