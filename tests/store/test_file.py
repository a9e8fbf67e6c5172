"""The SQLite file itself: versions, damage, locks, backups, and how little opening costs."""

import random
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from recto.errors import (
    FileMissing,
    Gone,
    LibraryBusy,
    LibraryDamaged,
    LibraryReadOnly,
    LibraryTooNew,
    LibraryTooOld,
    UsageProblem,
)
from recto.index_types import PageKey
from recto.store import driver, file, lease, room
from recto.store.copying import restore
from recto.store.sqlite import SqliteStore
from support.store_contract import encoded_pages, expected_pages, found, put, put_encoded
from support.synthetic_pages import Made, ids, make, same_page


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def two(tmp_path: Path) -> list[Made]:
    return [make(tmp_path, 1), make(tmp_path, 2, pages=8)]


@pytest.fixture
def filled(library: Path, two: list[Made]) -> Path:
    with SqliteStore(library) as store:
        put_encoded(store, *two)
    return library


@pytest.fixture
def truth(filled: Path) -> Path:
    return filled / driver.NAME


def everything(store: SqliteStore, documents: list[Made]) -> bool:
    """Read all there is; True if it is what was put in."""
    pages = [same_page(store.page(made.id, n), item.page) for made in documents for n, item in enumerate(made.pages)]
    sources = [store.source(made.id) == made.source.read_bytes() for made in documents]
    terms = ids(range(5)).tolist()
    keywords = found(store, "text", terms) == expected_pages(documents, "text", terms)
    vectors = encoded_pages(store) == sum(made.document.pages for made in documents)
    return all(pages) and all(sources) and keywords and vectors


def test_in_a_steady_state_the_documents_stay(library: Path, two: list[Made]) -> None:
    first, second = two
    terms = first.pages[0].terms.text.tolist()
    with SqliteStore(library) as store, SqliteStore(library) as writer:
        put_encoded(writer, first)
        with store.steady():
            assert same_page(store.page(first.id, 0), first.pages[0].page)
            put_encoded(writer, second)
            assert store.documents() == [first.document]
            assert found(store, "text", terms) == expected_pages([first], "text", terms)
            writer.delete(first.id)
            assert store.documents() == [first.document]
            assert same_page(store.page(first.id, 0), first.pages[0].page)  # it was read
            with pytest.raises(Gone):
                store.pages([PageKey(first.id, 0), PageKey(first.id, 1)])
            with ThreadPoolExecutor(1) as pool:  # another thread sees what there is
                assert pool.submit(store.documents).result() == [second.document]
        assert store.documents() == [second.document]


def test_opening_is_cheap() -> None:
    """simsimd is not imported by those who only list."""
    script = "import sys, tempfile, pathlib; from recto.store.sqlite import SqliteStore\n"
    script += "with tempfile.TemporaryDirectory() as t, SqliteStore(pathlib.Path(t) / 'library') as s: s.documents()\n"
    script += "assert 'simsimd' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_closing_leaves_one_file_and_the_index(filled: Path) -> None:
    assert sorted(path.name for path in filled.iterdir()) == ["keywords", driver.NAME, lease.FILE, room.RESERVE]


def test_every_commit_is_synced(library: Path) -> None:
    opened = file.open_file(library)
    assert opened.writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert opened.writer.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    opened.close()


def test_a_newer_library_is_refused(truth: Path) -> None:
    with sqlite3.connect(truth) as connection:
        connection.execute("PRAGMA user_version = 7")
    connection.close()
    with pytest.raises(LibraryTooNew, match=r"format 7; this recto reads format 2") as caught:
        SqliteStore(truth.parent)
    assert "upgrade" in caught.value.hint


def test_a_library_of_before_the_first_release_is_refused(truth: Path) -> None:
    with sqlite3.connect(truth) as connection:
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    with pytest.raises(LibraryTooOld, match="format 1") as caught:
        SqliteStore(truth.parent)
    assert "add the documents again" in caught.value.hint


def test_somebody_elses_file_is_refused(library: Path) -> None:
    library.mkdir()
    with sqlite3.connect(library / driver.NAME) as connection:
        connection.execute("CREATE TABLE notes (text)")
    connection.close()
    with pytest.raises(LibraryDamaged, match="not one of recto"):
        SqliteStore(library)


