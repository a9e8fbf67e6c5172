"""A library in memory: the same look-ups as the store's, computed in full each time."""

from collections.abc import Sequence

import numpy as np

from recto.index_types import Field, Row, Similarities, Totals, pairs
from recto.search.bm25 import Int64s, Texts, bm25
from recto.search.encoder import Encoder
from recto.search.index import headed, page_terms
from recto.search.rank import FORMS
from recto.text.analyse import term_ids
from recto.text.tables import headed_rows
from recto.types import Document, Floats, Page, Passage, UInt32s


class HashEncoder:
    """Vectors from the terms of a text: no model, but what shares words is near."""

    fingerprint = "hash"
    dimensions = 64

    def encode(self, texts: Sequence[str], /) -> Floats:
        return np.array([self._vector(text) for text in texts], np.float32).reshape(-1, self.dimensions)

    def states(self, texts: Sequence[str], /) -> list[Floats]:
        return [np.array([self._vector(term) for term in text.split()], np.float32) for text in texts]

    def _vector(self, text: str) -> Floats:
        vector = np.full(self.dimensions, 0.01)  # so that a text without terms has a direction too
        for term in term_ids(text).tolist():
            vector += np.random.default_rng(term).standard_normal(self.dimensions)
        return np.asarray(vector / np.linalg.norm(vector), np.float32)


class Shelf:
    """Implements `recto.search.lookup.Lookup`."""

    def __init__(self) -> None:
        self.docs: list[Document] = []
        self.all_rows: list[Row] = []
        self.texts: dict[tuple[str, int], tuple[Page, list[Passage]]] = {}
        self.vectors: dict[str, Floats] = {}  # by document

    def add(self, document: Document, pages: Sequence[Page], passages: Sequence[list[Passage]]) -> None:
        analysed = page_terms(document.title, pages, passages, [headed_rows(page.text) for page in pages])
        for page, those, terms in zip(pages, passages, analysed, strict=True):
            self.texts[document.id, page.number] = page, those
            self.all_rows.append(Row(len(self.all_rows), document.id, page.number, terms))
        self.docs.append(document)

    def encode(self, encoder: Encoder, document: Document) -> None:
        texts = [
            headed(document.title, passage)
            for number in range(document.pages)
            for passage in self.passages(document.id, number)
        ]
        self.vectors[document.id] = encoder.encode(texts)

    def rows(self, docs: Sequence[str]) -> list[Row]:
        return [row for row in self.all_rows if row.doc in docs]

    def rows_of(self, keys: Sequence[int]) -> list[Row]:
        return [self.all_rows[key] for key in sorted(keys)]

    def page(self, doc: str, number: int) -> Page:
        return self.texts[doc, number][0]

    def passages(self, doc: str, number: int) -> list[Passage]:
        return self.texts[doc, number][1]

    def totals(self) -> Totals:
        terms = [row.terms for row in self.all_rows]
        return Totals(
            pages=len(terms),
            passages=sum(len(page.passages) for page in terms),
            text_terms=sum(page.text.size for page in terms),
            heading_terms=sum(page.heading.size for page in terms),
            passage_terms=sum(passage.size for page in terms for passage in page.passages),
        )

    def frequencies(self, field: Field, terms: UInt32s) -> Int64s:
        counts = np.zeros(terms.size, np.int64)
        for row in self.all_rows:
            for text in _arrays(row, field):
                counts += np.isin(terms, np.concatenate([text, pairs(text)]) if field == "text" else text)
        return counts

    def candidates(self, field: Field, terms: UInt32s, k: int, docs: Sequence[str] | None = None) -> list[int]:
        arrays = [(row, text) for row in self.all_rows for text in _arrays(row, field)]
        scores = bm25(Texts.of([text for _, text in arrays]), terms, FORMS[field])
        order = np.argsort(-scores, kind="stable")
        keys = [arrays[at][0].key for at in order if scores[at] > 0 and (docs is None or arrays[at][0].doc in docs)]
        return list(dict.fromkeys(keys))[:k]

    def similarities(self, vector: Floats, fingerprint: str, docs: Sequence[str] | None = None) -> Similarities:
        rows = [row for row in self.all_rows if row.doc in self.vectors and (docs is None or row.doc in docs)]
        keys = [row.key for row in rows for _ in row.terms.passages]
        wanted = dict.fromkeys(row.doc for row in rows)
        cosines = np.concatenate([np.empty(0, np.float32), *(self.vectors[doc] @ vector for doc in wanted)])
        return Similarities(np.array(keys, np.int64), cosines)


def _arrays(row: Row, field: Field) -> Sequence[UInt32s]:
    return {"text": (row.terms.text,), "heading": (row.terms.heading,), "passages": row.terms.passages}[field]
