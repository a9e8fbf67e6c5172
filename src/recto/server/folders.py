"""Folders that the server keeps in step with its library: a thread for each, and what each is at."""

import hashlib
import os
import threading
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from recto import wire
from recto.errors import RectoError, UnknownFolder
from recto.events import Progress
from recto.library import Library
from recto.links import one_line
from recto.server.edge import reporting
from recto.server.problems import problem_of
from recto.sync import FolderSync, Report
from recto.sync.plan import Act
from recto.sync.run import Synced
from recto.sync.watch import Interrupted, WatchEvent, watch
from recto.types import Problem, SyncedFolder
from recto.wire import Json

ID_DIGITS = 16  # of the hash of a folder's path, by which clients name it: they never name a path
TOLD = 100  # failures of a folder that are shown
AGAIN_S = 5.0  # after which a folder is tried again that another process brings in step, or that failed


class FolderState(StrEnum):
    """What a folder is at."""

    STOPPED = "stopped"
    WORKING = "working"
    IN_STEP = "in_step"
    INTERRUPTED = "interrupted"  # it cannot be looked at now, or the library takes nothing: see its problem


@dataclass(kw_only=True)
class WatchedFolder:
    """One folder: where it is at, and what went wrong last."""

    path: str
    state: FolderState = FolderState.STOPPED
    problem: Problem | None = None
    name: str = ""  # of the file at hand
    changes: int = 0  # files that were dealt with, so that clients know when to look at the documents again
    gone: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    @property
    def id(self) -> str:
        """What clients call it."""
        return hashlib.sha256(os.fsencode(self.path)).hexdigest()[:ID_DIGITS]

    def note(self, event: WatchEvent) -> None:
        """Note what happens to it."""
        match event:
            case Interrupted(problem):
                self.fail(problem)
            case Progress(name=name):
                self.state, self.name = FolderState.WORKING, name
            case Synced(step) if step.act in (Act.ADD, Act.REPLACE, Act.MOVE, Act.DELETE):
                self.changes += not event.failed
            case Report(stopped=stopped, vanished=vanished, counts=counts):
                self.state = FolderState.INTERRUPTED if stopped else FolderState.IN_STEP
                self.problem, self.name, self.gone = stopped, "", counts[Act.KEEP]
                if vanished:
                    what = f"everything is gone from {self.path}, {vanished} files: a disk may not be mounted"
                    hint = f"mount it; if it was meant, stop this and run: recto sync {self.path} --delete --yes"
                    self.problem = Problem("folder_gone", what, hint)
            case _:
                pass

    def fail(self, error: RectoError) -> None:
        """Note that it cannot go on for now."""
        self.state, self.problem, self.name = FolderState.INTERRUPTED, problem_of(error, public=False), ""


class WatchedFolders:
    """The folders of one library. Only those that the operator named can be started: none is named by a client."""

    def __init__(self, library: Library, *, forgotten: Callable[[], None]) -> None:
        """`forgotten` is called when documents may have gone."""
        self._library, self._forgotten = library, forgotten
        self._folders: dict[str, WatchedFolder] = {}
        self._lock = threading.Lock()

    def begin(self, paths: Iterable[Path] = ()) -> None:
        """Keep these in step, and those that were when the server ended."""
        for path in paths:
            sync = FolderSync(self._library, path)
            self._library.folders.put(replace(sync.folder, watched=True))
        for folder in self._library.folders.all():
            if folder.watched:
                self.start(self._watched(folder).id)

    def snapshot(self) -> list[Json]:
        """All folders, by path, with what each is at."""
        return [self._as_json(folder) for folder in self._library.folders.all()]

    def start(self, key: str) -> None:
        """Keep a folder in step, also after a restart. UnknownFolder."""
        watched = self._remember(key, watched=True)
        with self._lock:
            if watched.thread is None or not watched.thread.is_alive():
                watched.over = threading.Event()
                watched.state = FolderState.WORKING
                watched.thread = threading.Thread(target=self._keep, args=(watched,), name="recto-folder", daemon=True)
                watched.thread.start()

    def stop(self, key: str) -> None:
        """Leave a folder as it is, also after a restart. UnknownFolder."""
        self._end([self._remember(key, watched=False)])

    def forget(self, key: str) -> None:
        """Leave a folder for good; its documents stay. UnknownFolder."""
        watched = self._remember(key, watched=False)
        self._end([watched])
        self._library.folders.forget(watched.path)
        self._folders.pop(watched.path, None)

    def decide(self, key: str, deletes: bool) -> None:
        """Let documents go with their files from now on, or not. UnknownFolder."""
        folder, _ = self._known(key)
        self._library.folders.put(replace(folder, deletes=deletes))

    def close(self) -> None:
        """End now; a file that is not whole in the library is not in it at all."""
        self._end(list(self._folders.values()))

    def _end(self, folders: list[WatchedFolder]) -> None:
        for watched in folders:
            watched.over.set()
        for watched in folders:
            if watched.thread is not None:
                watched.thread.join()
            watched.state, watched.thread = FolderState.STOPPED, None

    def _watched(self, folder: SyncedFolder) -> WatchedFolder:
        with self._lock:
            return self._folders.setdefault(folder.path, WatchedFolder(path=folder.path))

    def _known(self, key: str) -> tuple[SyncedFolder, WatchedFolder]:
        pairs = ((folder, self._watched(folder)) for folder in self._library.folders.all())
        for folder, watched in pairs:
            if watched.id == key:
                return folder, watched
        raise UnknownFolder("no folder of that id is kept in step", hint="recto serve --folder FOLDER")

    def _remember(self, key: str, *, watched: bool) -> WatchedFolder:
        folder, watched_folder = self._known(key)
        self._library.folders.put(replace(folder, watched=watched))
        return watched_folder

    def _keep(self, watched: WatchedFolder) -> None:
        while not watched.over.is_set():
            with reporting(watched.fail):
                sync = FolderSync(self._library, watched.path)
                with sync.alone(), closing(watch(sync, watched.over)) as events:
                    for event in events:
                        watched.note(event)
                        if isinstance(event, Report) and {Act.REPLACE, Act.MOVE, Act.DELETE} & event.counts.keys():
                            self._forgotten()
                        if watched.over.is_set():
                            break
            watched.over.wait(AGAIN_S)

    def _as_json(self, folder: SyncedFolder) -> Json:
        watched, files = self._watched(folder), self._library.folders.files(folder.path)
        failed = [(path, file.problem) for path, file in sorted(files.items()) if file.problem]
        return {
            "id": watched.id,
            "path": one_line(folder.path),
            "state": watched.state,
            "at": watched.name,
            "deletes": folder.deletes,
            "files": len(files),
            "gone": watched.gone,
            "changes": watched.changes,
            "failed": len(failed),
            "failures": [{"path": one_line(path), **wire.problem(problem)} for path, problem in failed[:TOLD]],
            "problem": wire.problem(watched.problem) if watched.problem else None,
        }
