"""Kept answers on the pages as they are now: where their quotes stand, and whether they still do."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from recto.errors import Gone
from recto.index_types import PageKey
from recto.text.verbatim import find_words
from recto.types import Answer, Citation, Context, Document, Page, Span, Standing

Standings = dict[Span, Standing]


def reopened(
    answer: Answer, documents: Sequence[Document], pages: Callable[[Sequence[PageKey]], list[Page]]
) -> tuple[Answer, Standings]:
    """An answer with the boxes that its quotes have now, and how each stands: what does not has no boxes."""
    by_id = {document.id: document for document in documents}
    names = {document.name for document in documents}
    standings: Standings = {}

    @cache
    def page(key: PageKey) -> Page | None:
        try:
            return pages([key])[0]
        except Gone:  # meanwhile
            return None

    def renewed(citation: Citation) -> Citation:
        document = by_id.get(citation.document.id)
        key = PageKey(citation.span.doc, citation.span.page)
        if document is None or (current := page(key)) is None:
            standing = Standing.REPLACED if citation.document.name in names else Standing.GONE
            renewed = _unmarked(citation)
        else:
            place = _place(current, citation)
            standing = Standing.STANDS if place else Standing.CHANGED
            renewed = _moved(citation, current, place) if place else _unmarked(citation)
            renewed = replace(renewed, document=document)
        standings[renewed.span] = standing
        return renewed

    citations, quotes = (tuple(map(renewed, group)) for group in (answer.citations, answer.quotes))
    return replace(answer, citations=citations, quotes=quotes), standings


def _place(page: Page, citation: Citation) -> tuple[int, int] | None:
    """Where a quote stands on its page: where it stood, or wherever its words do."""
    start, end = citation.span.start, citation.span.end
    return (start, end) if page.text[start:end] == citation.quote else find_words(page.text, citation.quote)


def _moved(citation: Citation, page: Page, place: tuple[int, int]) -> Citation:
    """A quote where it stands now, with what is around it if that is as it was."""
    span = replace(citation.span, start=place[0], end=place[1])
    rects, around = page.rects(*place), citation.context
    if span == citation.span and around and page.text[around.span.start : around.span.end] == around.text:
        context = replace(around, rects=page.rects(around.span.start, around.span.end))
        return replace(citation, rects=rects, context=context)
    quote = page.text[slice(*place)]
    cells = citation.cells if span == citation.span else ()
    return replace(citation, span=span, quote=quote, rects=rects, context=None, cells=cells)


def _unmarked(citation: Citation) -> Citation:
    """A quote that stands nowhere: its words, without boxes."""
    around = citation.context
    cells = tuple(replace(cell, rects=()) for cell in citation.cells)
    context = around and Context(around.span, around.text, ())
    return replace(citation, rects=(), context=context, cells=cells)
