"""From hits to the answer: the sentences of the best pages, quoted word for word, or an abstention."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from recto.answer.abstain import CLOSEST, CLOSEST_OF_TINY, LOCATED, NO_EVIDENCE, TINY, capped, certainty, confidence
from recto.answer.context import citations
from recto.answer.evidence import PageReader, SourcePassage, candidates
from recto.answer.places import quoted_places
from recto.answer.quote import Quote, join
from recto.answer.quoted import Evidence, QuotedAnswer
from recto.answer.selection import QuestionMatch, Selection, select
from recto.index_types import PageKey
from recto.query import Query
from recto.search.candidates import Scope
from recto.search.coverage import TermCoverage
from recto.search.encoder import similarities
from recto.search.index import headed
from recto.search.retrieve import contents_passages, sentence_scores
from recto.storage import Store
from recto.text.grids import grids
from recto.text.memory import remembered
from recto.types import Certainty, Citation, Document, Grid, Hit, Page, TraitKind

PAGES = 5  # of the hits that are searched for sentences
GRIDS = 256  # pages whose tables are remembered, 4 MB: 163 questions of nine documents, in any order, read 3 of 4 again


def quote(query: Query, hits: Sequence[Hit], scope: Scope) -> QuotedAnswer:
    """Answer from those hits that are in the scope. Gone if a document is gone."""
    selection = select_sentences(query, [hit for hit in hits if hit.document in scope.docs], scope)
    log_odds = max(confidence(selection.signals), LOCATED if selection.located else -math.inf)
    if CLOSEST_OF_TINY <= log_odds < CLOSEST and scope.holds_at_most(TINY):
        log_odds = CLOSEST
    if certainty(log_odds) is Certainty.REFUSED:
        return QuotedAnswer(certainty=Certainty.REFUSED, confidence=log_odds)
    text, marks = join(selection.quotes)
    documents = {hit.document.id: hit.document for hit in hits}
    evidence = tuple(_evidence(query, quote, documents, scope.store) for quote in selection.evidence)
    cited = [next((own.citations for own in evidence if own.quote == quote), ()) for quote in selection.quotes]
    # A quote of a table may have more rows as evidence than are shown.
    places = [
        place
        for quote, own in zip(selection.quotes, cited, strict=True)
        for place in own or _cited(query, quote, documents, scope.store)
    ]
    log_odds = capped(log_odds, query.text, (place.surroundings for place in places))
    return QuotedAnswer(
        certainty=certainty(log_odds),
        text=text,
        citations=tuple(replace(place, at=at) for (at, _), place in zip(marks, places, strict=True)),
        evidence=evidence,
        shown=len(selection.quotes),
        confidence=log_odds,
    )


def select_sentences(query: Query, hits: Sequence[Hit], scope: Scope) -> Selection:
    """Choose among the sentences of the best pages, given best first."""
    store, encoder = scope.store, scope.reader(query)
    hits = [hit for rank, hit in enumerate(hits) if rank < PAGES or hit.places]
    reader = _reader(query, scope, [PageKey(hit.document.id, hit.passage.span.page) for hit in hits])
    sources = [
        reader.source(hit.document.id, hit.passage.span.page, hits[0].score - hit.score, hit.places) for hit in hits
    ]
    if quotes := quoted_places(sources):
        return Selection(quotes, quotes, NO_EVIDENCE, located=True)
    sentences = [sentence for page in sources[:PAGES] for sentence in candidates(page)]
    coverage = TermCoverage.of(query.terms, store, query.language)
    match = QuestionMatch(
        query=query,
        keyword=lambda texts: sentence_scores(query, texts, store),
        similarities=partial(similarities, encoder, query.expanded_states) if encoder else None,
        token_weights=coverage.token_weights(query.expanded, query.token_spans),
        coverage=coverage.share,
        terms=coverage.terms.size,
        rarity=coverage.rarity,
        cosine=max((hit.cosine for hit in hits[:PAGES] if hit.cosine is not None), default=0.0),
    )
    return replace(select(sentences, match), located=any(source.places for source in sources[:PAGES]))


def _reader(query: Query, scope: Scope, pages: Sequence[PageKey]) -> PageReader:
    """What reads pages, these in one go."""
    store = scope.store
    passages_of = _source_passages(query, scope, pages)

    def passages(doc: str, number: int) -> list[SourcePassage]:
        page = PageKey(doc, number)
        if page not in passages_of:
            passages_of.update(_source_passages(query, scope, [page]))
        return passages_of[page]

    counts = {document.id: document.pages for document in scope.docs}
    return PageReader(
        lambda doc, number: store.page(doc, number).text,
        passages,
        counts,
        lambda doc, number: page_grids(store.page(doc, number)),
    )


def _source_passages(query: Query, scope: Scope, pages: Sequence[PageKey]) -> dict[PageKey, list[SourcePassage]]:
    """The passages of pages, but for their contents, and the cosine of the question and each."""
    store, titles = scope.store, {document.id: document.title for document in scope.docs}
    sheets, passages = store.pages(pages), [store.passages(*page) for page in pages]
    counts = np.array([len(own) for own in passages], np.int64)
    cosines = iter(scope.cosines(query, pages, counts).tolist())
    contents = contents_passages(query, pages, store)
    return {
        page: [
            SourcePassage(
                place=(passage.span.start, passage.span.end),
                text=headed(titles[page.doc], passage),
                cosine=None if math.isnan(cosine) else cosine,
                running=sheet.has(TraitKind.RUNNING, passage.span.start, passage.span.end),
            )
            for index, (passage, cosine) in enumerate(zip(own, cosines, strict=False))
            if index not in entries
        ]
        for page, sheet, own, entries in zip(pages, sheets, passages, contents, strict=True)
    }


@remembered(GRIDS)
def page_grids(page: Page) -> list[Grid]:
    """The tables of a page, without boxes: a page that is read anew, since its document has changed, is another one."""
    return grids(page, boxed=False)


def _evidence(query: Query, quote: Quote, documents: Mapping[str, Document], store: Store) -> Evidence:
    page, start = quote.page, quote.places[-1][0]
    passages = store.passages(page.doc, page.number)
    headings = [passage.heading for passage in passages if passage.span.start <= start < passage.span.end]
    about = "\n".join([documents[page.doc].name, documents[page.doc].title, *headings])
    cited = _cited(query, quote, documents, store)
    return Evidence(quote=quote, citations=cited, about=about, page=store.page(page.doc, page.number))


def _cited(query: Query, quote: Quote, documents: Mapping[str, Document], store: Store) -> tuple[Citation, ...]:
    return citations(quote, partial(store.page, quote.page.doc), documents[quote.page.doc], query.text)
