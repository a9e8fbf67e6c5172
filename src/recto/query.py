"""A question as search and quoting work on it: analysed, expanded and encoded once."""

from collections.abc import Sequence
from dataclasses import dataclass

from recto.types import Floats, UInt32s


@dataclass(frozen=True, slots=True)
class PageReferences:
    """The pages that a question names, as it names them."""

    numbers: tuple[int, ...]  # counted from 1: "page 12"
    places: tuple[int, ...]  # from 0, or from the end if negative: "the cover page"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Query:
    """A question. Without an encoder `vector` and the states are empty."""

    text: str  # what is searched for: a follow-up holds what it takes from the questions before
    expanded: str  # and behind it the lines of statements that figures named in it are worked out from
    terms: UInt32s  # of the expanded text, in order
    vector: Floats  # (dim,), of length 1, of the text
    states: Floats  # (tokens, dim), each of length 1, of the text: what pages are ranked with
    expanded_states: Floats  # of the expanded text: what sentences are chosen with; the same if nothing was expanded
    token_spans: Sequence[tuple[int, int]]  # where those tokens stand in the expanded text
    wants_figure: bool
    wants_contents: bool  # what chapters or tables there are, what a short form means, or any named page
    references: PageReferences