def test_a_file_that_is_no_database_is_refused(library: Path) -> None:
    library.mkdir()
    (library / driver.NAME).write_bytes(b"%PDF-1.7 something else" * 1000)
    with pytest.raises(LibraryDamaged, match="is damaged: file is not a database") as caught:
        SqliteStore(library)
    assert "recto import" in caught.value.hint


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.9])
def test_a_truncated_file_is_damage(truth: Path, two: list[Made], share: float) -> None:
    with truth.open("r+b") as handle:
        handle.truncate(int(truth.stat().st_size * share))
    with pytest.raises(LibraryDamaged), SqliteStore(truth.parent) as store:
        everything(store, two)


def test_an_overwritten_file_never_gives_a_strange_error(truth: Path, two: list[Made]) -> None:
    """Damage is an error of ours, or went unnoticed in bytes that SQLite does not check; some must be noticed."""
    whole = truth.read_bytes()
    chance = random.Random(7)
    noticed = 0
    for _ in range(240):
        start = chance.randrange(100, len(whole) - 3000)
        truth.write_bytes(whole[:start] + chance.randbytes(3000) + whole[start + 3000 :])
        try:
            with SqliteStore(truth.parent) as store:
                everything(store, two)
        except LibraryDamaged:
            noticed += 1
    assert noticed > 5


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "BUSY_S", 0.1)


@pytest.mark.usefixtures("impatient")
def test_a_locked_library_is_busy(library: Path, two: list[Made], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "BUSY_S", 0.1)
    with SqliteStore(library) as store:
        other = file.open_file(library)
        with other.writing():
            with pytest.raises(LibraryBusy, match=r"locked by another process for over"):
                put(store, two[0])
            assert store.documents() == []
        put(store, two[0])
        assert store.documents() == [two[0].document]
        other.close()


def test_a_library_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LibraryReadOnly, match="cannot be created"):
        SqliteStore(tmp_path / "file" / "library")


def test_what_was_deleted_is_gone_from_the_file(library: Path, tmp_path: Path) -> None:
    secret = make(tmp_path, 1)
    marker = secret.source.read_bytes()[1000:1100]
    with SqliteStore(library) as store:
        put(store, secret)
        assert marker in b"".join(each.read_bytes() for each in library.glob(f"{driver.NAME}*"))
        store.delete(secret.id)
        assert marker not in b"".join(each.read_bytes() for each in library.glob(f"{driver.NAME}*"))


def test_what_is_written_while_the_file_goes_is_not_said_to_be_kept(filled: Path, tmp_path: Path) -> None:
    with SqliteStore(filled) as store:
        with pytest.raises(LibraryDamaged, match="moved, deleted or exchanged"), store._file.writing():
            (filled / driver.NAME).rename(filled / "elsewhere")
        with pytest.raises(LibraryDamaged):
            put(store, make(tmp_path, 9))
        (filled / "elsewhere").rename(filled / driver.NAME)
        put(store, make(tmp_path, 9))


def test_many_deletions_are_one_transaction(library: Path, tmp_path: Path) -> None:
    documents = [make(tmp_path, seed) for seed in range(20)]
    with SqliteStore(library) as store:
        put(store, *documents)
        statements: list[str] = []
        assert isinstance(store._file.writer, sqlite3.Connection)
        store._file.writer.set_trace_callback(statements.append)
        store.delete(*(document.id for document in documents))
    begun = [number for number, statement in enumerate(statements) if statement.startswith("BEGIN")]
    assert sum("DELETE FROM documents" in statement for statement in statements[: begun[1]]) == 20
    assert sum("wal_checkpoint" in statement for statement in statements) < 4


def test_the_file_shrinks_after_a_deletion(filled: Path, tmp_path: Path) -> None:
    with SqliteStore(filled) as store:
        before = (filled / driver.NAME).stat().st_size
        large = make(tmp_path, 3, pages=60, passages=5)
        put(store, large)
        store.delete(large.id)
        assert (filled / driver.NAME).stat().st_size <= before * 1.1


def test_a_backup_comes_back_whole(filled: Path, two: list[Made], tmp_path: Path) -> None:
    backup, other = tmp_path / "backup.recto", tmp_path / "other"
    with SqliteStore(filled) as store:
        store.export(backup)
        store.delete(two[0].id)
    assert sorted(each.name for each in tmp_path.glob("backup*")) == ["backup.recto"]
    restore(backup, other)
    with SqliteStore(other) as store:
        assert everything(store, two)
        extra = make(tmp_path, 3)
        (version,) = put(store, extra)
        assert not everything(store, [*two, extra])  # its vectors are still missing
        store.put_vectors(version, "f", extra.vectors)
        assert everything(store, [*two, extra])


