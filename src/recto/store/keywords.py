"""The keyword index: segments of postings. Derived from SQLite alone, so it may be thrown away at any moment.

A file of JSON, the contents, says which segments count, which of their documents do not any more, and the number of the
last change that they have seen. It takes the place of the one before in one step; segments never change.
"""

import json
import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recto.index_types import PageTerms, Statistics
from recto.store.arrays import ArrayPieces, DamagedArrays, array_bytes, map_arrays, read_arrays, write_bytes
from recto.store.postings import Keys, Scoring, Segment
from recto.types import Floats, UInt32s

FORMAT = 2
CONTENTS = "contents.json"
ENDING = ".segment"
PRIVATE = "private-"  # begins the name of a segment in memory, so that it is none of the folder's
LARGEST = 1 << 14  # pages of a segment, 130,000 passages: it is made in 500 MB, and anew without a document in a second
SIMILAR = 2  # a new segment takes in the one before that is no more than twice as large, and so on
DEAD = 8  # a segment is written anew once an eighth of its pages do not count any more
REMEMBERED = 1 << 16  # terms of questions whose places are kept

_log = logging.getLogger(__name__)

Rows = Iterable[tuple[int, PageTerms]]  # a document's pages: key and terms
Changed = Iterable[tuple[int, Rows]]  # documents


class Unusable(Exception):
    """The index cannot be opened, read or written: damage, a full disk, or not opened yet."""


class Damaged(Unusable):
    """The index opened, but a question made it stumble: only building it anew helps."""


@contextmanager
def _failures_as(error: type[Unusable]) -> Iterator[None]:
    try:
        yield
    except (OSError, DamagedArrays, ValueError, LookupError, TypeError) as problem:
        _log.debug("keyword index: %s", problem)
        raise error(str(problem)) from problem


@dataclass(frozen=True, slots=True)
class IndexPart:
    """A segment, and those of its documents that do not count any more."""

    name: str
    segment: Segment
    dead: frozenset[int]

    @property
    def pages(self) -> int:
        """How many it has, dead ones included."""
        return len(self.segment.keys)

    def without(self, documents: Sequence[tuple[int, Sequence[object]]]) -> "IndexPart":
        """The part without documents that have changed; of those that are gone, which have no rows, no byte stays."""
        own = set(self.segment.docs.tolist())
        dead = self.dead | ({doc for doc, _ in documents} & own)
        pages = sum(last - first for first, last in (self.segment.bounds("text", doc) for doc in dead))
        if pages * DEAD > self.pages or any(doc in own and not rows for doc, rows in documents):
            return IndexPart("", Segment.merged([(self.segment, dead)]), frozenset())
        return IndexPart(self.name, self.segment, dead)


