"""Analysing documents, and analysing them anew after the analyser has changed."""

from pathlib import Path

import numpy as np
import pytest

from recto.events import Stage
from recto.index_types import PageKey, PageTerms
from recto.search.index import indexed_pages, reanalysed
from recto.storage import Store
from recto.store.sqlite import SqliteStore
from recto.text.analyse import ANALYSER_VERSION, term_ids
from support.memory_index import MemoryStore, find, put_pages, text_page
from support.synthetic_pages import same_terms

TEXTS = ["The pump of hall 7 runs day and night.", "Year 2019 2018\nDepreciation 415 398\n"]


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return MemoryStore() if request.param == "memory" else SqliteStore(tmp_path)


def outdate(store: Store) -> None:
    """Leave what an analyser would have left that made one and the same term of everything."""
    for version in store.outdated(ANALYSER_VERSION + 1):
        pages = [text_page(number, "x") for number in range(version.document.pages)]
        passages = [store.passages(version.document.id, number) for number in range(version.document.pages)]
        terms = [item.terms for item in indexed_pages("", pages, [own[:0] for own in passages])]
        word = term_ids("x")
        fitted = [
            PageTerms(
                text=word,
                heading=word,
                passages=(word,) * len(own),
                rows=(),
                digits=page.digits,
                short=page.short,
                contents=page.contents,
            )
            for page, own in zip(terms, passages, strict=True)
        ]
        assert store.put_terms(version, ANALYSER_VERSION + 1, fitted)


def test_what_another_analyser_made_is_made_anew(store: Store) -> None:
    documents = [put_pages(store, name, [text_page(n, text) for n, text in enumerate(TEXTS)]) for name in ("a", "b")]
    keys = [PageKey(document.id, number) for document in documents for number in range(2)]
    before = store.page_terms(keys)
    outdate(store)
    assert find("depreciation", store, None, docs=documents, k=5) == []
    steps = list(reanalysed(store))
    assert [(step.stage, step.name, step.done, step.total) for step in steps] == [
        (Stage.READING, "a", 0, 4),
        (Stage.READING, "b", 2, 4),
    ]
    assert store.outdated(ANALYSER_VERSION) == []
    after = store.page_terms(keys)
    assert all(same_terms(after[key], before[key]) for key in keys)
    assert {hit.page for hit in find("depreciation", store, None, docs=documents, k=5)} == {1}
    assert list(reanalysed(store)) == []


def test_a_document_that_goes_meanwhile_is_passed_over(store: Store) -> None:
    first, second = (put_pages(store, name, [text_page(0, TEXTS[0])]) for name in ("a", "b"))
    outdate(store)
    steps = reanalysed(store)
    next(steps)
    store.delete(first.id)
    store.delete(second.id)
    list(steps)
    assert store.documents() == store.outdated(ANALYSER_VERSION) == []


def test_digits_are_counted_against_the_documents_other_pages() -> None:
    pages = [text_page(number, text) for number, text in enumerate(["no figures", "1 2 3 4", "some 5"])]
    digits = np.array([item.terms.digits for item in indexed_pages("t", pages, [[], [], []])])
    assert digits.argmax() == 1
    assert abs(digits.mean()) < 1e-6
