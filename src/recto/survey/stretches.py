"""A document as a model reads it from its first page to its last: stretches that fit into a prompt each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from recto.answer.blocks import Part
from recto.answer.evidence import PageReader, SourcePage
from recto.answer.quote import Quote
from recto.answer.quoted import Evidence
from recto.search.candidates import Scope
from recto.storage import Store
from recto.survey.reading import page_reader
from recto.survey.together import evidence_of
from recto.text.sentences import Range
from recto.types import JOINT, Document

LONGEST = 4000  # characters: about 1,000 tokens, so that any template and the answer fit into 2,048 beside them
SHORTEST = 400  # of a stretch that ends where its section does: shorter sections are read together


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A passage of a page, below its path of headings."""

    page: SourcePage
    place: Range
    heading: str

    @property
    def text(self) -> str:
        """Its words."""
        return self.page.text[slice(*self.place)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageStretch:
    """What is read at once. `pages` of its document are read whole once it is, and those before it."""

    document: Document
    pieces: tuple[ReadPassage, ...]
    pages: int

    @property
    def heading(self) -> str:
        """The section in which it begins, empty where there is none."""
        return self.pieces[0].heading.rpartition(JOINT)[2]

    def evidence(self, store: Store) -> tuple[Evidence, ...]:
        """Its sentences, each to be cited by itself."""
        quotes = [
            Quote(piece.page, (Part(piece.page, place),), 0.0)
            for piece in self.pieces
            for place in piece.page.sentences
            if piece.place[0] <= place[0] < piece.place[1]
        ]
        return evidence_of(quotes, self.document, store)


def stretches(documents: Sequence[Document], scope: Scope) -> list[PageStretch]:
    """What is read of these documents, in order. Gone as `Store` says."""
    reader = page_reader(scope)
    return [stretch for document in documents for stretch in _of_document(document, reader, scope.store)]


def _of_document(document: Document, reader: PageReader, store: Store) -> Iterator[PageStretch]:
    gathered: list[ReadPassage] = []
    pieces = list(_pieces(document, reader, store))
    paths = [piece.heading.split(JOINT) for piece in pieces if piece.heading]
    levels = zip(*paths, strict=False)
    depth = len(list(takewhile(lambda level: len(set(level)) == 1, levels)))  # a title above all sections parts none

    def section(piece: ReadPassage) -> list[str]:
        return piece.heading.split(JOINT)[: depth + 1]

    for piece in pieces:
        size = sum(len(own.text) for own in gathered)
        begins = gathered and section(piece) != section(gathered[-1])
        if size + len(piece.text) > (SHORTEST if begins else LONGEST) and gathered:
            yield PageStretch(document=document, pieces=tuple(gathered), pages=piece.page.number)
            gathered = []
        gathered.append(piece)
    if gathered:
        yield PageStretch(document=document, pieces=tuple(gathered), pages=document.pages)


def _pieces(document: Document, reader: PageReader, store: Store) -> Iterator[ReadPassage]:
    """The passages of all pages, without running heads and contents."""
    for number in range(document.pages):
        page = reader.source(document.id, number)
        headings = {own.span.start: own.heading for own in store.passages(document.id, number)}
        for passage in page.passages:
            yield ReadPassage(page, passage.place, headings.get(passage.place[0], ""))
