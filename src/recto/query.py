"""A question as search and quoting work on it: analysed, expanded and encoded once."""

from collections.abc import Sequence
from dataclasses import dataclass

from recto.types import Floats, UInt32s


@dataclass(frozen=True, slots=True)
class PartReference:
    """A numbered part of a document that a question names: "Table II"."""

    kind: str  # as it is called in English: table
    number: str  # as the question writes it: 3.2, II, B


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """The places that a question names, as it names them."""

    pages: tuple[str, ...] = ()  # their numbers, as printed: 12, iii
    ends: tuple[int, ...] = ()  # pages from 0, or from the end if negative: "the cover page"
    parts: tuple[PartReference, ...] = ()
    facts: tuple[str, ...] = ()  # about the document: author, title, date
    overview: bool = False  # what the document is about
    documents: tuple[str, ...] = ()  # what the question calls a document: handbook
    remainder: tuple[str, ...] = ()  # the words that say what is asked of the places; none: for what stands there

    def __bool__(self) -> bool:
        return bool(self.pages or self.ends or self.parts or self.facts or self.overview)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Query:
    """A question. `vector` and the states are empty without an encoder that reads its language."""

    text: str  # what is searched for: a follow-up holds what it takes from the questions before
    expanded: str  # with the nouns of what is measured, and behind it the lines that figures in it are worked out from
    language: str  # that it is read in, a code of ISO 639-1; empty for none in particular
    terms: UInt32s  # of the expanded text, in order
    readings: tuple[UInt32s, ...]  # of the text and those lines, as it and each language of the library reads them
    vector: Floats  # (dim,), of length 1, of the text
    states: Floats  # (tokens, dim), each of length 1, of the text: what pages are ranked with
    expanded_states: Floats  # of the expanded text: what sentences are chosen with; the same if nothing was expanded
    token_spans: Sequence[tuple[int, int]]  # where those tokens stand in the expanded text
    judged: (
        bool  # the encoder was trained on its language: else that orders texts, and does not tell whether they answer
    )
    wants_figure: bool
    wants_contents: bool  # what chapters or tables there are, what a short form means, or any named page
    references: References

    @property
    def english(self) -> bool:
        """Whether it is in English, or nothing tells its language."""
        return self.language in {"", "en"}
