"""What is to be done: the difference between what is there and what was there, told before anything is done."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import PurePath

from recto.errors import ConverterMissing, FileMissing
from recto.sync.scan import Scan
from recto.types import FileState, SyncedFile

SETTLED_S = 2.0  # for so long a file must not have changed before it is read
STILL = "it is still being written"
ALREADY = "it is in the library already"
REMOVED = "its document was removed by hand; `recto add` brings it back"
CURABLE = {FileMissing.kind, ConverterMissing.kind}  # what may be mended without a change of the file


class Act(StrEnum):
    """What is done with a file."""

    ADD = "add"
    REPLACE = "replace"  # the older version of it goes in the same step
    MOVE = "move"  # it is not read again
    DELETE = "delete"
    KEEP = "keep"  # its document, although it is gone from the folder
    WAIT = "wait"
    SKIP = "skip"
    NOTE = "note"  # that its times changed but not its bytes, or that its problem is mended or gone: nobody is told


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is done with one file: its path below the folder, the path it had before a move, and why it is so."""

    act: Act
    path: str
    former: str = ""
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class SyncPlan:
    """Steps, in an order in which they can be done. Whoever follows it needs again what decided."""

    steps: tuple[Step, ...]
    unchanged: int
    sight: Scan
    files: Mapping[str, SyncedFile]
    digests: Mapping[str, str]
    vanished: int = 0  # files of which it is not sure that they were deleted: everything is gone at once

    @cached_property
    def counts(self) -> Counter[Act]:
        """How many steps there are of each act."""
        return Counter(step.act for step in self.steps)

    @property
    def idle(self) -> bool:
        """Whether there is nothing to be done."""
        return not {Act.ADD, Act.REPLACE, Act.MOVE, Act.DELETE, Act.NOTE} & self.counts.keys()


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything that decides: what is there and was there, by path; what is in the library; what is allowed."""

    sight: Scan
    files: Mapping[str, SyncedFile]
    documents: Collection[str]  # ids of what is in the library
    unsettled: Collection[str]  # paths of files that have changed a moment ago
    deletes: bool = False  # documents go with their files
    emptied: bool = False  # it was said that everything is gone on purpose

    @property
    def gone(self) -> dict[str, SyncedFile]:
        """The files that were there."""
        files = self.sight.files
        return {path: file for path, file in self.files.items() if path not in files and not self.sight.hides(path)}

    def waiting(self, path: str) -> str:
        """Why a file is not to be read yet; empty if it can be."""
        return self.sight.busy.get(path) or (STILL if path in self.unsettled else "")

    def changed(self) -> Iterator[tuple[str, FileState, SyncedFile | None]]:
        """The files that are new or have changed, with what is known of them."""
        for path, state in self.sight.files.items():
            file = self.files.get(path)
            if file is None or not state.same_as(file.state):
                yield path, state, file


def to_hash(situation: Situation) -> list[str]:
    """The files whose bytes decide what is to be done: those that changed, and those that may have been moved.

    Where one was moved away there may be another by now.
    """
    sizes = {file.state.size for file in situation.gone.values()}
    sizes |= {file.state.size for _, _, file in situation.changed() if file}
    return [
        path
        for path, state, file in situation.changed()
        if (file or state.size in sizes) and not situation.waiting(path)
    ]


def plan(situation: Situation, digests: Mapping[str, str]) -> SyncPlan:
    """What brings the library in step, where `digests` has those that `to_hash` names, as far as they can be read."""
    gone = situation.gone
    moved = dict(_moves(situation, digests, gone))
    formers = set(moved.values())
    lost = {path: file for path, file in gone.items() if path not in formers}
    vanished = set() if situation.emptied else _vanished(situation, lost)
    steps = [*_of_changed(situation, digests, moved), *_of_unchanged(situation)]
    unchanged = len(situation.sight.files) - sum(step.act is not Act.NOTE for step in steps)
    for path, file in sorted(lost.items()):
        act = Act.DELETE if situation.deletes else Act.KEEP
        steps.append(Step(act=Act.KEEP if path in vanished else act if file.docs else Act.NOTE, path=path))
    steps += (Step(act=Act.SKIP, path=path, why=why) for path, why in sorted(situation.sight.unread.items()))
    return SyncPlan(
        steps=tuple(steps),
        unchanged=unchanged,
        sight=situation.sight,
        files=situation.files,
        digests=digests,
        vanished=len(vanished),
    )


def _moves(
    situation: Situation, digests: Mapping[str, str], gone: Mapping[str, SyncedFile]
) -> Iterator[tuple[str, str]]:
    """New and changed paths with the path that the same file had before; each of those once."""
    by_digest, by_state = defaultdict(list), defaultdict(list)
    for path, file in gone.items():
        if file.problem:  # its document is that of an older version
            continue
        by_digest[file.digest].append(path)
        by_state[file.state[:3]].append(path)
    left = set(gone)
    for path, state, _ in situation.changed():
        formers = [*by_state[state[:3]], *by_digest[digests.get(path, "")]]
        formers.sort(key=lambda former: PurePath(former).name != PurePath(path).name)
        former = next((former for former in formers if former in left), None)
        if former is not None and not situation.waiting(path):
            left.remove(former)
            yield path, former


def _vanished(situation: Situation, lost: Mapping[str, SyncedFile]) -> set[str]:
    """Files that are gone together with everything else of their file system: it may be one that is not mounted."""
    left = {file.state.device for path, file in situation.files.items() if path not in lost}
    devices = left | situation.sight.devices if left else set()
    return {path for path, file in lost.items() if file.state.device not in devices}


def _of_changed(situation: Situation, digests: Mapping[str, str], moved: Mapping[str, str]) -> Iterator[Step]:
    for path, _, file in sorted(situation.changed()):
        if why := situation.waiting(path):
            yield Step(act=Act.WAIT, path=path, why=why)
        elif path in moved:
            yield Step(act=Act.MOVE, path=path, former=moved[path])
        elif file is None:
            yield Step(act=Act.ADD, path=path)
        elif digests.get(path) == file.digest:
            yield Step(act=Act.NOTE, path=path)
        else:
            yield Step(act=Act.REPLACE if file.docs else Act.ADD, path=path)


def _of_unchanged(situation: Situation) -> Iterator[Step]:
    """Files that cannot be added as they are, or whose document was removed by hand."""
    for path, file in situation.files.items():
        state = situation.sight.files.get(path)
        if state is None or not state.same_as(file.state):
            continue
        present = file.digest in situation.documents
        if file.problem and present:
            yield Step(act=Act.NOTE, path=path)
        elif file.problem and file.problem.kind in CURABLE:
            yield Step(act=Act.REPLACE if file.docs else Act.ADD, path=path)
        elif file.problem:
            yield Step(act=Act.SKIP, path=path, why=file.problem.message)
        elif not present:
            yield Step(act=Act.SKIP, path=path, why=REMOVED)
