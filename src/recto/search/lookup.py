"""What finding asks of whoever keeps the pages. The store has this shape; search does not know the store."""

from collections.abc import Sequence
from typing import Protocol

from recto.index_types import Field, Row, Similarities, Totals
from recto.search.bm25 import Form, Int64s, Statistics
from recto.types import Floats, Page, Passage, UInt32s


class Lookup(Protocol):
    """Rows, statistics and neighbours, by document or by key."""

    def rows(self, docs: Sequence[str], /) -> Sequence[Row]:
        """Every page of these documents, in key order."""

    def rows_of(self, keys: Sequence[int], /) -> Sequence[Row]:
        """These pages, in key order."""

    def page(self, doc: str, number: int, /) -> Page:
        """One page."""

    def passages(self, doc: str, number: int, /) -> Sequence[Passage]:
        """The passages of one page, in order."""

    def totals(self) -> Totals:
        """The sizes of the whole library."""

    def frequencies(self, field: Field, terms: UInt32s, /) -> Int64s:
        """In how many pages ("text", "heading") or passages of the whole library each term occurs."""

    def candidates(self, field: Field, terms: UInt32s, k: int, docs: Sequence[str] | None, /) -> Sequence[int]:
        """The keys of the pages that match best by keywords, best first."""

    def similarities(self, vector: Floats, fingerprint: str, docs: Sequence[str] | None, /) -> Similarities:
        """The cosine of a vector with every passage that this encoder encoded."""


def statistics(lookup: Lookup, field: Field, wanted: UInt32s, form: Form) -> Statistics:
    """What BM25 must know of the whole library to score a few of its texts."""
    totals = lookup.totals()
    texts = totals.passages if field == "passages" else totals.pages
    terms = {"text": totals.text_terms, "heading": totals.heading_terms, "passages": totals.passage_terms}[field]
    if form.with_pairs:
        terms += max(terms - texts, 0)
    return Statistics(texts, terms / max(texts, 1), lookup.frequencies(field, wanted))
