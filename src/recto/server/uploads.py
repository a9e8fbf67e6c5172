"""Files on their way into a library: a queue of uploads, what each is at, and the threads that bring them in."""

import json
import os
import secrets
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import assert_never

from recto import wire
from recto.errors import (
    EncoderProblem,
    InternalError,
    KeyNeeded,
    LibraryDamaged,
    LibraryFull,
    LibraryProblem,
    RectoError,
)
from recto.events import AddEvent, Progress, Stage
from recto.library import Library
from recto.library.encrypting import seal, unseal
from recto.server.edge import reporting
from recto.server.problems import problem_of, redacted
from recto.types import Added, AddStatus, Document, Problem
from recto.wire import Json

OUTCOMES = 200  # that are remembered, the newest
NAME, TRIES = ".name", 3  # beside a file that waits: what it is called; how many servers may end while they add it
LOOK_S = 0.1  # between two looks at how far the vectors are


class UploadState(StrEnum):
    """What a file is at."""

    WAITING = "waiting"
    READING = Stage.READING
    OCR = Stage.OCR
    ENCODING = Stage.ENCODING  # it is in the library, and found by words
    DONE = "done"
    FAILED = "failed"


@dataclass(kw_only=True)
class Upload:
    """One file: where it is at. `done` of `total` are pages, then passages; `eta_s` seconds are left, if known."""

    id: str
    name: str
    path: Path
    size: int  # bytes
    password: str | None
    collections: Sequence[str] = ()  # ids of those it goes into
    tries: int = 0  # servers that ended before it was added
    doc: str = ""  # id of the document, once it is known
    known: bool = False  # it is in the library, and read from there: its pictures of text are yet to be recognised
    again: bool = False  # all of it is read again
    hidden: bool = False  # with the text that its pages do not show
    state: UploadState = UploadState.WAITING
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

    def advance(self, progress: Progress) -> None:
        """Note how far it is."""
        self.done, self.total, self.eta_s = progress.done, progress.total, progress.eta_s

    def recognised(self, outcome: Added) -> None:
        """Note what its pictures of text say, or that they could not be recognised."""
        assert self.outcome is not None
        self.state, self.done, self.total, self.eta_s = UploadState.ENCODING, 0, 0, None
        if outcome.status is AddStatus.RECOGNISED:
            fields = ("passages", "seconds", "page_flags", "uncertain_words", "unrecognised_pages")
            self.outcome |= {name: value for name, value in wire.added(outcome).items() if name in fields}

    def tell(self, problems: Iterable[Problem]) -> None:
        """Add problems to those of the outcome; the first of all is also told by itself."""
        assert self.outcome is not None
        self.outcome["problems"] += map(wire.problem, problems)
        self.outcome["problem"] = next(iter(self.outcome["problems"]), None)


