"""A query to ranked pages: their signals, their scores, and the best passage of each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recto.index_types import Field, PageKey, Statistics
from recto.normalize import Float64s, Moments, share, z_against
from recto.query import Query, References
from recto.search.bm25 import Texts, bm25, counted, distinct_terms, library_statistics, question_terms
from recto.search.candidates import Candidates, Scope, gather
from recto.search.encoder import max_sim
from recto.search.index import headed
from recto.search.places import find_places
from recto.search.rank import ACROSS, FORMS, PASSAGE, ROW, WITHIN, WITHIN_WORDS, RankSignals, RankWeights, keyword_score
from recto.storage import Store
from recto.text.analyse import term_ids
from recto.types import Floats, Hit, NamedPlace

SPOT_PAGES = 10  # whose best passages are encoded on the spot while the library has no vectors of them
SPOT_PASSAGES = 2  # of each
SPOT_WEIGHT = 0.75  # of their cosine against their keyword score, both as z-scores over these pages
CONTENTS = 100  # off for a page of nothing but contents: it comes behind all others, and is found if there are none
RERANKED = 3  # best pages whose passages are read token by token, if they are within reach of the best
AHEAD = 3.0  # of all others is the best page with a place that the question names: re-ranking does not reach so far
UNTRAINED = 0.5  # of what meaning counts, in a language that the encoder was not trained on: see docs/languages.md
STEP = 0.01  # between the scores of places that are to be read in their order


@dataclass(frozen=True, slots=True, kw_only=True)
class PageHit:
    """A page that search found, by its best passage."""

    doc: str
    page: int
    passage: int  # its index among the page's passages
    keyword: float
    semantic: float
    cosine: float | None  # of the question and that passage; None if it is not known
    places: tuple[NamedPlace, ...] = ()  # that the question names on it, in the order in which they are to be read

    @property
    def score(self) -> float:
        """What pages are ranked by."""
        return self.keyword + self.semantic


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class WordScores:
    """BM25 scores of n pages and m passages."""

    page: Float64s  # (n,)
    heading: Float64s  # (n,)
    passages: Float64s  # (m,)
    passage: Float64s  # (n,): each page's best, 0 if it has none
    rows: Float64s  # (n,): each page's best row of a table, 0 if it has none

    @property
    def matched(self) -> NDArray[np.bool_]:
        """Which pages hold a term, (n,)."""
        return (self.page > 0) | (self.heading > 0) | (self.passage > 0)


def retrieve(query: Query, scope: Scope, k: int) -> list[PageHit]:
    """The k best pages of the scope, but at least as many as `rerank` looks at, best first, each by its best passage.

    Gone if a document is gone.
    """
    if not scope.docs:
        return []
    candidates = gather(query, scope)
    words = word_scores(query, candidates, scope.store)
    places = places_by_page(query.references, candidates, scope)
    matched = words.matched | [page in places for page in candidates.pages]
    keyword = _keyword(query, scope, candidates, words, places)
    worth_encoding = np.where(matched & ~candidates.contents, keyword, -np.inf)
    cosines = _encode_on_the_spot(query, scope, candidates, passages=words.passages, keyword=worth_encoding)
    semantic = _semantic(query, scope, candidates, candidates.best(cosines), keyword)
    keyword = lifted(keyword - CONTENTS * candidates.contents, semantic, candidates, places=places)
    answerable = (np.diff(candidates.first) > 0) & (matched | ~np.isnan(candidates.best(cosines)))
    order = np.argsort(-(keyword + semantic), kind="stable")
    hits = []
    for page in order[answerable[order]][: max(k, RERANKED)].tolist():
        own = slice(candidates.first[page], candidates.first[page + 1])
        # Words and meaning as shares of their best on this page, alike on any scope.
        passage = int(np.argmax(share(words.passages[own]) + share(scope.nearness(cosines[own]))))
        cosine = float(cosines[own][passage])
        hit = PageHit(
            doc=candidates.pages[page].doc,
            page=candidates.pages[page].page,
            passage=passage,
            keyword=float(keyword[page]),
            semantic=float(semantic[page]),
            cosine=None if np.isnan(cosine) else cosine,
            places=tuple(places.get(candidates.pages[page], ())),
        )
        hits.append(hit)
    return hits


def rerank(query: Query, hits: Sequence[PageHit], scope: Scope) -> list[PageHit]:
    """Raise the first few by how much of the question the tokens of their passages take up; they stay the first.

    Late interaction: Khattab and Zaharia, ColBERT (2020), with the states of an encoder that was not trained for it.
    """
    weights = _weights(query, scope)
    first = [hit for hit in hits[:RERANKED] if hit.score >= hits[0].score - weights.rerank_reach]
    in_order = any(place.alone for place in hits[0].places) if hits else False
    encoder = scope.reader(query)
    if encoder is None or len(first) < 2 or in_order:
        return list(hits)
    texts = [scope.store.passages(hit.doc, hit.page)[hit.passage].text for hit in first]
    similar = scope.scale.tokens.of(np.array([max_sim(query.states, states) for states in encoder.states(texts)]))
    gains = weights.max_sim * (similar - similar.min())
    raised = [replace(hit, semantic=hit.semantic + gain) for hit, gain in zip(first, gains.tolist(), strict=True)]
    return sorted(raised, key=lambda hit: -hit.score) + list(hits[len(first) :])


def with_passages(pages: Sequence[PageHit], scope: Scope) -> tuple[Hit, ...]:
    """The pages, best first, with their documents, passages and boxes. Gone if a document is gone."""
    documents = {document.id: document for document in scope.docs}
    hits = []
    sheets = scope.store.pages([PageKey(page.doc, page.page) for page in pages])
    for rank, (page, sheet) in enumerate(zip(pages, sheets, strict=True), start=1):
        passage = scope.store.passages(page.doc, page.page)[page.passage]
        hit = Hit(
            rank=rank,
            document=documents[page.doc],
            passage=passage,
            score=page.score,
            keyword=page.keyword,
            semantic=page.semantic,
            rects=sheet.rects(passage.span.start, passage.span.end),
            cosine=page.cosine,
            places=page.places,
            label=sheet.label,
        )
        hits.append(hit)
    return tuple(hits)


def contents_passages(query: Query | None, pages: Sequence[PageKey], store: Store) -> list[set[int]]:
    """For each page the indexes of its passages that are contents and hold no answer; none if these are asked for."""
    terms = {} if query and query.wants_contents else store.page_terms(pages)
    return [set(terms[page].contents.tolist()) if page in terms else set() for page in pages]


def sentence_scores(query: Query, sentences: Sequence[str], store: Store) -> Floats:
    """BM25 of sentences, (n,), for a question's terms; how rare a term is, the library's passages say."""
    texts = Texts.of([term_ids(sentence, query.language) for sentence in sentences])
    distinct = distinct_terms(query.terms, PASSAGE)
    library = library_statistics(store, "passages", distinct)
    statistics = Statistics(library.texts, texts.mean_length, library.frequencies)
    return bm25(texts, distinct, PASSAGE, statistics=statistics).astype(np.float32)


def word_scores(query: Query, candidates: Candidates, store: Store) -> WordScores:
    """BM25 of each page and passage; by the candidates' own statistics if they are all there is to search."""

    def scored(field: Field, texts: Texts) -> Float64s:
        form = FORMS[field]
        terms = question_terms(query, form)
        statistics = None if candidates.whole else library_statistics(store, field, terms)
        return bm25(texts, terms, form, statistics=statistics)

    passage_texts = Texts.of([array for terms in candidates.terms for array in terms.passages])
    passages = np.where(candidates.contents_beside, 0, scored("passages", passage_texts))
    # How rare a term is, passages say: among rows no word is common.
    rows = Texts.of([array for terms in candidates.terms for array in terms.rows])
    terms = question_terms(query, ROW)
    statistics = (
        counted(passage_texts, terms, PASSAGE) if candidates.whole else library_statistics(store, "passages", terms)
    )
    row_scores = bm25(rows, terms, ROW, statistics=statistics)
    best_rows = np.zeros(len(candidates.terms))
    counts = [len(terms.rows) for terms in candidates.terms]
    np.maximum.at(best_rows, np.repeat(np.arange(len(counts)), counts), row_scores)
    return WordScores(
        page=scored("text", Texts.of([terms.text for terms in candidates.terms])),
        heading=scored("heading", Texts.of([terms.heading for terms in candidates.terms])),
        passages=passages,
        passage=np.nan_to_num(candidates.best(passages)),
        rows=best_rows,
    )


