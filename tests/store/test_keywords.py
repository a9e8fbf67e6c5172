"""The keyword index may be gone, broken, locked or late: documents stay found, and it mends itself."""

import random
import shutil
from pathlib import Path

import numpy as np
import pytest

from recto.search.bm25 import Form, Texts, bm25, distinct_terms
from recto.search.rank import FORMS
from recto.store import driver, keywords, lease, postings, room
from recto.store.keywords import Keywords
from recto.store.postings import Postings, Scoring, Segment, cells_of
from recto.store.rows import field_arrays
from recto.store.sqlite import SqliteStore
from support.store_contract import encrypted, expected_frequencies, expected_pages, found, put
from support.synthetic_pages import Made, ids, make

TERMS = ids([3, 14, 15]).tolist()


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def index(library: Path) -> Path:
    return library / "keywords"


@pytest.fixture
def two(tmp_path: Path) -> list[Made]:
    return [make(tmp_path, 1), make(tmp_path, 2, pages=5)]


@pytest.fixture
def filled(library: Path, two: list[Made]) -> Path:
    with SqliteStore(library) as store:
        put(store, *two)
    return library


def right(store: SqliteStore, documents: list[Made]) -> bool:
    """Exactly the right pages and counts, from the index and not only from SQLite."""
    pages = found(store, "text", TERMS) == expected_pages(documents, "text", TERMS)
    passages = found(store, "passages", TERMS) == expected_pages(documents, "passages", TERMS)
    return pages and passages and counts_right(store, documents) and store.lagging() == 0


def counts_right(store: SqliteStore, documents: list[Made]) -> bool:
    counts = store.frequencies("passages", ids([3, 14, 15])).tolist()
    return counts == expected_frequencies(documents, "passages", TERMS)


def in_the_way(index: Path) -> None:
    """Something that the index cannot use, and that cannot be removed as a folder is."""
    shutil.rmtree(index, ignore_errors=True)
    index.write_text("not a folder")


def test_a_missing_index_is_built_anew(filled: Path, index: Path, two: list[Made]) -> None:
    shutil.rmtree(index)
    with SqliteStore(filled) as store:
        assert store.lagging() == 2
        assert right(store, two)


def test_an_index_that_goes_missing_is_built_anew(filled: Path, index: Path, two: list[Made], tmp_path: Path) -> None:
    with SqliteStore(filled) as store:
        assert right(store, two)
        shutil.rmtree(index)
        extra = make(tmp_path, 3)
        put(store, extra)
        assert right(store, [*two, extra])


def test_an_empty_folder_is_filled(filled: Path, index: Path, two: list[Made]) -> None:
    for each in index.iterdir():
        each.unlink()
    with SqliteStore(filled) as store:
        assert right(store, two)


def test_the_index_of_another_library_is_not_believed(filled: Path, index: Path, tmp_path: Path) -> None:
    other = make(tmp_path, 3), make(tmp_path, 4)
    with SqliteStore(tmp_path / "other") as store:
        put(store, *other)
    shutil.rmtree(tmp_path / "other" / "keywords")
    shutil.copytree(index, tmp_path / "other" / "keywords")
    with SqliteStore(tmp_path / "other") as store:
        assert right(store, list(other))


def test_an_index_of_an_older_recto_is_built_anew(filled: Path, index: Path, two: list[Made]) -> None:
    shutil.rmtree(index)
    index.mkdir()
    (index / "meta.json").write_text('{"segments": []}')
    with SqliteStore(filled) as store:
        assert right(store, two)
    assert not (index / "meta.json").exists()


