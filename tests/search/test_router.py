"""The router keeps the terms of the documents that are there, and of no other."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from recto.errors import Gone
from recto.search.candidates import DocumentRouter, DocumentTerms
from recto.store.sqlite import SqliteStore
from support.memory_index import put_pages, text_page


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path) as store:
        for name in ("pump", "valve", "gasket"):
            put_pages(store, f"{name}.pdf", [text_page(0, f"All about the {name}.")])
        yield store


def fits(router: DocumentRouter, store: SqliteStore, question: str) -> dict[str, float]:
    documents = store.documents()
    scores = router.fits(question, documents, store)
    return dict(zip((document.name for document in documents), scores, strict=True))


def test_the_document_that_is_asked_for_fits_best(store: SqliteStore) -> None:
    scores = fits(DocumentRouter(), store, "Who made the valve?")
    assert max(scores, key=scores.__getitem__) == "valve.pdf"
    assert DocumentRouter().fits("Who made the valve?", store.documents()[:1], store).tolist() == [0]


def test_nothing_stays_of_what_is_gone(store: SqliteStore) -> None:
    router = DocumentRouter()
    fits(router, store, "pump")
    (pump, *others) = store.documents()
    store.delete(pump.id)
    fits(router, store, "pump")
    assert list(router._terms) == others
    store.delete(others[0].id)
    put_pages(store, "seal.pdf", [text_page(0, "All about the seal.")])
    fits(router, store, "pump")
    assert list(router._terms) == store.documents()


def test_part_of_a_library_may_be_asked_in_between(store: SqliteStore) -> None:
    router = DocumentRouter()
    fits(router, store, "pump")
    before = dict(router._terms)
    router.fits("pump", store.documents()[:2], store)
    assert {document: id(terms) for document, terms in router._terms.items()} == {
        document: id(terms) for document, terms in before.items()
    }


def test_a_document_that_is_gone_says_so(store: SqliteStore) -> None:
    documents = store.documents()
    store.delete(documents[0].id)
    with pytest.raises(Gone):
        DocumentRouter().fits("pump", documents, store)


def test_a_card_holds_what_the_pages_give(store: SqliteStore) -> None:
    for document in store.documents():
        of_pages = DocumentTerms.of(document, [store.page(document.id, 0)])
        of_card = DocumentTerms.of_card(of_pages.card)
        assert of_card is not None
        assert [array.tolist() for array in (*of_card[:2], *of_card.names)] == [
            array.tolist() for array in (*of_pages[:2], *of_pages.names)
        ]
        assert of_card.names.titles.size
        for card in (b"", of_pages.card[:-4], of_pages.card + b"1234", b"\0" + of_pages.card[1:], b"123"):
            assert DocumentTerms.of_card(card) is None