@dataclass(frozen=True, slots=True)
class View:
    """The index as of one change."""

    applied: int
    parts: Sequence[IndexPart]
    # By field and term, for a question asks thrice:
    _counts: dict[tuple[str, int], int] = field(default_factory=dict)
    _rows: dict[tuple[str, int], list[slice]] = field(default_factory=dict)
    _sizes: dict[str, tuple[int, int]] = field(default_factory=dict)  # by field: entries, and their terms

    def find(
        self,
        field: str,
        terms: UInt32s,
        k: int,
        statistics: Statistics,
        *,
        only: Collection[int] | None,
        without: Sequence[int],
    ) -> dict[int, float]:
        """The k best pages by key, best first, with their BM25; `only` and `without` are documents."""
        distinct, first = np.unique(terms, return_index=True)
        there = statistics.frequencies[first] > 0
        distinct = distinct[there]
        with _failures_as(Damaged):
            rarities = statistics.idf[first[there]].astype(np.float32)
            scoring = Scoring(rarities, max(statistics.mean_length, 1e-9))
            keys, scores = np.zeros(0, np.int64), np.zeros(0, np.float32)
            for number, part in enumerate(self.parts):
                rows = [self._places(field, term)[number] for term in distinct.tolist()]
                floor = float(scores[-1]) if scores.size == k else 0.0  # what is below is none of the k best
                hits = part.segment.scores(field, rows, scoring, only=only, hidden=part.dead | {*without}, floor=floor)
                keys, scores = _best(k, [(keys, scores), *hits])
            return dict(zip(keys.tolist(), scores.tolist(), strict=True))

    def statistics(self, field: str, terms: UInt32s, *, without: Sequence[int]) -> Statistics:
        """Its own, for these terms."""
        frequencies = self.count(field, terms, without=without)
        with _failures_as(Damaged):
            entries, length = self.size(field, without)
        return Statistics(entries, length / max(entries, 1), frequencies)

    def count(self, field: str, terms: UInt32s, *, without: Sequence[int]) -> NDArray[np.int64]:
        """In how many entries each term occurs."""
        counts: dict[tuple[str, int], int] = {} if without else self._counts
        with _failures_as(Damaged):
            for term in terms.tolist():
                if (field, term) not in counts:
                    counts[field, term] = sum(
                        part.segment.frequency(field, rows, part.dead | {*without})
                        for part, rows in zip(self.parts, self._places(field, term), strict=True)
                    )
        return np.array([counts[field, term] for term in terms.tolist()], np.int64)

    def _places(self, field: str, term: int) -> list[slice]:
        """The postings of a term in each part."""
        if (field, term) not in self._rows:
            if len(self._rows) >= REMEMBERED:
                self._rows.clear()
                self._counts.clear()
            self._rows[field, term] = [part.segment.fields[field].find(term) for part in self.parts]
        return self._rows[field, term]

    def size(self, field: str, without: Sequence[int]) -> tuple[int, int]:
        """How many entries there are, and how many terms they have."""
        if without or field not in self._sizes:
            sizes = [part.segment.size(field, part.dead | {*without}) for part in self.parts]
            size = sum(entries for entries, _ in sizes), sum(length for _, length in sizes)
            if without:
                return size
            self._sizes[field] = size
        return self._sizes[field]


