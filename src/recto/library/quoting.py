"""From hits to the answer: the sentences of the best pages, weighed, quoted word for word, or an abstention."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recto.answer.abstain import NOTHING_FOUND, Meaning, Signals, abstains, confidence
from recto.answer.evidence import ENCODED, Candidate, Sheet, candidates, shortlist, weigh
from recto.answer.quote import Quote, choose, written
from recto.query import Query
from recto.search.coverage import TermCoverage
from recto.search.encoder import Encoder, max_sim
from recto.search.retrieve import sentence_scores
from recto.storage import Store
from recto.text.scripts import QUOTED, character_class
from recto.text.sentences import Range
from recto.types import Citation, Document, Floats, Hit, Span

UNSPACED = re.compile(rf"{character_class(QUOTED)}(?!$)")
PAGES = 5  # of the hits that are searched for sentences
EVIDENCE = 5  # quotes that a model may be given, if its speed allows: 99 of 100 of XQuAD's answers stand in them


@dataclass(frozen=True, slots=True)
class Place:
    """A page that search found, its score, and the cosine of the question and its best passage, None if not known."""

    doc: str
    number: int
    score: float
    cosine: float | None


@dataclass(frozen=True, slots=True)
class Weighed:
    """The best sentences, quoted, and how sure it is that they answer."""

    quotes: list[Quote]
    evidence: list[Quote]  # the same and some more, for a model to read
    signals: Signals


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quote that a model may read, with what cites it: looked up at once, for a document may be removed meanwhile."""

    quote: Quote
    citations: tuple[Citation, ...]  # one a place, to be moved to where the mark stands
    about: str  # the document's name and title and the headings above the quote

    @property
    def key(self) -> tuple[str, int, tuple[Range, ...]]:
        """Where it stands, as documents are ordered."""
        return self.quote.sheet.doc, self.quote.sheet.number, self.quote.places


@dataclass(frozen=True, slots=True)
class QuotedAnswer:
    """The documents' own sentences, with what a model may read; all empty if nothing in them answers."""

    text: str
    citations: tuple[Citation, ...]
    evidence: tuple[Evidence, ...]  # best first
    shown: int  # how many of the evidence, from its beginning, are quoted
    confidence: float  # log-odds that the documents answer


def quote(query: Query, hits: Sequence[Hit], store: Store, encoder: Encoder | None) -> QuotedAnswer:
    """Answer from hits."""
    pages = [Place(hit.document.id, hit.passage.span.page, hit.score, hit.cosine) for hit in hits]
    found = weigh_pages(query, pages, store, encoder)
    sure = confidence(found.signals)
    if abstains(found.signals):
        return QuotedAnswer("", (), (), 0, sure)
    text, marks = written(found.quotes)
    documents = {hit.document.id: hit.document for hit in hits}
    citations = tuple(_citation(at, span, documents[span.doc], store) for at, span in marks)
    evidence = tuple(_evidence(one, documents[one.sheet.doc], store) for one in found.evidence)
    return QuotedAnswer(text, citations, evidence, len(found.quotes), sure)


def _evidence(quote: Quote, document: Document, store: Store) -> Evidence:
    sheet, start = quote.sheet, quote.places[-1][0]
    citations = tuple(_citation(0, sheet.span(place), document, store) for place in quote.places)
    passages = store.passages(sheet.doc, sheet.number)
    headings = [one.heading for one in passages if one.span.start <= start < one.span.end]
    return Evidence(quote, citations, "\n".join([document.name, document.title, *headings]))


def weigh_pages(query: Query, pages: Sequence[Place], store: Store, encoder: Encoder | None) -> Weighed:
    """Weigh the sentences of the best of these pages, best first."""
    pages = pages[:PAGES]
    found = [one for page in pages for one in _sentences(page, pages[0].score - page.score, store)]
    if not found:
        return Weighed([], [], NOTHING_FOUND)
    keyword = sentence_scores(query.terms, [one.text for one in found], store)
    best = shortlist(found, keyword)
    found, keyword = [found[i] for i in best], keyword[best]
    semantic = _semantic(query, found, encoder) if encoder else None
    scores = weigh(found, keyword, semantic)
    quotes = choose(found, scores)
    coverage, first = TermCoverage.of(query.terms, store), quotes[0]
    page, said = coverage.share(first.sheet.text), coverage.share(first.text)
    cosine = max((one.cosine for one in pages if one.cosine is not None), default=0.0)
    meaning = None if semantic is None else Meaning(float(semantic.max()), cosine)
    signals = Signals(meaning, page, said, coverage.terms.size, coverage.rarity)
    return Weighed(quotes, choose(found, scores, most=EVIDENCE), signals)


def _sentences(page: Place, behind: float, store: Store) -> list[Candidate]:
    sheet = Sheet.of(page.doc, page.number, behind, store.page(page.doc, page.number).text)
    within = [(passage.span.start, passage.span.end) for passage in store.passages(page.doc, page.number)]
    return candidates(sheet, within)


def _semantic(query: Query, found: Sequence[Candidate], encoder: Encoder) -> Floats:
    """How much of the question each sentence takes up, (n,)."""
    states = encoder.states([candidate.text[:ENCODED] for candidate in found])
    return np.array([max_sim(query.expanded_states, sentence) for sentence in states], np.float32)


def _citation(at: int, span: Span, document: Document, store: Store) -> Citation:
    page = store.page(span.doc, span.page)
    quote = page.text[span.start : span.end]
    return Citation(at, span, document, quote, page.rects(span.start, span.end))


def place(text: str, quote: str) -> tuple[int, int] | None:
    """Where these words stand in a page's text, whatever the white space between them; None if they do not."""
    pattern = spaced(quote)
    found = re.search(pattern, text) or re.search(pattern, text, re.IGNORECASE)
    return found.span() if found and pattern else None


def spaced(quote: str) -> str:
    """A pattern of these words with any white space between them, in scripts without spaces behind any character."""
    return r"\s+".join(UNSPACED.sub(r"\g<0>\\s*", re.escape(word)) for word in quote.split())
