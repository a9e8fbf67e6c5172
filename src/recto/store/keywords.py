"""The keyword index: tantivy over term ids. Derived from SQLite alone, so it may be thrown away at any moment.

The index itself holds the number of the last change it has seen, as one more tantivy document (the marker), so that
the two cannot disagree. tantivy can also panic on damaged files; both kinds of failure come out as `Unusable`.
"""

import logging
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, get_args

import numpy as np
from numpy.typing import NDArray

from recto.index_types import Field, PageTerms, pairs
from recto.types import UInt32s

if TYPE_CHECKING:  # imported when the first question comes, so that opening a library stays cheap
    import tantivy

HEAP = 64_000_000  # bytes the writer may fill before it cuts a segment; tantivy refuses under 15 million

_log = logging.getLogger(__name__)


class Unusable(Exception):
    """tantivy cannot open, read or write the index: damage, a full disk, or not opened yet."""


class Damaged(Unusable):
    """The index opened, but a question made tantivy stumble: only building it anew helps."""


class _FailuresAs:
    """Turns tantivy's failures into one of ours. A Rust panic derives from BaseException and has no importable name."""

    def __init__(self, error: type[Unusable]) -> None:
        self._error = error

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, _: TracebackType | None
    ) -> None:
        if kind and (issubclass(kind, (ValueError, OSError)) or kind.__name__ == "PanicException"):
            _log.debug("keyword index: %s", problem)
            raise self._error(str(problem)) from problem


@dataclass(frozen=True, slots=True)
class View:
    """The index as of one change."""

    applied: int
    _schema: "tantivy.Schema"
    _searcher: "tantivy.Searcher"
    _counts: dict[tuple[str, int], int] = field(default_factory=dict)  # by field and term: a question asks thrice

    def find(
        self, field: str, terms: UInt32s, k: int, *, only: Collection[int] | None, without: Sequence[int]
    ) -> dict[int, float]:
        """The k best pages by key, best first, with their BM25; `only` and `without` are documents."""
        from tantivy import Occur, Query

        matching = [(Occur.Should, self._term(field, term)) for term in np.unique(terms).tolist()]
        clauses = [(Occur.Must, Query.boolean_query(matching)), *self._except(without)]
        if only is not None:
            scope = Query.term_set_query(self._schema, "doc", list(only))
            clauses.append((Occur.Must, Query.const_score_query(scope, 0.0)))
        query, limit = Query.boolean_query(clauses), 2 * k  # mostly enough, for a page has many passages
        while True:
            with _FailuresAs(Damaged):
                hits = self._searcher.search(query, limit=limit, count=False).hits
                keys = self._searcher.fast_field_values("key", [address for _, address in hits])
            pages: dict[int, float] = {}
            for (score, _), key in zip(hits, keys, strict=True):
                if key is not None:
                    pages.setdefault(int(key), float(score or 0))
            if len(pages) >= k or len(hits) < limit:
                return dict(islice(pages.items(), k))
            limit *= 2

    def count(self, field: str, terms: UInt32s, *, without: Sequence[int]) -> NDArray[np.int64]:
        """In how many entries each term occurs: counted, because tantivy's own frequencies include deleted ones."""
        from tantivy import Occur, Query

        counts: dict[tuple[str, int], int] = {} if without else self._counts
        for term in terms.tolist():
            if (field, term) in counts:
                continue
            query = self._term(field, term)
            if without:
                query = Query.boolean_query([(Occur.Must, query), *self._except(without)])
            with _FailuresAs(Damaged):
                counts[field, term] = self._searcher.search(query, limit=1, count=True).count  # type: ignore[attr-defined]
        return np.array([counts[field, term] for term in terms.tolist()], np.int64)

    def _term(self, field: str, term: int) -> "tantivy.Query":
        from tantivy import Query

        return Query.term_query(self._schema, field, str(term), "freq")

    def _except(self, docs: Sequence[int]) -> Iterator[tuple["tantivy.Occur", "tantivy.Query"]]:
        from tantivy import Occur, Query

        if docs:
            yield Occur.MustNot, Query.term_set_query(self._schema, "doc", list(docs))


