"""Where to look: all pages of a small scope, or the candidates of a large one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from recto.index_types import Row
from recto.search.bm25 import Float64s, Int64s, wanted_terms
from recto.search.encoder import Encoder
from recto.search.lookup import Lookup
from recto.search.rank import FORMS, fitness
from recto.text.analyse import title_ids
from recto.types import Document, Floats, UInt32s

SCAN_PAGES = 500  # up to here every page is scored; above, candidates, with the whole library's statistics
CANDIDATES = 50  # pages taken for each signal: gave the top 10 of a full scan, 30 lost 8 of 1000, see docs/ranking.md
ROUTED = 3  # documents that fit the question best; their pages get candidates of their own
OPENING_PAGES = 2  # where a document says what it is
OPENING_CHARACTERS = 1500  # of each

_cards: dict[Document, "Card"] = {}  # some 2 KB a document, kept because every question asks for all of them


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A question, analysed, and where to look for its answer."""

    question: str
    terms: UInt32s  # in order
    vector: Floats  # empty without an encoder
    docs: Sequence[Document]
    lookup: Lookup
    encoder: Encoder | None

    def within(self) -> list[str] | None:
        """The ids of the documents asked, None if these are all of the library."""
        everything = sum(doc.pages for doc in self.docs) == self.lookup.totals().pages
        return None if everything else [doc.id for doc in self.docs]


@dataclass(frozen=True, slots=True, eq=False)
class Near:
    """The cosine of each encoded passage, and of each page's best."""

    keys: Int64s  # one a passage: its page's, ascending
    cosines: Float64s
    pages: Int64s  # each key once
    best: Float64s

    @classmethod
    def of(cls, keys: Int64s, cosines: Float64s) -> Self:
        """Take each page's best passage."""
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        best = np.maximum.reduceat(cosines, starts) if keys.size else cosines
        return cls(keys, cosines, keys[starts], best)


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """The pages to score, n, and their passages, m, laid end to end."""

    rows: Sequence[Row]  # in key order
    whole: bool  # all the pages that were asked for, so that BM25 can count for itself
    fits: Float64s  # (n,): how well each page's document fits the question
    near: Near  # of all pages asked for
    first: Int64s  # (n + 1,): page i has the passages first[i]:first[i + 1]
    owner: Int64s  # (m,): the index of each passage's page

    def best(self, scores: Float64s) -> Float64s:
        """Each page's best passage score, (n,); NaN for a page where none is known."""
        best = np.full(len(self.rows), np.nan)
        np.fmax.at(best, self.owner, scores)
        return best

    def cosines(self) -> Float64s:
        """Each passage's cosine, (m,); NaN for one that is not encoded."""
        if not self.near.keys.size:
            return np.full(self.owner.size, np.nan)
        keys = np.array([row.key for row in self.rows], np.int64)[self.owner]
        at = np.searchsorted(self.near.keys, keys) + np.arange(self.owner.size) - self.first[self.owner]
        at = np.minimum(at, self.near.keys.size - 1)
        return np.where(self.near.keys[at] == keys, self.near.cosines[at], np.nan)


def gather(asked: Asked) -> Scope:
    """Collect the pages to score."""
    whole = len(asked.docs) == 1 or sum(doc.pages for doc in asked.docs) <= SCAN_PAGES
    ids = [doc.id for doc in asked.docs]
    fits = dict(zip(ids, _fits(asked), strict=True))
    within = asked.within()
    near = _near(asked, within)
    rows = asked.lookup.rows(ids) if whole else asked.lookup.rows_of(sorted(_candidates(asked, within, fits, near)))
    rows = [row for row in rows if row.doc in fits]  # another process may have added a document meanwhile
    counts = np.array([len(row.terms.passages) for row in rows], np.int64)
    return Scope(
        rows=rows,
        whole=whole,
        fits=np.array([fits[row.doc] for row in rows], np.float64),
        near=near,
        first=np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]),
        owner=np.repeat(np.arange(len(rows)), counts),
    )


def _near(asked: Asked, docs: Sequence[str] | None) -> Near:
    if asked.encoder is None:
        return Near.of(np.empty(0, np.int64), np.empty(0, np.float64))
    found = asked.lookup.similarities(asked.vector, asked.encoder.fingerprint, docs)
    return Near.of(found.pages, found.cosines.astype(np.float64))


def _fits(asked: Asked) -> Float64s:
    """How well each document fits the question; all 0 if there is no choice."""
    if len(asked.docs) == 1:
        return np.zeros(1)
    cards = [_card(asked.lookup, doc) for doc in asked.docs]
    return fitness(asked.question, [card.title for card in cards], [card.profile for card in cards])


class Card(NamedTuple):
    """The router's terms of a document: its title, and its title twice with its first pages."""

    title: UInt32s
    profile: UInt32s


def _card(lookup: Lookup, doc: Document) -> Card:
    if doc not in _cards:
        opening = [lookup.page(doc.id, page).text[:OPENING_CHARACTERS] for page in range(min(doc.pages, OPENING_PAGES))]
        _cards[doc] = Card(title_ids(doc.title), title_ids("\n".join([doc.title, doc.title, *opening])))
    return _cards[doc]


def _candidates(asked: Asked, within: list[str] | None, fits: dict[str, float], near: Near) -> set[int]:
    """The best pages by each signal, in all documents and in those that fit best."""
    routed = sorted((doc for doc in fits if fits[doc] > 0), key=fits.__getitem__, reverse=True)[:ROUTED]
    keys = {*_by_words(asked, within), *_by_vector(near)}
    if routed:
        keys |= {*_by_words(asked, routed), *_by_vector(_near(asked, routed))}
    return {int(key) for key in keys}


def _by_words(asked: Asked, docs: Sequence[str] | None) -> Iterator[int]:
    for field, form in FORMS.items():
        wanted = wanted_terms(asked.terms, form)
        if wanted.size:
            yield from asked.lookup.candidates(field, wanted, CANDIDATES, docs)


def _by_vector(near: Near) -> Int64s:
    return near.pages[np.argsort(-near.best)[:CANDIDATES]]
