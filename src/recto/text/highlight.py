"""Where a text says what was asked for, to be shown: ranking counts terms, people see words."""

import re

from recto.text.analyse import tokens
from recto.text.ratios import spelled_out

_PIECE = re.compile(r"\w+(?:[.\-/&'\u2019,]\w+)*")  # what the analyser takes as one token


def matched(question: str, text: str) -> list[tuple[int, int]]:
    """The character ranges of the words that hold a term of the question, in reading order."""
    wanted = set(tokens(spelled_out(question)))
    return [piece.span() for piece in _PIECE.finditer(text) if wanted.intersection(tokens(piece.group()))]
