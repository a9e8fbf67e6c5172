"""Which entries hold a term, and how often: an inverted index of 32-bit term ids as a few arrays, sorted by term.

In the fields "text" and "heading" an entry is a page, in "passages" a passage. While it is made, a posting is one
number: its term in the high 32 bits, its entry in the next 24, its count in the last 8. So to sort is to invert, and to
merge segments is to sort again. At rest it is its entry's number: its term stands once, before all of its postings.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from recto.index_types import Field, PageTerms, pairs
from recto.store.arrays import Array
from recto.types import Floats, UInt32s

K1, B = 1.2, 0.75  # of BM25, as Lucene has them: pages are only collected by it, ranking weighs them anew
BITS = 16  # of a term: by these a large index is cut into parts, so that only the others are kept of each
CUT = 1 << 16  # terms from which on it is cut: the places of the parts take 256 KB
MOST = 255  # times that a term counts in an entry
SHIFT_TERM, SHIFT_ENTRY = np.uint64(32), np.uint64(8)
ENTRY = np.uint64(0xFFFFFF00)
NEARLY = 0.9999  # of a floor: sums are rounded
RANGES = 16  # of entries that are scored by themselves, where few documents are asked for

UInt64s = NDArray[np.uint64]
Keys = NDArray[np.int64]
FIELDS: tuple[Field, ...] = get_args(Field)


class Postings(NamedTuple):
    """Of one field. `starts` cuts its terms by their high bits, `lows` are the others, ascending in each part."""

    starts: UInt32s
    lows: Array  # (terms,)
    firsts: UInt32s  # (terms + 1,): term i has the postings firsts[i]:firsts[i + 1]
    entries: Array
    repeated: UInt32s  # places of the postings that count more than once
    counts: Array  # of these
    lengths: Array  # terms of each entry

    @classmethod
    def of(cls, cells: UInt64s, lengths: Keys) -> "Postings":
        """Lay out sorted cells, one for each term of an entry."""
        of_cells = (cells >> SHIFT_TERM).astype(np.uint32)
        firsts = np.flatnonzero(np.append(True, of_cells[1:] != of_cells[:-1])[: cells.size])
        terms = of_cells[firsts]
        entries = (cells >> SHIFT_ENTRY).astype(np.uint32) & np.uint32(0xFFFFFF)
        counts = (cells & np.uint64(MOST)).astype(np.uint8)
        bits = BITS if terms.size >= CUT else 0
        edges = np.arange(1 << bits, dtype=np.uint64) << np.uint64(32 - bits)
        starts = np.append(np.searchsorted(terms, edges.astype(np.uint32)), terms.size).astype(np.uint32)
        repeated = np.flatnonzero(counts > 1).astype(np.uint32)
        return cls(
            starts=starts,
            lows=terms.astype(np.uint16) if bits else terms,
            firsts=np.append(firsts, cells.size).astype(np.uint32),
            entries=entries.astype(np.min_scalar_type(max(lengths.size - 1, 0))),
            repeated=repeated,
            counts=counts[repeated],
            lengths=lengths.astype(np.min_scalar_type(int(lengths.max(initial=0)))),
        )

    def cells(self) -> UInt64s:
        """What `of` was made from."""
        bits = BITS if len(self.starts) > 2 else 0
        parts = np.arange(1 << bits, dtype=np.uint64) << np.uint64(64 - bits if bits else 0)
        terms = np.repeat(parts, np.diff(self.starts)) | self.lows.astype(np.uint64) << SHIFT_TERM
        cells: UInt64s = np.repeat(terms, np.diff(self.firsts))
        cells |= self.entries.astype(np.uint64) << SHIFT_ENTRY
        cells |= np.uint64(1)
        cells[self.repeated] += self.counts - np.uint64(1)
        return cells

    def find(self, term: int) -> slice:
        """The postings of a term."""
        bits = BITS if len(self.starts) > 2 else 0
        part = term >> (32 - bits)
        start, end = int(self.starts[part]), int(self.starts[part + 1])
        low = self.lows.dtype.type(term & ((1 << (32 - bits)) - 1))
        place = start + int(self.lows[start:end].searchsorted(low))
        here = place < end and self.lows[place] == low
        return slice(int(self.firsts[place]), int(self.firsts[place + here]))

    def within(self, rows: slice, first: int, last: int) -> slice:
        """Those of a term that are of some entries."""
        if first >= last:
            return slice(rows.start, rows.start)
        entries, number = self.entries[rows], self.entries.dtype.type
        start, end = entries.searchsorted(number(first)), entries.searchsorted(number(last - 1), "right")
        return slice(rows.start + int(start), rows.start + int(end))

    def counts_in(self, rows: slice, entries: Keys) -> tuple[Keys, Floats]:
        """Which of these entries hold the term of some postings, and how often."""
        own = self.entries[rows]
        if not own.size:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        places = np.minimum(own.searchsorted(entries.astype(own.dtype)), own.size - 1)
        at = np.flatnonzero(own[places] == entries)
        postings = (places[at] + rows.start).astype(np.uint32)
        repeated = np.minimum(self.repeated.searchsorted(postings), max(self.repeated.size - 1, 0))
        counts = np.ones(at.size, np.float32)
        if self.repeated.size:
            here = self.repeated[repeated] == postings
            counts[here] = self.counts[repeated[here]]
        return at, counts

    def repeated_in(self, rows: Sequence[slice]) -> Keys:
        """Where in `repeated` those of each row begin and end, (rows, 2)."""
        bounds = np.array([(own.start, own.stop) for own in rows], np.uint32).reshape(-1, 2)
        return self.repeated.searchsorted(bounds)

    def repeats(self, rows: Sequence[slice]) -> tuple[Keys, Floats]:
        """Of the postings in all these rows, end to end, the places of those that count more than once; how often."""
        edges = self.repeated_in(rows).tolist()
        offsets = np.cumsum([0, *(own.stop - own.start for own in rows)]).tolist()
        places = [
            self.repeated[first:last].astype(np.int64) + (offset - own.start)
            for (first, last), own, offset in zip(edges, rows, offsets, strict=False)
        ]
        counts = [self.counts[first:last] for first, last in edges]
        return np.concatenate([np.zeros(0, np.int64), *places]), np.concatenate([np.zeros(0, np.float32), *counts])


def cells_of(arrays: Sequence[UInt32s]) -> UInt64s:
    """The sorted cells of entries with these terms."""
    cells: UInt64s = np.concatenate([np.empty(0, np.uint64), *arrays], dtype=np.uint64)
    cells <<= SHIFT_TERM  # in its place: of a large segment these are a hundred megabytes
    cells |= np.repeat(np.arange(len(arrays), dtype=np.uint64) << SHIFT_ENTRY, [array.size for array in arrays])
    cells.sort()
    is_first = np.append(True, cells[1:] != cells[:-1])[: cells.size]
    first = np.flatnonzero(is_first)
    counts = np.diff(np.append(first, cells.size)).clip(max=MOST).astype(np.uint8)
    cells = cells[is_first]
    cells |= counts
    return cells


class Scoring(NamedTuple):
    """What BM25 must know of the terms of a question: how rare each is, and of a field: how long an entry is."""

    rarities: Floats
    mean_length: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Segment:
    """Some documents, one after the other, with all their postings."""

    docs: Keys
    pages: Keys  # (docs + 1,): document i has the pages pages[i]:pages[i + 1]
    keys: Keys  # of each page
    passages: Keys  # (pages + 1,): page i has the passages passages[i]:passages[i + 1]
    fields: Mapping[str, Postings]

    @classmethod
    def of(cls, documents: Sequence[tuple[int, Sequence[tuple[int, PageTerms]]]]) -> "Segment":
        """Invert documents: the number of each, and the keys and terms of its pages."""
        docs = [(doc, rows) for doc, rows in documents if rows]
        rows = [row for _, own in docs for row in own]
        terms = [terms for _, terms in rows]
        texts = [np.concatenate((page.text, pairs(page.text))) for page in terms]
        arrays = {
            "text": texts,
            "heading": [page.heading for page in terms],
            "passages": [array for page in terms for array in page.passages],
        }
        return cls(
            docs=np.array([doc for doc, _ in docs], np.int64),
            pages=_bounds([len(own) for _, own in docs]),
            keys=np.array([key for key, _ in rows], np.int64),
            passages=_bounds([len(page.passages) for page in terms]),
            fields={
                field: Postings.of(cells_of(own), np.array([array.size for array in own], np.int64))
                for field, own in arrays.items()
            },
        )

    @classmethod
    def merged(cls, parts: Sequence[tuple["Segment", Collection[int]]]) -> "Segment":
        """Several segments in one, each without some of its documents."""
        segments = [segment for segment, _ in parts]
        live = [~np.isin(segment.docs, list(gone)) for segment, gone in parts]
        page_live = [np.repeat(own, np.diff(segment.pages)) for segment, own in zip(segments, live, strict=True)]
        counts = [np.diff(segment.passages) for segment in segments]
        passage_live = [np.repeat(own, count) for own, count in zip(page_live, counts, strict=True)]
        return cls(
            docs=_chosen([segment.docs for segment in segments], live),
            pages=_bounds(_chosen([np.diff(segment.pages) for segment in segments], live)),
            keys=_chosen([segment.keys for segment in segments], page_live),
            passages=_bounds(_chosen(counts, page_live)),
            fields={
                field: _merged(
                    [segment.fields[field] for segment in segments],
                    passage_live if field == "passages" else page_live,
                )
                for field in FIELDS
            },
        )

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> "Segment":
        """Of what `arrays` gave. KeyError if something is missing."""
        fields: dict[str, Postings] = {
            field: Postings(*(arrays[f"{field} {part}"] for part in Postings._fields)) for field in FIELDS
        }
        return cls(**{name: arrays[name] for name in ("docs", "pages", "keys", "passages")}, fields=fields)

    def arrays(self) -> dict[str, Array]:
        """All that is to be kept, by name."""
        own = {"docs": self.docs, "pages": self.pages, "keys": self.keys, "passages": self.passages}
        postings = {
            f"{field} {part}": array
            for field, all_of in self.fields.items()
            for part, array in all_of._asdict().items()
        }
        return own | postings

    def bounds(self, field: str, doc: int) -> tuple[int, int]:
        """The entries of a document: none if it is not here."""
        places = np.flatnonzero(self.docs == doc)
        if not places.size:
            return 0, 0
        pages = self.pages[places[0] : places[0] + 2]
        first, last = (self.passages[pages] if field == "passages" else pages).tolist()
        return first, last

    def frequency(self, field: str, rows: slice, hidden: Iterable[int]) -> int:
        """In how many entries a term occurs, without those of some documents."""
        parts = [self.fields[field].within(rows, *self.bounds(field, doc)) for doc in hidden]
        frequency: int = rows.stop - rows.start - sum(part.stop - part.start for part in parts)
        return frequency

    def size(self, field: str, hidden: Iterable[int]) -> tuple[int, int]:
        """How many entries there are, and how many terms they have, without those of some documents."""
        lengths, total = self.fields[field].lengths, self.totals[field]
        parts = [lengths[slice(*self.bounds(field, doc))] for doc in hidden]
        return lengths.size - sum(map(len, parts)), total - sum(int(part.sum(dtype=np.int64)) for part in parts)

    @cached_property
    def page_of(self) -> Keys:
        """The page of each passage: to look for it among the bounds takes a question ten times as long."""
        return np.repeat(np.arange(self.keys.size, dtype=np.int32), np.diff(self.passages)).astype(np.intp)

    @cached_property
    def totals(self) -> dict[str, int]:
        """How many terms the entries of each field have."""
        return {field: int(postings.lengths.sum(dtype=np.int64)) for field, postings in self.fields.items()}

    def scores(
        self,
        field: str,
        rows: Sequence[slice],
        scoring: Scoring,
        *,
        only: Collection[int] | None,
        hidden: Set[int],
        floor: float,
    ) -> Iterator[tuple[Keys, Floats]]:
        """Keys of pages and their BM25; of a page's passages the best one's. Of those below a floor some are left out.

        `rows` are those of each term. Only of some documents, and of none that is hidden.
        """
        postings, docs = self.fields[field], self.docs
        if only is not None:
            docs = docs[np.isin(docs, list(only))]
        if hidden:
            docs = docs[~np.isin(docs, list(hidden))]
        ranges = joined(sorted(self.bounds(field, doc) for doc in docs.tolist())) if docs.size < self.docs.size else []
        if docs.size == self.docs.size or len(ranges) > RANGES:
            ranges = [(0, postings.lengths.size)]
        for first, last in ranges:
            own = rows if last - first == postings.lengths.size else [postings.within(row, first, last) for row in rows]
            pages, scores = self._scored(field, own, scoring, floor)
            if field == "passages":
                pages = self.page_of[pages]
                starts = np.flatnonzero(np.diff(pages, prepend=-1))
                pages, scores = pages[starts], np.maximum.reduceat(scores, starts) if starts.size else scores
            if len(ranges) == 1 and docs.size < self.docs.size:
                allowed = np.isin(self.docs[np.searchsorted(self.pages, pages, side="right") - 1], docs)
                pages, scores = pages[allowed], scores[allowed]
            yield self.keys[pages], scores

    def _scored(self, field: str, rows: Sequence[slice], scoring: Scoring, floor: float) -> tuple[Keys, Floats]:
        """Entries that hold a term, ascending, and their BM25, unless it is below the floor.

        The most frequent terms, which together cannot lift an entry to the floor, are only looked up in entries that
        hold another one: Turtle and Flood, Query Evaluation: Strategies and Optimizations (1995), their MaxScore.
        """
        here = [term for term, own in enumerate(rows) if own.stop > own.start]
        rows, rarities = [rows[term] for term in here], scoring.rarities[here]
        postings, (norms, single, top) = self.fields[field], self.norms(field, scoring.mean_length)
        counts_once = np.diff(postings.repeated_in(rows)).ravel() == 0
        most = rarities * np.where(counts_once, top, np.float32(K1 + 1))
        order = np.argsort(most)
        most = np.cumsum(most[order])  # that each term, and all those before it, can add to an entry
        optional = int(most.searchsorted(floor * NEARLY))
        if optional == len(rows):
            return np.zeros(0, np.intp), np.zeros(0, np.float32)
        essential = [rows[term] for term in order[optional:].tolist()]
        entries = np.concatenate([postings.entries[own] for own in essential]).astype(np.intp)
        weights = np.repeat(rarities[order[optional:]], [own.stop - own.start for own in essential])
        places, counts = postings.repeats(essential)
        of_repeated = weights[places] * counts * (K1 + 1) / (counts + norms[entries[places]])
        weights *= single[entries]
        weights[places] = of_repeated
        sums = np.bincount(entries, weights).astype(np.float64, copy=False)  # of none it makes whole numbers
        entries = np.flatnonzero(sums > 0)  # several times faster than of the sums themselves
        scores = sums[entries]
        for place in range(optional - 1, -1, -1):
            reach = scores + most[place] >= floor * NEARLY
            entries, scores = entries[reach], scores[reach]
            at, counts = postings.counts_in(rows[order[place]], entries)
            weight = rarities[order[place]] * (K1 + 1)
            scores[at] += weight * counts / (counts + norms[entries[at]])
        return entries, scores.astype(np.float32)

    def norms(self, field: str, mean_length: float) -> tuple[Floats, Floats, np.float32]:
        """BM25's norm of each entry, and what a term of rarity 1 scores that it holds once; the most of these."""
        if field not in self._normed or self._normed[field][0] != mean_length:
            lengths = self.fields[field].lengths
            norms = (K1 * (1 - B) + (K1 * B / mean_length) * lengths).astype(np.float32)
            single = (K1 + 1) / (1 + norms)
            self._normed[field] = mean_length, norms, single, single.max(initial=0)
        return self._normed[field][1:]

    @cached_property
    def _normed(self) -> dict[str, tuple[float, Floats, Floats, np.float32]]:
        return {}


