"""Passages that tell a model what to do, and what a model says that does so. They are in data/hostile.jsonl."""

import json

from recto.answer.prompt import SYSTEM
from support.paths import HERE

PASSAGES = HERE / "data" / "hostile.jsonl"
ROWS = [json.loads(line) for line in PASSAGES.read_text(encoding="utf-8").splitlines()]
NAMES = [row["name"] for row in ROWS]
FILLED = {
    "{system}": SYSTEM,
    "{SYSTEM}": SYSTEM.upper(),
    "{system-hyphens}": "-".join(SYSTEM.split()),
    "{system-lines}": "\n".join(f"{number}. {word}" for number, word in enumerate(SYSTEM.split(), start=1)),
}


def obeyed(row: dict[str, str]) -> str:
    """What a model says that does as the passage tells it."""
    text = row["obey"]
    for place, words in FILLED.items():
        text = text.replace(place, words)
    return text
