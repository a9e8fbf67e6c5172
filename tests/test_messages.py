"""Every language has every message, with the same values, on the page and in the commands."""

import re
from pathlib import Path

import pytest

from recto.cli.messages import FOLDER as COMMANDS
from recto.messages import Messages, languages
from recto.server.localised import FOLDER as PAGE

PLACE = re.compile(r"\{(\w+)(?::,)?\}")
FILES = [(folder, language) for folder in (PAGE, COMMANDS) for language in sorted(languages(folder) - {"en"})]


def forms(message: str | list[str]) -> list[str]:
    return [message] if isinstance(message, str) else message


def test_there_is_german() -> None:
    assert {folder for folder, language in FILES if language == "de"} == {PAGE, COMMANDS}


@pytest.mark.parametrize(("folder", "language"), FILES)
def test_a_language_has_every_message_with_the_same_values(folder: Path, language: str) -> None:
    english, table = (Messages.of(folder, code).table for code in ("en", language))
    assert list(table) == list(english)
    for name, message in table.items():
        assert len(forms(message)) == len(forms(english[name])) <= 2, name
        values, own = ({*PLACE.findall(" ".join(forms(text)))} for text in (english[name], message))
        assert own == values, name
        assert all(text.strip() for text in forms(message)), name
