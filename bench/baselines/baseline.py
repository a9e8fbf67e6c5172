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
class PageText:
    """A page as text."""

    place: Place
    name: str  # of its file
    text: str


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What a question leads to."""

    pages: Sequence[Place]  # best first, each once
    context: Sequence[Chunk]  # what a language model is given

    @classmethod
    def of(cls, ranked: Sequence[Chunk], *, sent: int) -> "Retrieval":
        """Chunks, best first, of which the first so many are sent."""
        return cls(list(dict.fromkeys(chunk.place for chunk in ranked)), ranked[:sent])


@dataclass(frozen=True)
class Corpus:
    """The documents that are asked."""

    library: Library
    documents: Sequence[Document]

    @cached_property
    def pages(self) -> list[PageText]:
        return [
            PageText((document.id, number), document.name, self.library.page(document.id, number).text)
            for document in self.documents
            for number in range(document.pages)
        ]


Rank = Callable[[str], list[Chunk]]
Ask = Callable[[str], Retrieval]


@dataclass(frozen=True, slots=True)
class Baseline:
    """A name, and what makes documents ready to be asked."""

    name: str
    ready: Callable[[Corpus, Vectors], Ask]


def ranking(name: str, index: Callable[[Sequence[PageText], Vectors], Rank], *, sent: int) -> Baseline:
    """A system that ranks chunks of pages and sends the first."""

    def ready(corpus: Corpus, vectors: Vectors) -> Ask:
        rank = index(corpus.pages, vectors)
        return lambda question: Retrieval.of(rank(question), sent=sent)

    return Baseline(name, ready)
