"""From hits to the answer: the sentences of the best pages, quoted word for word, or an abstention."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from recto.answer.abstain import certainty, confidence
from recto.answer.context import citations
from recto.answer.evidence import SourcePage, SourcePassage, candidates
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
from recto.types import Certainty, Citation, Document, Hit

PAGES = 5  # of the hits that are searched for sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedPage:
    """A page that search found, its score, and the cosine of the question and its best passage, None if not known."""

    doc: str
    number: int
    score: float
    cosine: float | None


def quote(query: Query, hits: Sequence[Hit], scope: Scope) -> QuotedAnswer:
    """Answer from those hits that are in the scope. Gone if a document is gone."""
    pages = [
        RankedPage(doc=hit.document.id, number=hit.passage.span.page, score=hit.score, cosine=hit.cosine)
        for hit in hits
        if hit.document in scope.docs
    ]
    selection = select_sentences(query, pages, scope)
    log_odds = confidence(selection.signals)
    if (sure := certainty(log_odds)) is Certainty.REFUSED:
        return QuotedAnswer(certainty=sure, confidence=log_odds)
    text, marks = join(selection.quotes)
    documents = {hit.document.id: hit.document for hit in hits}
    places = [place for quote in selection.quotes for place in _cited(quote, documents, scope.store)]
    return QuotedAnswer(
        certainty=sure,
        text=text,
        citations=tuple(replace(place, at=at) for (at, _), place in zip(marks, places, strict=True)),
        evidence=tuple(_evidence(quote, documents, scope.store) for quote in selection.evidence),
        shown=len(selection.quotes),
        confidence=log_odds,
    )


def select_sentences(query: Query, pages: Sequence[RankedPage], scope: Scope) -> Selection:
    """Choose among the sentences of the best of these pages, best first."""
    store, encoder = scope.store, scope.encoder
    sentences = [sentence for page in _source_pages(query, pages[:PAGES], scope) for sentence in candidates(page)]
    coverage = TermCoverage.of(query.terms, store)

    match = QuestionMatch(
        keyword=lambda texts: sentence_scores(query.terms, texts, store),
        similarities=partial(similarities, encoder, query.expanded_states) if encoder else None,
        token_weights=coverage.token_weights(query.expanded, query.token_spans),
        coverage=coverage.share,
        terms=coverage.terms.size,
        rarity=coverage.rarity,
        cosine=max((page.cosine for page in pages[:PAGES] if page.cosine is not None), default=0.0),
    )
    return select(sentences, match)


def _source_pages(query: Query, pages: Sequence[RankedPage], scope: Scope) -> Iterator[SourcePage]:
    """The pages with their passages, and the cosine of the question and each."""
    store, titles = scope.store, {document.id: document.title for document in scope.docs}
    passages_of = [store.passages(page.doc, page.number) for page in pages]
    keys = [PageKey(page.doc, page.number) for page in pages]
    cosines = iter(scope.cosines(query, keys, np.array(list(map(len, passages_of)), np.int64)).tolist())
    contents_of = contents_passages(query, keys, store)
    for page, passages, contents in zip(pages, passages_of, contents_of, strict=True):
        source_passages = [
            SourcePassage(
                place=(passage.span.start, passage.span.end),
                text=headed(titles[page.doc], passage),
                cosine=None if math.isnan(cosine) else cosine,
            )
            for index, (passage, cosine) in enumerate(zip(passages, cosines, strict=False))
            if index not in contents
        ]
        yield SourcePage(
            doc=page.doc,
            number=page.number,
            score_gap=pages[0].score - page.score,
            text=store.page(page.doc, page.number).text,
            passages=tuple(source_passages),
        )


def _evidence(quote: Quote, documents: Mapping[str, Document], store: Store) -> Evidence:
    page, start = quote.page, quote.places[-1][0]
    passages = store.passages(page.doc, page.number)
    headings = [passage.heading for passage in passages if passage.span.start <= start < passage.span.end]
    about = "\n".join([documents[page.doc].name, documents[page.doc].title, *headings])
    return Evidence(quote, _cited(quote, documents, store), about)


def _cited(quote: Quote, documents: Mapping[str, Document], store: Store) -> tuple[Citation, ...]:
    return citations(quote, store.page(quote.page.doc, quote.page.number), documents[quote.page.doc])
