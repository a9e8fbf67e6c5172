"""What Ollama sends, case by case: status, headers and lines in the shape of Ollama 0.33, with words of our own.

A case is an exchange: its request, `status`, `headers` and `lines`, and `broken` where the connection broke after them.
"""

import json
from functools import cache
from typing import Any

from support.paths import HERE

Exchange = dict[str, Any]


@cache
def exchanges() -> dict[str, Exchange]:
    """All cases by name."""
    files = sorted((HERE / "data" / "ollama").glob("*.json"))
    return {name: case for file in files for name, case in json.loads(file.read_text(encoding="utf-8")).items()}


def parsed_line(name: str, number: int = 0) -> Exchange:
    """A line of a case, read."""
    line: Exchange = json.loads(exchanges()[name]["lines"][number])
    return line


def complaint(name: str) -> str:
    """The error of a case, as it stands in its last line."""
    return str(parsed_line(name, -1)["error"])
