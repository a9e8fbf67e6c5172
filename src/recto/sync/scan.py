"""What is there: the files of a folder that recto reads, told apart from what is hidden, unfinished or in use."""

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from recto.errors import FolderGone
from recto.file_kinds import ending_of
from recto.types import FileState

WITHIN_63_BITS = (1 << 63) - 1  # that SQLite keeps of a number; some file systems have inodes of 64
LOCKED_S = 86_400.0  # after which the lock of an office program is one that a crash has left
OFFICE_LOCKS = (".~lock.", "~$")  # what LibreOffice's begin with, before the whole name; and Microsoft's
CUT = 2  # characters of a name that Microsoft's lock may lack
PARTS = (".part", ".crdownload", ".download", ".opdownload", ".partial")  # of browsers, behind the name
OF_SYSTEMS = {"$RECYCLE.BIN", "System Volume Information", "lost+found", "@eaDir", "#recycle"}  # folders not a person's
BUSY = "it is open in an office program"
DOWNLOADING = "it is being downloaded"


@dataclass(slots=True)
class Scan:
    """The files below a folder by their path below it. Nothing of a file is read, but its size and times."""

    files: dict[str, FileState] = field(default_factory=dict)
    busy: dict[str, str] = field(default_factory=dict)  # files of these that are in use, and by what
    unread: dict[str, str] = field(default_factory=dict)  # folders and files that cannot be looked at, and why
    devices: set[int] = field(default_factory=set)  # of its folders

    def hides(self, path: str) -> bool:
        """Whether a file may be there although it was not seen."""
        return any(path == place or path.startswith(f"{place}{os.sep}") for place in self.unread)


def scan(root: Path, *, besides: Path, now: float) -> Scan:
    """Look at everything below a folder but `besides`, the library itself. FolderGone if it is not there.

    Links to folders are not followed: they may lead back, or out.
    """
    sight = Scan()
    pending = [""]
    while pending:
        below = pending.pop()
        folder = root / below
        try:
            device = folder.stat().st_dev
            with os.scandir(folder) as listing:
                entries = list(listing)
        except OSError as problem:
            if not below:
                what = f"{root} cannot be looked into ({problem.strerror}); nothing of it was changed in the library"
                raise FolderGone(what, hint="mount its disk, or name another folder") from problem
            if not isinstance(problem, FileNotFoundError):  # it went away since its name was read
                sight.unread[below] = problem.strerror or str(problem)
            continue
        sight.devices.add(device & WITHIN_63_BITS)
        pending += _look(sight, below, entries, str(besides), now)
    return sight


def _look(sight: Scan, below: str, entries: Collection[os.DirEntry[str]], besides: str, now: float) -> Iterator[str]:
    """Note the files of one folder; the folders in it are given back."""
    names = {entry.name for entry in entries if entry.name.startswith(OFFICE_LOCKS) or entry.name.endswith(PARTS)}
    for entry in entries:
        name, path = entry.name, f"{below}{os.sep}{entry.name}" if below else entry.name
        if name.startswith((".", *OFFICE_LOCKS)) or name in OF_SYSTEMS:
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                if not name.endswith(PARTS) and entry.path != besides:
                    yield path
            elif ending_of(name) and entry.is_file():
                state = entry.stat()
                numbers = state.st_ino & WITHIN_63_BITS, state.st_dev & WITHIN_63_BITS
                sight.files[path] = FileState(state.st_size, state.st_mtime_ns, *numbers)
                if use := names and _use(entry, names, now):
                    sight.busy[path] = use
        except FileNotFoundError:  # since its name was read
            sight.files.pop(path, None)
        except OSError as problem:
            sight.unread[path] = problem.strerror or str(problem)


def _use(entry: os.DirEntry[str], names: Collection[str], now: float) -> str:
    """What has a file in use, by the files beside it; empty if nothing has."""
    if any(f"{entry.name}{part}" in names for part in PARTS):
        return DOWNLOADING
    for lock in (f".~lock.{entry.name}#", f"~${entry.name}", f"~${entry.name[CUT:]}"):
        with suppress(OSError):
            if lock in names and now - Path(entry.path).with_name(lock).stat().st_mtime < LOCKED_S:
                return BUSY
    return ""
