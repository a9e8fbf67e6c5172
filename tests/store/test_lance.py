"""A library on object storage: what becomes of it when writers meet, die, delete, and are refused."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from recto.errors import BadSetting, LibraryBusy, LibraryMissing, StoreDenied, StoreUnreachable
from recto.normalize import quantised
from recto.store import vector_file
from recto.store.lance import LanceStore, committing, shard
from recto.store.lance.bucket import refusal
from recto.store.pages import packed
from support.object_storage import ObjectStorage, object_storage
from support.store_contract import encoded_pages, expected_pages, found, on_object_storage, put, put_encoded
from support.synthetic_pages import ANALYSER, Made, make, same_page


@pytest.fixture(scope="module")
def storage() -> Iterator[ObjectStorage]:
    with object_storage() as running:
        yield running


@pytest.fixture
def address(storage: ObjectStorage, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in storage.environment.items():
        monkeypatch.setenv(name, value)
    return storage.address()


@pytest.fixture
def two(tmp_path: Path) -> tuple[Made, Made]:
    return make(tmp_path, 1), make(tmp_path, 2, pages=4, passages=3)


def test_what_one_machine_puts_into_a_bucket_another_finds(
    address: str, storage: ObjectStorage, tmp_path: Path, two: tuple[Made, Made]
) -> None:
    here, there = (LanceStore(address, tmp_path / name, poll_s=0) for name in ("here", "there"))
    put_encoded(here, *two)
    terms = two[0].pages[0].terms.text.tolist()
    assert there.documents() == [made.document for made in two]
    assert found(there, "text", terms) == expected_pages(list(two), "text", terms)
    assert encoded_pages(there) == 7
    assert same_page(there.page(two[1].id, 3), two[1].pages[3].page)
    assert there.source(two[1].id) == two[1].source.read_bytes()
    there.delete(two[1].id)
    assert here.documents() == [two[0].document]
    for store in (here, there):
        store.close()


def test_a_document_that_is_deleted_leaves_no_byte_in_the_bucket(
    address: str, storage: ObjectStorage, tmp_path: Path, two: tuple[Made, Made]
) -> None:
    store = LanceStore(address, tmp_path / "copy", poll_s=0)

    def card(made: Made) -> bytes:
        return f"the card of {made.document.name}".encode()

    for made in two:
        store.put(made.document, made.source, made.pages, analyser=ANALYSER, card=card(made))

    def traces(made: Made) -> list[bool]:
        content = storage.content(address)
        document = made.document
        marks = [made.source.read_bytes(), document.id.encode(), document.name.encode(), packed_page(made)]
        marks.append(card(made))
        return [mark in content for mark in marks]

    assert all(traces(two[0]) + traces(two[1]))
    store.delete(two[0].id)
    assert not any(traces(two[0]))
    assert all(traces(two[1]))
    assert same_page(store.page(two[1].id, 0), two[1].pages[0].page)
    store.close()


def test_what_another_machine_deletes_leaves_no_vector_in_the_copy(
    tmp_path: Path, two: tuple[Made, Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vector_file, "LEAST", 1)
    here, there = (on_object_storage(tmp_path / "library") for _ in range(2))
    put_encoded(here, *two)

    def mapped(made: Made) -> bool:
        (path,) = (tmp_path / "library" / "copy1" / "vectors").iterdir()
        return quantised(made.vectors)[0].tobytes() in path.read_bytes()

    assert encoded_pages(there) == 7
    assert mapped(two[0])
    here.delete(two[0].id)
    assert there.documents() == [two[1].document]
    assert (mapped(two[0]), mapped(two[1])) == (False, True)
    assert encoded_pages(there) == 4
    for store in (here, there):
        store.close()


def test_what_a_document_was_put_with_is_on_every_machine(tmp_path: Path, two: tuple[Made, Made]) -> None:
    here, there = (on_object_storage(tmp_path / "library") for _ in range(2))
    here.put(two[0].document, two[0].source, two[0].pages, analyser=ANALYSER, unrecognised=True, card=b"1")
    put(here, two[1])
    fresh = on_object_storage(tmp_path / "library")
    for store in (here, there, fresh):
        assert store.unrecognised() == [two[0].document]
        assert store.cards() == {two[0].id: b"1"}
    put(here, two[0])
    for store in (here, there, fresh):
        assert (store.unrecognised(), store.cards()) == ([], {})
        store.close()


def test_three_writers_of_the_same_documents_make_no_duplicates(tmp_path: Path) -> None:
    """Lance itself takes three merges of the same new keys at once without an error, and keeps all their rows."""
    folder = tmp_path / "library"
    documents = [make(tmp_path, seed) for seed in range(3)]
    together = threading.Barrier(3)

    def write(store: LanceStore) -> None:
        together.wait()
        put(store, *documents)

    stores = [on_object_storage(folder) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(write, stores))
    rows = stores[0].shard.rows(shard.DOCUMENTS)
    assert sorted(row["id"] for row in rows) == sorted(made.id for made in documents)
    for store in stores:
        assert {document.id for document in store.documents()} == {made.id for made in documents}
        assert store.totals().pages == 9
        store.close()


def test_a_document_whose_writer_dies_before_the_last_step_is_nowhere(
    address: str, storage: ObjectStorage, tmp_path: Path, two: tuple[Made, Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LanceStore(address, tmp_path / "copy", poll_s=0)
    put(store, two[0])
    with monkeypatch.context() as patch:
        patch.setattr(shard.Shard, "_commit", _die)
        with pytest.raises(KeyboardInterrupt):
            put(store, two[1])
    assert packed_page(two[1]) in storage.content(address)
    other = LanceStore(address, tmp_path / "other", poll_s=0)
    assert other.documents() == store.documents() == [two[0].document]
    other.delete(two[0].id)  # which sweeps
    assert packed_page(two[1]) not in storage.content(address)
    put(other, *two)
    assert store.documents() == [made.document for made in two]
    for opened in (store, other):
        opened.close()


def packed_page(made: Made) -> bytes:
    """The first page, as it lies in the bucket."""
    return packed(made.pages[0].page, made.pages[0].passages)


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_writer_that_was_killed_is_waited_for_and_then_passed_over(
    tmp_path: Path, two: tuple[Made, Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "library"
    store = on_object_storage(folder)
    put(store, two[0])
    killed = committing.Committing(store.shard.bucket)
    monkeypatch.setattr(committing, "BUSY_S", 0.5)
    with pytest.raises(LibraryBusy, match="another process has been writing"):
        put(store, two[1])
    monkeypatch.setattr(committing, "BUSY_S", 60.0)
    monkeypatch.setattr(committing, "PATIENCE_S", 0.5)
    put(store, two[1])
    with pytest.raises(LibraryBusy, match="another writer has taken"):
        killed.check()
    assert len(store.documents()) == 2
    killed.release()
    put(store, two[1])
    store.close()


def test_a_reader_whose_files_are_tidied_away_meanwhile_reads_the_newer_ones(
    tmp_path: Path, two: tuple[Made, Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "library"
    writer, reader = on_object_storage(folder), on_object_storage(folder)
    put(writer, two[0])
    entries = shard.Shard.entries

    def slow(self: shard.Shard) -> list[shard.StampedVersion]:
        read = entries(self)
        if self is reader.shard and len(read) == 1 and read[0].doc == two[0].id:
            put(writer, two[1])
            writer.delete(two[0].id)
        return read

    monkeypatch.setattr(shard.Shard, "entries", slow)
    assert reader.documents() in ([], [two[1].document])
    assert reader.documents() == [two[1].document]
    for store in (writer, reader):
        store.close()


def test_tidying_keeps_what_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shard, "TIDY_EVERY", 1)
    documents = [make(tmp_path, seed) for seed in range(4)]
    writer = on_object_storage(tmp_path / "library")
    for items in (documents, documents[:2]):
        put_encoded(writer, *items)
    reader = on_object_storage(tmp_path / "library")
    assert len(reader.documents()) == 4
    assert encoded_pages(reader) == 12
    stamps = {stamp for entry in reader.shard.entries() for stamp in entry.stamps}
    assert {row["stamp"] for row in reader.shard.rows("parts.lance")} == stamps
    for store in (writer, reader):
        store.close()


def test_two_processes_may_share_a_copy(tmp_path: Path, two: tuple[Made, Made]) -> None:
    address = f"lance+file://{tmp_path}/shard"
    first, second = (LanceStore(address, tmp_path / "copy", poll_s=0) for _ in range(2))
    put_encoded(first, two[0])
    put_encoded(second, two[1])
    assert first.documents() == second.documents() == [made.document for made in two]
    second.delete(two[0].id)
    assert first.documents() == [two[1].document]
    assert encoded_pages(first) == 4
    for store in (first, second):
        store.close()


def test_a_copy_that_is_damaged_is_made_anew(tmp_path: Path, two: tuple[Made, Made]) -> None:
    address = f"lance+file://{tmp_path}/shard"
    with LanceStore(address, tmp_path / "copy") as store:
        put_encoded(store, *two)
    (tmp_path / "copy" / "library.sqlite").write_bytes(b"no database" * 1000)
    with LanceStore(address, tmp_path / "copy") as store:
        assert store.documents() == [made.document for made in two]
        assert encoded_pages(store) == 7


def test_an_export_is_a_library_of_one_machine(tmp_path: Path, two: tuple[Made, Made]) -> None:
    from recto.store.copying import restore
    from recto.store.sqlite import SqliteStore

    with on_object_storage(tmp_path / "library") as store:
        put_encoded(store, *two)
        store.export(tmp_path / "export.recto")
    restore(tmp_path / "export.recto", tmp_path / "single")
    with SqliteStore(tmp_path / "single") as single:
        assert single.documents() == [made.document for made in two]
        assert single.source(two[0].id) == two[0].source.read_bytes()
        assert encoded_pages(single) == 7


def test_a_bucket_that_is_not_there(address: str, tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing, match="there is no bucket") as error:
        LanceStore("lance+s3://nowhere/prefix", tmp_path / "copy")
    assert "RECTO_STORE" in error.value.hint


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch, address: str) -> Iterator[list[str]]:
    """Storage that answers with the last error code in this list."""
    codes: list[str] = []

    class Refuses(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"<Error><Code>{codes[-1]}</Code></Error>".encode()
            self.send_response(403)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_PUT = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Refuses) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT", f"http://127.0.0.1:{server.server_address[1]}")
        yield codes
        server.shutdown()


@pytest.mark.parametrize(
    ("code", "words"), [("ExpiredToken", "missing, wrong or expired"), ("AccessDenied", "may not be read or written")]
)
def test_storage_that_refuses(answers: list[str], tmp_path: Path, code: str, words: str) -> None:
    answers.append(code)
    with pytest.raises(StoreDenied, match=words) as error:
        LanceStore("lance+s3://books/prefix", tmp_path / "copy")
    assert error.value.hint


def test_credentials_that_expire_stop_writing_and_the_copy_goes_on_for_a_while(
    address: str, request: pytest.FixtureRequest, tmp_path: Path, two: tuple[Made, Made]
) -> None:
    store = LanceStore(address, tmp_path / "copy", poll_s=0)
    put(store, two[0])
    request.getfixturevalue("answers").append("ExpiredToken")
    assert store.documents() == [two[0].document]
    store.close()


def test_words_that_nobody_knows_are_passed_on() -> None:
    error = refusal("s3://books", "connection\n refused")
    assert isinstance(error, StoreUnreachable)
    assert "connection refused" in error.message


@pytest.mark.parametrize("address", ["s3://books", "lance+ftp://books", "lance+s3://", "/folder"])
def test_what_is_no_address(address: str, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="is not the address"):
        LanceStore(address, tmp_path / "copy")
