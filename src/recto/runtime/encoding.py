"""Vectors in the background: what was added is searchable by words at once, and by meaning when this is done."""

import os
import threading
from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from recto.errors import Gone, RectoError
from recto.eta import Eta
from recto.events import Progress, Stage
from recto.index_types import Version
from recto.search.encoder import Encoder, MiniLM
from recto.search.index import headed
from recto.store import Store
from recto.types import Document, Floats, Passage

NICE = 19  # the last: a question, and the model that writes its answer, come first
BATCH = 64  # passages between two looks at the stop sign, and two steps of progress
TICK_S = 0.1


class Encoding:
    """A thread that gives every passage a vector, document by document, until none is left."""

    def __init__(self, store: Store, *, threads: int) -> None:
        self._store, self._threads = store, threads
        self._stop = threading.Event()
        self._lock = threading.Lock()  # over the thread's decision to end
        self._more = False
        self._ended = threading.Event()  # one a thread
        self._ended.set()
        self._thread: threading.Thread | None = None
        self._progress: Progress | None = None
        self._failure: RectoError | None = None

    def start(self) -> None:
        """Begin, or look again for documents without vectors."""
        with self._lock:
            self._more = True
            if self._ended.is_set():
                self._ended, self._failure = threading.Event(), None
                self._thread = threading.Thread(target=self._run, args=(self._ended,), name="recto-encode", daemon=True)
                self._thread.start()

    def wait(self) -> Iterator[Progress]:
        """Wait until everything is encoded, saying how far it is. EncoderProblem if it cannot be done."""
        seen: Progress | None = None
        # The event, not the thread: Python 3.11 takes a thread for ended once Control-C falls into `join(TICK_S)`,
        # and a process that leaves while onnxruntime computes is aborted.
        while not self._ended.wait(TICK_S):
            if self._progress is not None and self._progress is not seen:
                seen = self._progress
                yield seen
        if self._failure is not None:
            raise self._failure

    def close(self) -> None:
        """Stop after the batch at hand; whole documents stay encoded, the rest waits for the next start."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, ended: threading.Event) -> None:
        _be_nice()
        try:
            encoder = MiniLM.open(threads=self._threads)
            while self._wanted(ended):
                self._encode_all(encoder)
        except RectoError as error:
            self._failure = error
        finally:
            ended.set()

    def _wanted(self, ended: threading.Event) -> bool:
        """Whether to look for documents again; a start that comes later begins a thread of its own."""
        with self._lock:
            wanted, self._more = self._more and not self._stop.is_set(), False
            if not wanted:
                ended.set()
            return wanted

    def _encode_all(self, encoder: Encoder) -> None:
        for version in self._store.unencoded(encoder.fingerprint):
            if not self._stop.is_set():
                with suppress(
                    Gone
                ):  # removed or read again meanwhile: the rest is encoded, the new version at its turn
                    self._encode(version, encoder)

    def _encode(self, version: Version, encoder: Encoder) -> None:
        document = version.document
        passages = [p for number in range(document.pages) for p in self._store.passages(document.id, number)]
        vectors = self._vectors(document, passages, encoder)
        if vectors is not None:
            self._store.put_vectors(version, encoder.fingerprint, vectors)

    def _vectors(self, document: Document, passages: list[Passage], encoder: Encoder) -> Floats | None:
        eta = Eta()
        parts: list[Floats] = [np.zeros((0, encoder.dimensions), np.float32)]
        for at in range(0, len(passages), BATCH):
            if self._stop.is_set():
                return None
            done = at + len(passages[at : at + BATCH])
            parts.append(encoder.encode([headed(document.title, p) for p in passages[at : at + BATCH]]))
            left_s = eta.left_s(done, len(passages))
            self._progress = Progress(Stage.ENCODING, document.name, done, len(passages), left_s, document.id)
        return np.concatenate(parts)


def _be_nice() -> None:
    """Lower the priority of this thread and of those it will start; Linux alone does this per thread.

    An idle thread leaves its core at once to whoever wakes up there. One that is nice may stay for milliseconds, and a
    language model, whose threads wait for each other thousands of times a second, would write half as fast.
    """
    if hasattr(os, "SCHED_IDLE"):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        with suppress(OSError):  # in a sandbox that does not know it
            os.sched_setscheduler(threading.get_native_id(), os.SCHED_IDLE, os.sched_param(0))
