"""What every system gets, and what it gives back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from bench.baselines.vectors import Vectors

from recto import Library
from recto.types import Document

DEEP = 100  # chunks that are ranked, so that ten pages are among them

Place = tuple[str, int]  # document id and page, from 0


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a page."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as text."""

    place: Place
    name: str  # of its file
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a question leads to."""

    pages: Sequence[Place]  # best first, each once
    sent: Sequence[Chunk]  # what a language model is given

    @classmethod
    def of(cls, ranked: Sequence[Chunk], *, sent: int) -> "Found":
        """Chunks, best first, of which the first so many are sent."""
        return cls(list(dict.fromkeys(chunk.place for chunk in ranked)), ranked[:sent])


@dataclass(frozen=True)
class Shelf:
    """The documents that are asked."""

    library: Library
    documents: Sequence[Document]

    @cached_property
    def sheets(self) -> list[Sheet]:
        return [
            Sheet((document.id, number), document.name, self.library.page(document.id, number).text)
            for document in self.documents
            for number in range(document.pages)
        ]


Rank = Callable[[str], list[Chunk]]
Ask = Callable[[str], Found]


@dataclass(frozen=True, slots=True)
class System:
    """A name, and what makes documents ready to be asked."""

    name: str
    ready: Callable[[Shelf, Vectors], Ask]


def ranking(name: str, index: Callable[[Sequence[Sheet], Vectors], Rank], *, sent: int) -> System:
    """A system that ranks chunks of pages and sends the first."""

    def ready(shelf: Shelf, vectors: Vectors) -> Ask:
        rank = index(shelf.sheets, vectors)
        return lambda question: Found.of(rank(question), sent=sent)

    return System(name, ready)
