"""Lists of a page: what introduces them, and their items."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from recto.text.sentences import Range, ends_in_identifier, is_item, is_row
from recto.text.tables import is_caption

FARTHEST = 3  # further sentences that an item may have
HEADING = 100  # characters; longer ones hold a statement of their own
PROSE = 40  # characters of a line of prose that ends elsewhere than at a full stop

_NUMBER = re.compile(r"\(?(\d{1,2})[.)]")
_LINE_BELOW = re.compile(r"[^\S\n]*\n\s*(\S.*)")
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
    """Two or more items of one kind that follow each other, in order; in time linear in the sentences.

    Numbered headings are none: each has its section below it.
    """
    collected: list[List] = []
    run: list[int] = []
    for number in [*(i for i, (start, end) in enumerate(sentences) if is_item(text[start:end])), len(sentences)]:
        if run and not (number < len(sentences) and _belongs(text, sentences, run[-1], number)):
            if len(run) > 1 and 2 * sum(heads_section(text, sentences[item]) for item in run) <= len(run):
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
    states = words[-1] in ".!?;," or is_row(words) or ends_in_identifier(words)
    item = is_item(words) and not heads_section(text, sentence)
    return len(words) <= HEADING and not states and not item and ": " not in words


def heads_section(text: str, sentence: Range) -> bool:
    """Whether a sentence is a numbered line by itself that says nothing whole, above a line of prose."""
    words, line = text[slice(*sentence)], _LINE_BELOW.match(text, sentence[1])
    if line is None or not _NUMBER.match(words) or words[-1] in ".!?;,:" or len(words) > HEADING:
        return False
    below = line[1].rstrip()
    is_prose = " " in below and (len(below) >= PROSE or below[-1] in ".!?")
    return is_prose and not (below[0].islower() or is_item(below) or is_row(below))


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