def test_an_index_of_another_format_is_built_anew(
    filled: Path, two: list[Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keywords, "FORMAT", 0)
    with SqliteStore(filled) as store:
        assert right(store, two)


@pytest.mark.parametrize("harm", ["truncated", "emptied", "removed"])
def test_a_damaged_index_is_built_anew(filled: Path, index: Path, two: list[Made], harm: str) -> None:
    names = [each.name for each in index.iterdir()]
    for name in names:
        target = index / name
        if not target.exists():  # built anew meanwhile, under other names
            target = next(each for each in index.iterdir() if each.suffix == Path(name).suffix)
        _harm(target, harm)
        with SqliteStore(filled) as store:
            assert right(store, two), f"{name} {harm}"


def _harm(target: Path, harm: str) -> None:
    match harm:
        case "truncated":
            _replace(target, target.read_bytes()[: target.stat().st_size // 2])
        case "emptied":
            _replace(target, b"")
        case _:
            target.unlink()


def _replace(target: Path, data: bytes) -> None:
    """Put another file in its place: what is still mapped must not shrink under the process, which would end it."""
    target.unlink()
    target.write_bytes(data)


@pytest.mark.slow
def test_an_overwritten_index_never_ends_a_search(filled: Path, index: Path, two: list[Made]) -> None:
    """No sum is checked, so wrong bytes may go unseen; pages that are gone never come back."""
    whole = {each: each.read_bytes() for each in index.iterdir()}
    chance = random.Random(5)
    for _ in range(30):
        shutil.rmtree(index)
        index.mkdir()
        for each, content in whole.items():
            each.write_bytes(content)
        victim = chance.choice(sorted(whole))
        size = len(whole[victim])
        start = chance.randrange(size + 1)
        victim.write_bytes(
            whole[victim][:start] + chance.randbytes(min(40, size - start)) + whole[victim][start + 40 :]
        )
        with SqliteStore(filled) as store:
            given = found(store, "text", TERMS)
            assert given <= {(made.id, page.page.number) for made in two for page in made.pages}
            store.frequencies("passages", ids([3, 14, 15]))


def test_without_an_index_everything_is_still_found(library: Path, index: Path, two: list[Made]) -> None:
    with SqliteStore(library) as store:
        put(store, two[0])
        in_the_way(index)
        put(store, two[1])
        assert store.lagging() >= 1
        assert store.documents() == [made.document for made in two]
        assert expected_pages(two, "text", TERMS) <= found(store, "text", TERMS)
        assert counts_right(store, two)
        store.delete(two[0].id)
        assert {doc for doc, _ in found(store, "text", TERMS)} == {two[1].id}
        assert counts_right(store, two[1:])
        index.unlink()
        put(store, two[1])
        assert right(store, two[1:])


def test_what_lags_is_caught_up_on_opening(filled: Path, index: Path, two: list[Made], tmp_path: Path) -> None:
    extra = make(tmp_path, 3)
    shutil.copytree(index, tmp_path / "before")
    with SqliteStore(filled) as store:
        put(store, extra)
        store.delete(two[0].id)
    shutil.rmtree(index)
    (tmp_path / "before").rename(index)  # as after a kill between the two commits
    with SqliteStore(filled) as store:
        assert store.lagging() == 2
        assert right(store, [two[1], extra])


def test_what_lags_is_caught_up_on_the_next_write(library: Path, index: Path, two: list[Made]) -> None:
    with SqliteStore(library) as store:
        in_the_way(index)
        put(store, two[0])
        assert store.lagging() == 1
        index.unlink()
        put(store, two[1])
        assert right(store, two)


def test_what_a_killed_writer_left_goes(filled: Path, index: Path, two: list[Made], tmp_path: Path) -> None:
    (index / "900.segment").write_bytes(b"not in the contents")
    (index / "901.segment.77.new").write_bytes(b"cut off")
    extra = make(tmp_path, 3)
    with SqliteStore(filled) as store:
        put(store, extra)
        assert right(store, [*two, extra])
    assert {path.name for path in index.iterdir()} >= {keywords.CONTENTS}
    assert not any(path.name.startswith(("900", "901.segment.77")) for path in index.iterdir())


def test_many_documents_lie_in_few_segments(library: Path, index: Path, tmp_path: Path) -> None:
    documents = [make(tmp_path, seed) for seed in range(20)]
    with SqliteStore(library) as store:
        for count in range(1, len(documents) + 1):
            put(store, documents[count - 1])
            assert right(store, documents[:count])
        assert len(list(index.glob("*.segment"))) <= 3
        store.delete(*[made.id for made in documents[::3]])
        documents = [made for number, made in enumerate(documents) if number % 3]
        assert right(store, documents)
        terms = {made.id: np.unique(made.pages[0].terms.passages[0]) for made in documents}
        for made in documents:
            own = found(store, "text", terms[made.id].tolist(), [made.id])
            assert own == expected_pages([made], "text", terms[made.id].tolist())


def test_what_is_removed_leaves_no_bytes_in_the_index(filled: Path, index: Path, two: list[Made]) -> None:
    with SqliteStore(filled) as store:
        store.delete(two[0].id)
        (segment,) = index.glob("*.segment")
        alone = segment.stat().st_size
    only = filled.with_name("only")
    with SqliteStore(only) as store:
        put(store, two[1])
    (expected,) = (only / "keywords").glob("*.segment")
    assert alone == expected.stat().st_size


def test_the_best_few_are_the_first_of_all(library: Path, tmp_path: Path) -> None:
    """Frequent terms are only looked up where they can matter; of 256 pages all numbers fit a byte."""
    documents = [make(tmp_path, seed, pages=pages, vocabulary=400) for seed, pages in enumerate((200, 256, 40))]
    with SqliteStore(library) as store:
        put(store, *documents)
        index = store._index._opened_keywords()
        assert len(index.look().parts) > 1
        for seed in range(20):
            terms = ids(np.random.default_rng(seed).integers(0, 60, 12).tolist())
            for field in ("text", "passages"):
                for docs in (None, [documents[0].id], [documents[1].id, documents[2].id]):
                    every = store.lexical({field: terms}, 10_000, docs)[field]
                    few = store.lexical({field: terms}, 5, docs)[field]
                    assert [hit.score for hit in few] == pytest.approx([hit.score for hit in every[:5]], rel=1e-5)


def test_scores_are_those_of_bm25(library: Path, tmp_path: Path) -> None:
    documents = [make(tmp_path, seed, pages=9) for seed in range(4)]
    pages = [page.terms for made in documents for page in made.pages]
    with SqliteStore(library) as store:
        put(store, *documents)
        for field, form in FORMS.items():
            arrays = [array for page in pages for array in field_arrays(page, field)]
            terms = distinct_terms(ids([3, 14, 15, 9]), form)
            scores = bm25(Texts.of(arrays), terms, Form(1.2, 0.75, form.with_pairs))
            counts = [len(field_arrays(page, field)) for page in pages]
            best = np.maximum.reduceat(scores, np.cumsum(counts) - counts)
            hits = store.lexical({field: terms}, 1000)[field]
            expected = sorted((score for score in best.tolist() if score > 0), reverse=True)
            assert [hit.score for hit in hits] == pytest.approx(expected, rel=1e-5)


def test_a_part_whose_pages_are_all_worse_than_those_found_gives_none(two: list[Made]) -> None:
    """Each question that met one had the whole index built anew."""
    segment = Segment.of(
        [(number, list(enumerate(page.terms for page in made.pages))) for number, made in enumerate(two)]
    )
    terms = np.unique(two[0].pages[0].terms.text)[:3]
    rows = [segment.fields["text"].find(term) for term in terms.tolist()]
    scoring = Scoring(np.ones(len(rows), np.float32), 50.0)
    hits = list(segment.scores("text", rows, scoring, only=None, hidden=set(), floor=1e6))
    assert [scores.size for _, scores in hits] == [0]


@pytest.mark.parametrize("cut", [1, 1 << 16])  # terms in parts by their high bits, and in one
@pytest.mark.parametrize("spread", [9, 1 << 18, 1 << 32])  # between few terms and many
def test_postings_are_found_and_give_back_what_they_were_made_of(
    cut: int, spread: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postings, "CUT", cut)
    rng = np.random.default_rng(spread)
    texts = [np.unique(rng.integers(0, spread, 300)).astype(np.uint32) for _ in range(20)]
    lengths = np.array([text.size for text in texts])
    cells = cells_of(texts)
    laid = Postings.of(cells, lengths)
    assert np.array_equal(laid.cells(), cells)
    for term in {0, 1, spread - 1, *texts[0][:50].tolist(), *(texts[1][:50] ^ 1).tolist()}:
        assert laid.entries[laid.find(term)].tolist() == [at for at, text in enumerate(texts) if term in text]
    empty = Postings.of(cells_of([]), np.zeros(0, np.int64))
    assert not empty.cells().size
    assert not empty.entries[empty.find(7)].size


def test_the_index_of_an_encrypted_library_is_kept_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library, documents = tmp_path / "library", [make(tmp_path, seed, pages=6) for seed in range(3)]
    terms = ids(range(5)).tolist()
    rebuilt: list[object] = []
    rebuild = Keywords.rebuild
    monkeypatch.setattr(Keywords, "rebuild", lambda *arguments: (rebuilt.append(1), rebuild(*arguments)))
    for count in (1, 2, 3):
        with encrypted(library) as store:
            put(store, documents[count - 1])
            assert found(store, "text", terms) == expected_pages(documents[:count], "text", terms)
        assert sorted(path.name for path in library.iterdir()) == [driver.ENCRYPTED, lease.FILE, room.RESERVE]
    with encrypted(library) as store, encrypted(library) as other:
        assert found(store, "text", terms) == expected_pages(documents, "text", terms)
        other.delete(documents[0].id)
        assert found(store, "text", terms) == expected_pages(documents[1:], "text", terms)
    assert len(rebuilt) == 1