def _weights(query: Query, scope: Scope) -> RankWeights:
    """What an encoder's signals count: less for a question in a language that it was not trained on."""
    weights = ACROSS if len(scope.docs) > 1 else replace(WITHIN, cosine=WITHIN.cosine * scope.scale.within)
    share = 1.0 if query.judged else UNTRAINED
    return replace(weights, cosine=weights.cosine * share, max_sim=weights.max_sim * share)


def places_by_page(references: References, candidates: Candidates, scope: Scope) -> dict[PageKey, list[NamedPlace]]:
    """The places that a question names, by those candidates on which they stand, in the order of reading."""
    pages = dict(zip(candidates.pages, candidates.terms, strict=True)) if references else {}
    places: dict[PageKey, list[NamedPlace]] = {}
    for place in find_places(references, pages, scope.docs, scope.store):
        places.setdefault(PageKey(place.span.doc, place.span.page), []).append(place)
    return places


def lifted(
    keyword: Float64s, semantic: Float64s, candidates: Candidates, *, places: Mapping[PageKey, Sequence[NamedPlace]]
) -> Float64s:
    """The keyword scores, (n,), raised on pages with places, so that the best of these goes before all other pages.

    A question that asks for nothing else gets them in the order in which they are to be read.
    """
    index = {page: at for at, page in enumerate(candidates.pages)}
    indexes = [index[page] for page in places]
    if not indexes:
        return keyword
    raised, scores = keyword.copy(), keyword + semantic
    top = np.delete(scores, indexes).max(initial=scores[indexes].max() - AHEAD) + AHEAD
    if any(place.alone for own in places.values() for place in own):
        raised[indexes] = top - STEP * np.arange(len(indexes)) - semantic[indexes]
    else:
        raised[indexes] += max(0.0, top - scores[indexes].max())
    return raised


