"""A document as it is kept, packed: what SQLite's tables hold of it, and what is written to object storage."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from recto.index_types import Field, IndexedPage, PageTerms, Summary
from recto.store.pages import packed, packed_summary, packed_terms
from recto.types import Document, UInt32s


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedDocument:
    """A document with its pages and their terms, and its vectors if it has any; without the PDF's bytes."""

    document: Document
    counts: bytes  # the passages of each page, uint32
    sizes: tuple[int, int, int]  # terms in the text, in the headings, in the passages
    analyser: int
    summary: str  # empty if there is none
    unrecognised: bool
    card: bytes  # empty if there is none
    pages: list[bytes]
    terms: list[bytes]
    fingerprint: str = ""  # of the encoder, empty without vectors
    codes: bytes = b""
    scales: bytes = b""

    @property
    def size(self) -> int:
        """The bytes of all but the vectors."""
        return sum(map(len, (*self.pages, *self.terms, self.card, self.summary)))


def pack(
    document: Document,
    pages: Sequence[IndexedPage],
    *,
    analyser: int,
    summary: Summary | None,
    unrecognised: bool,
    card: bytes,
) -> PackedDocument:
    """Pack a document without vectors. ValueError if these are not its pages."""
    numbers = [item.page.number for item in pages]
    if numbers != list(range(document.pages)):
        raise ValueError(f"{document.name!r} has {document.pages} pages, got the pages {numbers[:5]}...")
    return PackedDocument(
        document=document,
        counts=np.array([len(item.passages) for item in pages], "<u4").tobytes(),
        sizes=field_sizes([item.terms for item in pages]),
        analyser=analyser,
        summary="" if summary is None else packed_summary(summary),
        unrecognised=unrecognised,
        card=card,
        pages=[packed(item.page, item.passages) for item in pages],
        terms=[packed_terms(item.terms) for item in pages],
    )


def field_arrays(terms: PageTerms, field: Field) -> Sequence[UInt32s]:
    """The term arrays of a field: one, or one a passage."""
    return terms.passages if field == "passages" else [getattr(terms, field)]


def field_sizes(terms: Sequence[PageTerms]) -> tuple[int, int, int]:
    """How many terms each field has, in the order of the columns."""
    text, heading, passages = (
        sum(len(array) for page in terms for array in field_arrays(page, field)) for field in get_args(Field)
    )
    return text, heading, passages
