"""A disk without room: nothing is lost, what cannot be kept is refused once, and removing makes room."""

import hashlib
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from math import inf
from pathlib import Path

import numpy as np
import pytest

from recto.errors import DiskFull
from recto.store import driver, file, room
from recto.store.driver import library_path
from recto.store.sqlite import SqliteStore
from support.live import small_disk
from support.store_contract import key, of_this_run, put  # noqa: F401 - a fixture
from support.synthetic_pages import Made, make

pytestmark = pytest.mark.usefixtures("key")

SIZE = 1_500_000


def large(folder: Path, seed: int, size: int = SIZE) -> Made:
    sample = make(folder, seed)
    content = b"%PDF-1.7\n" + np.random.default_rng(seed).bytes(size)
    sample.source.write_bytes(content)
    id = hashlib.sha256(content).hexdigest()
    return replace(sample, document=replace(sample.document, id=id, size=len(content)))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 24):
        yield tmp_path / "disk"


def filled(store: SqliteStore, folder: Path, first: int = 0) -> list[Made]:
    """Documents that were put until the disk was full."""
    documents: list[Made] = []
    with suppress(DiskFull):
        while True:
            sample = large(folder, first + len(documents))
            put(store, sample)
            documents.append(sample)
    return documents


def fill(disk: Path) -> None:
    """Take what room is left, down to the last page."""
    with (disk / "ballast").open("ab", buffering=0) as ballast:
        for size in (1_000_000, 4096, 1):
            try:
                while True:
                    ballast.write(bytes(size))
            except OSError:
                continue
    assert shutil.disk_usage(disk).free == 0


def whole(store: SqliteStore, documents: list[Made]) -> bool:
    assert store.documents() == [sample.document for sample in documents]
    return all(hashlib.sha256(store.source(sample.id)).hexdigest() == sample.id for sample in documents)


@pytest.mark.parametrize("number", [0, -1])
@pytest.mark.parametrize("anew", [True, False])
def test_removing_makes_room_on_a_full_disk(disk: Path, tmp_path: Path, anew: bool, number: int) -> None:
    library = disk / "library"
    store = of_this_run(library)
    documents = filled(store, tmp_path)
    assert len(documents) > 4
    fill(disk)
    if anew:
        store.close()
        store = of_this_run(library)
    with pytest.raises(DiskFull) as refused:
        put(store, large(tmp_path, 99, 2 * SIZE))  # what the log took is free when it was folded in
    assert "recto remove" in refused.value.hint
    gone = documents.pop(number)
    assert store.delete(gone.id)
    assert whole(store, documents)
    assert shutil.disk_usage(disk).free > SIZE
    store.close()
    with of_this_run(library) as store:
        assert whole(store, documents)
        assert (library / room.RESERVE).exists() or shutil.disk_usage(disk).free < 4 * room.RESERVE_BYTES
        assert store.delete(*(sample.id for sample in documents))
        assert shutil.disk_usage(disk).free > len(documents) * SIZE


def test_what_could_be_put_back_makes_room_for_what_comes(disk: Path, tmp_path: Path) -> None:
    with of_this_run(disk / "library") as store:
        first, *others = filled(store, tmp_path)
        size = shutil.disk_usage(disk).free // 2 + SIZE // 4  # more than there is, less than there could be
        with pytest.raises(DiskFull):
            store.check_writable(size)
        assert [removal.document for removal in store.removals.put([first.id], inf)] == [first.document]
        store.check_writable(size)
        assert store.removals.all() == []
        assert whole(store, others)


def test_on_a_full_disk_nothing_is_kept_to_be_put_back(disk: Path, tmp_path: Path) -> None:
    with of_this_run(disk / "library") as store:
        first, *others = filled(store, tmp_path)
        fill(disk)
        (disk / "library" / room.RESERVE).unlink(missing_ok=True)
        fill(disk)
        store.removals.put([first.id], inf)
        assert whole(store, others)


def test_many_are_removed_on_a_full_disk(disk: Path, tmp_path: Path) -> None:
    with of_this_run(disk / "library") as store:
        documents = filled(store, tmp_path)
        fill(disk)
        assert store.delete(*(sample.id for sample in documents[1:]))
        assert whole(store, documents[:1])
        assert shutil.disk_usage(disk).free > SIZE * (len(documents) - 2)
        assert len(filled(store, tmp_path, first=100)) >= len(documents) - 2


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """A quota, as `ulimit -f` sets it: nothing that is given up makes room for the file that is full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize(("size", "count"), [(30_000, 2), (1_000, 5), (200_000, 4)])
def test_removing_works_where_the_log_may_not_grow(tmp_path: Path, size: int, count: int) -> None:
    library = tmp_path / "library"
    with SqliteStore(library) as store, SqliteStore(library) as reader:
        documents = [large(tmp_path, seed, size) for seed in range(count)]
        put(store, *documents)
        huge = large(tmp_path, 99, 3_000_000)
        largest = max(path.stat().st_size for path in library.glob(f"{driver.NAME}*"))
        with no_file_larger_than(largest + 1000):
            with pytest.raises(DiskFull):
                put(store, huge)
            assert whole(reader, documents)
            for sample in documents[:2]:
                assert store.delete(sample.id)
        assert whole(reader, documents[2:])


def test_a_full_disk_that_has_room_again_takes_documents(disk: Path, tmp_path: Path) -> None:
    library = disk / "library"
    with of_this_run(library) as store:
        documents = filled(store, tmp_path)
    fill(disk)
    with of_this_run(library) as store:
        with pytest.raises(DiskFull):
            store.check_writable()
        (disk / "ballast").unlink()
        (disk / "more").write_bytes(bytes(100))
        store.delete(documents[0].id)
        put(store, large(tmp_path, 99))


def test_what_the_log_holds_can_always_be_folded_into_the_file(disk: Path, tmp_path: Path) -> None:
    library = disk / "library"
    store = of_this_run(library)
    documents = filled(store, tmp_path)
    with store._file.writing() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
    missing = pages * file.PAGE - library_path(library).stat().st_size
    assert missing <= shutil.disk_usage(disk).free
    store.close()
    with of_this_run(library) as store:
        assert whole(store, documents)


def test_the_hint_names_what_may_go(disk: Path, tmp_path: Path) -> None:
    library = disk / "library"
    (library / "models").mkdir(parents=True)
    (library / "models" / "m.gguf").write_bytes(bytes(9_000_000))
    with of_this_run(library) as store:
        filled(store, tmp_path)
        with pytest.raises(DiskFull) as refused:
            put(store, large(tmp_path, 99))
    assert f"{library / 'models'} (9 MB)" in refused.value.hint


def test_room_is_kept_where_the_system_sets_none_aside_unwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("os.posix_fallocate", raising=False)  # as on macOS
    room.keep_reserve(tmp_path)
    assert (tmp_path / room.RESERVE).stat().st_size == room.RESERVE_BYTES
