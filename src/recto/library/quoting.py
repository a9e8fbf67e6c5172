"""From hits to the answer: the sentences of the best pages, quoted word for word, or an abstention."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from recto.answer.abstain import abstains, confidence
from recto.answer.blocks import Part
from recto.answer.evidence import PageReader, SourcePage, SourcePassage, candidates
from recto.answer.quote import Quote, join
from recto.answer.selection import QuestionMatch, Selection, select
from recto.index_types import PageKey
from recto.query import Query
from recto.search.candidates import Scope
from recto.search.coverage import TermCoverage
from recto.search.encoder import similarities
from recto.search.index import headed
from recto.search.retrieve import contents_passages, sentence_scores
from recto.storage import Store
from recto.text.sentences import Range
from recto.types import Citation, Document, Hit

PAGES = 5  # of the hits that are searched for sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedPage:
    """A page that search found, its score, and the cosine of the question and its best passage, None if not known."""

    doc: str
    number: int
    score: float
    cosine: float | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quote that a model may read, with what cites it: looked up at once, for a document may be removed meanwhile."""

    quote: Quote
    citations: tuple[Citation, ...]  # one a place, to be moved to where the mark stands
    about: str  # the document's name and title and the headings above the quote

    @property
    def key(self) -> tuple[str, int, tuple[Range, ...]]:
        """Where it stands, as documents are ordered."""
        return self.quote.page.doc, self.quote.page.number, self.quote.places


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedAnswer:
    """The documents' own sentences, with what a model may read; all empty if nothing in them answers."""

    text: str = ""
    citations: tuple[Citation, ...] = ()
    evidence: tuple[Evidence, ...] = ()  # best first
    shown: int = 0  # how many of the evidence, from its beginning, are quoted
    confidence: float  # log-odds that the documents answer


def quote(query: Query, hits: Sequence[Hit], scope: Scope) -> QuotedAnswer:
    """Answer from those hits that are in the scope. Gone if a document is gone."""
    pages = [
        RankedPage(doc=hit.document.id, number=hit.passage.span.page, score=hit.score, cosine=hit.cosine)
        for hit in hits
        if hit.document in scope.docs
    ]
    selection = select_sentences(query, pages, scope)
    sure = confidence(selection.signals)
    if abstains(selection.signals):
        return QuotedAnswer(confidence=sure)
    text, marks = join(selection.quotes)
    documents = {hit.document.id: hit.document for hit in hits}
    return QuotedAnswer(
        text=text,
        citations=tuple(_citation(at, part, documents[part.page.doc], scope.store) for at, part in marks),
        evidence=tuple(_evidence(quote, documents[quote.page.doc], scope.store) for quote in selection.evidence),
        shown=len(selection.quotes),
        confidence=sure,
    )


def select_sentences(query: Query, pages: Sequence[RankedPage], scope: Scope) -> Selection:
    """Choose among the sentences of the best of these pages, best first."""
    store, encoder = scope.store, scope.encoder
    sentences = [sentence for page in _source_pages(query, pages[:PAGES], scope) for sentence in candidates(page)]
    coverage = TermCoverage.of(query.terms, store)

    match = QuestionMatch(
        query=query,
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
    counts = {document.id: document.pages for document in scope.docs}
    reader = PageReader(lambda doc, number: store.page(doc, number).text, store.passages, counts)
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
            beside=partial(reader.beside, page.doc),
        )


def _evidence(quote: Quote, document: Document, store: Store) -> Evidence:
    page, start = quote.page, quote.places[-1][0]
    passages = store.passages(page.doc, page.number)
    headings = [passage.heading for passage in passages if passage.span.start <= start < passage.span.end]
    return Evidence(
        quote,
        citations=tuple(_citation(0, part, document, store) for part in quote.parts),
        about="\n".join([document.name, document.title, *headings]),
    )


def _citation(at: int, part: Part, document: Document, store: Store) -> Citation:
    rects = store.page(part.page.doc, part.page.number).rects(*part.place)
    return Citation(at=at, span=part.span, document=document, quote=part.text, rects=rects, more=part.more)
