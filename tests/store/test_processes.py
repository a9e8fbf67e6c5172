"""Kills, several processes at once, full disks and missing rights: each in a process of its own."""

import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from recto.store.driver import is_encrypted, library_path
from recto.store.sqlite import SqliteStore
from support.forked import Program
from support.store_child import add, big, fill, look, starve
from support.store_contract import (
    encoded_pages,
    expected_pages,
    found,
    key,  # noqa: F401 - a fixture
    keys,
    of_this_run,
    put,
    put_encoded,
)
from support.synthetic_pages import Made, ids, make, same_page, same_terms, units

pytestmark = pytest.mark.usefixtures("key")

ROUNDS = 20
EVERY_TERM = ids(range(50)).tolist()


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    return folder


def check_whole(store: SqliteStore, documents: list[Made]) -> None:
    """Each document is there in full, and on the keyword side too."""
    assert sorted(store.documents(), key=lambda d: d.added) == [made.document for made in documents]
    for made in documents:
        assert store.source(made.id) == made.source.read_bytes()
        pages = store.page_terms(keys(made)).values()
        assert all(same_terms(terms, item.terms) for terms, item in zip(pages, made.pages, strict=True))
        assert all(same_page(store.page(made.id, n), item.page) for n, item in enumerate(made.pages))
    for wanted in (EVERY_TERM, EVERY_TERM[:1]):
        assert found(store, "passages", wanted) == expected_pages(documents, "passages", wanted)
    assert store.lagging() == 0


def check_vectors(store: SqliteStore, documents: list[Made]) -> None:
    """Each document has all its vectors or none."""
    bare = {version.document.id for version in store.unencoded("f")}
    question = units(0, 1)[0]
    for made in documents:
        cosines = store.cosines(question, "f", keys(made)).values
        expected = [] if made.id in bare else made.vectors @ question
        np.testing.assert_allclose(cosines, expected, atol=0.02)


@pytest.mark.slow
def test_a_kill_loses_and_halves_nothing(library: Path, files: Path) -> None:
    chance = random.Random(20261122)
    kept: set[int] = set()
    for number in range(ROUNDS):
        first = len(kept)
        with Program(add, library, files, first, first + 8) as adding:
            lines = [adding.stdout.readline()]
            time.sleep(chance.uniform(0, 0.15))
            adding.kill()
            lines += adding.stdout.readlines()
        reported = {int(line.split()[1]) for line in lines if line.startswith("kept") and line.endswith("\n")}
        with of_this_run(library) as store:
            present = {round(document.added - 1e9) for document in store.documents()}
            assert kept | reported <= present <= kept | reported | {max(reported) + 1}
            if number % 5 == 4:  # what a kill damaged stays so
                documents = [big(files, seed) for seed in sorted(present)]
                check_whole(store, documents)
                check_vectors(store, documents)
        kept = present
    assert len(kept) >= ROUNDS


@pytest.mark.slow
def test_two_processes_write_and_a_third_reads(library: Path, files: Path) -> None:
    of_this_run(library).close()
    writers = [Program(add, library, files, first, first + 8) for first in (0, 100)]
    with of_this_run(library) as store:
        while any(writer.alive() for writer in writers):
            ids_now = [document.id for document in store.documents()]
            assert {page.doc for page in found(store, "text", EVERY_TERM, ids_now)} == set(ids_now)
            encoded_pages(store)
        for writer in writers:
            writer.lines()
        documents = [big(files, seed) for seed in (*range(8), *range(100, 108))]
        check_whole(store, documents)
        check_vectors(store, documents)
        assert store.unencoded("f") == []


@pytest.mark.slow
def test_several_processes_may_create_the_library(library: Path, files: Path) -> None:
    for adding in [Program(add, library, files, seed, seed + 1) for seed in (0, 1, 2)]:
        adding.lines()
    with of_this_run(library) as store:
        check_whole(store, [big(files, seed) for seed in range(3)])


def test_no_room_by_a_limit_on_file_sizes(library: Path, files: Path) -> None:
    *kept, problem, there = Program(starve, library, files, 400_000).lines()
    assert problem.startswith("disk_full: no room to write")
    assert there == f"there {len(kept)}"
    with of_this_run(library) as store:
        check_whole(store, [big(files, seed) for seed in range(len(kept))])
        extra = make(files, 2000)
        put(store, extra)
        assert len(store.documents()) == len(kept) + 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=4m", "recto-test", str(folder)]
    if not shutil.which("mount") or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs root; the limit on file sizes is tested everywhere")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_no_room_on_a_full_disk(small_disk: Path, files: Path) -> None:
    library, ballast = small_disk / "library", small_disk / "ballast"
    ballast.write_bytes(bytes(1_000_000))
    with of_this_run(library) as store:
        fill(store, files)
        documents = [big(files, seed) for seed in range(len(store.documents()))]
        assert documents
    with pytest.raises(OSError, match="No space left"):
        (small_disk / "rest").write_bytes(bytes(4_000_000))
    with of_this_run(library) as store:
        check_whole_but_lagging(store, documents)
    ballast.unlink()
    with of_this_run(library) as store:
        assert store.delete(documents[0].id)
        check_whole(store, documents[1:])


def check_whole_but_lagging(store: SqliteStore, documents: list[Made]) -> None:
    assert store.documents() == [made.document for made in documents]
    assert found(store, "passages", EVERY_TERM) == expected_pages(documents, "passages", EVERY_TERM)


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that another user can reach; pytest's own are private."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        for each in (folder, *folder.rglob("*")):
            each.chmod(0o755)


@pytest.mark.parametrize("keywords", ["readable", "private", "missing"])
def test_a_library_that_may_only_be_read(public: Path, keywords: str) -> None:
    library = public / "library"
    made = make(public, 1)
    with of_this_run(library) as store:
        put_encoded(store, made)
    index = library / "keywords"
    if is_encrypted(library_path(library)):
        index.mkdir()
    if keywords == "missing":
        shutil.rmtree(index)
    for each in library.rglob("*"):
        each.chmod(0o555 if each.is_dir() or keywords == "readable" else 0o444)
    library.chmod(0o555)
    if keywords == "private":
        index.chmod(0o700 if os.geteuid() == 0 else 0)
    before = sorted(library.rglob("*")) if keywords != "private" else []
    counts, *refusals = Program(look, library, public).lines()
    assert counts == "1 3 6 0 0"
    assert len(refusals) == 3
    assert all(each.startswith("read_only: the library in ") and "RECTO_HOME" in each for each in refusals)
    assert keywords == "private" or sorted(library.rglob("*")) == before
