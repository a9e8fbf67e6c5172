"""Lists of a page: what introduces them, and their items."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from recto.text.sentences import Range, ends_in_identifier, is_item, is_row
from recto.text.tables import is_caption

FARTHEST = 3  # further sentences that an item may have
HEADING = 100  # characters; longer ones hold a statement of their own
DEEPEST = 3  # lists within items of lists
FIRST = "1aAiI"  # of the mark of a list's first item
SECTIONS = 1200  # characters, a screen: items with lists of their own that take more are the sections of a page
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


@dataclass(frozen=True, slots=True)
class _Level:
    """Items of one kind that follow each other, by their sentences, and the lists among them."""

    items: list[int]
    inner: list[List]

    def lists(self, text: str, sentences: Sequence[Range], end: int) -> list[List]:
        """The list that these items are, up to the sentence `end`; the inner ones if they are none."""
        items, above = self.items, self.items[0] - 1
        headings = 2 * sum(heads_section(text, sentences[item]) for item in items) > len(items)
        sections = bool(self.inner) and sentences[end - 1][1] - sentences[items[0]][0] > SECTIONS
        if len(items) < 2 or headings or sections:
            return self.inner
        introduction = above if above >= 0 and announces(text, sentences[above]) else None
        return [List(introduction, (*pairwise(items), (items[-1], end)))]

    def goes_on(self, text: str, sentences: Sequence[Range], before: int, further: int) -> bool:
        """Whether an item is the next one of this level; `before` is the item before it, of any level."""
        first, second = (text[slice(*sentences[number])] for number in (self.items[-1], further))
        if further - before - 1 > FARTHEST or not follows(first, second):
            return False
        between = sentences[before + 1 : further]
        return all(text[end - 1] in ".!?;" for _, end in between)


def lists(text: str, sentences: Sequence[Range]) -> list[List]:
    """Two or more items of one kind that follow each other, in order; in time linear in the sentences.

    Items of another kind that stand directly below one belong to it. Numbered headings are none: each has its section
    below it.
    """
    collected: list[List] = []
    levels: list[_Level] = []
    before = -1
    for number in [i for i, (start, end) in enumerate(sentences) if is_item(text[start:end])]:
        depth = next(
            (d for d in reversed(range(len(levels))) if levels[d].goes_on(text, sentences, before, number)), -1
        )
        if depth < 0 and _opens(text, sentences, levels, before, number):
            levels.append(_Level([number], []))
        else:
            _close(levels, depth + 1, collected, text, sentences, before + 1)
            levels = levels or [_Level([], [])]
            levels[-1].items.append(number)
        before = number
    _close(levels, 0, collected, text, sentences, before + 1)
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


def _close(
    levels: list[_Level], depth: int, collected: list[List], text: str, sentences: Sequence[Range], end: int
) -> None:
    """End the levels below a depth: their lists belong to the level above, or are lists of the page."""
    while len(levels) > depth:
        ended = levels.pop().lists(text, sentences, end)
        (levels[-1].inner if levels else collected).extend(ended)


def _opens(text: str, sentences: Sequence[Range], levels: Sequence[_Level], before: int, number: int) -> bool:
    """Whether an item is the first one of a list within the item above it."""
    if not levels or len(levels) == DEEPEST or number != before + 1:
        return False
    item = text[slice(*sentences[number])]
    kinds = {marker(text[slice(*sentences[level.items[0]])]) for level in levels}
    return marker(item) not in kinds and (not (item.lstrip("(")[0].isalnum()) or item.lstrip("(")[0] in FIRST)