def joined(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges in their order, those that touch as one, and no empty one."""
    joined: list[tuple[int, int]] = []
    for first, last in ranges:
        if joined and joined[-1][1] == first:
            joined[-1] = joined[-1][0], last
        elif first < last:
            joined.append((first, last))
    return joined


def _bounds(counts: Sequence[int] | Keys) -> Keys:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(np.asarray(counts, np.int64))])


def _chosen(arrays: Sequence[Array], live: Sequence[NDArray[np.bool_]]) -> Array:
    return np.concatenate([array[own] for array, own in zip(arrays, live, strict=True)])


def _merged(fields: Sequence[Postings], live: Sequence[NDArray[np.bool_]]) -> Postings:
    """The postings of entries that live, which are counted on from one to the next."""
    offset, cells = 0, []
    for postings, own in zip(fields, live, strict=True):
        numbers = np.cumsum(own) - 1 + offset
        offset += int(own.sum())
        packed, entries = postings.cells(), postings.entries
        if not own.all():
            chosen = own[entries]
            packed, entries = packed[chosen], entries[chosen]
        packed &= ~ENTRY
        packed |= (numbers.astype(np.uint64) << SHIFT_ENTRY)[entries]
        cells.append(packed)
    together = np.concatenate(cells)
    together.sort()
    return Postings.of(together, _chosen([postings.lengths.astype(np.int64) for postings in fields], live))
