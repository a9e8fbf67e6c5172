"""The mapped file of vectors: whole or not there, never of what is gone, and never missed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from recto.normalize import quantised
from recto.store import arrays, copying, vector_file
from recto.store.file import LibraryFile
from recto.store.sqlite import SqliteStore
from recto.store.vector_file import VectorFile
from support.store_contract import KEY, encrypted, put, put_encoded
from support.synthetic_pages import Made, make, units

QUESTION = units(7, 1)[0]
CHILD = """
import os, signal, sys
from pathlib import Path
from recto.store import arrays, vector_file
from recto.store.sqlite import SqliteStore
from recto.store.vector_file import VectorFile
from support.synthetic_pages import units
vector_file.LEAST = 1
arrays.os.fsync = lambda number: os.kill(os.getpid(), signal.SIGKILL)
with SqliteStore(Path(sys.argv[1])) as store:
    store.nearest(units(7, 1)[0], "f", 9)
"""


@pytest.fixture(autouse=True)
def every_library_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_file, "LEAST", 1)


@pytest.fixture
def two(tmp_path: Path) -> list[Made]:
    return [make(tmp_path, 1, pages=4), make(tmp_path, 2, pages=5)]


@pytest.fixture
def filled(tmp_path: Path, two: list[Made]) -> Path:
    """A library whose vectors lie in a file."""
    with SqliteStore(tmp_path / "library") as store:
        put_encoded(store, *two)
        assert right(store, two)
    assert len(files(tmp_path / "library")) == 1
    return tmp_path / "library"


@pytest.fixture
def left_to_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    """No file is made while documents are added, as where each is added by a process of its own."""
    monkeypatch.setattr(VectorFile, "is_due", lambda *_: False)


def files(library: Path) -> list[Path]:
    return sorted((library / "vectors").glob("*"))


def right(store: SqliteStore, documents: list[Made]) -> bool:
    """Whether the nearest pages are those of a plain scan."""
    nearest = store.nearest(QUESTION, "f", 1000)
    cosines = {
        (made.id, page): float(own.max())
        for made in documents
        for page, own in enumerate(np.split(made.vectors @ QUESTION, made.document.pages))
    }
    scores = {tuple(hit.key): hit.score for hit in nearest.pages}
    return scores.keys() == cosines.keys() and all(abs(scores[page] - cosines[page]) < 0.02 for page in scores)


def bytes_of(library: Path, made: Made) -> bool:
    """Whether a vector of a document lies in the file."""
    codes = quantised(made.vectors)[0]
    return any(code.tobytes() in path.read_bytes() for path in files(library) for code in codes)


def test_a_file_is_mapped_and_its_vectors_are_not_read(filled: Path, two: list[Made]) -> None:
    with SqliteStore(filled) as store:
        (file,) = files(filled)
        assert right(store, two)
        assert files(filled) == [file]
        parts = [part for block in store._matrix._blocks[:1] for part in block.parts]
    assert [isinstance(part.codes.base.base.obj, arrays.mmap.mmap) for part in parts] == [True, True]


def test_it_is_made_while_documents_are_added(tmp_path: Path, two: list[Made]) -> None:
    with SqliteStore(tmp_path / "library") as store:
        put_encoded(store, *two)
        (file,) = files(tmp_path / "library")
        assert right(store, two)
        assert files(tmp_path / "library") == [file]


def test_what_is_newer_than_the_file_is_found_beside_it(filled: Path, two: list[Made], tmp_path: Path) -> None:
    with SqliteStore(filled) as store:
        many = make(tmp_path, 3, pages=300)
        put_encoded(store, many)
        assert right(store, [*two, many])
        (file,) = files(filled)
        few = make(tmp_path, 4)
        put_encoded(store, few)
        assert right(store, [*two, many, few])
        assert files(filled) == [file]
    with SqliteStore(filled) as store:
        assert right(store, [*two, many, few])


@pytest.mark.parametrize("last", [False, True])
def test_what_is_removed_leaves_no_bytes_there(filled: Path, two: list[Made], last: bool) -> None:
    with SqliteStore(filled) as store:
        assert bytes_of(filled, two[0])
        store.delete(*[made.id for made in (two if last else two[:1])])
        assert not bytes_of(filled, two[0])
        assert bytes_of(filled, two[1]) is not last
        assert right(store, [] if last else two[1:])


def test_what_is_replaced_leaves_no_bytes_there(filled: Path, two: list[Made], tmp_path: Path) -> None:
    with SqliteStore(filled) as store:
        new = make(tmp_path, 3)
        store.put(new.document, new.source, new.pages, analyser=1, replaces=two[0].id)
        assert not bytes_of(filled, two[0])
        assert right(store, two[1:])


def test_what_a_killed_process_removed_goes_with_the_next_question(
    filled: Path, two: list[Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, SqliteStore(filled) as store:
        patch.setattr(SqliteStore, "_forget_vectors", lambda store: None)
        store.delete(two[0].id)
    assert bytes_of(filled, two[0])
    with SqliteStore(filled) as store:
        assert right(store, two[1:])
    assert not bytes_of(filled, two[0])


@pytest.mark.parametrize("harm", ["truncated", "emptied", "removed", "overwritten", "of another format"])
def test_a_damaged_file_is_made_anew(filled: Path, two: list[Made], harm: str) -> None:
    (file,) = files(filled)
    content = file.read_bytes()
    file.unlink()
    match harm:
        case "truncated":
            file.write_bytes(content[:-9])
        case "emptied":
            file.touch()
        case "overwritten":
            file.write_bytes(os.urandom(len(content)))
        case "of another format":
            file.write_bytes(b"".join(arrays.array_bytes({"of": [0, 0]}, {})))
    with SqliteStore(filled) as store:
        assert right(store, two)
    (file,) = files(filled)
    assert bytes_of(filled, two[0])


@pytest.mark.usefixtures("left_to_questions")
def test_the_file_of_another_library_is_not_believed(filled: Path, two: list[Made], tmp_path: Path) -> None:
    other = make(tmp_path, 3, pages=9)
    with SqliteStore(tmp_path / "other") as store:
        put_encoded(store, other)
        (tmp_path / "other" / "vectors").mkdir()
        (tmp_path / "other" / "vectors" / "7.vectors").write_bytes(files(filled)[0].read_bytes())
        assert right(store, [other])
    assert not bytes_of(tmp_path / "other", two[0])


@pytest.mark.usefixtures("left_to_questions")
def test_a_kill_while_a_file_is_written_loses_nothing(filled: Path, two: list[Made], tmp_path: Path) -> None:
    more = make(tmp_path, 3, pages=30)
    with SqliteStore(filled) as store:
        put_encoded(store, more)
    before = {path: path.read_bytes() for path in files(filled)}
    child = subprocess.run([sys.executable, "-c", CHILD, str(filled)], cwd=Path(__file__).parents[1], check=False)
    assert child.returncode == -signal.SIGKILL
    torn = [path for path in files(filled) if path not in before]
    assert [path.suffix for path in torn] == [arrays.NEW]
    assert before == {path: path.read_bytes() for path in before}
    with SqliteStore(filled) as store:
        assert right(store, [*two, more])
    assert [path.suffix for path in files(filled)] == [vector_file.ENDING]


def test_a_full_disk_does_without(filled: Path, two: list[Made], monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with SqliteStore(filled) as store:
        monkeypatch.setattr(vector_file, "write_bytes", no_room)
        store.delete(two[0].id)
        assert files(filled) == []
        assert right(store, two[1:])


@pytest.mark.usefixtures("left_to_questions")
def test_a_library_that_may_only_be_read_makes_none(
    tmp_path: Path, two: list[Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    with SqliteStore(tmp_path / "library") as store:
        put_encoded(store, *two)
        monkeypatch.setattr(LibraryFile, "read_only", True)
        assert right(store, two)
    assert files(tmp_path / "library") == []


def test_an_encrypted_library_has_none(tmp_path: Path, two: list[Made]) -> None:
    with encrypted(tmp_path / "library") as store:
        put_encoded(store, *two)
        assert right(store, two)
    assert not (tmp_path / "library" / "vectors").exists()


def test_encrypting_deletes_the_file(filled: Path, two: list[Made]) -> None:
    copying.change_key(filled, "", KEY)
    assert not (filled / "vectors").exists()
    with encrypted(filled) as store:
        assert right(store, two)


def test_vectors_made_anew_count(filled: Path, two: list[Made]) -> None:
    with SqliteStore(filled) as store:
        (version,) = put(store, two[0])
        assert right(store, two[1:])
        store.put_vectors(version, "f", two[0].vectors)
        assert right(store, two)
