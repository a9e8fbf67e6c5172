"""Which documents a question names: by words that stand in what a document is called, and in few other documents."""

import re
from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple, Self

import numpy as np

from recto.normalize import Float64s
from recto.text.analyse import title_ids
from recto.types import UInt32s

MENTION = 0.5  # what a name within the text counts beside one in the title: others may be mentioned there
HEAD_LINES = 4  # a document says what it is in its first lines, above the first sentence
HEAD_CHARACTERS = 80  # of such a line at most: a longer one is text

_LINE = re.compile(r"\S.*")
_SENTENCE = re.compile(r"[.!?;]\s*$|[.!?] +[^\W\d_]")
# Words with a capital that none but a sentence's beginning gives them, and their neighbours.
_PROPER = re.compile(r"(?<![.!?] )(?<!\w)[^\W\d_a-z][\w'&.-]*(?: [^\W\d_a-z][\w'&.-]*)*")


class DocumentNames(NamedTuple):
    """By what terms a document may be named: those of its title and its first lines, and names in its opening."""

    called: UInt32s
    mentioned: UInt32s

    @classmethod
    def of(cls, title: str, opening: Sequence[str]) -> Self:
        """Find the names in a title and in the beginnings of the first pages."""
        head = [line for page in opening[:1] for line in _head(page)]
        proper = [
            match.group()
            for page in opening
            for match in _PROPER.finditer(page)
            if any(map(str.isupper, match.group()))
        ]
        return cls(np.unique(title_ids("\n".join([title, *head]))), np.unique(title_ids("\n".join(proper))))


def _head(page: str) -> list[str]:
    """The lines of a page above its first sentence, (at most `HEAD_LINES`)."""
    lines = _LINE.findall(page)[:HEAD_LINES]
    ends = (at for at, line in enumerate(lines) if len(line) > HEAD_CHARACTERS or _SENTENCE.search(line))
    return lines[: next(ends, len(lines))]


def named(documents: Sequence[DocumentNames], holders: Mapping[int, Set[int]]) -> Float64s:
    """How surely each document is the one that is named, (n,), 0 to 1.

    `holders` tells for each term of the question in which of the documents it occurs at all: the fewer they are, the
    more it says which one is meant.
    """
    votes = np.zeros(len(documents))
    for term, held in holders.items():
        called = [term in names.called for names in documents]
        mentioned = [term in names.mentioned for names in documents]
        places = np.where(called, 1, MENTION * np.array(mentioned))
        votes += places / max(len(held | set(np.flatnonzero(places))), 1)
    return votes / max(votes.max(), 1)