class Uploads:
    """The uploads of one library, added one after the other by one thread; another follows their encoding."""

    def __init__(
        self,
        library: Callable[[], Library],
        folder: Path,
        *,
        sealed: Path | None = None,
        documents: int,
        pages: int,
        public: bool,
    ) -> None:
        """Nothing is kept of a file that would take the library over so many `documents` or `pages`.

        `library` gives the one that is open now: it may be closed while `settled`. Files wait in the `folder`; where
        the library is encrypted, that is in memory, and for the next server they are `sealed` in that other one.
        """
        self._folder, self._sealed = folder, sealed
        self._library, self._documents, self._pages, self._public = library, documents, pages, public
        self._uploads: dict[str, Upload] = {}
        self._queue: deque[Upload] = deque()  # taken from by the thread that adds alone
        self._encoding: list[Upload] = []  # whose vectors are awaited
        self._adder: threading.Thread | None = None
        self._follower: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closing = threading.Event()

    def keep(self, name: str, path: Path, password: str | None, collections: Sequence[str] = ()) -> Upload:
        """Take a file, which is deleted when it was added or could not be; it is yet to be `put`."""
        key = secrets.token_urlsafe(9)
        self._folder.mkdir(parents=True, exist_ok=True)
        waiting = path.replace(self._folder / key)
        size = waiting.stat().st_size
        upload = Upload(id=key, name=name, path=waiting, size=size, password=password, collections=collections)
        with ExitStack() as failing:
            failing.callback(self.drop, upload)
            self._note(upload)
            failing.pop_all()
        return upload

    def put(self, upload: Upload) -> Upload:
        """Queue a file."""
        with self._lock:
            if self._adder is None:  # first: a file is not queued for a thread that cannot be started
                adder = threading.Thread(target=self._add_all, name="recto-uploads", daemon=True)
                adder.start()
                self._adder = adder
            self._uploads[upload.id] = upload
            self._queue.append(upload)
            for oldest in [past for past in self._uploads.values() if past.outcome][:-OUTCOMES]:
                del self._uploads[oldest.id]
        return upload

    def resume(self) -> None:
        """Go on with what an earlier server was told to add.

        The password of an encrypted file is not known any more, and so it is asked for again.
        """
        files = [path for path in (self._sealed or self._folder).glob("*") if path.is_file() and path.suffix != NAME]
        for path in sorted(files, key=lambda path: path.stat().st_mtime):
            try:
                name, tries, *collections = json.loads(self._opened(path))
            except (FileNotFoundError, ValueError, KeyNeeded, LibraryDamaged):  # cut off before anybody was told of it
                path.unlink()
                continue
            except (OSError, RectoError):  # no memory for it, say: it waits on
                continue
            waiting = self._folder / path.name
            size = waiting.stat().st_size
            upload = Upload(id=path.name, name=name, path=waiting, size=size, password=None, tries=tries + 1)
            upload.collections = collections
            with suppress(OSError, RectoError):  # on a full disk a try is not counted
                self._note(upload)
            self.put(upload)

    def _opened(self, path: Path) -> str:
        """What an earlier server noted on a file, which can be read from now on."""
        if self._sealed is None:
            return path.with_suffix(NAME).read_text()
        self._folder.mkdir(parents=True, exist_ok=True)
        return unseal(path, self._folder / path.name, self._library().settings.key)

    def _note(self, upload: Upload) -> None:
        """Let the next server go on with a file if this one ends before."""
        note = json.dumps([upload.name, upload.tries, *upload.collections])
        if self._sealed is None:
            upload.path.with_suffix(NAME).write_text(note)
        else:
            self._sealed.mkdir(parents=True, exist_ok=True)
            seal(upload.path, self._sealed / upload.id, note, self._library().settings.key)

    def recognise(self) -> None:
        """Go on with pictures of text that no server has recognised yet."""
        try:
            self._library().check_writable()
        except LibraryProblem:  # which whoever uploads is told
            return
        for document in self._library().unrecognised():
            self.put(self._upload_of(document))

    def put_again(self, document: Document, password: str | None, *, hidden: bool) -> Upload:
        """Queue a document of the library, which is read again; the same one as long as it is on its way."""
        for upload in self.pending():
            if upload.again and upload.doc == document.id:
                return upload
        return self.put(replace(self._upload_of(document), password=password, again=True, hidden=hidden))

    def _upload_of(self, document: Document) -> Upload:
        key, name, size = secrets.token_urlsafe(9), document.name, document.size
        path = self._folder / key
        return Upload(id=key, name=name, path=path, size=size, password=None, doc=document.id, known=True)

    def forget(self, key: str) -> None:
        """Forget an outcome."""
        with self._lock:
            if key in self._uploads and self._uploads[key].state in (UploadState.DONE, UploadState.FAILED):
                del self._uploads[key]

    def pending(self) -> list[Upload]:
        """Files that have no outcome yet."""
        return [upload for upload in list(self._uploads.values()) if upload.outcome is None]

    def settled(self) -> bool:
        """Whether nothing happens to any file any more."""
        ended = (UploadState.DONE, UploadState.FAILED)
        return all(upload.state in ended for upload in list(self._uploads.values())) and self._adder is None

    def snapshot(self) -> list[Json]:
        """All uploads, in the order in which they came."""
        return [upload.as_json() for upload in list(self._uploads.values())]

    def close(self) -> None:
        """End now: a file that is not whole in the library is not in it at all."""
        self._closing.set()
        if adder := self._adder:  # in one step: it may end meanwhile
            adder.join()

    def _add_all(self) -> None:
        while True:
            with self._lock:
                if not self._queue or self._closing.is_set():
                    self._adder = None
                    return
                upload = self._queue.popleft()
            with reporting(partial(self._fail, upload)), self._library().reading():
                self._add(upload)
                while self._queue:  # by the same processes
                    self._add(self._queue.popleft())

    def _add(self, upload: Upload) -> None:
        with reporting(partial(self._fail, upload)):
            try:
                if self._closing.is_set():
                    return
                if upload.tries >= TRIES:
                    raise InternalError(f"{upload.tries} servers ended while they added it", hint="add it by itself")
                if upload.known:
                    self._folder.mkdir(parents=True, exist_ok=True)
                    self._library().copy_original(upload.doc, upload.path)
                with closing(self._adding(upload)) as events:
                    for event in events:
                        if self._closing.is_set():
                            return
                        self._watch(upload, event)
                if upload.state is UploadState.ENCODING:  # its vectors are being made, or will be
                    with self._lock:
                        self._encoding.append(upload)
                        if self._follower is None:
                            follower = threading.Thread(target=self._follow, name="recto-encoding", daemon=True)
                            follower.start()
                            self._follower = follower
            finally:
                if upload.known or upload.outcome is not None or not self._closing.is_set():
                    self.drop(upload)  # else the next server adds it

    def drop(self, upload: Upload) -> None:
        """Delete a file, also for the next server."""
        for path in (upload.path, upload.path.with_suffix(NAME), *([self._sealed / upload.id] if self._sealed else [])):
            path.unlink(missing_ok=True)

    def _adding(self, upload: Upload) -> Generator[AddEvent, None, None]:
        """Add a file, to those of its collections that are still there: one that was deleted loses no file."""
        library = self._library()
        ids = [collection.id for collection in library.collections.all() if collection.id in upload.collections]
        return library.adding(
            upload.path,
            password=upload.password,
            name=upload.name,
            collections=ids,
            replaces="" if upload.known else None,  # what is there stays where it came from
            reread=upload.again,
            hidden=upload.hidden,
        )

    def _watch(self, upload: Upload, event: Progress | Added) -> None:
        """Note an event of a file, or of one attached to it. LibraryFull, before it is kept, if there is no room."""
        match event:
            case Progress(stage=stage, done=done, total=total, doc=doc):
                if stage is Stage.READING and not done:
                    self._check_room(upload, total)
                if upload.outcome is None or doc == upload.doc:
                    upload.doc, upload.state = doc, UploadState(stage)
                    upload.advance(event)
            case Added() if upload.outcome is not None:  # of an attached file, or of pictures: what went wrong is told
                upload.tell(self._problems(upload, event))
                if event.document.id == upload.doc:
                    upload.recognised(event)
            case Added():
                upload.doc = event.document.id
                upload.outcome = wire.added(replace(event, problems=self._problems(upload, event)))
                upload.state = UploadState.FAILED if event.status is AddStatus.FAILED else UploadState.ENCODING
                upload.done, upload.total, upload.eta_s = 0, 0, None
            case _:
                assert_never(event)

    def _check_room(self, upload: Upload, pages: int) -> None:
        documents = [own for own in self._library().documents() if not (upload.again and own.id == upload.doc)]
        free = self._pages - sum(document.pages for document in documents)
        if pages > free:
            raise LibraryFull(
                f"it has {pages} pages, and {free} of {self._pages} are left",
                hint="remove a document, or split it: qpdf --split-pages",
            )
        if len(documents) >= self._documents:  # with those that were attached to others
            raise LibraryFull(f"{self._documents} documents are the limit", hint="remove one")

    def _fail(self, upload: Upload, error: RectoError) -> None:
        """Give a file the outcome that it could not be added, unless it has been."""
        problem = self._without_paths(upload, problem_of(error, public=self._public))
        if upload.outcome is None:
            upload.outcome = {"status": AddStatus.FAILED, "problem": None, "problems": []}
            upload.tell([problem])
            upload.state = UploadState.FAILED
        elif upload.state is UploadState.ENCODING:  # it can be searched by words
            upload.tell([problem])
            upload.state = UploadState.DONE

    def _problems(self, upload: Upload, outcome: Added) -> tuple[Problem, ...]:
        """The problems of a file, or of one attached to it, as whoever asks may read them."""
        problems = (self._without_paths(upload, problem) for problem in outcome.problems)
        return tuple(redacted(problem, public=self._public) for problem in problems)

    def _without_paths(self, upload: Upload, problem: Problem) -> Problem:
        """With the file's own name: where it lies for a while, and where the library is, concerns nobody."""
        home = f"{self._library().settings.home}{os.sep}"
        return replace(problem, message=problem.message.replace(str(upload.path), upload.name).replace(home, ""))

    def _follow(self) -> None:
        """Follow the encoding of all files that were added, until none is awaited or the server ends."""
        while not self._closing.is_set():
            with self._lock:
                self._encoding = [upload for upload in self._encoding if upload.state is UploadState.ENCODING]
                uploads = self._encoding.copy()
                if not uploads:
                    self._follower = None
                    return
            for upload in uploads:
                with reporting(partial(self._fail, upload)), suppress(EncoderProblem):  # words can be searched without
                    if progress := self._library().encoding_progress(upload.doc):
                        upload.advance(progress)
                        continue
                upload.state, upload.eta_s = UploadState.DONE, None
            self._closing.wait(LOOK_S)
