"""What the store keeps in memory of every document: who it is and where its pages lie."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recto.index_types import Totals
from recto.types import Document, UInt32s

COLUMNS = "seq, id, name, title, size, added, first, counts, text_terms, heading_terms, passage_terms"
Record = tuple[int, str, str, str, int, float, int, bytes, int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A document as kept: its number in the store, the key of its page 0, and how many passages each page has."""

    seq: int
    document: Document
    first: int
    counts: UInt32s
    terms: tuple[int, int, int]  # text, heading, passages

    @property
    def keys(self) -> range:
        """The keys of its pages."""
        return range(self.first, self.first + len(self.counts))


class Catalogue:
    """All documents as of one change, in the order in which they were added: so of rising `seq` and `first`."""

    def __init__(self, version: int, records: Iterable[Record]) -> None:
        self.version = version
        self.kept = [_kept(*record) for record in records]
        self._firsts = np.array([each.first for each in self.kept], np.int64)
        self._by_id = {each.document.id: each for each in self.kept}

    def of(self, docs: Sequence[str]) -> list[Kept]:
        """These documents, in the order of their keys; unknown ones are left out."""
        known = {id: self._by_id[id] for id in docs if id in self._by_id}
        return sorted(known.values(), key=lambda each: each.seq)

    def located(self, keys: Iterable[int]) -> Iterator[tuple[int, Kept]]:
        """Each key that is a page's, ascending, with its document."""
        ascending = np.unique(np.fromiter(keys, np.int64))
        owners = np.searchsorted(self._firsts, ascending, side="right") - 1
        for key, owner in zip(ascending.tolist(), owners.tolist(), strict=True):
            if owner >= 0 and key in self.kept[owner].keys:
                yield key, self.kept[owner]

    @cached_property
    def totals(self) -> Totals:
        """The sizes of the collection."""
        pages = sum(len(each.counts) for each in self.kept)
        passages = sum(int(each.counts.sum()) for each in self.kept)
        text, heading, passage = (sum(each.terms[field] for each in self.kept) for field in range(3))
        return Totals(pages, passages, text, heading, passage)


def _kept(
    seq: int, id: str, name: str, title: str, size: int, added: float, first: int, counts: bytes, *terms: int
) -> Kept:
    passages: UInt32s = np.frombuffer(counts, "<u4")
    text, heading, passage = terms
    document = Document(id, name, title, len(passages), size, added)
    return Kept(seq, document, first, passages, (text, heading, passage))
