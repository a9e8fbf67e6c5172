"""Where a text says what was asked for, to be highlighted: ranking counts terms, people see words."""

import re

from recto.text.analyse import tokens
from recto.text.detection import language_of
from recto.text.statements import spelled_out

# With the marks that stand on letters, or spell vowels: of Arabic, of the scripts of India, of Thai.
_LETTER = r"[\w\u0300-\u036f\u0483-\u0487\u064b-\u065f\u0670\u0900-\u0dff\u0e31-\u0e4e\u0eb1-\u0ece]"
WORD = re.compile(rf"{_LETTER}+(?:[.\-/&'\u2019,]{_LETTER}+)*")  # what the analyser takes as one token


def matched(question: str, text: str) -> list[tuple[int, int]]:
    """The character ranges of the words that hold a term of the question, in reading order."""
    language = language_of(question)
    terms = set(tokens(spelled_out(question), language))
    return [word.span() for word in WORD.finditer(text) if terms.intersection(tokens(word.group(), language))]
