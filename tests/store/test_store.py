"""What every `Store` must do."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recto.errors import FileMissing, Gone
from recto.index_types import Field, IndexedPage, PageKey, Summary, Totals, pairs
from recto.normalize import Moments
from recto.storage import Store
from recto.types import Flag, Page
from support.store_contract import (
    FIELDS,
    STORES,
    Opener,
    encoded_pages,
    expected_frequencies,
    expected_pages,
    found,
    keys,
    put,
    put_encoded,
)
from support.synthetic_pages import ANALYSER, Made, ids, make, same_page, same_terms, units


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
    assert store.totals() == Totals(pages=0, passages=0, text_terms=0, heading_terms=0, passage_terms=0)
    assert store.lexical({"text": ids([1, 2])}, 10) == {"text": []}
    assert store.frequencies("text", ids([1, 2])).tolist() == [0, 0]
    nearest = store.nearest(units(0, 1)[0], "f", 10)
    assert (nearest.pages, nearest.moments) == ([], Moments(count=0, mean=0, deviation=0, least=0))
    assert (store.unencoded("f"), store.outdated(ANALYSER), store.lagging()) == ([], [], 0)


def test_gives_back_what_was_put(store: Store, two: tuple[Made, Made], tmp_path: Path) -> None:
    put(store, *two)
    assert store.documents() == [made.document for made in two]
    for made in two:
        store.copy_source(made.id, tmp_path / "copy")
        assert store.source(made.id) == made.source.read_bytes() == (tmp_path / "copy").read_bytes()
        for item in made.pages:
            assert same_page(store.page(made.id, item.page.number), item.page)
            assert store.passages(made.id, item.page.number) == list(item.passages)


def test_survives_reopening(opener: Opener, folder: Path, two: tuple[Made, Made]) -> None:
    for made in two:
        opened = opener(folder)
        put_encoded(opened, made)
        opened.close()
    opened = opener(folder)
    assert opened.documents() == [made.document for made in two]
    terms = two[0].pages[0].terms.text.tolist()
    assert found(opened, "text", terms) == expected_pages(list(two), "text", terms)
    assert encoded_pages(opened) == 7
    opened.close()


def test_the_terms_of_pages_come_in_the_order_asked(store: Store, two: tuple[Made, Made]) -> None:
    put(store, *two)
    pages = [
        *reversed(keys(two[1])),
        PageKey("unknown", 0),
        PageKey(two[0].id, 3),
        PageKey(two[0].id, -1),
        *keys(two[0]),
    ]
    terms = store.page_terms(pages)
    assert list(terms) == [*reversed(keys(two[1])), *keys(two[0])]
    items = {PageKey(made.id, item.page.number): item for made in two for item in made.pages}
    assert all(same_terms(page, items[key].terms) for key, page in terms.items())
    assert store.page_terms([]) == {}


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
    with pytest.raises(Gone):
        store.page(two[0].id, number)
    with pytest.raises(Gone):
        store.passages(two[0].id, number)


def test_there_is_no_such_document(store: Store, two: tuple[Made, Made], tmp_path: Path) -> None:
    put(store, two[0])
    with pytest.raises(Gone):
        store.page(two[1].id, 0)
    with pytest.raises(Gone):
        store.source(two[1].id)
    with pytest.raises(Gone):
        store.copy_source(two[1].id, tmp_path / "copy")
    with pytest.raises(Gone):
        store.summary(two[1].id)
    assert store.page_terms(keys(two[1])) == {}
    assert store.delete(two[1].id) is False


@pytest.mark.parametrize("name", ["a\nb.pdf", 'it\'s "so".pdf', "\U0001f600" * 63, "x\x00y.pdf", "é" * 127, " "])
def test_keeps_any_name(store: Store, tmp_path: Path, name: str) -> None:
    made = make(tmp_path, 1, name=name)
    put(store, made)
    assert store.documents()[0].name == name


def test_keeps_pages_without_words(store: Store, tmp_path: Path) -> None:
    made = make(tmp_path, 1, pages=1, passages=0)
    empty = Page(
        number=0,
        width=100.0,
        height=200.0,
        flag=Flag.EMPTY,
        text="",
        spans=np.zeros((0, 2), np.uint32),
        boxes=np.zeros((0, 4), np.uint16),
    )
    pages = [IndexedPage(empty, (), made.pages[0].terms)]
    version = store.put(made.document, made.source, pages, analyser=ANALYSER)
    assert same_page(store.page(made.id, 0), empty)
    assert store.passages(made.id, 0) == []
    assert store.put_vectors(version, "f", made.vectors)
    assert store.unencoded("f") == []
    assert store.cosines(units(0, 1)[0], "f", keys(made)).values.tolist() == []


def test_keeps_documents_without_pages(store: Store, tmp_path: Path) -> None:
    documents = make(tmp_path, 1, pages=0), make(tmp_path, 2), make(tmp_path, 3, pages=0)
    put(store, *documents)
    assert [document.pages for document in store.documents()] == [0, 3, 0]
    terms = documents[1].pages[0].terms.text.tolist()
    assert found(store, "text", terms) == expected_pages([documents[1]], "text", terms)
    assert store.delete(documents[0].id)


def test_the_same_document_again_replaces_it(store: Store, two: tuple[Made, Made]) -> None:
    put(store, *two)
    first = two[0].pages
    shorter = replace(two[0], pages=(first[1], first[0], first[2]))
    renumbered = tuple(
        IndexedPage(_numbered(item.page, n), item.passages, item.terms) for n, item in enumerate(shorter.pages)
    )
    store.put(shorter.document, shorter.source, renumbered, analyser=ANALYSER)
    assert sorted(document.id for document in store.documents()) == sorted(made.id for made in two)
    assert store.page(two[0].id, 0).text == first[1].page.text
    assert store.totals().pages == 7


def _numbered(page: Page, number: int) -> Page:
    return Page(
        number=number,
        width=page.width,
        height=page.height,
        flag=page.flag,
        text=page.text,
        spans=page.spans,
        boxes=page.boxes,
    )


def test_a_new_version_replaces_the_old_one(store: Store, two: tuple[Made, Made]) -> None:
    put(store, two[0])
    store.put(two[1].document, two[1].source, two[1].pages, analyser=ANALYSER, replaces=two[0].id)
    assert store.documents() == [two[1].document]
    terms = two[0].pages[0].terms.text.tolist()
    assert found(store, "text", terms) == expected_pages([two[1]], "text", terms)


def test_a_document_that_is_called_otherwise_keeps_its_bytes(
    store: Store, two: tuple[Made, Made], tmp_path: Path
) -> None:
    put_encoded(store, *two)
    content = two[0].source.read_bytes()
    for made in two:
        made.source.unlink()
    renamed = replace(two[0].document, name="other.pdf", title="other")
    store.put(renamed, None, two[0].pages, analyser=ANALYSER)
    assert sorted(document.name for document in store.documents()) == sorted(["other.pdf", two[1].document.name])
    assert [version.document for version in store.unencoded("f")] == [renamed]
    assert store.source(two[0].id) == content
    store.copy_original(two[0].id, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == content
    store.delete(two[0].id)
    with pytest.raises(Gone):
        store.put(renamed, None, two[0].pages, analyser=ANALYSER)
    assert store.documents() == [two[1].document]


def test_delete_removes_everywhere(store: Store, two: tuple[Made, Made]) -> None:
    put_encoded(store, *two)
    assert len(store.page_terms(keys(two[0]))) == 3
    assert store.delete(two[0].id) is True
    assert store.documents() == [two[1].document]
    assert store.page_terms(keys(two[0])) == {}
    assert encoded_pages(store) == 4
    terms = two[0].pages[0].terms.text.tolist()
    assert found(store, "text", terms) == expected_pages([two[1]], "text", terms)
    assert store.frequencies("text", ids([])).tolist() == []
    assert store.delete(two[0].id) is False


def test_many_documents_are_deleted_together(store: Store, tmp_path: Path) -> None:
    documents = [make(tmp_path, seed) for seed in range(4)]
    put_encoded(store, *documents)
    assert store.delete(*(document.id for document in documents[:3]), "0" * 64) is True
    assert store.documents() == [documents[3].document]
    assert (store.lagging(), encoded_pages(store)) == (0, 3)
    assert store.delete("0" * 64) is False
    assert store.delete() is False


def test_no_version_has_the_number_of_another(store: Store, two: tuple[Made, Made]) -> None:
    (first,) = put(store, two[0])
    (second,) = put(store, two[0])
    store.delete(two[0].id)
    (third,) = put(store, two[0])
    assert first.number < second.number < third.number


def test_vectors_of_a_version_that_is_gone_are_ignored(store: Store, two: tuple[Made, Made]) -> None:
    """The document was read again while the text it had before was being encoded."""
    (old,) = put(store, two[0])
    (new,) = put(store, two[0])
    assert store.put_vectors(old, "f", two[0].vectors) is False
    assert store.put_vectors(old, "f", units(0, 17)) is False  # of a text that had more passages
    assert (store.unencoded("f"), encoded_pages(store)) == ([new], 0)
    assert store.put_vectors(new, "f", two[0].vectors) is True
    assert (store.unencoded("f"), encoded_pages(store)) == ([], 3)
    store.delete(two[0].id)
    assert store.put_vectors(new, "f", two[0].vectors) is False


def test_a_document_put_again_waits_for_vectors_again(store: Store, two: tuple[Made, Made]) -> None:
    put_encoded(store, *two)
    (version,) = put(store, two[0])
    assert (store.unencoded("f"), encoded_pages(store)) == ([version], 4)


def test_terms_of_another_analyser_take_the_place_of_the_old_ones(store: Store, two: tuple[Made, Made]) -> None:
    versions = put_encoded(store, *two)
    text = two[0].pages[0].terms.text.tolist()
    assert found(store, "text", text) >= {PageKey(two[0].id, 0)}
    assert (store.outdated(ANALYSER), store.outdated(ANALYSER + 1)) == ([], versions)
    other = ids([1000])
    terms = [replace(item.terms, text=other, passages=(other,) * len(item.passages)) for item in two[0].pages]
    assert store.put_terms(versions[0], ANALYSER + 1, terms) is True
    assert store.outdated(ANALYSER + 1) == [versions[1]]
    assert found(store, "text", text) == expected_pages([two[1]], "text", text)
    assert found(store, "passages", other.tolist()) == set(keys(two[0]))
    assert store.frequencies("text", other).tolist() == [3]
    assert all(np.array_equal(page.text, other) for page in store.page_terms(keys(two[0])).values())
    text_terms = sum(len(item.terms.text) for item in two[1].pages)
    assert (store.totals().text_terms, store.totals().passage_terms) == (text_terms + 3, text_terms + 6)
    assert (encoded_pages(store), store.lagging()) == (7, 0)


def test_terms_of_a_version_that_is_gone_are_ignored(store: Store, two: tuple[Made, Made]) -> None:
    terms = [item.terms for item in two[0].pages]
    (old,) = put(store, two[0])
    put(store, two[0])
    assert store.put_terms(old, ANALYSER + 1, terms) is False
    assert store.outdated(ANALYSER) == []


def test_terms_must_fit_the_document(store: Store, two: tuple[Made, Made]) -> None:
    (version,) = put(store, two[0])
    with pytest.raises(ValueError, match="do not fit"):
        store.put_terms(version, ANALYSER + 1, [item.terms for item in two[0].pages[:2]])
    assert store.outdated(ANALYSER) == []


def test_a_summary_comes_back(store: Store, two: tuple[Made, Made]) -> None:
    summary = Summary(6, {Flag.TEXT: 2, Flag.OCR: 1, Flag.GARBLED: 0, Flag.EMPTY: 0}, ("Getting started", "数字"), 3, 4)
    put(store, two[1])
    version = store.put(two[0].document, two[0].source, two[0].pages, analyser=ANALYSER, summary=summary)
    store.put_terms(version, ANALYSER + 1, [item.terms for item in two[0].pages])
    assert (store.summary(two[0].id), store.summary(two[1].id)) == (summary, None)


def test_what_is_yet_to_be_recognised_is_known_until_it_is_put_again(store: Store, two: tuple[Made, Made]) -> None:
    for made in two:
        store.put(made.document, made.source, made.pages, analyser=ANALYSER, unrecognised=True)
    assert store.unrecognised() == [two[0].document, two[1].document]
    put(store, two[0])
    assert store.unrecognised() == [two[1].document]
    store.delete(two[1].id)
    assert store.unrecognised() == []


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


def test_pages_must_fit_the_document(store: Store, two: tuple[Made, Made]) -> None:
    with pytest.raises(ValueError, match="3 pages"):
        store.put(two[0].document, two[0].source, two[0].pages[:2], analyser=ANALYSER)
    item = two[0].pages[0]
    with pytest.raises(ValueError, match="2 passages and 1 term arrays"):
        replace(item, terms=replace(item.terms, passages=item.terms.passages[:1]))
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
def test_lexical_hits_are_the_pages_that_match(store: Store, two: tuple[Made, Made], field: Field) -> None:
    put(store, *two)
    for number in range(0, 50, 7):
        terms = ids([number, number + 1]).tolist()
        assert found(store, field, terms) == expected_pages(list(two), field, terms)
        assert found(store, field, terms, [two[1].id]) == expected_pages([two[1]], field, terms)


def test_lexical_hits_within_nothing(store: Store, two: tuple[Made, Made]) -> None:
    put(store, *two)
    terms = two[0].pages[0].terms.text
    assert store.lexical({"text": terms}, 10, []) == {"text": []}
    assert store.lexical({"text": terms, "heading": terms}, 10, ["unknown"]) == {"text": [], "heading": []}
    assert store.lexical({"text": ids([])}, 10) == {"text": []}
    assert store.lexical({}, 10) == {}


def test_the_best_lexical_hits_come_first(store: Store, two: tuple[Made, Made]) -> None:
    put(store, *two)
    for made in two:
        for item in made.pages:
            hits = store.lexical({"text": item.terms.text, "passages": item.terms.passages[0]}, 1)
            assert [[hit.key for hit in best] for best in hits.values()] == [[PageKey(made.id, item.page.number)]] * 2


@pytest.mark.parametrize("field", FIELDS)
def test_lexical_scores_fall(store: Store, two: tuple[Made, Made], field: Field) -> None:
    put(store, *two)
    hits = store.lexical({field: two[0].pages[0].terms.text}, 10)[field]
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1] > 0


def test_a_page_with_many_matching_passages_counts_once(store: Store, tmp_path: Path) -> None:
    put(store, make(tmp_path, 1, pages=3, passages=40, vocabulary=2))
    hits = store.lexical({"passages": ids([0, 1])}, 3)["passages"]
    assert sorted(page.page for page, _ in hits) == [0, 1, 2]


@pytest.mark.parametrize("dim", [8, 384])
def test_cosines_are_those_of_the_passages(store: Store, two: tuple[Made, Made], dim: int) -> None:
    vectors = [units(seed, len(made.vectors), dim) for seed, made in enumerate(two)]
    for made, own in reversed(list(zip(two, vectors, strict=True))):
        (version,) = put(store, made)
        store.put_vectors(version, "f", own)
    question = units(9, 1, dim)[0]
    cosines = store.cosines(question, "f", [*keys(*two), PageKey("unknown", 0)])
    assert (cosines.counts.dtype, cosines.values.dtype) == (np.int64, np.float32)
    assert cosines.counts.tolist() == [2] * 3 + [3] * 4 + [0]
    np.testing.assert_allclose(cosines.values, np.concatenate(vectors) @ question, atol=0.02)
    last, first = PageKey(two[1].id, 3), PageKey(two[1].id, 0)
    expected = np.concatenate([vectors[1][9:], vectors[1][:3]]) @ question
    np.testing.assert_allclose(store.cosines(question, "f", [last, first]).values, expected, atol=0.02)
    assert store.cosines(question, "f", []).values.size == 0


def test_the_nearest_pages_and_the_moments_of_all(store: Store, two: tuple[Made, Made]) -> None:
    put_encoded(store, *two)
    question = units(9, 1)[0]
    best = {
        PageKey(made.id, number): float(own.max())
        for made in two
        for number, own in enumerate(np.split(made.vectors @ question, made.document.pages))
    }
    for docs in (None, [two[1].id, "unknown"]):
        expected = {page: score for page, score in best.items() if docs is None or page.doc in docs}
        nearest = store.nearest(question, "f", 2, docs)
        assert [hit.key for hit in nearest.pages] == sorted(expected, key=expected.__getitem__, reverse=True)[:2]
        np.testing.assert_allclose([hit.score for hit in nearest.pages], sorted(expected.values())[:-3:-1], atol=0.02)
        scores, moments = np.array(list(expected.values())), nearest.moments
        assert moments.count == scores.size
        found = moments.mean, moments.deviation, moments.least
        np.testing.assert_allclose(found, (scores.mean(), scores.std(), scores.min()), atol=0.02)
    assert store.nearest(question, "f", 2, []).pages == []


def test_a_vector_of_zeros_is_like_nothing(store: Store, two: tuple[Made, Made]) -> None:
    (version,) = put(store, two[0])
    store.put_vectors(version, "f", np.zeros_like(two[0].vectors))
    assert store.cosines(units(0, 1)[0], "f", keys(two[0])).values.tolist() == [0.0] * 6


def test_encoders_are_never_mixed(store: Store, two: tuple[Made, Made]) -> None:
    first, second = put(store, *two)
    store.put_vectors(first, "f", two[0].vectors)
    store.put_vectors(second, "g", units(3, len(two[1].vectors), 16))
    assert store.unencoded("f") == [second]
    assert store.unencoded("g") == [first]
    assert store.unencoded("h") == [first, second]
    for fingerprint, dim, made in (("f", 8, two[0]), ("g", 16, two[1])):
        question = units(0, 1, dim)[0]
        assert {page.doc for page, _ in store.nearest(question, fingerprint, 10).pages} == {made.id}
        assert len(store.cosines(question, fingerprint, keys(*two)).values) == len(made.vectors)
    assert store.nearest(units(0, 1)[0], "h", 10).pages == []


def test_vectors_may_be_made_anew(store: Store, two: tuple[Made, Made]) -> None:
    (version,) = put(store, two[0])
    for vectors in (two[0].vectors, -two[0].vectors):
        store.put_vectors(version, "f", vectors)
        assert store.cosines(vectors[0], "f", keys(two[0])).values[0] == pytest.approx(1, abs=0.02)


def test_vectors_must_fit_the_document(store: Store, two: tuple[Made, Made]) -> None:
    (version,) = put(store, two[0])
    with pytest.raises(ValueError, match="5 vectors for the 6 passages"):
        store.put_vectors(version, "f", two[0].vectors[:5])
    assert store.unencoded("f") == [version]


def test_others_see_what_is_committed(opener: Opener, store: Store, folder: Path, two: tuple[Made, Made]) -> None:
    other = opener(folder)
    terms = two[0].pages[0].terms.text.tolist()
    for kept in ([two[0]], list(two)):
        put_encoded(store, kept[-1])
        assert other.documents() == [made.document for made in kept]
        assert found(other, "text", terms) == expected_pages(kept, "text", terms)
        assert encoded_pages(other) == sum(made.document.pages for made in kept)
    store.delete(two[0].id)
    assert found(other, "text", terms) == expected_pages([two[1]], "text", terms)
    assert encoded_pages(other) == 4
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
            put_encoded(store, made)
        done.set()
        assert all(reader.result() for reader in readers)
    assert encoded_pages(store) == 6 * 3


def _consistent(store: Store) -> None:
    for document in store.documents():
        assert len(store.page_terms([PageKey(document.id, number) for number in range(3)])) == document.pages
    pages = list(found(store, "text", ids([1, 2, 3]).tolist()))
    assert len(store.page_terms(pages)) == len(pages)
    question = units(0, 1)[0]
    cosines = store.cosines(question, "f", [page for page, _ in store.nearest(question, "f", 100).pages])
    assert cosines.counts.sum() == len(cosines.values)


def test_pages_come_in_the_order_asked(store: Store, two: tuple[Made, Made]) -> None:
    put(store, *two)
    order = [(two[1], 2), (two[0], 0), (two[1], 0), (two[0], 0)]
    pages = store.pages([PageKey(made.id, number) for made, number in order])
    assert all(same_page(page, made.pages[number].page) for page, (made, number) in zip(pages, order, strict=True))
    assert store.pages([]) == []


def test_nothing_lags_after_writing(store: Store, two: tuple[Made, Made]) -> None:
    put(store, *two)
    store.delete(two[0].id)
    assert store.lagging() == 0


def test_a_card_stays_with_its_document(store: Store, two: tuple[Made, Made]) -> None:
    first, second = two
    store.put(first.document, first.source, first.pages, analyser=ANALYSER, card=b"1")
    put(store, second)
    assert store.cards() == {first.id: b"1"}
    store.put(first.document, first.source, first.pages, analyser=ANALYSER, card=b"2")
    assert store.cards() == {first.id: b"2"}
    store.delete(first.id)
    assert store.cards() == {}
