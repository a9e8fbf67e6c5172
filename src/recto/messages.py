"""Messages in the language of whoever reads them: a folder with a file for each language, a name for each message."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

ENGLISH = "en"  # where nothing is said of a language, or there is no file for it


@dataclass(frozen=True, slots=True)
class Messages:
    """The messages of one language, a code of ISO 639-1, by their names."""

    language: str
    table: Mapping[str, str | list[str]]  # two forms where something is counted: of one, and of several

    @classmethod
    def of(cls, folder: Path, language: str) -> Self:
        """Those of a language that the folder has a file for."""
        return cls(language, json.loads((folder / f"{language}.json").read_text(encoding="utf-8")))

    def text(self, name: str, /, **values: object) -> str:
        """A message with its values; one that counts has the form for `n`."""
        message = self.table[name]
        form = message if isinstance(message, str) else message[values["n"] != 1]
        return form.format(**values)


@cache
def languages(folder: Path) -> frozenset[str]:
    """The languages that a folder has files for."""
    return frozenset(path.stem for path in folder.glob("*.json"))
