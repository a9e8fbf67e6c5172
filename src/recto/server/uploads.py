"""Files on their way into a library: a line of uploads, what each is at, and the thread that adds them."""

import os
import secrets
import threading
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import assert_never

from recto import wire
from recto.errors import LibraryFull, RectoError
from recto.events import Progress, Stage
from recto.library import Library
from recto.types import Added, AddStatus, Problem
from recto.wire import Json

WAITING, ENCODING, DONE, FAILED = "waiting", "encoding", "done", "failed"
KEPT = 200  # outcomes that are remembered, the newest


@dataclass
class Upload:
    """One file: where it is at. `done` of `total` are pages, then passages."""

    id: str
    name: str
    path: Path
    size: int  # bytes
    password: str | None
    doc: str = ""  # id of the document, once it is known
    state: str = WAITING
    done: int = 0
    total: int = 0
    eta_s: float | None = None
    outcome: Json | None = None

    def as_json(self) -> Json:
        """What clients are shown."""
        return {
            "id": self.id,
            "name": self.name,
            "document": self.doc or None,
            "state": self.state,
            "done": self.done,
            "total": self.total,
            "eta_s": self.eta_s,
            "outcome": self.outcome,
        }


@dataclass
class Intake:
    """The uploads of one library, added one after the other by one thread."""

    library: Library
    most_pages: int
    uploads: dict[str, Upload] = field(default_factory=dict)
    _queue: "SimpleQueue[Upload | None]" = field(default_factory=SimpleQueue)
    _thread: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _closing: threading.Event = field(default_factory=threading.Event)

    def put(self, name: str, path: Path, password: str | None) -> Upload:
        """Stand in line. The file is deleted when it was added or could not be."""
        upload = Upload(secrets.token_urlsafe(9), name, path, path.stat().st_size, password)
        with self._lock:
            self.uploads[upload.id] = upload
            for old in [one for one in self.uploads.values() if one.outcome][:-KEPT]:
                del self.uploads[old.id]
            self._queue.put(upload)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="recto-intake", daemon=True)
                self._thread.start()
        return upload

    def forget(self, key: str) -> None:
        """Forget an outcome."""
        with self._lock:
            if key in self.uploads and self.uploads[key].state in (DONE, FAILED):
                del self.uploads[key]

    def coming(self) -> list[Upload]:
        """Files that have no outcome yet."""
        return [one for one in list(self.uploads.values()) if one.outcome is None]

    def snapshot(self) -> list[Json]:
        """All uploads, in the order in which they came."""
        return [one.as_json() for one in list(self.uploads.values())]

    def close(self) -> None:
        """End now: a file that is not whole in the library is not in it at all."""
        self._closing.set()
        with self._lock:
            self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while self._burst(self._queue.get()):
            pass

    def _burst(self, upload: Upload | None) -> bool:
        """Add this file and those that wait behind it, by the same reading processes; False after the last one."""
        with self.library.reading():
            while upload is not None:
                try:
                    if not self._closing.is_set():
                        self._add(upload)
                finally:
                    upload.path.unlink(missing_ok=True)
                if self._queue.empty():
                    return True
                upload = self._queue.get()
        return False

    def _add(self, upload: Upload) -> None:
        adding = self.library.adding(upload.path, password=upload.password, name=upload.name)
        try:
            with closing(adding) as events:
                for event in events:
                    if self._closing.is_set():
                        return
                    self._check_pages(event)
                    self._note(upload, event)
        except RectoError as error:
            problem = Problem(error.kind, self._named(upload, error.message), error.hint)
            upload.outcome = {"status": FAILED, "problem": wire.problem(problem)}
            upload.state = FAILED
            return
        threading.Thread(target=self._watch, args=(upload,), name="recto-encoding", daemon=True).start()

    def _check_pages(self, event: Progress | Added) -> None:
        """LibraryFull, before anything of the file is kept, if its pages are too many."""
        if isinstance(event, Progress) and event.stage is Stage.READING and not event.done:
            left = self.most_pages - sum(document.pages for document in self.library.documents())
            if event.total > left:
                raise LibraryFull(
                    f"it has {event.total} pages, and {left} of {self.most_pages} are left",
                    hint="remove a document, or split it: qpdf --split-pages",
                )

    def _note(self, upload: Upload, event: Progress | Added) -> None:
        match event:
            case Progress(stage, _, done, total, eta_s, doc):
                upload.doc, upload.state = doc, stage
                upload.done, upload.total, upload.eta_s = done, total, eta_s
            case Added():
                upload.doc = event.document.id
                upload.outcome = wire.added(event)
                if event.problem:
                    upload.outcome["problem"]["message"] = self._named(upload, event.problem.message)
                upload.state = FAILED if event.status is AddStatus.FAILED else ENCODING
                upload.done, upload.total, upload.eta_s = 0, 0, None
            case _:
                assert_never(event)

    def _named(self, upload: Upload, message: str) -> str:
        """A message with the file's own name: where it lies for a while, and where the library is, concerns nobody."""
        return message.replace(str(upload.path), upload.name).replace(f"{self.library.settings.home}{os.sep}", "")

    def _watch(self, upload: Upload) -> None:
        """Follow the encoding until it is done with everything."""
        try:
            for progress in self.library.encoding():
                if progress.doc == upload.doc:
                    upload.done, upload.total, upload.eta_s = progress.done, progress.total, progress.eta_s
                elif upload.total:  # its turn is over
                    break
        except RectoError:
            pass  # without an encoder words can be searched
        if upload.state == ENCODING:
            upload.state, upload.eta_s = DONE, None
