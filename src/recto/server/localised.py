"""The page in the language of who opens it: a file of messages for each language, and the frame that they fill."""

import json
import re
from functools import cache
from html import escape
from pathlib import Path

from recto.messages import ENGLISH, Messages, languages

STATIC = Path(__file__).parent / "static"
FOLDER = STATIC / "messages"

_PLACE = re.compile(r"\{\{([\w.]+)\}\}")


def preferred(accepted: str) -> str:
    """The language that an `Accept-Language` (RFC 9110, 12.5.4) likes best of those that there are; else English."""
    best, most = ENGLISH, 0.0
    for wish in accepted.split(","):
        tag, _, quality = wish.partition(";")
        language = tag.strip().split("-")[0].lower()
        weight = _weight(quality)
        if language in languages(FOLDER) and weight > most:
            best, most = language, weight
    return best


def _weight(quality: str) -> float:
    """What `q=0.8` says; 1 if nothing stands there, 0 for what nobody can read."""
    try:
        return float(quality.strip().removeprefix("q=") or 1)
    except ValueError:
        return 0.0


@cache
def page(language: str) -> str:
    """The page's HTML in a language that there is a file for, with its messages for the scripts."""
    table = Messages.of(FOLDER, language).table
    data = json.dumps(table, ensure_ascii=False).replace("<", r"\u003c")
    words = {"language": language, **{name: escape(text) for name, text in table.items() if isinstance(text, str)}}
    frame = (STATIC / "index.html").read_text(encoding="utf-8")
    return _PLACE.sub(lambda place: data if place[1] == "messages" else words[place[1]], frame)
