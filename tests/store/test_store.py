"""What every `Store` must do."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from recto.errors import FileMissing, FileTooLarge
from recto.index_types import Field, IndexedPage, PageTerms, Totals, pairs
from recto.store import Store
from recto.types import Flag, Page
from support.store_contract import FIELDS, STORES, Opener, expected_candidates, expected_frequencies, found, put
from support.synthetic_pages import Made, ids, make, same_page, same_terms, units


@pytest.fixture(params=STORES)
def opener(request: pytest.FixtureRequest) -> Opener:
    return request.param


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def store(opener: Opener, folder: Path) -> Iterator[Store]:
    opened = opener(folder)
    yield opened
    opened.close()


@pytest.fixture
def two(tmp_path: Path) -> tuple[Made, Made]:
    return make(tmp_path, 1), make(tmp_path, 2, pages=4, passages=3)


def test_starts_empty(store: Store) -> None:
    assert store.documents() == []
    assert store.totals() == Totals(0, 0, 0, 0, 0)
    assert store.candidates("text", ids([1, 2]), 10) == []
    assert store.frequencies("text", ids([1, 2])).tolist() == [0, 0]
    assert store.similarities(units(0, 1)[0], "f").pages.tolist() == []
    assert (store.unencoded("f"), store.lagging()) == ([], 0)


def test_gives_back_what_was_put(store: Store, two: tuple[Made, Made]) -> None:
    put(store, *two)
    assert store.documents() == [made.document for made in two]
    for made in two:
        assert store.source(made.id) == made.source.read_bytes()
        for item in made.pages:
            assert same_page(store.page(made.id, item.page.number), item.page)
            assert store.passages(made.id, item.page.number) == list(item.passages)


def test_survives_reopening(opener: Opener, folder: Path, two: tuple[Made, Made]) -> None:
    for made in two:
        opened = opener(folder)
        put(opened, made)
        opened.put_vectors(made.id, "f", made.vectors)
        opened.close()
    opened = opener(folder)
    assert opened.documents() == [made.document for made in two]
    terms = two[0].pages[0].terms.text.tolist()
    assert found(opened, "text", terms) == expected_candidates(list(two), "text", terms)
    assert len(opened.similarities(units(0, 1)[0], "f").pages) == sum(len(made.vectors) for made in two)
    opened.close()


def test_rows_come_in_key_order_with_their_terms(store: Store, two: tuple[Made, Made]) -> None:
    put(store, *two)
    rows = store.rows([two[1].id, two[0].id])
    items = [(made.id, item) for made in two for item in made.pages]
    assert [row.key for row in rows] == sorted(row.key for row in rows)
    assert [(row.doc, row.number) for row in rows] == [(doc, item.page.number) for doc, item in items]
    assert all(same_terms(row.terms, item.terms) for row, (_, item) in zip(rows, items, strict=True))
    assert np.diff([row.key for row in store.rows([two[1].id])]).tolist() == [1, 1, 1]


def test_rows_of_leaves_out_unknown_keys(store: Store, two: tuple[Made, Made]) -> None:
    put(store, *two)
    keys = [row.key for row in store.rows([made.id for made in two])]
    assert [row.key for row in store.rows_of([keys[4], 10**6, keys[0], -1, keys[0]])] == [keys[0], keys[4]]
    assert store.rows_of([]) == []


def test_totals_count_everything(store: Store, two: tuple[Made, Made]) -> None:
    put(store, *two)
    terms = [item.terms for made in two for item in made.pages]
    assert store.totals() == Totals(
        pages=7,
        passages=18,
        text_terms=sum(len(each.text) for each in terms),
        heading_terms=sum(len(each.heading) for each in terms),
        passage_terms=sum(len(array) for each in terms for array in each.passages),
    )


@pytest.mark.parametrize("number", [-1, 3, 10**9])
def test_there_is_no_such_page(store: Store, two: tuple[Made, Made], number: int) -> None:
    put(store, two[0])
    with pytest.raises(KeyError):
        store.page(two[0].id, number)
    with pytest.raises(KeyError):
        store.passages(two[0].id, number)


def test_there_is_no_such_document(store: Store, two: tuple[Made, Made]) -> None:
    put(store, two[0])
    with pytest.raises(KeyError):
        store.page(two[1].id, 0)
    with pytest.raises(KeyError):
        store.source(two[1].id)
    assert store.rows([two[1].id]) == []
    assert store.delete(two[1].id) is False


@pytest.mark.parametrize("name", ["a\nb.pdf", 'it\'s "so".pdf', "\U0001f600" * 63, "x\x00y.pdf", "é" * 127, " "])
def test_keeps_any_name(store: Store, tmp_path: Path, name: str) -> None:
    made = make(tmp_path, 1, name=name)
    put(store, made)
    assert store.documents()[0].name == name


def test_keeps_pages_without_words(store: Store, tmp_path: Path) -> None:
    made = make(tmp_path, 1, pages=1, passages=0)
    empty = Page(0, 100.0, 200.0, Flag.EMPTY, "", np.zeros((0, 2), np.uint32), np.zeros((0, 4), np.uint16))
    pages = [IndexedPage(empty, (), made.pages[0].terms)]
    store.put(made.document, made.source, pages)
    assert same_page(store.page(made.id, 0), empty)
    assert store.passages(made.id, 0) == []
    store.put_vectors(made.id, "f", made.vectors)
    assert store.unencoded("f") == []
    assert store.similarities(units(0, 1)[0], "f").cosines.tolist() == []


def test_keeps_documents_without_pages(store: Store, tmp_path: Path) -> None:
    documents = make(tmp_path, 1, pages=0), make(tmp_path, 2), make(tmp_path, 3, pages=0)
    put(store, *documents)
    assert [document.pages for document in store.documents()] == [0, 3, 0]
    assert {row.doc for row in store.rows_of(range(20))} == {documents[1].id}
    assert store.delete(documents[0].id)


def test_the_same_document_again_replaces_it(store: Store, two: tuple[Made, Made]) -> None:
    put(store, *two)
    first = two[0].pages
    shorter = Made(two[0].document, two[0].source, (first[1], first[0], first[2]), two[0].vectors)
    renumbered = tuple(
        IndexedPage(_numbered(item.page, n), item.passages, item.terms) for n, item in enumerate(shorter.pages)
    )
    store.put(shorter.document, shorter.source, renumbered)
    assert sorted(document.id for document in store.documents()) == sorted(made.id for made in two)
    assert store.page(two[0].id, 0).text == first[1].page.text
    assert store.totals().pages == 7


def _numbered(page: Page, number: int) -> Page:
    return Page(number, page.width, page.height, page.flag, page.text, page.spans, page.boxes)


def test_a_new_version_replaces_the_old_one(store: Store, two: tuple[Made, Made]) -> None:
    put(store, two[0])
    store.put(two[1].document, two[1].source, two[1].pages, replaces=two[0].id)
    assert store.documents() == [two[1].document]
    terms = two[0].pages[0].terms.text.tolist()
    assert found(store, "text", terms) == expected_candidates([two[1]], "text", terms)


def test_delete_removes_everywhere(store: Store, two: tuple[Made, Made]) -> None:
    put(store, *two)
    for made in two:
        store.put_vectors(made.id, "f", made.vectors)
    old = [row.key for row in store.rows([two[0].id])]
    assert store.delete(two[0].id) is True
    assert store.documents() == [two[1].document]
    assert store.rows_of(old) == []
    assert len(store.similarities(units(0, 1)[0], "f").pages) == len(two[1].vectors)
    terms = two[0].pages[0].terms.text.tolist()
    assert found(store, "text", terms) == expected_candidates([two[1]], "text", terms)
    assert store.frequencies("text", ids([])).tolist() == []
    assert store.delete(two[0].id) is False


def test_keys_are_never_given_twice(store: Store, two: tuple[Made, Made]) -> None:
    put(store, two[0])
    old = {row.key for row in store.rows([two[0].id])}
    store.delete(two[0].id)
    put(store, two[1])
    assert old.isdisjoint(row.key for row in store.rows([two[1].id]))


def test_a_file_that_changed_is_refused(store: Store, two: tuple[Made, Made]) -> None:
    put(store, two[0])
    two[1].source.write_bytes(two[1].source.read_bytes()[:-1] + b"!")
    with pytest.raises(FileMissing, match="changed"):
        put(store, two[1])
    two[1].source.write_bytes(b"shorter")
    with pytest.raises(FileMissing, match="changed"):
        put(store, two[1])
    two[0].source.unlink()
    with pytest.raises(FileMissing, match="cannot be read"):
        put(store, two[0])
    assert store.documents() == [two[0].document]
    assert store.totals().pages == 3


def test_a_file_over_the_limit_is_refused(store: Store, tmp_path: Path) -> None:
    made = make(tmp_path, 1)
    huge = type(made.document)(made.id, "huge.pdf", "", 3, 10**9, 0.0)
    with pytest.raises(FileTooLarge, match=r"1,000,000,000 bytes; at most 999,999,000"):
        store.put(huge, made.source, made.pages)


def test_pages_must_fit_the_document(store: Store, two: tuple[Made, Made]) -> None:
    with pytest.raises(ValueError, match="3 pages"):
        store.put(two[0].document, two[0].source, two[0].pages[:2])
    page, terms = two[0].pages[0], two[0].pages[0].terms
    fewer = PageTerms(terms.text, terms.heading, terms.passages[:1], (), terms.digits, terms.short)
    with pytest.raises(ValueError, match="2 passages and 1 term arrays"):
        store.put(two[0].document, two[0].source, [IndexedPage(page.page, page.passages, fewer), *two[0].pages[1:]])
    assert store.documents() == []


@pytest.mark.parametrize("field", FIELDS)
def test_frequencies_are_exact(store: Store, two: tuple[Made, Made], field: Field) -> None:
    put(store, *two)
    text = two[0].pages[0].terms.text
    terms = [*text.tolist(), *pairs(text).tolist(), 12345]
    asked = np.array(terms, np.uint32)
    assert store.frequencies(field, asked).tolist() == expected_frequencies(list(two), field, terms)
    store.delete(two[0].id)
    assert store.frequencies(field, asked).tolist() == expected_frequencies([two[1]], field, terms)


@pytest.mark.parametrize("field", FIELDS)
def test_candidates_are_the_pages_that_match(store: Store, two: tuple[Made, Made], field: Field) -> None:
    put(store, *two)
    for number in range(0, 50, 7):
        terms = ids([number, number + 1]).tolist()
        assert found(store, field, terms) == expected_candidates(list(two), field, terms)
        assert found(store, field, terms, [two[1].id]) == expected_candidates([two[1]], field, terms)


def test_candidates_within_nothing(store: Store, two: tuple[Made, Made]) -> None:
    put(store, *two)
    terms = two[0].pages[0].terms.text
    assert store.candidates("text", terms, 10, []) == []
    assert store.candidates("text", terms, 10, ["unknown"]) == []
    assert store.candidates("text", ids([]), 10) == []


def test_the_best_candidates_come_first(store: Store, two: tuple[Made, Made]) -> None:
    put(store, *two)
    rows = store.rows([made.id for made in two])
    for row in rows:
        assert store.candidates("text", row.terms.text, 1) == [row.key]
        assert store.candidates("passages", row.terms.passages[0], 1) == [row.key]


def test_a_page_with_many_matching_passages_counts_once(store: Store, tmp_path: Path) -> None:
    put(store, make(tmp_path, 1, pages=3, passages=40, vocabulary=2))
    assert sorted(store.candidates("passages", ids([0, 1]), 3)) == [row.key for row in store.rows_of(range(10))]


@pytest.mark.parametrize("dim", [8, 384])
def test_similarities_are_cosines(store: Store, two: tuple[Made, Made], dim: int) -> None:
    put(store, *two)
    vectors = [units(seed, len(made.vectors), dim) for seed, made in enumerate(two)]
    for made, own in reversed(list(zip(two, vectors, strict=True))):
        store.put_vectors(made.id, "f", own)
    question = units(9, 1, dim)[0]
    given = store.similarities(question, "f")
    pages = [row.key for row in store.rows([made.id for made in two]) for _ in row.terms.passages]
    assert (given.pages.dtype, given.cosines.dtype) == (np.int64, np.float32)
    assert given.pages.tolist() == pages
    np.testing.assert_allclose(given.cosines, np.concatenate(vectors) @ question, atol=0.02)
    within = store.similarities(question, "f", [two[1].id, "unknown"])
    np.testing.assert_allclose(within.cosines, vectors[1] @ question, atol=0.02)
    assert len(store.similarities(question, "f", []).pages) == 0


def test_a_vector_of_zeros_is_like_nothing(store: Store, two: tuple[Made, Made]) -> None:
    put(store, two[0])
    store.put_vectors(two[0].id, "f", np.zeros_like(two[0].vectors))
    assert store.similarities(units(0, 1)[0], "f").cosines.tolist() == [0.0] * 6


def test_encoders_are_never_mixed(store: Store, two: tuple[Made, Made]) -> None:
    put(store, *two)
    store.put_vectors(two[0].id, "f", two[0].vectors)
    store.put_vectors(two[1].id, "g", units(3, len(two[1].vectors), 16))
    assert store.unencoded("f") == [two[1].id]
    assert store.unencoded("g") == [two[0].id]
    assert store.unencoded("h") == [two[0].id, two[1].id]
    assert len(store.similarities(units(0, 1, 8)[0], "f").pages) == len(two[0].vectors)
    assert len(store.similarities(units(0, 1, 16)[0], "g").pages) == len(two[1].vectors)
    assert len(store.similarities(units(0, 1, 8)[0], "h").pages) == 0


def test_vectors_may_be_made_anew(store: Store, two: tuple[Made, Made]) -> None:
    put(store, two[0])
    for vectors in (two[0].vectors, -two[0].vectors):
        store.put_vectors(two[0].id, "f", vectors)
        assert store.similarities(vectors[0], "f").cosines[0] == pytest.approx(1, abs=0.02)


def test_vectors_must_fit_the_document(store: Store, two: tuple[Made, Made]) -> None:
    put(store, two[0])
    store.put_vectors(two[1].id, "f", two[1].vectors)  # gone, or never there: ignored
    with pytest.raises(ValueError, match="5 vectors for the 6 passages"):
        store.put_vectors(two[0].id, "f", two[0].vectors[:5])
    assert store.unencoded("f") == [two[0].id]


def test_others_see_what_is_committed(opener: Opener, store: Store, folder: Path, two: tuple[Made, Made]) -> None:
    other = opener(folder)
    terms = two[0].pages[0].terms.text.tolist()
    question = units(0, 1)[0]
    for kept in ([two[0]], list(two)):
        put(store, kept[-1])
        store.put_vectors(kept[-1].id, "f", kept[-1].vectors)
        assert other.documents() == [made.document for made in kept]
        assert found(other, "text", terms) == expected_candidates(kept, "text", terms)
        assert len(other.similarities(question, "f").pages) == sum(len(made.vectors) for made in kept)
    store.delete(two[0].id)
    assert found(other, "text", terms) == expected_candidates([two[1]], "text", terms)
    assert len(other.similarities(question, "f").pages) == len(two[1].vectors)
    other.close()


def test_threads_may_share_a_store(store: Store, tmp_path: Path) -> None:
    documents = [make(tmp_path, seed) for seed in range(6)]
    done = threading.Event()

    def read() -> int:
        rounds = 0
        while not done.is_set():
            _consistent(store)
            rounds += 1
        return rounds

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        for made in documents:
            put(store, made)
            store.put_vectors(made.id, "f", made.vectors)
        done.set()
        assert all(reader.result() for reader in readers)
    assert len(store.similarities(units(0, 1)[0], "f").pages) == 6 * 6


def _consistent(store: Store) -> None:
    for document in store.documents():
        assert len(store.rows([document.id])) == document.pages
    keys = store.candidates("text", ids([1, 2, 3]), 100)
    assert len(store.rows_of(keys)) == len(keys)
    given = store.similarities(units(0, 1)[0], "f")
    assert len(given.pages) == len(given.cosines)


def test_nothing_lags_after_writing(store: Store, two: tuple[Made, Made]) -> None:
    put(store, *two)
    store.delete(two[0].id)
    assert store.lagging() == 0
    store.refresh()
    assert store.lagging() == 0
