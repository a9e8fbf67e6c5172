"""How pages are read to be quoted: split into sentences, without the contents that only say where something stands."""

import math
from collections.abc import Sequence

import numpy as np

from recto.answer.evidence import PageReader, SourcePassage
from recto.index_types import PageKey
from recto.query import Query
from recto.search.candidates import Scope
from recto.search.index import headed
from recto.search.retrieve import contents_passages
from recto.text.grids import page_grids
from recto.types import TraitKind


def page_reader(scope: Scope, query: Query | None = None, pages: Sequence[PageKey] = ()) -> PageReader:
    """What reads the pages of the scope's documents, these in one go; `query` if they are compared with a question."""
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
        lambda doc, number: store.page(doc, number).places_with(TraitKind.HEADING),
    )


def _source_passages(query: Query | None, scope: Scope, pages: Sequence[PageKey]) -> dict[PageKey, list[SourcePassage]]:
    """The passages of pages, but for their contents, and the cosine of the question and each."""
    store, titles = scope.store, {document.id: document.title for document in scope.docs}
    sheets, passages = store.pages(pages), [store.passages(*page) for page in pages]
    counts = np.array([len(own) for own in passages], np.int64)
    cosines = iter(scope.cosines(query, pages, counts).tolist() if query else [math.nan] * int(counts.sum()))
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
