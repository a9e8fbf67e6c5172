"""Which documents a question names: by words that stand in what a document is called, and in few other documents."""

import re
from collections.abc import Callable, Sequence, Set
from typing import NamedTuple, Self

import numpy as np

from recto.normalize import Float64s
from recto.search.bm25 import Texts
from recto.text.analyse import name_terms, title_ids
from recto.types import UInt32s

HALF = 0.5  # what a name counts that stands in a text alone, or a word of a title that is not asked as a name
BEARERS = 5  # documents; what more of them go by tells none of them from the others
HEAD_LINES = 4  # a document says what it is in its first lines, above the first sentence
HEAD_CHARACTERS = 80  # of such a line at most: a longer one is text

_LINE = re.compile(r"\S.*")
_SENTENCE = re.compile(r"[.!?;]\s*$|[.!?] +[^\W\d_]")
# Words with a capital that none but a sentence's beginning gives them, and their neighbours.
_PROPER = re.compile(r"(?<![.!?] )(?<!\w)[^\W\d_a-z][\w'&.-]*(?: [^\W\d_a-z][\w'&.-]*)*")


class DocumentNames(NamedTuple):
    """By what terms a document may be named: those of its title and its first lines, and names in its opening."""

    titles: UInt32s
    mentions: UInt32s

    @classmethod
    def of(cls, title: str, opening: Sequence[str]) -> Self:
        """Find the names in a title, in the lines above a document's first sentence, and in its first pages."""
        lines = [line for page in opening[:1] for line in _LINE.findall(page)[:HEAD_LINES]]
        ends = (at for at, line in enumerate(lines) if len(line) > HEAD_CHARACTERS or _SENTENCE.search(line))
        head = lines[: next(ends, len(lines))]
        phrases = [match.group() for page in opening for match in _PROPER.finditer(page)]
        proper = [phrase for phrase in phrases if any(map(str.isupper, phrase))]  # not all scripts have capitals
        return cls(np.unique(title_ids("\n".join([title, *head]))), np.unique(title_ids("\n".join(proper))))


def naming_scores(
    question: str,
    titles: Texts,
    mentions: Texts,
    holders: Callable[[UInt32s], Set[int]],
    languages: Sequence[str] = ("en",),
) -> Float64s:
    """How surely each document is the one that a question means, (n,), 0 to 1.

    `titles` and `mentions` are the terms by which each may be named, see DocumentNames.

    A word of the question says the more, the fewer documents go by it and the fewer hold it anywhere: `holders` tells
    the indices of those that hold any of some terms, as texts in these languages hold them.
    """
    votes = np.zeros(titles.bounds.size - 1)
    for term in name_terms(question):
        places, id = np.zeros(votes.size), term.title
        places[mentions.holding(id)] = HALF if term.proper else 0
        places[titles.holding(id)] = 1 if term.proper else HALF
        bearers = np.flatnonzero(places).tolist()
        if 0 < len(bearers) <= BEARERS:
            votes += places / (len(bearers) * len(holders(term.in_texts(languages)) | set(bearers)))
    return np.asarray(votes / max(votes.max(initial=0), 1), np.float64)
