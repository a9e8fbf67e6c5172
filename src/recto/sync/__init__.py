"""Folders in step: the library holds what lies in a folder, whatever is added, changed, moved or deleted there."""

import hashlib
import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self, TypeAlias

from recto import links, wire
from recto.errors import FolderBusy, RectoError, UsageProblem
from recto.events import Progress
from recto.files import fingerprint
from recto.library import Library
from recto.scratch import locked
from recto.sync.plan import SETTLED_S, STILL, Act, Situation, SyncPlan, plan, to_hash
from recto.sync.run import Synced, SyncRun
from recto.sync.scan import scan
from recto.types import FileState, Problem, SyncedFolder
from recto.wire import Json

LOCKS = "in-step"  # folder beside the library: a lock for each folder that is brought in step


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The end of one look at a folder: how many files of each act, and how many of those that were read failed."""

    folder: str
    counts: Counter[Act]
    failed: int
    unchanged: int
    vanished: int  # see SyncPlan
    deletes: bool | None
    seconds: float
    look_s: float  # of them what finding out took
    stopped: Problem | None = None  # nothing more went into the library

    @classmethod
    def of(cls, root: Path, work: SyncPlan, deletes: bool | None, look_s: float) -> Self:
        """What a plan would come to."""
        return cls(
            folder=str(root),
            counts=work.counts,
            failed=0,
            unchanged=work.unchanged,
            vanished=work.vanished,
            deletes=deletes,
            seconds=look_s,
            look_s=look_s,
        )

    @property
    def busy(self) -> bool:
        """Whether anything was done that did not fail."""
        return sum(self.counts[act] for act in (Act.ADD, Act.REPLACE, Act.MOVE, Act.DELETE)) > self.failed

    def as_json(self) -> Json:
        """What clients are shown."""
        return {
            "folder": links.one_line(self.folder),
            "counts": {act.value: self.counts[act] for act in Act if act is not Act.NOTE},
            "failed": self.failed,
            "unchanged": self.unchanged,
            "vanished": self.vanished,
            "deletes": self.deletes,
            "seconds": self.seconds,
            "problem": wire.problem(self.stopped) if self.stopped else None,
        }


SyncEvent: TypeAlias = Progress | Synced | Report


class FolderSync:
    """One folder, and the library that is brought in step with it. What it does is done while it is `alone`."""

    def __init__(self, library: Library, folder: Path | str, *, settled_s: float = SETTLED_S) -> None:
        """A file is read when it has not changed for `settled_s` seconds.

        UsageProblem if the library lies on object storage: that one is filled by `recto ingest`.
        """
        if library.settings.store:
            what = f"{library.settings.store} is filled by recto ingest, no folder is kept in step with it"
            raise UsageProblem(what, hint=f"recto ingest {folder}, or RECTO_STORE= recto sync {folder}")
        self.root = Path(folder).expanduser().resolve()
        self._library = library
        self._settled_s = settled_s
        self._tidied = False  # what an interrupted sync may have left
        self._looks: dict[str, tuple[FileState, float]] = {}  # files that change, since when they have not
        self._digests: dict[tuple[str, FileState], str] = {}

    @property
    def folder(self) -> SyncedFolder:
        """What is known of it."""
        folders = {folder.path: folder for folder in self._library.folders.all()}
        return folders.get(str(self.root)) or SyncedFolder(path=str(self.root), deletes=None, watched=False)

    def forget(self) -> None:
        """Keep the folder in step no more; its documents stay, as if they had been added by hand."""
        self._library.folders.forget(str(self.root))

    def decide(self, deletes: bool) -> None:
        """Remember whether documents go with their files."""
        self._library.folders.put(replace(self.folder, deletes=deletes))

    def fill(self, collection: str) -> None:
        """Put the folder's documents into a collection, now and later. UnknownCollection if there is none."""
        id = self._library.collections.find(collection).id
        self._library.folders.put(replace(self.folder, collection=id))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep others from bringing the same folder in step. FolderBusy if somebody does."""
        self._library.check_writable()
        name = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        lock = self._library.settings.home / LOCKS / name
        lock.parent.mkdir(exist_ok=True)
        with ExitStack() as stack:
            try:
                stack.enter_context(locked(lock, wait=False))
            except BlockingIOError as problem:
                what = f"{self.root} is being brought in step by another recto"
                raise FolderBusy(what, hint="wait for it, or end it: recto sync --watch, recto serve") from problem
            yield

    def plan(self, *, deletes: bool | None = None, emptied: bool = False) -> SyncPlan:
        """What is to be done; nothing is changed. FolderGone if the folder is not there.

        `deletes` in place of what was decided; `emptied`: somebody said that nothing is in it on purpose.
        """
        sight = scan(self.root, besides=self._library.settings.home.resolve(), now=time.time())
        situation = Situation(
            sight=sight,
            files=self._library.folders.files(str(self.root)),
            documents={document.id for document in self._library.documents()},
            unsettled=frozenset(),
            deletes=bool(self.folder.deletes if deletes is None else deletes),
            emptied=emptied,
        )
        situation = replace(situation, unsettled=self._unsettled(situation))
        former, self._digests = self._digests, {}
        for path in to_hash(situation):
            key = path, sight.files[path]
            with suppress(RectoError):  # which is said when it is to be read
                self._digests[key] = former.get(key) or fingerprint(self.root / path)[0]
        return plan(situation, {path: digest for (path, _), digest in self._digests.items()})

    def _unsettled(self, situation: Situation) -> frozenset[str]:
        """The changed files that are still being written: by their own times, and where clocks differ by ours."""
        clock, looks = time.monotonic(), {}
        for path, state, _ in situation.changed():
            former, since = self._looks.get(path, (state, clock))
            looks[path] = state, since if state == former else clock
        self._looks = looks
        latest = (time.time() - self._settled_s) * 1e9
        return frozenset(
            path
            for path, (state, since) in looks.items()
            if state.modified > latest and clock - since < self._settled_s
        )

    def once(self, *, emptied: bool = False) -> Iterator[SyncEvent]:
        """Bring the library in step as far as that goes now, saying what was done, at last in a report."""
        began = time.monotonic()
        if self.folder not in self._library.folders.all():
            self._library.folders.put(self.folder)
        work = self.plan(emptied=emptied)
        look_s = time.monotonic() - began
        report = Report.of(self.root, work, self.folder.deletes, look_s)
        if work.idle and self._tidied:
            yield from map(Synced, work.steps)
            yield report
            return
        run = SyncRun(self._library, self.folder, work)
        yield from run.follow()
        self._tidied = not run.stopped
        seconds = time.monotonic() - began
        yield replace(report, counts=run.counts, failed=run.failed, seconds=seconds, stopped=run.stopped)

    def settled(self, *, emptied: bool = False, patience_s: float) -> Iterator[SyncEvent]:
        """As `once`, again until no file is being written any more, or for so long."""
        began = time.monotonic()
        while True:
            waits: list[Synced] = []
            for event in self.once(emptied=emptied):
                if isinstance(event, Synced) and event.step.act is Act.WAIT:
                    waits.append(event)
                elif isinstance(event, Report):
                    report = event
                else:
                    yield event
            writes = any(event.step.why == STILL for event in waits)
            if not writes or report.stopped or time.monotonic() - began > patience_s:
                yield from waits
                yield report
                return
            time.sleep(self._settled_s / 2)
