"""The stores under test, and what a plain scan of the documents says that they must answer."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from recto.index_types import Field, PageTerms, pairs
from recto.store import Store
from recto.store.sqlite import open_store
from support.synthetic_pages import Made

STORES = [pytest.param(open_store, id="sqlite")]
FIELDS: tuple[Field, ...] = ("text", "heading", "passages")
Opener = Callable[[Path], Store]


def put(store: Store, *documents: Made) -> None:
    for made in documents:
        store.put(made.document, made.source, made.pages)


def entries(terms: PageTerms, field: Field) -> list[set[int]]:
    """What each entry of a page holds in a field."""
    match field:
        case "text":
            return [{*terms.text.tolist(), *pairs(terms.text).tolist()}]
        case "heading":
            return [set(terms.heading.tolist())]
        case "passages":
            return [set(array.tolist()) for array in terms.passages]


def expected_frequencies(documents: list[Made], field: Field, terms: list[int]) -> list[int]:
    held = [entry for made in documents for page in made.pages for entry in entries(page.terms, field)]
    return [sum(term in entry for entry in held) for term in terms]


def expected_candidates(documents: list[Made], field: Field, terms: list[int]) -> set[tuple[str, int]]:
    return {
        (made.id, page.page.number)
        for made in documents
        for page in made.pages
        if any(entry & set(terms) for entry in entries(page.terms, field))
    }


def found(store: Store, field: Field, terms: list[int], docs: list[str] | None = None) -> set[tuple[str, int]]:
    keys = store.candidates(field, np.array(terms, np.uint32), 10_000, docs)
    assert len(keys) == len(set(keys))
    return {(row.doc, row.number) for row in store.rows_of(keys)}