def _keyword(
    query: Query, scope: Scope, candidates: Candidates, words: WordScores, places: Collection[PageKey]
) -> Float64s:
    """The part of each page's score that needs no encoder, (n,)."""
    signals = RankSignals(
        page=words.page,
        passage=words.passage,
        heading=words.heading,
        rows=words.rows,
        digits=np.array([terms.digits for terms in candidates.terms]),
        short=np.array([terms.short for terms in candidates.terms], np.float64),
        fit=candidates.fits,
        reference=np.array([page in places for page in candidates.pages], np.float64),
    )
    across = len(scope.docs) > 1
    weights = ACROSS if across else WITHIN if candidates.moments.count else WITHIN_WORDS
    return keyword_score(signals, weights, across=across, figure=query.wants_figure)


def _encode_on_the_spot(
    query: Query, scope: Scope, candidates: Candidates, *, passages: Float64s, keyword: Float64s
) -> Float64s:
    """Each passage's cosine, (m,), or NaN; of the best pages that are not encoded, some passages are encoded now."""
    cosines = candidates.cosines.copy()
    encoder = scope.reader(query)
    if encoder is None:
        return cosines
    titles = {document.id: document.title for document in scope.docs}
    unknown = np.isnan(candidates.best(cosines)) & (np.diff(candidates.first) > 0) & np.isfinite(keyword)
    order = np.argsort(-keyword, kind="stable")
    places: list[int] = []
    texts: list[str] = []
    for page in order[unknown[order]][:SPOT_PAGES].tolist():
        doc, number = candidates.pages[page]
        on_page = scope.store.passages(doc, number)
        start, end = candidates.first[page : page + 2].tolist()
        for index in np.argsort(-passages[start:end], kind="stable")[:SPOT_PASSAGES].tolist():
            places.append(start + index)
            texts.append(headed(titles[doc], on_page[index]))
    if places:
        cosines[places] = encoder.encode(texts) @ query.vector
    return cosines


def _semantic(query: Query, scope: Scope, candidates: Candidates, cosines: Float64s, keyword: Float64s) -> Float64s:
    """The encoder's part of each page's score; a page of which nothing is known counts like the worst known."""
    encoded = ~np.isnan(cosines)
    if not encoded.any():
        return np.zeros(cosines.size)
    on_the_spot = not candidates.moments.count
    population = Moments.of(cosines[encoded]) if on_the_spot else candidates.moments
    weight = SPOT_WEIGHT * float(keyword[encoded].std()) if on_the_spot else _weights(query, scope).cosine
    return weight * z_against(np.where(encoded, cosines, population.least), population)
