"""A library on object storage is asked as any other, and finds the same."""

import random
from pathlib import Path

import pytest

from recto.config import Writing
from recto.errors import BadSetting
from recto.library import Library
from recto.model_ref import QUOTE
from recto.search.encoder import FINGERPRINT
from recto.storage import Store
from recto.store import findings
from recto.store.sqlite import SqliteStore
from recto.types import AddStatus
from support.memory_index import HashEncoder, find, put_pages, text_page
from support.pdfs import text_pdf
from support.store_contract import on_object_storage

QUESTIONS = 100
WORDS = [
    first + last for first in ("dam", "weir", "lock", "sluice", "mill") for last in ("age", "keeper", "gate", "yard")
]


def test_a_library_lies_where_the_setting_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECTO_STORE", f"lance+file://{tmp_path}/shard")
    monkeypatch.setenv("RECTO_KEY_FILE", str(tmp_path / "key"))
    with pytest.raises(BadSetting, match="cannot be encrypted by recto"):
        Library(tmp_path / "here")
    monkeypatch.delenv("RECTO_KEY_FILE")
    source, writing = tmp_path / "weir.pdf", Writing(model=QUOTE)
    source.write_bytes(text_pdf("The weir was built in 1911.", "The mill burned down in 1950."))
    with Library(tmp_path / "here", writing=writing) as library:
        assert [outcome.status for outcome in library.add(source)] == [AddStatus.ADDED]
        answer = library.ask("When was the weir built?").answer
        hits = library.search("When was the weir built?")
        values = {finding.name: finding.value for finding in findings(library.settings, {"": FINGERPRINT})}
        assert values["store"] == library.settings.store
        counts = {"documents": 1, "lagging": 0, "unencoded": 0, "unrecognised": 0, "removed": 0, "encrypted": False}
        assert values["library"].items() >= counts.items()
    with Library(tmp_path / "there", writing=writing) as library:
        assert [hit.passage for hit in library.search("When was the weir built?")] == [hit.passage for hit in hits]
        assert library.ask("When was the weir built?").answer.citations == answer.citations
        assert library.picture("weir.pdf", 0)
        library.remove("weir.pdf")
    with Library(tmp_path / "here", writing=writing) as library:
        assert library.documents() == []


@pytest.mark.slow
def test_questions_find_the_same_pages_in_the_same_order_as_on_one_machine(tmp_path: Path) -> None:
    single, shared = SqliteStore(tmp_path / "single"), on_object_storage(tmp_path / "shared")
    encoder, chance = HashEncoder(), random.Random(17)
    for store in (single, shared):
        _fill(store, encoder, random.Random(11))
    asked_anew = on_object_storage(tmp_path / "shared")  # whose copy is made in one go
    documents = single.documents()
    assert documents == shared.documents() == asked_anew.documents()
    for _ in range(QUESTIONS):
        question = f"Which {' and '.join(chance.sample(WORDS, 2))} in {chance.randrange(1900, 1940)}?"
        docs = documents if chance.random() < 0.8 else chance.sample(documents, 4)
        hits = [
            [(hit.doc, hit.page, hit.passage, hit.score) for hit in find(question, store, encoder, docs, 10)]
            for store in (single, shared, asked_anew)
        ]
        assert hits[0]
        assert hits[0] == hits[1] == hits[2]
    for store in (single, shared, asked_anew):
        store.close()


def _fill(store: Store, encoder: HashEncoder, chance: random.Random) -> None:
    """Documents put, put again, and deleted."""
    for number in [*range(18), *range(0, 18, 7)]:
        pages = [
            text_page(
                page,
                " ".join(f"The {chance.choice(WORDS)} was built in {chance.randrange(1900, 1940)}." for _ in range(12)),
            )
            for page in range(3)
        ]
        put_pages(store, f"report {number}.pdf", pages, encoder)
    store.delete(*(document.id for document in store.documents()[::9]))
