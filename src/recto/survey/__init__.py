"""Questions about whole documents: what they are about, every place that matches, the same question of each of them.

Which questions these are is told by rule, and they are answered without a model. Searching and quoting are put together
here as the library does it for one question.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace

from recto.answer.quoted import QuotedAnswer
from recto.events import Progress, Stage
from recto.index_types import PageKey
from recto.search.candidates import Scope
from recto.search.overview import HEADINGS
from recto.search.places import called, means_whole, named_documents
from recto.search.references import references
from recto.search.retrieve import PageHit, with_passages
from recto.stop import Stop
from recto.storage import Store
from recto.survey.matching import LOOSE, Finder, Match, Thing, matching_pages
from recto.survey.reading import page_reader
from recto.survey.summary import summary_quotes
from recto.survey.together import Voice, together, voice
from recto.text.requests import Listing, comparison, listing
from recto.types import Document, Hit, SurveyKind

SUMMARISED = 10  # documents, each in turn
SECTIONS_OF_MANY = 3  # of each of several documents
PLACES = 40  # that are quoted: a few screens
FEWEST_PLACES = 3  # of each document
FEWEST_LOOSE = 3  # sentences with the words of what is to be listed: one or two are better found by their meaning

Surveyed = tuple[tuple[Hit, ...], QuotedAnswer]  # the pages, best first, and what is quoted of them

__all__ = ["SurveyRequest", "Surveyed", "asked_of_each", "requested", "surveyed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyRequest:
    """What is asked of which whole documents. `question` is what each is asked."""

    kind: SurveyKind
    docs: Sequence[Document]
    question: str
    listing: Listing | None = None


def requested(question: str, docs: Sequence[Document], *, each: bool) -> SurveyRequest | None:
    """What a question asks of whole documents; None if it is a question as any other. `each`: it is one of them."""
    if each:
        return SurveyRequest(kind=SurveyKind.EACH, docs=docs, question=question) if docs else None
    if compared := comparison(question):
        named = [called(name, docs) for name in compared.names]
        chosen = [document for document in named if document] if named else list(docs)
        if len({document.id for document in chosen}) == len(named or docs) > 1:
            return SurveyRequest(kind=SurveyKind.EACH, docs=chosen, question=compared.question)
    if things := listing(question):
        return SurveyRequest(kind=SurveyKind.LIST, docs=docs, question=question, listing=things)
    about = references(question)
    meant = [document for document in named_documents(about, docs) if means_whole(document, about)]
    return SurveyRequest(kind=SurveyKind.SUMMARY, docs=meant, question=question) if about.overview and meant else None


def surveyed(request: SurveyRequest, scope: Scope) -> Surveyed | None:
    """The pages and quotes that answer a request for a summary or a list; None if there are none. Gone as `Store` says.

    A question that lists what no place holds is one as any other.
    """
    if request.kind is SurveyKind.SUMMARY:
        docs = [document for document in request.docs if document in scope.docs]
        voices, left_out = summaries(docs[:SUMMARISED], scope), max(len(docs) - SUMMARISED, 0)
    else:
        voices, left_out = listed(request, scope), 0
    if not any(voice.quoted.citations for voice in voices):
        return None
    quoted = together(request.kind, voices, left_out=left_out)
    return _hits(quoted, scope), quoted


def asked_of_each(
    request: SurveyRequest, ask: Callable[[Document], Generator[Progress, None, Surveyed]], stop: Stop
) -> Generator[Progress, None, Surveyed]:
    """The pages and one answer of all documents, each asked by itself, or of those asked until it was stopped."""
    hits: list[Hit] = []
    voices: list[Voice] = []
    for number, document in enumerate(request.docs):
        if voices and stop.wait(0):
            break
        yield Progress(stage=Stage.ASKING, name=document.name, done=number, total=len(request.docs), eta_s=None)
        own, quoted = yield from ask(document)
        cited = {place.span.page for place in quoted.citations}
        hits += [hit for hit in own if hit.passage.span.page in cited] or own[:1]
        voices.append(Voice(document=document, quoted=quoted))
    ranked = tuple(replace(hit, rank=rank) for rank, hit in enumerate(hits, start=1))
    return ranked, together(request.kind, voices, left_out=len(request.docs) - len(voices))


def summaries(docs: Sequence[Document], scope: Scope) -> list[Voice]:
    """What each document is about."""
    reader, most = page_reader(scope), HEADINGS if len(docs) == 1 else SECTIONS_OF_MANY
    voices = []
    for document in docs:
        quotes, sections = summary_quotes(document, reader, scope.store, most=most)
        voices.append(voice(document, quotes, scope.store, places=sections, shown=min(sections, most)))
    return voices


def listed(request: SurveyRequest, scope: Scope) -> list[Voice]:
    """Every place that matches, document by document, as far as there is room."""
    thing = Thing.of(request.listing) if request.listing else None
    if thing is None:
        return []
    reader, store = page_reader(scope), scope.store
    docs = [document for document in request.docs if document in scope.docs]
    pages = matching_pages(thing, docs, store)
    matches = [
        (document, *Finder(document, thing, reader, store).matches(pages[document.id]))
        for document in docs
        if document.id in pages
    ]
    surest = min((sureness for _, sureness, places in matches if places), default=0)
    if surest == LOOSE and sum(len(places) for *_, places in matches) < FEWEST_LOOSE:
        return []
    own = [(document, places) for document, sureness, places in matches if places and sureness == surest]
    room = max(PLACES // max(len(own), 1), FEWEST_PLACES)
    return [_shown(document, places[:room], places, store) for document, places in own]


def _shown(document: Document, shown: Sequence[Match], matches: Sequence[Match], store: Store) -> Voice:
    """The first few of a document's places, with how many there are."""
    quotes = [match.quote for match in shown]
    if (left_out := len(matches) - len(shown)) and quotes:
        *above, last = quotes[-1].parts
        more = f"{left_out} more place{'s'[: left_out != 1]}"
        quotes[-1] = replace(quotes[-1], parts=(*above, replace(last, more=more)))
    return voice(
        document,
        quotes,
        store,
        places=sum(match.things for match in matches),
        shown=sum(match.shown for match in shown),
        times=sum(match.times for match in matches),
    )


def _hits(quoted: QuotedAnswer, scope: Scope) -> tuple[Hit, ...]:
    """The pages of the quotes, each by the passage of the first of them; the first page of each document first."""
    pages: dict[PageKey, int] = {}
    openings = {place.document.id: place for place in reversed(quoted.citations)}
    for citation in (*reversed(openings.values()), *quoted.citations):
        pages.setdefault(PageKey(citation.span.doc, citation.span.page), citation.span.start)
    hits = []
    for rank, (key, start) in enumerate(pages.items()):
        passages = scope.store.passages(*key)
        index = next((at for at, passage in enumerate(passages) if start < passage.span.end), len(passages) - 1)
        hits.append(
            PageHit(
                doc=key.doc, page=key.page, passage=index, keyword=float(len(pages) - rank), semantic=0.0, cosine=None
            )
        )
    return with_passages([hit for hit in hits if hit.passage >= 0], scope)
