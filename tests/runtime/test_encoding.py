"""The queue that encodes: what is removed, broken or large holds nothing up, and no vector is of another text."""

import os
import random
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recto import Library
from recto.config import load
from recto.errors import EncodingFailed
from recto.index_types import PageKey
from recto.runtime import Runtime, encoding
from recto.search.encoder import Encoder
from recto.search.index import headed
from recto.types import Floats
from support.memory_index import HashEncoder
from support.pdfs import text_pdf

SETTLED_S = 120  # for what takes a second on a quiet machine


class WatchedEncoder(HashEncoder):
    """Calls somebody before it encodes, in the thread that encodes."""

    def __init__(self) -> None:
        self.before: Callable[[Sequence[str]], None] = lambda texts: None
        self.batches: list[list[str]] = []

    def encode(self, texts: Sequence[str], /) -> Floats:
        self.before(texts)
        self.batches.append(list(texts))
        return super().encode(texts)


class HashRuntime(Runtime):
    """What a process holds, with an encoder that costs nothing."""

    def __init__(self, home: Path) -> None:
        super().__init__(load(home))
        self.watched = WatchedEncoder()

    def open_encoder(self, name: str = "") -> Encoder:  # type: ignore[override]
        return self.watched


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[HashRuntime]:
    with HashRuntime(tmp_path / "runtime") as runtime, runtime.reading.borrowed():
        yield runtime


@pytest.fixture
def library(tmp_path: Path, runtime: HashRuntime) -> Iterator[Library]:
    with Library(tmp_path / "library", runtime=runtime) as library:
        yield library


def write(folder: Path, name: str, *pages: str) -> Path:
    path = folder / name
    path.write_bytes(text_pdf(*pages))
    return path


def hall(number: int) -> str:
    return f"The pump of hall {number} moves {100 + number} litres a minute."


def put(library: Library, *paths: Path, **options: Any) -> None:
    """Add without waiting for the vectors."""
    deque(library.adding(*paths, **options), maxlen=0)


def check(library: Library, encoder: Encoder) -> None:
    """Every passage has the vector of its own text."""
    store = library._store
    assert store.unencoded(encoder.fingerprint) == []
    for document in library.documents():
        for number in range(document.pages):
            passages = store.passages(document.id, number)
            vectors = encoder.encode([headed(document.title, passage) for passage in passages])
            for place, vector in enumerate(vectors):
                cosines = store.cosines(vector, encoder.fingerprint, [PageKey(document.id, number)])
                assert cosines.values[place] > 0.99, (document.name, number, place)


def test_what_is_removed_meanwhile_does_not_end_the_encoding_of_the_rest(
    library: Library, runtime: HashRuntime, tmp_path: Path
) -> None:
    names = [f"{number}.pdf" for number in range(5)]
    removed = threading.Event()

    def remove(_: Sequence[str]) -> None:
        if not removed.is_set():
            removed.set()
            library.remove("3.pdf")

    runtime.watched.before = remove
    put(library, *(write(tmp_path, name, hall(number)) for number, name in enumerate(names)))
    list(library.encoding())
    assert removed.is_set()
    assert [document.name for document in library.documents()] == ["0.pdf", "1.pdf", "2.pdf", "4.pdf"]
    check(library, runtime.watched)


def test_what_is_removed_while_it_is_encoded_is_passed_over(
    library: Library, runtime: HashRuntime, tmp_path: Path
) -> None:
    def remove(texts: Sequence[str]) -> None:
        if hall(0) in texts[0] and len(library.documents()) == 2:
            library.remove("0.pdf")

    runtime.watched.before = remove
    put(library, write(tmp_path, "0.pdf", hall(0)), write(tmp_path, "1.pdf", hall(1)))
    list(library.encoding())
    assert [document.name for document in library.documents()] == ["1.pdf"]
    check(library, runtime.watched)


