"""One way through a plan: each step done, and written down when it is."""

import os
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from recto import wire
from recto.errors import RectoError, UnknownCollection
from recto.events import Progress, one_outcome_a_file
from recto.files import fingerprint
from recto.library import NOTHING_GOES_IN, Library
from recto.library.adding import ATTACHED, failure, unread_document
from recto.links import one_line
from recto.sync.plan import ALREADY, STILL, Act, Step, SyncPlan
from recto.types import Added, AddStatus, Problem, SyncedFile, SyncedFolder
from recto.wire import Json

RECORDS = 256  # files that are written down together: each time costs milliseconds of the disk


@dataclass(frozen=True, slots=True)
class Synced:
    """What became of a file: the step, and the outcome for what was read, the file's own first."""

    step: Step
    outcomes: tuple[Added, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the file could not be added."""
        return any(outcome.status is AddStatus.FAILED for outcome in self.outcomes[:1])

    def as_json(self) -> Json:
        """What clients are shown."""
        return {**step_json(self.step), "outcomes": list(map(wire.added, self.outcomes))}


def step_json(step: Step) -> Json:
    """A step, as it is planned and as it was done."""
    path, former = one_line(step.path), one_line(step.former)
    return {"act": step.act, "path": path, "from": former or None, "why": step.why}


class SyncRun:
    """Follows a plan for a folder, once."""

    def __init__(self, library: Library, folder: SyncedFolder, work: SyncPlan) -> None:
        self._library, self._root, self._folder, self._plan = library, Path(folder.path), folder.path, work
        self._collection = folder.collection
        self._files = work.files
        self._places = library.folders.places()
        self._claimed = library.folders.claimed(self._folder)
        self._documents_of = {file.docs[0]: file.docs for file in self._files.values() if file.docs}
        self._present = {document.id for document in library.documents()}
        self._unrecognised = {document.id for document in library.unrecognised()}
        moved = {self._files[step.former].digest for step in work.steps if step.former}
        self._needed = moved.union(work.digests.values())
        self._records: dict[str, SyncedFile] = {}
        self._without: set[str] = set()
        self.counts: Counter[Act] = Counter()
        self.failed = 0
        self.stopped: Problem | None = None  # nothing more goes into the library

    def follow(self) -> Iterator[Progress | Synced]:
        """Do step after step; at last what no file stands for any more goes, and names become those of the files."""
        with ExitStack() as stack:
            if {Act.ADD, Act.REPLACE} & self._plan.counts.keys():
                stack.enter_context(self._library.reading())
            for step in self._plan.steps:
                synced = (yield from self._read(step)) if step.act in (Act.ADD, Act.REPLACE) else self._noted(step)
                if step.act is not Act.NOTE:
                    self.counts[synced.step.act] += 1
                    self.failed += synced.failed
                    yield synced
                if self.stopped:
                    break
        self._write()
        if not self.stopped:
            self._tidy()

    def _noted(self, step: Step) -> Synced:
        """What needs no reading."""
        if step.act is Act.MOVE:
            self._note(step.path, replace(self._files[step.former], state=self._plan.sight.files[step.path]))
            self._without.add(step.former)
        elif step.act is Act.DELETE or (step.act is Act.NOTE and step.path not in self._plan.sight.files):
            self._without.add(step.path)
        elif step.act is Act.NOTE:
            file = replace(self._files[step.path], state=self._plan.sight.files[step.path])
            mended = file.problem and file.digest in self._present
            self._note(step.path, replace(file, docs=(file.digest,), problem=None) if mended else file)
        return Synced(step)

    def _note(self, path: str, file: SyncedFile) -> None:
        self._records[path] = file
        for number, doc in enumerate(file.docs):
            self._places.setdefault(doc, []).append((path, number == 0))
            if not number:
                self._documents_of[doc] = file.docs
        if len(self._records) >= RECORDS:
            self._write()

    def _write(self) -> None:
        """Write down what was dealt with."""
        if self._records or self._without:
            self._library.folders.record(self._folder, self._records, without=self._without)
            self._records, self._without = {}, set()

    def _read(self, step: Step) -> Generator[Progress, None, Synced]:
        """Add a file, unless its bytes are in the library."""
        path, state = self._root / step.path, self._plan.sight.files[step.path]
        try:
            digest = self._plan.digests.get(step.path) or fingerprint(path)[0]
        except RectoError as error:
            if not path.exists():  # any more
                return Synced(replace(step, act=Act.WAIT, why=STILL))
            return self._kept(step, "", (failure(unread_document(path), error),))
        if self._is_read(digest) and self._claimed.get(digest, True):
            docs = self._documents_of.get(digest, (digest,))
            self._note(step.path, SyncedFile(state=state, digest=digest, docs=docs))
            return Synced(replace(step, why=ALREADY))
        outcomes = yield from self._add(path, digest, self._older(step.path, digest))
        return self._kept(step, digest, outcomes)

    def _is_read(self, digest: str) -> bool:
        """Whether the bytes of a file are in the library, also as far as they are pictures of text."""
        return digest in self._present and digest not in self._unrecognised

    def _older(self, path: str, digest: str) -> str:
        """The document that goes when a file is replaced: its older version, unless somebody else holds it."""
        file = self._files.get(path)
        older = file.docs[0] if file and file.docs else ""
        held = older in self._needed or older not in self._claimed or len(self._places.get(older, ())) > 1
        return "" if held or older == digest else older

    def _add(self, path: Path, digest: str, older: str) -> Generator[Progress, None, tuple[Added, ...]]:
        """Add a file, noted as one that comes from the folder before it is there."""
        partly = self._is_read(digest)  # whoever added it was killed before what is attached
        if digest not in self._present:
            self._library.folders.claim(self._folder, digest)
        outcomes: list[Added] = []
        for event in one_outcome_a_file(self._library.adding(path, replaces=older, reread=partly)):
            if isinstance(event, Progress):
                yield event
            else:
                outcomes.append(event)
        new = [outcome.document.id for outcome in outcomes if outcome.status is AddStatus.ADDED]
        for doc in new:
            if doc not in (digest, *self._present):
                self._library.folders.claim(self._folder, doc)
        self._present.update(new)
        self._present.discard(older)
        return tuple(outcomes)

    def _kept(self, step: Step, digest: str, outcomes: tuple[Added, ...]) -> Synced:
        """Write down what became of a file, unless it changed meanwhile: the next look at the folder goes on then."""
        outcome, former, state = outcomes[0], self._files.get(step.path), self._plan.sight.files[step.path]
        problem = outcome.problem if outcome.status is AddStatus.FAILED else None
        if problem and problem.kind in NOTHING_GOES_IN:
            self.stopped = problem
        elif outcome.document.id != digest or (problem and not self._is_still(step.path)):
            return Synced(replace(step, act=Act.WAIT, why=STILL))
        elif problem:
            docs = former.docs if former else ()
            message = problem.message.removeprefix(f"{self._root / step.path}: ")  # wherever it lies later
            problem = replace(problem, message=message)
            self._note(step.path, SyncedFile(state=state, digest=digest, docs=docs, problem=problem))
        else:
            added = (outcome.document.id for outcome in outcomes if outcome.status is not AddStatus.FAILED)
            self._note(step.path, SyncedFile(state=state, digest=digest, docs=tuple(dict.fromkeys(added))))
        self._write()
        return Synced(step, outcomes)

    def _is_still(self, path: str) -> bool:
        """Whether a file is as it was when the plan was made."""
        seen = self._plan.sight.files[path]
        try:
            state = (self._root / path).stat()
        except OSError:
            return False
        return (state.st_size, state.st_mtime_ns) == (seen.size, seen.modified)

    def _tidy(self) -> None:
        """Forget documents that came from folders and that no file stands for, and call others as their files are.

        Those of this folder are put into its collection, unless that is gone.
        """
        places, claimed = self._library.folders.places(), self._library.folders.claimed(self._folder)
        documents = {document.id: document for document in self._library.documents()}
        if orphans := claimed.keys() - places.keys():
            self._library.remove_all([doc for doc in orphans if doc in documents])
            self._library.folders.keep(*orphans)
        for doc in claimed.keys() & places.keys() & documents.keys():
            names = list(_names(documents[doc].name, places[doc]))
            if names and documents[doc].name not in names:
                self._library.rename(doc, names[0])
        if self._collection:
            docs = {doc for file in self._library.folders.files(self._folder).values() for doc in file.docs}
            with suppress(UnknownCollection):
                self._library.collections.add(self._collection, sorted(docs))


def _names(name: str, places: Sequence[tuple[str, bool]]) -> Iterator[str]:
    """What a document of this name may be called by the files it lies in; those that it is itself come first."""
    own, _, _ = name.rpartition(ATTACHED)
    files = sorted((not is_file, os.fsencode(path.rpartition(os.sep)[2])) for path, is_file in places)
    for is_attached, file in files:
        file_name = file.decode("utf-8", "replace")
        if own or not is_attached:
            yield f"{own}{ATTACHED}{file_name}" if is_attached else file_name
