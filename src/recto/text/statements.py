"""Words for lines of financial statements: reports print current assets and liabilities, not a quick ratio.

Who asks for such a figure looks for what it is worked out from, and who asks for turnover looks for net sales.
The words and their sources stand in `statements.toml`.
"""

import re
import tomllib
from functools import cache
from importlib import resources
from typing import NamedTuple, Self

KINDS = ("figures", "synonyms", "statements", "spellings")  # of entries in the data

_OTHER_NUMBER = "(?:['\u2019]?s['\u2019]?)?"  # what makes a word plural or possessive


class StatementWords(NamedTuple):
    """The names of lines and figures, and what to look for instead."""

    pattern: re.Pattern[str]  # finds names; the group that matched tells which
    lines: tuple[str, ...]  # one a group

    @classmethod
    @cache
    def load(cls) -> Self:
        """Read the data, once."""
        data = tomllib.loads(resources.files("recto.text").joinpath("statements.toml").read_text(encoding="utf-8"))
        lines_of = {name: entry["lines"] for kind in KINDS for entry in data[kind] for name in entry["names"]}
        longest_first = sorted(lines_of, key=len, reverse=True)
        names = "|".join(f"({_in_any_number(name)})" for name in longest_first)
        return cls(
            re.compile(rf"(?<!\w)(?:{names})(?!\w)", re.IGNORECASE), tuple(map(lines_of.__getitem__, longest_first))
        )


def _in_any_number(name: str) -> str:
    """A regular expression for a name, each of its words in the singular or plural, with spaces or hyphens between."""
    words = [
        f"{re.escape(word[:-1])}(?:y|ies)" if word.endswith("y") else re.escape(word.removesuffix("s")) + _OTHER_NUMBER
        for word in name.split()
    ]
    return r"[\s-]".join(words)


def spelled_out(question: str) -> str:
    """The question, and behind it the lines that the figures and statements named in it are looked for by."""
    words = StatementWords.load()
    lines = (words.lines[match.lastindex - 1] for match in words.pattern.finditer(question) if match.lastindex)
    return "\n".join([question, *dict.fromkeys(lines)])
