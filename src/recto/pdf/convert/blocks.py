"""What a text is made of before it is laid out: blocks, one below the other, of runs of words in one style."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class NotConvertible(Exception):
    """The file is damaged, empty or beyond a limit: words for people."""


class Style(StrEnum):
    """How words look."""

    PLAIN = ""
    BOLD = "bold"
    ITALIC = "italic"
    CODE = "code"
    RAISED = "raised"
    LOWERED = "lowered"


class StyledText(NamedTuple):
    """Words in one style."""

    style: Style
    text: str
    is_struck: bool = False  # struck out


class BlockKind(StrEnum):
    """What the layout does with a block."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LINES = "lines"  # each line as it is, with a fixed width for every character
    TABLE = "table"
    RULE = "rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block. `level` is a heading's, from 1, or how far any other block is set in, from 0."""

    kind: BlockKind
    runs: tuple[StyledText, ...] = ()
    level: int = 0
    mark: str = ""  # a list item's bullet or number
    rows: tuple[tuple[tuple[StyledText, ...], ...], ...] = ()  # of a table; all have as many cells
    heads: int = 0  # rows that are repeated where a table goes on
