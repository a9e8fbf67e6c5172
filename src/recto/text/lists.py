"""Lists of a page: what introduces them, and their items."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from recto.text.sentences import Range, ends_in_identifier, is_item, is_row
from recto.text.tables import is_caption

FARTHEST = 3  # further sentences that an item may have
HEADING = 100  # characters; longer ones hold a statement of their own

_NUMBER = re.compile(r"\(?(\d{1,2})[.)]")
_LETTER = re.compile(r"\(?[a-zA-Z]{1,4}[.)]")


@dataclass(frozen=True, slots=True)
class List:
    """Sentences by their numbers on the page: from the introduction, if there is one, to the last item's last."""

    introduction: int | None
    items: tuple[Range, ...]  # first sentence of each item, and the one after its last

    @property
    def first(self) -> int:
        """Its first sentence."""
        return self.items[0][0] if self.introduction is None else self.introduction

    @property
    def end(self) -> int:
        """The sentence after its last."""
        return self.items[-1][1]


def lists(text: str, sentences: Sequence[Range]) -> list[List]:
    """Two or more items of one kind that follow each other, in order; in time linear in the sentences."""
    collected: list[List] = []
    run: list[int] = []
    for number in [*(i for i, (start, end) in enumerate(sentences) if is_item(text[start:end])), len(sentences)]:
        if run and not (number < len(sentences) and _belongs(text, sentences, run[-1], number)):
            if len(run) > 1:
                above = run[0] - 1
                introduction = above if above >= 0 and announces(text, sentences[above]) else None
                collected.append(List(introduction, (*pairwise(run), (run[-1], run[-1] + 1))))
            run = []
        run.append(number)
    return collected


def announces(text: str, sentence: Range) -> bool:
    """Whether a sentence says something of what stands below it alone: a heading, or what ends in a colon."""
    words = text[slice(*sentence)]
    if words[-1] == ":" or is_caption(words):
        return True
    states = words[-1] in ".!?;," or is_item(words) or is_row(words) or ends_in_identifier(words)
    return len(words) <= HEADING and not states and ": " not in words


def marker(item: str) -> str:
    """The kind of an item's mark: a number, a letter, or the bullet itself."""
    return "1" if _NUMBER.match(item) else "a" if _LETTER.match(item) else item[0]


def follows(item: str, further: str) -> bool:
    """Whether an item may come next after another one."""
    numbers = _NUMBER.match(item), _NUMBER.match(further)
    if numbers[0] and numbers[1]:
        return int(numbers[1][1]) == int(numbers[0][1]) + 1
    return marker(item) == marker(further)


def _belongs(text: str, sentences: Sequence[Range], item: int, further: int) -> bool:
    first, second = (text[slice(*sentences[number])] for number in (item, further))
    if further - item - 1 > FARTHEST or not follows(first, second):
        return False
    between = sentences[item + 1 : further]
    return all(text[end - 1] in ".!?;" for _, end in between)
