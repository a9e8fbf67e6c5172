"""What a question is answered with before any model writes."""

from dataclasses import dataclass

from recto.answer.asked_cells import asked_cell
from recto.answer.context import contexts, sentences_within
from recto.answer.quote import Quote
from recto.text.sentences import Range
from recto.types import Certainty, Citation, Page, Survey

BLANKS = 4  # blank cells of a quote that a model is told


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A quote that a model may read, with what cites it: looked up at once, for a document may be removed meanwhile."""

    quote: Quote
    citations: tuple[Citation, ...]  # one a place, to be moved to where the mark stands
    about: str  # the document's name and title and the headings above the quote
    page: Page  # the quote's own

    @property
    def contexts(self) -> list[Citation]:
        """The quote's surroundings, as a person is shown them, each a place to cite."""
        return contexts(self.citations)

    @property
    def text(self) -> str:
        """What a model reads of it: the quote in its surroundings."""
        return "\n".join(context.quote for context in self.contexts)

    @property
    def sentences(self) -> list[Citation]:
        """The sentences and rows of its surroundings on its own page, each a place to cite."""
        return sentences_within(self.contexts, self.page, self.quote.page.sentences)

    @property
    def excerpt(self) -> str:
        """The same with the blank cells of its rows told, or a figure would pass for one of another column."""
        blanks = [blank for citation in self.citations for blank in citation.blanks]
        return f"{self.text}\n(blank: {'; '.join(blanks[:BLANKS])})" if blanks else self.text

    @property
    def asked_cell(self) -> str:
        """The one cell of its rows that the question asks for, told; empty if none is."""
        return asked_cell([cell for citation in self.citations for cell in citation.cells])

    @property
    def key(self) -> tuple[str, int, tuple[Range, ...]]:
        """Where it stands, as documents are ordered."""
        return self.quote.page.doc, self.quote.page.number, self.quote.places


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedAnswer:
    """The documents' own sentences, with what a model may read; all empty if it is refused."""

    certainty: Certainty
    text: str = ""
    citations: tuple[Citation, ...] = ()
    evidence: tuple[Evidence, ...] = ()  # best first
    shown: int = 0  # how many of the evidence, from its beginning, are quoted
    confidence: float  # log-odds that the documents answer
    survey: Survey | None = None
