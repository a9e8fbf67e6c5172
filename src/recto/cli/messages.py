"""The words of the commands, in English or in the language of whoever asks."""

import os
from functools import cache
from pathlib import Path

from recto.messages import ENGLISH, Messages, languages

FOLDER = Path(__file__).parent / "messages"
VARIABLES = ("RECTO_LANG", "LC_ALL", "LC_MESSAGES", "LANG")  # the first that says something decides

_chosen = ""


def speak(language: str) -> None:
    """Say everything in a language from now on, whatever the environment says."""
    global _chosen
    _chosen = language


def t(name: str, /, **values: object) -> str:
    """A message with its values."""
    return _messages(_chosen or spoken()).text(name, **values)


def spoken() -> str:
    """The language that the environment names, English where there are no messages in it."""
    value = next(filter(None, map(os.environ.get, VARIABLES)), "")
    language = value.replace("-", "_").split("_")[0].split(".")[0].lower()
    return language if language in languages(FOLDER) else ENGLISH


@cache
def _messages(language: str) -> Messages:
    return Messages.of(FOLDER, language)
