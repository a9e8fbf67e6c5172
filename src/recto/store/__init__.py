"""Keeping: documents, passages and vectors, and looking them up."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from recto.index_types import Field, IndexedPage, PageKey, Row, Similarities, Totals, Version
from recto.types import Document, Floats, Page, Passage, UInt32s


class Store(Protocol):
    """What a store does. Each write is one transaction: after a crash a document is there whole or not at all."""

    def put(
        self, document: Document, source: Path, pages: Sequence[IndexedPage], *, replaces: str | None = None
    ) -> None:
        """Keep a document and its PDF's bytes; the same id replaces it; `replaces` is deleted in the same step."""

    def delete(self, doc: str) -> bool:
        """Forget a document everywhere. False if it was not there."""

    def documents(self) -> list[Document]:
        """All documents, in the order in which they were added."""

    def source(self, doc: str) -> bytes:
        """The PDF's own bytes. Gone if there is no such document."""

    def copy_source(self, doc: str, target: Path) -> None:
        """Write the PDF's own bytes to a file, a piece at a time. Gone if there is no such document."""

    def page(self, doc: str, number: int) -> Page:
        """One page with its words. KeyError if there is none."""

    def passages(self, doc: str, number: int) -> list[Passage]:
        """The passages of one page, in order."""

    def rows(self, docs: Sequence[str]) -> list[Row]:
        """Every page of these documents, in key order."""

    def rows_of(self, keys: Sequence[PageKey]) -> list[Row]:
        """These pages, in key order; keys that are gone are left out."""

    def totals(self) -> Totals:
        """The sizes of the collection."""

    def frequencies(self, field: Field, terms: UInt32s) -> NDArray[np.int64]:
        """In how many pages ("text", "heading") or passages each term occurs."""

    def candidates(self, field: Field, terms: UInt32s, k: int, docs: Sequence[str] | None = None) -> list[PageKey]:
        """The pages that match best by keywords, best first; pages not yet in the keyword index come with them."""

    def put_vectors(self, version: Version, fingerprint: str, vectors: Floats) -> bool:
        """Keep one vector for each passage of a version, (n, dim), of length 1. False if that version is gone."""

    def unencoded(self, fingerprint: str) -> list[Version]:
        """The documents without vectors of this encoder, oldest first."""

    def similarities(self, vector: Floats, fingerprint: str, docs: Sequence[str] | None = None) -> Similarities:
        """The cosine of a vector (dim,) with every passage encoded by this encoder."""

    def lagging(self) -> int:
        """How many changes are saved but not yet in the keyword index."""

    def refresh(self) -> None:
        """Bring the keyword index up to date; rebuild it if it is damaged."""

    def export(self, target: Path) -> None:
        """Write everything to one file."""

    def close(self) -> None:
        """Let go of files and locks."""
