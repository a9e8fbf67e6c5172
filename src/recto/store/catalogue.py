"""What the store keeps in memory of every document: who it is and where its pages lie."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from recto.index_types import PageKey, ScoredPage, Totals, Version
from recto.types import Document, UInt32s

COLUMNS = "seq, id, name, title, size, added, first, counts, text_terms, heading_terms, passage_terms"
FIRST_ANALYSER = 1  # made the terms of documents that were put before its version was recorded
_VERSIONS = f"SELECT {COLUMNS}, coalesce(analyser, {FIRST_ANALYSER}) FROM documents LEFT JOIN summaries ON doc = seq"
RECORDS = f"{_VERSIONS} WHERE seq NOT IN (SELECT doc FROM removals)"  # but for what was removed
REMOVED_RECORDS = f"{_VERSIONS} WHERE seq IN (SELECT doc FROM removals)"
RECORD = f"{_VERSIONS} WHERE id = ?"  # whether it was removed or not
Row = tuple[int, str, str, str, int, float, int, bytes, int, int, int, int]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Record:
    """A version of a document: the key of its page 0, and how many passages each page has."""

    version: Version
    first: int
    counts: UInt32s
    terms: tuple[int, int, int]  # text, heading, passages
    analyser: int

    @property
    def document(self) -> Document:
        """What it is a version of."""
        return self.version.document

    @property
    def seq(self) -> int:
        """Its number in the store."""
        return self.version.number

    @property
    def keys(self) -> range:
        """The keys of its pages."""
        return range(self.first, self.first + len(self.counts))

    @classmethod
    def of(cls, row: Row) -> "Record":
        """Read a row of RECORDS."""
        seq, id, name, title, size, added, first, counts, *terms, analyser = row
        passages: UInt32s = np.frombuffer(counts, "<u4")
        text, heading, passage = terms
        document = Document(id=id, name=name, title=title, pages=len(passages), size=size, added=added)
        return cls(
            version=Version(document, seq),
            first=first,
            counts=passages,
            terms=(text, heading, passage),
            analyser=analyser,
        )


class Catalogue:
    """All documents as of one change, in the order in which they were added here: so of rising `first`."""

    def __init__(self, change: int, rows: Iterable[Row]) -> None:
        self.change = change
        self.records = [Record.of(row) for row in rows]
        self._firsts = [record.first for record in self.records]
        self._places = [(record.document.id, record.first, record.keys.stop) for record in self.records]
        self._by_id = {record.document.id: record for record in self.records}

    def get(self, doc: str) -> Record | None:
        """The record of this document, None if there is none."""
        return self._by_id.get(doc)

    def of(self, docs: Sequence[str]) -> list[Record]:
        """These documents, in the order of their keys; unknown ones are left out."""
        records = {id: self._by_id[id] for id in docs if id in self._by_id}
        return sorted(records.values(), key=lambda record: record.seq)

    def keys(self, pages: Sequence[PageKey]) -> NDArray[np.int64]:
        """The key of each page (n,), -1 for one that is not there."""
        keys = np.full(len(pages), -1, np.int64)
        for place, (doc, page) in enumerate(pages):
            record = self._by_id.get(doc)
            if record is not None and 0 <= page < len(record.counts):
                keys[place] = record.first + page
        return keys

    def scored(self, scores: Mapping[int, float]) -> list[ScoredPage]:
        """The page of each key with its score, in the same order; keys of no page are left out."""
        pages = []
        for key, score in scores.items():  # a question asks for hundreds
            doc, first, end = self._places[bisect_right(self._firsts, key) - 1] if self._places else ("", 0, 0)
            if first <= key < end:
                pages.append(ScoredPage(PageKey(doc, key - first), score))
        return pages

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """All of them."""
        return tuple(record.document for record in self.records)

    @cached_property
    def state(self) -> str:
        """Made of what each document is, and of its numbers, which are the same in all copies of a library."""
        records = sorted(self.records, key=lambda record: record.seq)  # copies made at different times have other keys
        versions = [(record.version, record.terms, record.analyser) for record in records]
        return sha256(repr(versions).encode("utf-8", "backslashreplace")).hexdigest()

    @cached_property
    def totals(self) -> Totals:
        """The sizes of the collection."""
        text, heading, passage = (sum(record.terms[field] for record in self.records) for field in range(3))
        return Totals(
            pages=sum(len(record.counts) for record in self.records),
            passages=sum(int(record.counts.sum()) for record in self.records),
            text_terms=text,
            heading_terms=heading,
            passage_terms=passage,
        )