def test_an_error_at_one_document_is_told_and_the_others_are_encoded(
    library: Library, runtime: HashRuntime, tmp_path: Path
) -> None:
    def fail(texts: Sequence[str]) -> None:
        if hall(1) in texts[0]:
            raise RuntimeError("out of luck")

    runtime.watched.before = fail
    put(library, *(write(tmp_path, f"{number}.pdf", hall(number)) for number in range(3)))
    with pytest.raises(EncodingFailed, match=r"1\.pdf.*RuntimeError: out of luck"):
        list(library.encoding())
    with pytest.raises(EncodingFailed, match="out of luck"):
        library.encoding_progress(library.document("1.pdf").id)
    assert library.encoding_progress(library.document("2.pdf").id) is None
    (version,) = library._store.unencoded(runtime.watched.fingerprint)
    assert version.document.name == "1.pdf"

    runtime.watched.before = lambda texts: None
    library.add(tmp_path / "1.pdf")  # already there: what has no vectors is tried again
    check(library, runtime.watched)


def test_an_encoder_that_fails_to_load_for_an_unexpected_reason_is_told_and_tried_again(
    library: Library, runtime: HashRuntime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> Encoder:
        raise MemoryError("no room")

    monkeypatch.setattr(library._backlog, "open_encoder", fail)
    path = write(tmp_path, "0.pdf", hall(0))
    put(library, path)
    with pytest.raises(EncodingFailed, match="no room"):
        list(library.encoding())
    monkeypatch.undo()
    library.add(path)
    check(library, runtime.watched)


def test_libraries_take_turns_and_small_documents_come_first(
    library: Library, runtime: HashRuntime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "IDLE_BATCH", 1)
    large = write(tmp_path, "large.pdf", *(f"{hall(page)} In the large one." for page in range(6)))
    small = write(tmp_path, "small.pdf", "In the small one.", "It has another page.")
    begun, added = threading.Event(), threading.Event()

    def wait(_: Sequence[str]) -> None:
        begun.set()
        added.wait(SETTLED_S)

    runtime.watched.before = wait
    put(library, large)
    assert begun.wait(SETTLED_S)  # the first page of the large one is under way
    progress = library.encoding_progress(library.documents()[0].id)
    assert progress is not None
    assert (progress.name, progress.done) == ("large.pdf", 0)
    with Library(tmp_path / "visitor", runtime=runtime) as visitor:
        put(library, small)
        put(visitor, large)
        added.set()
        list(visitor.encoding())
        list(library.encoding())
        check(visitor, runtime.watched)
    order = ["small" if "small" in texts[0].lower() else "large" for texts in runtime.watched.batches[:14]]
    assert order == ["large", "small", "large", "small", *["large"] * 10]


def test_closing_one_library_leaves_the_encoding_of_others_alone(
    library: Library, runtime: HashRuntime, tmp_path: Path
) -> None:
    path = write(tmp_path, "0.pdf", hall(0), hall(1))
    with Library(tmp_path / "visitor", runtime=runtime) as visitor:
        put(visitor, path)
        put(library, path)
    list(library.encoding())
    check(library, runtime.watched)
    with Library(tmp_path / "visitor", runtime=runtime) as visitor:
        visitor.add(path)
        check(visitor, runtime.watched)


class History:
    """Random changes of a library, told by two threads, one of which encodes meanwhile."""

    def __init__(self, library: Library, folder: Path, seed: int) -> None:
        self.library, self._folder = library, folder
        self._chance = random.Random(seed)
        self._telling = threading.Lock()

    def choose(self, *names: str) -> str:
        return self._chance.choice(names)

    def go_on(self) -> None:
        with self._telling:
            self._change()

    def interrupt(self, _: Sequence[str]) -> None:
        """In the middle of a batch, often: change something, if the other thread is not at it."""
        if self._chance.random() < 0.3 and self._telling.acquire(blocking=False):
            try:
                self._change()
            finally:
                self._telling.release()

    def _change(self) -> None:
        documents = self.library.documents()
        match self.choose("add", "replace", "reread", "remove") if documents else "add":
            case "reread":
                # By another name: a passage is encoded below its document's title, so that its vector is another one.
                path = self._folder / "reread.pdf"
                path.write_bytes(self.library._store.source(self._chance.choice(documents).id))
                put(self.library, path, reread=True, name=f"Report {self._chance.randrange(9)}.pdf")
            case "remove":
                self.library.remove(self._chance.choice(documents).id)
            case change:
                put(self.library, self._paper(), replace=change == "replace")

    def _paper(self) -> Path:
        pages = [f"{hall(self._chance.randrange(3))} Page {page} of it." for page in range(self._chance.randint(1, 5))]
        return write(self._folder, f"{self._chance.randrange(4)}.pdf", *pages)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_every_passage_has_the_vector_of_its_own_text(
    tmp_path: Path, runtime: HashRuntime, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Also if the library is closed in the middle of a document now and then."""
    monkeypatch.setattr(encoding, "IDLE_BATCH", 2)
    history = History(Library(tmp_path / "library", runtime=runtime), tmp_path, seed)
    for _ in range(12):
        runtime.watched.before = history.interrupt
        history.go_on()
        match history.choose("go on", "encode", "close"):
            case "encode":
                list(history.library.encoding())
            case "close":
                runtime.watched.before = lambda texts: None
                history.library.close()
                history.library = Library(tmp_path / "library", runtime=runtime)
    runtime.watched.before = lambda texts: None
    history.go_on()
    put(history.library)
    list(history.library.encoding())
    check(history.library, runtime.watched)
    history.library.close()


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="threads have no priority of their own here")
@pytest.mark.parametrize("somebody_waits", [True, False])
def test_encoding_rests_beside_other_programs_unless_somebody_waits(
    tmp_path: Path, library: Library, runtime: HashRuntime, somebody_waits: bool
) -> None:
    policies: set[int] = set()
    runtime.watched.before = lambda texts: policies.add(os.sched_getscheduler(threading.get_native_id()))
    path = write(tmp_path, "plan", hall(3))
    if somebody_waits:
        library.add(path)
    else:
        put(library, path)
        deque(library.encoding(), maxlen=0)
    assert policies == {os.SCHED_OTHER if somebody_waits else os.SCHED_IDLE}


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="threads have no priority of their own here")
def test_encoding_that_starves_beside_other_programs_takes_its_share(
    tmp_path: Path, library: Library, runtime: HashRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "STARVED_S", 0.0)
    policies: list[int] = []
    runtime.watched.before = lambda texts: policies.append(os.sched_getscheduler(threading.get_native_id()))
    put(library, *(write(tmp_path, f"plan {number}", hall(number)) for number in range(3)))
    deque(library.encoding(), maxlen=0)
    assert policies == [os.SCHED_IDLE, os.SCHED_OTHER, os.SCHED_OTHER]


def test_what_was_left_is_encoded_when_a_library_is_warmed(
    library: Library, runtime: HashRuntime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a kill: what one process has added another one finds without vectors."""
    with Library(library.settings.home, runtime=runtime) as killed, monkeypatch.context() as death:
        death.setattr(killed._backlog, "start", lambda: None)
        put(killed, write(tmp_path, "0.pdf", hall(0)))
    assert library._store.unencoded(runtime.watched.fingerprint) != []
    library.warm()
    list(library.encoding())
    check(library, runtime.watched)


def test_the_real_encoder_encodes_what_it_is_to(home: Path, tmp_path: Path) -> None:
    with Library(home) as library:
        put(library, *(write(tmp_path, f"{number}.pdf", *map(hall, range(number + 1))) for number in range(4)))
        library.remove("1.pdf")
        list(library.encoding())
        assert library.encoder is not None
        check(library, library.encoder)


def test_vectors_of_a_batch_do_not_depend_on_the_number_of_threads() -> None:
    from recto.search.encoder import MiniLM

    texts = [hall(number) * (1 + number % 3) for number in range(9)]
    one, four = (MiniLM.open(threads=threads).encode(texts) for threads in (1, 4))
    assert np.array_equal(one, four)
