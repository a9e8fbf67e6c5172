"""Folders for what has to lie as a file for a while: temporary ones, or in memory where nothing may reach the disk."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path

MEMORY = Path("/dev/shm")  # of Linux: what is written there lies in memory, and is gone when the machine ends
LOCK = "lock"
WAITING = "waiting"  # folder of what outlives the process: the next one of the same parent takes it over


def temporary_folder(prefix: str, *, in_memory: bool) -> tempfile.TemporaryDirectory[str]:
    """A folder for its owner alone, until it is cleaned up. It is on a disk after all where there is none in memory."""
    return tempfile.TemporaryDirectory(prefix=prefix, dir=memory_folder() if in_memory else None)


@cache
def memory_folder() -> Path | None:
    """The folder in memory of this process, deleted at its end; None where there is none, as on macOS and Windows."""
    if not MEMORY.is_dir():
        return None
    folder = MEMORY / f"recto-{os.getuid()}"
    stack = ExitStack()
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        state = folder.lstat()
        if folder.is_symlink() or state.st_uid != os.getuid() or state.st_mode & 0o077:
            return None  # somebody else made it, who could look into it
        process_folder = stack.enter_context(own_folder(folder))
    except OSError:
        return None
    atexit.register(stack.close)
    return process_folder


@contextmanager
def own_folder(parent: Path) -> Iterator[Path]:
    """A new folder of this process's own, which is deleted at the end of the block. OSError if there can be none.

    What still waits in it then stays for the next process, which finds it in its own.

    Its lock is held as long as the block runs, and let go of by the system if the process is killed: folders whose lock
    is free are deleted first. Ports or process ids would not tell: two containers on one volume have the same.
    """
    parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        with locked(parent / LOCK, wait=True):  # a folder that another process makes now is not locked yet
            formers = list(filter(Path.is_dir, parent.iterdir()))
            folder = Path(tempfile.mkdtemp(dir=parent))
            stack.callback(_delete, folder)
            stack.enter_context(locked(folder / LOCK, wait=False))
            for former in formers:
                with suppress(OSError), locked(former / LOCK, wait=False):
                    for path in waiting_files(former):
                        target = folder / path.relative_to(former)
                        target.parent.mkdir(parents=True, exist_ok=True)
                        path.replace(target)
                    shutil.rmtree(former, ignore_errors=True)
        yield folder


def waiting_files(folder: Path) -> list[Path]:
    """What waits in a folder."""
    return list(filter(Path.is_file, (folder / WAITING).rglob("*")))


def _delete(folder: Path) -> None:
    """Delete a folder, but for what waits in it."""
    with suppress(OSError):  # another process was faster
        for path in list(folder.iterdir()) if waiting_files(folder) else [folder]:
            if path.is_dir() and path.name != WAITING:
                shutil.rmtree(path, ignore_errors=True)


@contextmanager
def locked(path: Path, *, wait: bool) -> Iterator[None]:
    """Hold the lock of this file. BlockingIOError if another process does and nobody waits for it."""
    import fcntl  # which Windows lacks

    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
