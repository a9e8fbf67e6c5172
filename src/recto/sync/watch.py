"""A folder kept in step for as long as it is watched: by the system's events, and by looking where there are none."""

import re
import time
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TypeAlias

from recto.errors import RectoError
from recto.machine import read_text
from recto.sync import FolderSync, Report, SyncEvent
from recto.sync.plan import SETTLED_S, STILL
from recto.sync.run import Synced

TICK_S = 0.5  # between two looks whether the folder itself is still the same, and whether to end
POLL_S = 5.0  # between two looks at a folder of which the system tells nothing
SAFETY_S = 600.0  # between two looks in any case: events may be lost
SHARE = 20  # looking takes at most this part of a core: a folder of 100,000 files is looked at in 1 to 2 seconds
MOUNTS = Path("/proc/self/mountinfo")
# File systems that tell of no change that another machine makes: of networks, and what a container or a virtual machine
# is given of its host. Those of FUSE have names of their own.
SILENT = {"9p", "afs", "ceph", "cifs", "drvfs", "fakeowner", "glusterfs", "lustre", "nfs", "nfs4", "osxfs", "prl_fs"}
SILENT |= {"smb3", "smbfs", "vboxsf", "virtiofs"}
FUSE = "fuse"
_ESCAPED = re.compile(r"\\([0-7]{3})")  # a space in the path of a mount


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The folder cannot be looked at now, or the library not be written; it is tried again."""

    problem: RectoError


WatchEvent: TypeAlias = SyncEvent | Interrupted


def watch(sync: FolderSync, over: Event, *, emptied: bool = False) -> Generator[WatchEvent, None, None]:
    """Bring the library in step, and again whenever something changes, until it is `over`; whoever asks is `alone`."""
    polls = is_silent(sync.root)
    while not over.is_set():
        place = _place(sync.root)
        with closing(_changes(sync.root, over)) as changes:
            next(changes, None)  # from now on none is missed
            while not over.is_set() and place == _place(sync.root):
                rest_s, pause_s = POLL_S if polls or place is None else SAFETY_S, TICK_S
                try:
                    for event in sync.once(emptied=emptied):
                        yield event
                        if isinstance(event, Synced) and event.step.why == STILL:
                            rest_s = SETTLED_S
                        elif isinstance(event, Report):
                            pause_s = max(pause_s, SHARE * event.look_s)
                except RectoError as problem:
                    yield Interrupted(problem)
                    rest_s = POLL_S
                emptied = False
                _rest(sync.root, changes, pause_s=pause_s, rest_s=max(rest_s, pause_s))


def _rest(root: Path, changes: Iterator[bool | None], *, pause_s: float, rest_s: float) -> None:
    """Wait for a change, or for so long, but not less than the pause."""
    began, place, is_changed = time.monotonic(), _place(root), False
    for change in changes:
        rested_s = time.monotonic() - began
        is_changed = is_changed or bool(change)
        if rested_s >= (pause_s if is_changed else min(rest_s, POLL_S) if change is None else rest_s):
            return
        if place != _place(root):
            return


def _changes(root: Path, over: Event) -> Generator[bool | None, None, None]:
    """Every TICK_S at most, whether something has changed since; None where the system does not tell. Ends when over.

    It tells nothing where it has no such events, or is to watch more folders than it may, see docs/library.md.
    """
    import watchfiles

    with suppress(OSError, RuntimeError):
        yield from (
            bool(changes)
            for changes in watchfiles.watch(
                root,
                watch_filter=None,
                stop_event=over,
                rust_timeout=int(1000 * TICK_S),
                yield_on_timeout=True,
                force_polling=False,
                ignore_permission_denied=True,
            )
        )
    while not over.wait(TICK_S):
        yield None


def _place(root: Path) -> tuple[int, int] | None:
    """What tells a folder from another one in its place, such as that of a disk that is mounted there."""
    with suppress(OSError):
        state = root.stat()
        return state.st_dev, state.st_ino
    return None


def is_silent(root: Path, mounts: str | None = None) -> bool:
    """Whether a folder lies on a file system that does not tell of all changes; False where that is not known."""
    best, kind = "", ""
    for line in (read_text(MOUNTS) if mounts is None else mounts).splitlines():
        fields, _, rest = line.partition(" - ")
        point = _ESCAPED.sub(lambda match: chr(int(match[1], 8)), fields.split()[4])
        if len(point) >= len(best) and (Path(point) == root or Path(point) in root.parents):
            best, kind = point, rest.split()[0]
    return kind in SILENT or kind.partition(".")[0] == FUSE
