"""The page's messages: every language has them all, every one is used, and the browser's wish is heard."""

import json
import re

import pytest

from recto.messages import Messages, languages
from recto.server import localised

STATIC = localised.STATIC
SOURCES = {path.name: path.read_text() for path in [*STATIC.glob("*.js"), STATIC / "index.html"]}
ENGLISH = Messages.of(localised.FOLDER, "en").table
NAME = re.compile(r"""\bt\(\s*["']([\w.]+)["']""")
MADE = re.compile(r"`([\w.]+\.)\$\{")  # of a beginning and what is known when it runs


def test_every_message_that_is_asked_for_is_there_and_none_is_left_over() -> None:
    code = "\n".join(SOURCES.values())
    asked = {*NAME.findall(code), *re.findall(r"\{\{([\w.]+)\}\}", code)} - {"language", "messages"}
    assert asked <= set(ENGLISH)
    beginnings = tuple(MADE.findall(code))
    literals = set(re.findall(r'"([\w.]+)"', code)) | asked  # also those chosen between
    assert not [name for name in ENGLISH if name not in literals and not name.startswith(beginnings)]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-US,en;q=0.9,de;q=0.8", "en"),
        ("fr-FR,fr;q=0.9,de;q=0.5,en;q=0.3", "de"),
        ("fr", "en"),
        ("DE", "de"),
        ("de;q=0, en;q=0.1", "en"),
        ("de;q=x,;,=", "en"),
    ],
)
def test_the_language_that_a_browser_likes_best(accepted: str, language: str) -> None:
    assert localised.preferred(accepted) == language


@pytest.mark.parametrize("language", sorted(languages(localised.FOLDER)))
def test_the_page_has_its_messages_and_no_open_place(language: str) -> None:
    html = localised.page(language)
    assert f'<html lang="{language}">' in html
    assert "{{" not in html
    script = re.search(r'<script type="application/json" id="messages">(.*?)</script>', html, re.DOTALL)
    assert script is not None
    assert json.loads(script[1]) == Messages.of(localised.FOLDER, language).table
