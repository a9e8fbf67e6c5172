"""Where a text says what was asked for, to be highlighted: ranking counts terms, people see words."""

import re

from recto.text.analyse import tokens
from recto.text.statements import spelled_out

WORD = re.compile(r"[\w\u0300-\u036f]+(?:[.\-/&'\u2019,][\w\u0300-\u036f]+)*")  # what the analyser takes as one token


def matched(question: str, text: str) -> list[tuple[int, int]]:
    """The character ranges of the words that hold a term of the question, in reading order."""
    terms = set(tokens(spelled_out(question)))
    return [word.span() for word in WORD.finditer(text) if terms.intersection(tokens(word.group()))]
