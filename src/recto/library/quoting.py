"""From hits to the answer: the sentences of the best pages, weighed, quoted word for word, or an abstention."""

import re
import time
from collections.abc import Iterator, Sequence

import numpy as np

from recto.answer.abstain import abstains
from recto.answer.evidence import ENCODED, Candidate, Sheet, candidates, shortlist, weigh
from recto.answer.quote import Quote, choose, written
from recto.events import Abstained, AskEvent, Done, Found, Quoted
from recto.search.coverage import coverage
from recto.search.encoder import Encoder, max_sim
from recto.search.find import sentence_scores
from recto.store import Store
from recto.types import Answer, Citation, Document, Floats, Hit, Kind, Span

PAGES = 5  # of the hits that are searched for sentences
ENGINE = "quote"
NOTHING = "The documents do not seem to say."


def answer(
    question: str, hits: Sequence[Hit], store: Store, encoder: Encoder | None, began: float
) -> Iterator[AskEvent]:
    """Answer from hits: what was found, then the quotes or an abstention, then the whole."""
    searched = time.monotonic() - began
    yield Found(tuple(hits))
    text, marks = written(_quotes(question, hits, store, encoder))
    documents = {hit.document.id: hit.document for hit in hits}
    citations = tuple(_citation(at, span, documents[span.doc], store) for at, span in marks)
    kind = Kind.QUOTED if citations else Kind.ABSTAINED
    nearest = () if citations else tuple(hits)
    yield Quoted(citations) if citations else Abstained(nearest)
    total = time.monotonic() - began
    yield Done(Answer(kind, text or NOTHING, citations, nearest, ENGINE, searched, total))


def _quotes(question: str, hits: Sequence[Hit], store: Store, encoder: Encoder | None) -> list[Quote]:
    """The quotes that answer, best first; none if nothing does."""
    found = [one for rank, hit in enumerate(hits[:PAGES]) for one in _sentences(hit, rank, store)]
    if not found:
        return []
    keyword = sentence_scores(question, [one.text for one in found], lookup=store)
    best = shortlist(found, keyword)
    found, keyword = [found[i] for i in best], keyword[best]
    semantic = _semantic(question, found, encoder) if encoder else None
    quotes = choose(found, weigh(found, keyword, semantic))
    share, terms = coverage(question, quotes[0].sheet.text, lookup=store)
    similar = None if semantic is None else float(semantic.max())
    return [] if abstains(similar=similar, share=share, terms=terms) else quotes


def _sentences(hit: Hit, rank: int, store: Store) -> list[Candidate]:
    span = hit.passage.span
    sheet = Sheet.of(span.doc, span.page, rank, store.page(span.doc, span.page).text)
    within = [(passage.span.start, passage.span.end) for passage in store.passages(span.doc, span.page)]
    return candidates(sheet, within)


def _semantic(question: str, found: Sequence[Candidate], encoder: Encoder) -> Floats:
    """How much of the question each sentence takes up, (n,)."""
    asked, *states = encoder.states([question, *(one.text[:ENCODED] for one in found)])
    return np.array([max_sim(asked, each) for each in states], np.float32)


def _citation(at: int, span: Span, document: Document, store: Store) -> Citation:
    page = store.page(span.doc, span.page)
    quote = page.text[span.start : span.end]
    return Citation(at, span, document, quote, page.rects(span.start, span.end))


def place(text: str, quote: str) -> tuple[int, int] | None:
    """Where these words stand in a page's text, whatever the white space between them; None if they do not."""
    pattern = r"\s+".join(re.escape(word) for word in quote.split())
    found = re.search(pattern, text) or re.search(pattern, text, re.IGNORECASE)
    return found.span() if found and pattern else None
