"""Where to look: all pages of a small scope, or the candidates of a large one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from recto.index_types import PageKey, PageTerms
from recto.normalize import Float64s, Moments
from recto.query import Query
from recto.search.bm25 import Int64s, Texts, question_terms
from recto.search.encoder import Encoder
from recto.search.languages import library_languages
from recto.search.naming import DocumentNames, naming_scores
from recto.search.places import numbered_pages
from recto.search.rank import FORMS, NAMING, fitness
from recto.search.scales import Scale, scale_of
from recto.storage import Store
from recto.text.analyse import ANALYSER_VERSION, title_ids
from recto.types import Document, Page, UInt32s

Bools = NDArray[np.bool_]

SCAN_PAGES = 500  # up to here every page is scored; above, candidates, with the whole library's statistics
CANDIDATES = 50  # pages taken for each signal: gave the top 10 of a full scan, 30 lost 8 of 1000, see docs/ranking.md
TINY_PAGES = 5  # more are not read to see whether they fit a screen
ROUTED = 3  # documents that fit the question best; their pages get candidates of their own
OPENING_PAGES = 2  # where a document says what it is
OPENING_CHARACTERS = 1500  # of each
CARD_VERSION = ANALYSER_VERSION << 8 | 1  # raise it when something else is read of a document
CARD_HEAD = 5  # numbers before the arrays: the version, and the length of each


class DocumentTerms(NamedTuple):
    """What the router reads of a document: the terms of its title, of its title twice with first pages, and names."""

    title: UInt32s
    profile: UInt32s
    names: DocumentNames

    @classmethod
    def of(cls, document: Document, pages: Sequence[Page]) -> Self:
        """Analyse a document's title and first pages."""
        opening = [page.text[:OPENING_CHARACTERS] for page in pages[:OPENING_PAGES]]
        profile = title_ids("\n".join([document.title, document.title, *opening]))
        return cls(title_ids(document.title), profile, DocumentNames.of(document.title, opening))

    @classmethod
    def of_card(cls, card: bytes) -> Self | None:
        """What `card` packed; None if another version did, or it is cut off."""
        numbers: UInt32s = np.frombuffer(card, "<u4", count=len(card) // 4)
        if numbers.size < CARD_HEAD or numbers[0] != CARD_VERSION or numbers[1:5].sum() + CARD_HEAD != numbers.size:
            return None
        title, profile, titles, mentions = np.split(numbers[CARD_HEAD:], np.cumsum(numbers[1:4]))
        return cls(title, profile, DocumentNames(titles, mentions))

    @property
    def card(self) -> bytes:
        """The arrays, to be kept with the document: to read all openings takes a second for a thousand documents."""
        arrays = self.title, self.profile, *self.names
        head = np.array([CARD_VERSION, *map(len, arrays)])
        return np.concatenate([head, *arrays]).astype("<u4").tobytes()


class LaidTerms(NamedTuple):
    """What the router reads of some documents, laid end to end: to do so for a thousand takes milliseconds."""

    docs: list[Document]
    titles: Texts
    profiles: Texts
    names: Texts  # of titles and first lines
    mentions: Texts

    @classmethod
    def of(cls, docs: Sequence[Document], terms_of: Mapping[Document, DocumentTerms]) -> Self:
        """Lay out the terms of these documents."""
        terms = [terms_of[document] for document in docs]
        arrays = [(own.title, own.profile, *own.names) for own in terms]
        return cls(list(docs), *(Texts.of([own[field] for own in arrays]) for field in range(4)))


class DocumentRouter:
    """Tells which documents of one library fit a question; some 2 KB stay in memory of each that is there."""

    def __init__(self) -> None:
        self._terms: dict[Document, DocumentTerms] = {}
        self._laid = LaidTerms.of((), {})

    def fits(self, question: str, docs: Sequence[Document], store: Store) -> Float64s:
        """How well each of these documents fits, (n,), 0 to 6; all 0 if there is no choice. Gone if one is gone."""
        if len(docs) == 1:
            return np.zeros(1)
        documents = store.documents()
        laid = self._laid_out(docs, documents, store)
        fit = fitness(question, laid.titles, laid.profiles)
        places = {document.id: place for place, document in enumerate(docs)}
        ids = None if len(docs) == len(documents) else list(places)

        def holders(terms: UInt32s) -> set[int]:
            pages = store.lexical({"text": terms}, CANDIDATES, ids)["text"]  # those that it has not indexed score 0
            return {places[page.key.doc] for page in pages if page.score > 0 and page.key.doc in places}

        return fit + NAMING * naming_scores(question, laid.names, laid.mentions, holders, library_languages(store))

    def _laid_out(self, docs: Sequence[Document], documents: Sequence[Document], store: Store) -> LaidTerms:
        """The terms of these documents, as they lie from the question before if that was about the same ones."""
        terms_of, laid = self._terms, self._laid
        if list(docs) == laid.docs and len(terms_of) <= len(documents):
            return laid
        absent = document_terms([document for document in docs if document not in terms_of], store)
        if absent or len(terms_of) > len(documents):  # something came or went: nothing stays of what is gone
            terms_of = terms_of | absent
            self._terms = {document: terms_of[document] for document in documents if document in terms_of}
        self._laid = LaidTerms.of(docs, terms_of)
        return self._laid


def document_terms(docs: Sequence[Document], store: Store) -> dict[Document, DocumentTerms]:
    """The terms of documents by their cards; of those that have none, by their pages. Gone if one of these is gone."""
    cards = store.cards() if docs else {}
    terms_of = {}
    for document in docs:
        terms = DocumentTerms.of_card(cards.get(document.id, b""))
        if terms is None:
            numbers = range(min(document.pages, OPENING_PAGES))
            terms = DocumentTerms.of(document, [store.page(document.id, number) for number in numbers])
        terms_of[document] = terms
    return terms_of


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Scope:
    """Where to look for an answer: these documents of a store, and what reads them."""

    docs: Sequence[Document]  # in the order of the store
    store: Store
    encoder: Encoder | None
    router: DocumentRouter  # of this store

    def reader(self, query: Query) -> Encoder | None:
        """The encoder, if it reads what the question is written in."""
        return self.encoder if query.vector.size else None

    def holds_at_most(self, characters: int) -> bool:
        """Whether its documents, of a few pages, have no more characters."""
        if sum(document.pages for document in self.docs) > TINY_PAGES:
            return False
        pages = [PageKey(document.id, number) for document in self.docs for number in range(document.pages)]
        return sum(len(page.text) for page in self.store.pages(pages)) <= characters

    @property
    def scale(self) -> Scale:
        """What the encoder's cosines stand for."""
        return scale_of(self.encoder.fingerprint if self.encoder else "")

    def nearness(self, cosines: Float64s) -> Float64s:
        """Cosines of the question and passages on the usual scale; 0 for NaN."""
        return np.nan_to_num(self.scale.passages.of(cosines))

    def likeness(self, query: Query, texts: Sequence[str]) -> Float64s | None:
        """How near texts are to the question by what they mean, (n,), on the usual scale; None without an encoder."""
        encoder = self.reader(query)
        return self.nearness(np.asarray(encoder.encode(texts) @ query.vector, np.float64)) if encoder else None

    def nearest(self, cosines: Sequence[float | None]) -> float:
        """The largest of the cosines that are known, on the usual scale; 0 if none is."""
        known = np.array([cosine for cosine in cosines if cosine is not None])
        return float(self.nearness(known).max()) if known.size else 0.0

    def cosines(self, query: Query, pages: Sequence[PageKey], counts: Int64s) -> Float64s:
        """The cosine of each passage of pages with so many passages each, (m,); NaN for one that is not encoded."""
        cosines = np.full(counts.sum(), np.nan)
        if encoder := self.reader(query):
            encoded = self.store.cosines(query.vector, encoder.fingerprint, pages)
            same = encoded.counts == counts  # else the page has no vectors, or is of a version that came meanwhile
            cosines[np.repeat(same, counts)] = encoded.values[np.repeat(same, encoded.counts)]
        return cosines


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Candidates:
    """The n pages to score, and their m passages, laid end to end."""

    pages: Sequence[PageKey]  # in the order of the store
    terms: Sequence[PageTerms]
    whole: bool  # all pages of the scope, so that BM25 can count for itself
    fits: Float64s  # (n,): how well each page's document fits the question
    cosines: Float64s  # (m,): of each passage and the question; NaN for one that is not encoded
    contents: Bools  # (n,): the pages that but say where something stands; none if the question asks for these
    contents_beside: Bools  # (m,): passages that do so on other pages
    moments: Moments  # of the best cosine of each page of the scope
    first: Int64s  # (n + 1,): page i has the passages first[i]:first[i + 1]
    owner: Int64s  # (m,): the index of each passage's page

    def best(self, scores: Float64s) -> Float64s:
        """Each page's best passage score, (n,); NaN for a page where none is known."""
        best = np.full(len(self.pages), np.nan)
        np.fmax.at(best, self.owner, scores)
        return best


def gather(query: Query, scope: Scope) -> Candidates:
    """Collect the pages to score. Gone if a document is gone."""
    ids = [document.id for document in scope.docs]
    fits = dict(zip(ids, scope.router.fits(query.text, scope.docs, scope.store), strict=True))
    whole = len(ids) == 1 or sum(document.pages for document in scope.docs) <= SCAN_PAGES
    if whole:
        keys, moments = [PageKey(document.id, page) for document in scope.docs for page in range(document.pages)], None
    else:
        keys, moments = _best_pages(query, scope, fits)
    pages = scope.store.page_terms(keys)
    counts = np.array([len(terms.passages) for terms in pages.values()], np.int64)
    first = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    owner = np.repeat(np.arange(counts.size), counts)
    contents, beside = _contents(() if query.wants_contents else list(pages.values()), first, owner)
    cosines = scope.cosines(query, list(pages), counts)
    cosines[beside] = np.nan
    candidates = Candidates(
        pages=list(pages),
        terms=list(pages.values()),
        whole=whole,
        fits=np.array([fits[page.doc] for page in pages], np.float64),
        cosines=cosines,
        contents=contents,
        contents_beside=beside,
        moments=moments or Moments.of(np.empty(0)),
        first=first,
        owner=owner,
    )
    if moments is None:
        best = candidates.best(candidates.cosines)
        candidates = replace(candidates, moments=Moments.of(best[~np.isnan(best)]))
    return candidates


def _contents(pages: Sequence[PageTerms], first: Int64s, owner: Int64s) -> tuple[Bools, Bools]:
    """The pages of nothing but contents, (n,), and the passages of other pages that are contents, (m,)."""
    entries = np.zeros(owner.size, np.bool_)
    for start, terms in zip(first.tolist(), pages, strict=False):
        if terms.contents.size:  # of few
            entries[start + terms.contents] = True
    counts = np.diff(first)
    alone: Bools = (counts > 0) & (np.bincount(owner, weights=entries, minlength=counts.size) == counts)
    return alone, entries & ~alone[owner]


def _best_pages(query: Query, scope: Scope, fits: Mapping[str, float]) -> tuple[list[PageKey], Moments]:
    """The best pages by each signal, in all documents and in those that fit best; the moments are those of all."""
    whole_library = sum(document.pages for document in scope.docs) == scope.store.totals().pages
    routed = sorted((doc for doc in fits if fits[doc] > 0), key=fits.__getitem__, reverse=True)[:ROUTED]
    distinct = {field: question_terms(query, form) for field, form in FORMS.items()}
    terms = {field: field_terms for field, field_terms in distinct.items() if field_terms.size}
    scopes = [None if whole_library else list(fits), *([routed] if routed else [])]
    lists = [pages for docs in scopes for pages in scope.store.lexical(terms, CANDIDATES, docs).values()]
    moments = Moments.of(np.empty(0))
    if encoder := scope.reader(query):
        nearest = [scope.store.nearest(query.vector, encoder.fingerprint, CANDIDATES, docs) for docs in scopes]
        lists += [neighbours.pages for neighbours in nearest]
        moments = nearest[0].moments
    order = {doc: place for place, doc in enumerate(fits)}
    pages = {
        hit.key for hits in lists for hit in hits if hit.key.doc in fits
    }  # another process may have added a document meanwhile
    pages |= {key for key in numbered_pages(query.references, scope.docs, scope.store) if key.doc in fits}
    return sorted(pages, key=lambda page: (order[page.doc], page.page)), moments