@pytest.fixture
def older(filled: Path) -> Path:
    """A library as it was written before analysers and summaries were recorded."""
    with sqlite3.connect(filled / driver.NAME) as connection:
        connection.execute("DROP TABLE summaries")
    connection.close()
    return filled


def test_a_library_without_summaries_opens_as_it_is(older: Path, two: list[Made], tmp_path: Path) -> None:
    with SqliteStore(older) as store:
        assert everything(store, two)
        assert [store.summary(made.id) for made in two] == [None, None]
        assert (store.outdated(1), len(store.outdated(2))) == ([], 2)
        put_encoded(store, make(tmp_path, 3))
        assert len(store.documents()) == 3


def test_a_backup_without_summaries_comes_back(older: Path, two: list[Made], tmp_path: Path) -> None:
    restore(older / driver.NAME, tmp_path / "other")
    with SqliteStore(tmp_path / "other") as store:
        assert everything(store, two)
        put_encoded(store, make(tmp_path, 3))
        assert (store.outdated(1), len(store.outdated(2))) == ([], 3)


def test_a_library_without_summaries_may_be_read_only(older: Path) -> None:
    source = file.readable(older / driver.NAME, "")
    try:
        assert source.execute("SELECT count(*) FROM summaries").fetchone() == (0,)
    finally:
        source.close()
    with sqlite3.connect(older / driver.NAME) as connection:
        assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'summaries'").fetchone()
    connection.close()


def test_a_backup_may_be_put_in_place_by_hand(filled: Path, two: list[Made], tmp_path: Path) -> None:
    """The keyword index beside it is of another history then, whatever the numbers of its changes."""
    with SqliteStore(filled) as store:
        store.export(tmp_path / "backup.recto")
        store.delete(two[0].id)
        put(store, two[0])
    (filled / driver.NAME).write_bytes((tmp_path / "backup.recto").read_bytes())
    with SqliteStore(filled) as store:
        assert everything(store, two)
        assert store.lagging() == 0


def test_a_backup_overwrites_nothing(filled: Path, tmp_path: Path) -> None:
    thesis = tmp_path / "thesis.pdf"
    thesis.write_text("years of work")
    with SqliteStore(filled) as store:
        with pytest.raises(UsageProblem, match=r"thesis.pdf exists already"):
            store.export(thesis)
        with pytest.raises(LibraryReadOnly, match="cannot be opened or written"):
            store.export(tmp_path / "no such folder" / "backup.recto")
    assert thesis.read_text() == "years of work"


@pytest.fixture
def backup(filled: Path, tmp_path: Path) -> Path:
    with SqliteStore(filled) as store:
        store.export(tmp_path / "backup.recto")
    return tmp_path / "backup.recto"


def test_restoring_needs_an_empty_library(backup: Path, filled: Path, two: list[Made]) -> None:
    with pytest.raises(UsageProblem, match="already holds 2 documents"):
        restore(backup, filled)
    with SqliteStore(filled) as store:
        for made in two:
            store.delete(made.id)
    restore(backup, filled)
    with SqliteStore(filled) as store:
        assert everything(store, two)


def test_restoring_refuses_what_is_no_backup(backup: Path, tmp_path: Path) -> None:
    with pytest.raises(FileMissing, match="no file"):
        restore(tmp_path / "missing", tmp_path / "new")
    (tmp_path / "note").write_text("not a backup" * 100)
    with pytest.raises(LibraryDamaged, match="not a database"):
        restore(tmp_path / "note", tmp_path / "new")
    (tmp_path / "empty").touch()
    with pytest.raises(LibraryDamaged, match="is empty"):
        restore(tmp_path / "empty", tmp_path / "new")
    with backup.open("r+b") as handle:
        handle.truncate(backup.stat().st_size // 2)
    with pytest.raises(LibraryDamaged):
        restore(backup, tmp_path / "new")
    with sqlite3.connect(tmp_path / "newer") as connection:
        connection.executescript(f"PRAGMA application_id = {file.APPLICATION}; PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(LibraryTooNew, match="format 9"):
        restore(tmp_path / "newer", tmp_path / "new")
    assert not (tmp_path / "new").exists()