class Keywords:
    """The files of one index. Whoever writes must keep other processes out: the store holds SQLite's write lock.

    With `memory` what is written stays there, in front of what lies in the folder, if there is one.
    """

    def __init__(self, folder: Path | None, identity: int, memory: dict[str, bytes] | None = None) -> None:
        self._folder, self._identity, self.memory = folder, identity, memory
        self.view: View | None = None
        self.damaged = False

    def look(self) -> View:
        """Open the index, or see what another process has written since."""
        with _failures_as(Unusable):
            contents = self._contents()
            former = {part.name: part.segment for part in self.view.parts} if self.view else {}
            parts = [
                IndexPart(name, former.get(name) or self._segment(name), frozenset(dead))
                for name, dead in contents["segments"]
            ]
            self.view = View(int(contents["applied"]), parts)
        return self.view

    def distrust(self) -> None:
        """Only building it anew helps."""
        self.damaged = True

    def replay(self, changed: Changed, position: int) -> None:
        """Index each changed document anew (one without rows is gone) and note the position, in one step."""
        parts = self.look().parts
        with _failures_as(Unusable):
            self._write(changed, position, parts)
        self.look()

    def rebuild(self, documents: Changed, position: int) -> None:
        """Build a new index; the old one goes only when the new one is whole."""
        with _failures_as(Unusable):
            self._write(documents, position, ())
        self.view, self.damaged = None, False
        self.look()

    def _write(self, changed: Changed, position: int, parts: Sequence[IndexPart]) -> None:
        """Write segments of what is new, and those anew from which bytes must go; then what counts from now on."""
        if self._folder and self.memory is None:
            self._folder.mkdir(exist_ok=True)
        for documents in in_groups(changed):
            living = [part for old in parts if (part := old.without(documents)).pages]
            parts = [self._saved(part) for part in with_similar(living, Segment.of(documents))]
        segments = [[part.name, sorted(part.dead)] for part in parts]
        contents = {"of": [FORMAT, self._identity], "applied": position, "segments": segments}
        self._put(CONTENTS, [json.dumps(contents).encode()])
        self._tidy({CONTENTS, *(part.name for part in parts)})

    def _saved(self, part: IndexPart) -> IndexPart:
        """The part, in a file of its own."""
        if part.name:
            return part
        is_private = self.memory is not None
        files = [path.name for path in self._folder.iterdir()] if self._folder and not is_private else self.memory or ()
        numbers = [file.partition(".")[0].removeprefix(PRIVATE) for file in files]
        number = max([int(number) for number in numbers if number.isdecimal()], default=0) + 1
        name = f"{PRIVATE if is_private else ''}{number}{ENDING}"
        columns = {key: ArrayPieces.of(array) for key, array in part.segment.arrays().items()}
        self._put(name, array_bytes({}, columns))
        return IndexPart(name, self._segment(name), part.dead)

    def _contents(self) -> dict[str, Any]:
        """The newest there are of this library: in memory, or in the folder. ValueError if there are none."""
        texts = [self.memory[CONTENTS]] if self.memory and CONTENTS in self.memory else []
        if self._folder:
            with suppress(OSError):
                texts.append((self._folder / CONTENTS).read_bytes())
        own = [contents for contents in map(json.loads, texts) if contents["of"] == [FORMAT, self._identity]]
        return dict(max(own, key=lambda contents: contents["applied"]))

    def _segment(self, name: str) -> Segment:
        if self.memory is not None and name in self.memory:
            return Segment.from_arrays(read_arrays(self.memory[name]).arrays)
        if self._folder is None:
            raise FileNotFoundError(name)
        return Segment.from_arrays(map_arrays(self._folder / name).arrays)

    def _put(self, name: str, pieces: Iterable[bytes | memoryview]) -> None:
        if self.memory is not None:
            self.memory[name] = b"".join(pieces)
        elif self._folder:
            write_bytes(self._folder / name, pieces)

    def _tidy(self, names: Collection[str]) -> None:
        """Delete what counts no more: former segments, what a killed writer left, an index of an older recto."""
        if self.memory is not None:
            for name in self.memory.keys() - names:
                del self.memory[name]
        elif self._folder:
            for path in self._folder.iterdir():
                if path.name not in names:
                    with suppress(OSError):  # Windows deletes nothing that somebody has mapped: the next writer does
                        path.unlink()


def in_groups(changed: Changed) -> Iterator[list[tuple[int, list[tuple[int, PageTerms]]]]]:
    """The documents, as many at once as make a segment."""
    group, pages = [], 0
    for doc, rows in changed:
        group.append((doc, list(rows)))
        pages += len(group[-1][1])
        if pages >= LARGEST:
            yield group
            group, pages = [], 0
    if group:
        yield group


def with_similar(parts: Sequence[IndexPart], segment: Segment) -> list[IndexPart]:
    """The parts, and a new segment with those in it that stand before it and are of a similar size, or smaller."""
    pages, before = len(segment.keys), len(parts)
    if not pages:
        return list(parts)
    while before and parts[before - 1].pages <= min(SIMILAR * pages, LARGEST - pages):
        before -= 1
        pages += parts[before].pages
    similar = [(part.segment, part.dead) for part in parts[before:]]
    together = Segment.merged([*similar, (segment, frozenset())]) if similar else segment
    return [*parts[:before], IndexPart("", together, frozenset())]


def _best(k: int, hits: Sequence[tuple[Keys, Floats]]) -> tuple[Keys, Floats]:
    """The k best keys of all, best first, the smaller key first of equal ones."""
    keys, scores = (np.concatenate(arrays) for arrays in zip(*hits, strict=True))
    if k < scores.size:
        least = -np.partition(-scores, k - 1)[k - 1]
        keys, scores = keys[scores >= least], scores[scores >= least]
    first = np.lexsort((keys, -scores))[:k]
    return keys[first], scores[first]
