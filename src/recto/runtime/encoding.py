"""Vectors in the background: what was added is searchable by words at once, and by meaning when this is done."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Self

import numpy as np

from recto.errors import EncodingFailed, Gone, RectoError
from recto.eta import Eta
from recto.events import Progress, Stage
from recto.index_types import Version
from recto.machine import lower_priority
from recto.search.encoder import Encoder
from recto.search.index import headed
from recto.stop import TICK_S
from recto.storage import Store
from recto.types import Floats, Passage

NICE = 10  # a tenth of a core that another program takes, so that encoding ends beside it, too
BATCH = 64  # passages between two looks at what else waits, and two steps of progress
IDLE_BATCH = 16  # while other programs go first: they cost .3 s of CPU
STARVED_S = 10.0  # for those: other programs do not rest, and encoding takes its share from them until it is done


class Task:
    """A document that has some of its vectors."""

    def __init__(self, version: Version, passages: list[Passage]) -> None:
        self._document, self._passages = version.document, passages
        self._vectors: list[Floats] = []
        self._eta = Eta()
        self.done = 0

    @classmethod
    def of(cls, version: Version, store: Store) -> Self:
        """All passages of a document. Gone if it is gone."""
        pages = (store.passages(version.document.id, number) for number in range(version.document.pages))
        return cls(version, [passage for passages in pages for passage in passages])

    @property
    def total(self) -> int:
        """How many passages the document has."""
        return len(self._passages)

    @property
    def vectors(self) -> Floats:
        """Those made so far, (done, dimensions)."""
        return np.concatenate(self._vectors)

    def encode_batch(self, encoder: Encoder, size: int) -> Progress:
        """Encode the next passages, and say how far the document is."""
        batch = self._passages[self.done : self.done + size]
        self._vectors.append(encoder.encode([headed(self._document.title, passage) for passage in batch]))
        self.done += len(batch)
        left_s, document = self._eta.left_s(self.done, self.total), self._document
        return Progress(
            stage=Stage.ENCODING, name=document.name, done=self.done, total=self.total, eta_s=left_s, doc=document.id
        )


class Backlog:
    """The documents of one library that have no vectors yet."""

    def __init__(self, store: Store, queue: "EncodingQueue", open_encoder: Callable[[], Encoder]) -> None:
        """`open_encoder` gives the encoder that is to be used at this moment, or raises EncoderProblem."""
        self._store, self._queue, self.open_encoder = store, queue, open_encoder
        self._tasks: dict[Version, Task] = {}
        self._progress: dict[str, Progress] | None = None  # by document, of those to do; None until somebody has looked
        self._newest: Progress | None = None
        self._failures: dict[str, RectoError] = {}  # by id of the document that was passed over
        self._problem: RectoError | None = None  # what keeps every document from being encoded
        self.idle = threading.Event()
        self.idle.set()
        self.closed = False

    def start(self) -> None:
        """Begin, or look again for documents without vectors."""
        self._progress, self._failures, self._problem = None, {}, None
        self._queue.enter(self)

    def wait(self) -> Iterator[Progress]:
        """Wait until everything is encoded, saying how far it is.

        EncoderProblem if there is no encoder. If a document was passed over: EncodingFailed, or what its store raised.
        """
        latest: Progress | None = None
        # The event, not the thread: Python 3.11 takes a thread for ended once Control-C falls into `join(TICK_S)`,
        # and a process that leaves while onnxruntime computes is aborted.
        while not self.idle.wait(TICK_S):
            if self._newest is not None and self._newest is not latest:
                latest = self._newest
                yield latest
        self._raise_problem(*self._failures)

    def progress(self, doc: str) -> Progress | None:
        """How far a document is; None once nothing more is to come. Raises what `wait` does if it was passed over."""
        if not self.idle.is_set():
            if self._progress is None:
                return Progress(stage=Stage.ENCODING, name="", done=0, total=0, eta_s=None, doc=doc)
            if doc in self._progress:
                return self._progress[doc]
        self._raise_problem(doc)
        return None

    def _raise_problem(self, *docs: str) -> None:
        problems = [self._problem, *map(self._failures.get, docs)]
        if problem := next(filter(None, problems), None):
            raise problem.with_traceback(None)

    def close(self) -> None:
        """Stop after the batch at hand; whole documents stay encoded, the rest waits for the next start."""
        self._queue.leave(self)

    def encode_batch(self, size: int) -> bool:
        """Encode the next `size` passages of the smallest document; False if there is nothing to do any more.

        What is to be done is asked of the store each time: meanwhile documents come, go and are replaced, and another
        process may encode as well. A problem of one document is kept, and the others go on.
        """
        try:
            encoder = self.open_encoder()
            unencoded = self._store.unencoded(encoder.fingerprint)
            if not unencoded:
                self._store.adopt_vectors(encoder.fingerprint)
        except Exception as error:  # noqa: BLE001 - the thread's edge: whoever waits is told
            self._problem = _explained(error, "the documents")
            return False
        versions = [version for version in unencoded if version.document.id not in self._failures]
        self._tasks = {version: task for version, task in self._tasks.items() if version in versions}
        progress = self._progress or {}
        self._progress = {
            document.id: progress.get(document.id)
            or Progress(stage=Stage.ENCODING, name=document.name, done=0, total=0, eta_s=None, doc=document.id)
            for document in (version.document for version in versions)
        }
        if versions:
            self._encode_part(min(versions, key=self._pages_left), encoder, size)
        return bool(versions)

    def _encode_part(self, version: Version, encoder: Encoder, size: int) -> None:
        document = version.document
        try:
            task = self._tasks.get(version) or self._tasks.setdefault(version, Task.of(version, self._store))
            self._newest = task.encode_batch(encoder, size)
            if progress := self._progress:
                progress[document.id] = self._newest
            if task.done == task.total:
                self._store.put_vectors(version, encoder.fingerprint, task.vectors)
        except Gone:
            pass  # it was removed or replaced at this moment: the next look knows
        except Exception as error:  # noqa: BLE001 - the thread's edge: whoever waits is told
            self._failures[document.id] = _explained(error, document.name)

    def _pages_left(self, version: Version) -> float:
        """What is left of a document, counted in pages: those of one that was not begun need not be unpacked."""
        task = self._tasks.get(version)
        return version.document.pages * (1 - task.done / task.total if task else 1)


class EncodingQueue:
    """One thread for all libraries: a batch of each in turn. It ends when nothing is left."""

    def __init__(self, release_memory: Callable[[], None]) -> None:
        """`release_memory` is called at the end."""
        self._release_memory = release_memory
        self._changed = threading.Condition()
        self._waiting: deque[Backlog] = deque()
        self._current: Backlog | None = None
        self._thread: threading.Thread | None = None
        self._waiters = 0  # for whom encoding hurries

    @contextmanager
    def hurried(self) -> Iterator[None]:
        """While the block runs, encode beside other programs, and not only while they rest: somebody waits for it."""
        with self._changed:
            self._waiters += 1
        try:
            yield
        finally:
            with self._changed:
                self._waiters -= 1

    def backlog(self, store: Store, open_encoder: Callable[[], Encoder]) -> Backlog:
        """A place for a library, which is to be closed before the library is."""
        return Backlog(store, self, open_encoder)

    def enter(self, backlog: Backlog) -> None:
        """Let a backlog have its turns until it has nothing to do."""
        with self._changed:
            if backlog.closed:
                return
            backlog.idle.clear()
            if backlog not in self._waiting:
                self._waiting.append(backlog)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="recto-encode", daemon=True)
                self._thread.start()

    def leave(self, backlog: Backlog) -> None:
        """Take a backlog out for good, after the batch at hand."""
        with self._changed:
            backlog.closed = True
            if backlog in self._waiting:
                self._waiting.remove(backlog)
            self._changed.wait_for(lambda: self._current is not backlog)
            backlog.idle.set()

    def close(self) -> None:
        """End after the batch at hand."""
        with self._changed:
            for backlog in filter(None, (*self._waiting, self._current)):
                self.leave(backlog)
            self._changed.wait_for(lambda: self._thread is None)

    def _run(self) -> None:
        more = starved = False
        while (backlog := self._next(more=more)) is not None:
            with suppress(Exception):  # the backlog tries again, and tells
                backlog.open_encoder()  # at full priority: a question that comes now waits for it as well
            idle, began = not (self._waiters or starved), time.monotonic()
            more = self._encode(backlog, idle=idle)
            starved = starved or (idle and time.monotonic() - began > STARVED_S)
            if not more and not self._waiting:
                with suppress(Exception):  # without an encoder there is nothing to release
                    self._release_memory()

    def _encode(self, backlog: Backlog, *, idle: bool) -> bool:
        """Encode a batch in a thread of its own, as a thread may lower its priority and not raise it again."""
        more: list[bool] = []

        def encode() -> None:
            lower_priority(NICE, idle=idle)
            more.append(backlog.encode_batch(IDLE_BATCH if idle else BATCH))

        thread = threading.Thread(target=encode, name="recto-encode-batch", daemon=True)
        thread.start()
        thread.join()
        return any(more)

    def _next(self, *, more: bool) -> Backlog | None:
        """End the turn at hand, after which its backlog has `more` to do or not, and begin another one."""
        with self._changed:
            backlog, self._current = self._current, None
            if backlog is not None and backlog not in self._waiting:  # it may have been started anew meanwhile
                if more and not backlog.closed:
                    self._waiting.append(backlog)
                else:
                    backlog.idle.set()
            if self._waiting:
                self._current = self._waiting.popleft()
            else:
                self._thread = None
            self._changed.notify_all()
            return self._current


def _explained(error: Exception, what: str) -> RectoError:
    if isinstance(error, RectoError):
        return error
    return EncodingFailed(
        f"{what}: found by words only, for encoding failed ({type(error).__name__}: {error})",
        hint="recto add the file again: that tries again",
    )