Rows = Iterable[tuple[int, PageTerms]]  # a document's pages: key and terms
Changed = Iterable[tuple[int, Rows]]  # documents


class Keywords:
    """The folder of one index. Whoever writes must keep other processes out: the store holds SQLite's write lock.

    Without a folder it lies in memory.
    """

    def __init__(self, folder: Path | None, identity: int) -> None:
        self._folder = folder
        self._marker = -identity  # documents count from 1, so the marker's "document" is never one
        self._index: tantivy.Index | None = None
        self.view: View | None = None
        self.damaged = False

    def look(self) -> View:
        """Open the index, or see what another process has committed since."""
        from tantivy import Query

        with _FailuresAs(Unusable):
            index = self._index = self._index or _open_index(self._folder)
            index.reload()
            searcher = index.searcher()
            marker = Query.term_query(index.schema, "doc", self._marker)
            addresses = [address for _, address in searcher.search(marker, limit=1).hits]
            changes = searcher.fast_field_values("key", addresses)
            self.view = View(int(changes[0] or 0) if changes else 0, index.schema, searcher)
        return self.view

    def distrust(self) -> None:
        """Only building it anew helps."""
        self.damaged = True

    def replay(self, changed: Changed, position: int) -> None:
        """Index each changed document anew (one without rows is gone) and note the position, in one commit."""
        with _FailuresAs(Unusable):
            if self._folder or not self._index:  # an older handle would not know the files of other processes
                self._index = _open_index(self._folder)
            self._write(self._index, changed, position)
        self.look()

    def rebuild(self, documents: Changed, position: int) -> None:
        """Build a new index beside the old one, which goes only when the new one is whole."""
        with _FailuresAs(Unusable):
            self._index = self._built(self._folder, documents, position)
        self.damaged = False
        self.look()

    def _built(self, folder: Path | None, documents: Changed, position: int) -> "tantivy.Index | None":
        """A new index if it is in memory; else it lies in the folder, and is still to be opened."""
        if folder is None:
            index = _open_index(None)
            self._write(index, documents, position)
            return index
        beside = folder.with_name(f"{folder.name}.new")
        try:
            _clear(beside)
            beside.mkdir()
            self._write(_open_index(beside), documents, position)
            _clear(folder)
            beside.rename(folder)
        finally:
            _clear(beside)
        return None

    def _write(self, index: "tantivy.Index", changed: Changed, position: int) -> None:
        writer = index.writer(HEAP, 1)
        try:
            writer.garbage_collect_files()  # what a killed writer left would be in the way
            for doc, rows in changed:
                writer.delete_documents_by_term("doc", doc)
                for key, terms in rows:  # one entry for the page and one for each passage; all carry the page's key
                    text = np.concatenate((terms.text, pairs(terms.text)))
                    writer.add_document(_entry(doc, key, text=text, heading=terms.heading))
                    for passage in terms.passages:
                        writer.add_document(_entry(doc, key, passages=passage))
            writer.delete_documents_by_term("doc", self._marker)
            writer.add_document(_entry(self._marker, position))
            writer.commit()
            writer.wait_merging_threads()
        finally:
            del writer  # its lock goes with it; a traceback would keep both


def _open_index(folder: Path | None) -> "tantivy.Index":
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("doc", indexed=True)
    builder.add_integer_field("key", fast=True)
    for name in get_args(Field):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    index = tantivy.Index(builder.build(), None if folder is None else str(folder))
    index.config_reader("manual")  # no watching thread: SQLite says when there is something new
    return index


def _clear(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _entry(doc: int, key: int, **fields: UInt32s) -> "tantivy.Document":
    import tantivy

    entry = tantivy.Document()
    entry.add_integer("doc", doc)
    entry.add_integer("key", key)
    for name, terms in fields.items():
        entry.add_text(name, " ".join(map(str, terms.tolist())))
    return entry
