"""From hits to the answer: the sentences of the best pages, quoted word for word, or an abstention."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from recto.answer.abstain import (
    CLOSEST,
    CLOSEST_OF_TINY,
    LOCATED,
    NO_EVIDENCE,
    TINY,
    capped,
    certainty,
    comes_close,
    confidence,
)
from recto.answer.context import citations
from recto.answer.evidence import candidates
from recto.answer.places import quoted_places
from recto.answer.quote import Quote, join
from recto.answer.quoted import Evidence, QuotedAnswer
from recto.answer.selection import QuestionMatch, Selection, select
from recto.index_types import PageKey
from recto.query import Query
from recto.search.candidates import Scope
from recto.search.coverage import TermCoverage
from recto.search.encoder import similarities
from recto.search.languages import trained_on
from recto.search.retrieve import sentence_scores
from recto.storage import Store
from recto.survey.reading import page_reader
from recto.types import Certainty, Citation, Document, Hit

PAGES = 5  # of the hits that are searched for sentences


def quote(query: Query, hits: Sequence[Hit], scope: Scope) -> QuotedAnswer:
    """Answer from those hits that are in the scope. Gone if a document is gone."""
    selection = select_sentences(query, [hit for hit in hits if hit.document in scope.docs], scope)
    log_odds = max(confidence(selection.signals), LOCATED if selection.located else -math.inf)
    if log_odds < CLOSEST and (
        comes_close(query.text, selection.signals.terms, (quote.text for quote in selection.quotes))
        or (log_odds >= CLOSEST_OF_TINY and scope.holds_at_most(TINY))
    ):
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
    reader = page_reader(scope, query, [PageKey(hit.document.id, hit.passage.span.page) for hit in hits])
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
        cosine=scope.nearest([hit.cosine for hit in hits[:PAGES]]),
        trained=lambda language: encoder is not None and trained_on(encoder, language),
    )
    return replace(select(sentences, match), located=any(source.places for source in sources[:PAGES]))


def _evidence(query: Query, quote: Quote, documents: Mapping[str, Document], store: Store) -> Evidence:
    page, start = quote.page, quote.places[-1][0]
    passages = store.passages(page.doc, page.number)
    headings = [passage.heading for passage in passages if passage.span.start <= start < passage.span.end]
    about = "\n".join([documents[page.doc].name, documents[page.doc].title, *headings])
    cited = _cited(query, quote, documents, store)
    return Evidence(quote=quote, citations=cited, about=about, page=store.page(page.doc, page.number))


def _cited(query: Query, quote: Quote, documents: Mapping[str, Document], store: Store) -> tuple[Citation, ...]:
    return citations(quote, partial(store.page, quote.page.doc), documents[quote.page.doc], query.text, query.language)
