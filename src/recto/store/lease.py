"""One machine at a time: SQLite keeps the processes of one machine apart, not two machines with one folder.

The file `machine` in the folder names who has the library open. Each process of that machine holds a shared lock on it;
NFS, SMB and disks of this machine tell others of it. Other file systems may keep locks to themselves (sshfs, what a
virtual machine shares), so the file is touched now and then as well, and whoever else comes waits for that.
"""

import json
import logging
import os
import socket
import struct
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from errno import EACCES, EAGAIN
from pathlib import Path
from typing import BinaryIO, Self

from recto.errors import LibraryBusy

FILE = "machine"
LENGTH = 512  # bytes of it, always: on a full disk it can be written, but not grow
BEAT_S = 10.0  # between two touches
PATIENCE_S = 35.0  # without one: a beat, and the 20 s for which sshfs remembers a file's time
SILENT_S = 2.0  # of waiting, before it is said what for
LOOK_S = 0.1  # between two looks
LOOKS = 50  # while another process of this machine writes the file
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")  # the same in all containers of a machine
MACHINE_ID = Path("/etc/machine-id")
_log = logging.getLogger(__name__)  # which a process that logs nothing has on standard error

HINT = "end recto there, or keep a library on this machine: RECTO_HOME=FOLDER recto ..."


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A machine, as it sees a file system: one that is seen twice (NFS, mounted twice) is not shared, either."""

    host: str
    machine: str  # the same after it was started anew
    start: str
    device: int

    @classmethod
    def here(cls, folder: Path) -> Self:
        """The machine at hand."""
        host = socket.gethostname()
        machine = f"{_text(MACHINE_ID)}/{host}"
        return cls(host=host, machine=machine, start=_text(BOOT_ID) or host, device=folder.stat().st_dev)

    def is_one_with(self, holder: Self) -> bool:
        """Whether both share locks and memory; containers of one machine do."""
        return (self.start, self.device) == (holder.start, holder.device)

    def came_after(self, holder: Self) -> bool:
        """Whether this is the same machine, started since."""
        return self.machine == holder.machine and self.start != holder.start


def _text(path: Path) -> str:
    with suppress(OSError):
        return path.read_text().strip()
    return ""


def _read(path: Path) -> Holder | None:
    """Who has the library open; None if nobody has."""
    with suppress(OSError, ValueError, TypeError):
        return Holder(**json.loads(path.read_bytes()))
    return None


def _lock(file: BinaryIO, *, exclusive: bool) -> bool:
    """Lock a file for this process; False if others hold it. True says nothing where files cannot be locked."""
    try:
        import fcntl  # which Windows lacks

        if hasattr(fcntl, "F_OFD_SETLK"):  # which a server of NFS sees, too, unlike `flock`
            kind = fcntl.F_WRLCK if exclusive else fcntl.F_RDLCK
            fcntl.fcntl(file, fcntl.F_OFD_SETLK, struct.pack("hhqqi0q", kind, os.SEEK_SET, 0, 0, 0))
        else:
            fcntl.flock(file, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except OSError as problem:
        return problem.errno not in (EACCES, EAGAIN)
    except ImportError:
        pass
    return True


class Lease:
    """The right of this machine to have a library open, shared by its processes, until it is closed."""

    def __init__(self, folder: Path) -> None:
        """LibraryBusy if another machine has it; OSError if that cannot be said in the folder."""
        self._path = folder / FILE
        self._here = Holder.here(folder)
        with ExitStack() as stack:
            with suppress(FileExistsError):
                self._path.open("xb").close()  # to touch one that is there would look like a beat
            self._file: BinaryIO = stack.enter_context(self._path.open("r+b", buffering=0))
            self._claim()
            stack.pop_all()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="recto-lease", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """LibraryBusy if another machine took the library, as this one had stood still: it was asleep, say."""
        holder = _read(self._path)
        if holder and not holder.is_one_with(self._here):
            raise LibraryBusy(f"{self._path.parent} was taken over by {holder.host}, another machine", hint=HINT)

    def close(self) -> None:
        """Let go; the last process of this machine leaves the library to others."""
        if self._over.is_set():
            return
        self._over.set()
        self._thread.join()
        with suppress(OSError, LibraryBusy), self._file as file:
            self.check()
            if _lock(file, exclusive=True):
                self._write("")

    def _claim(self) -> None:
        holder = None
        for _ in range(LOOKS):
            holder = _read(self._path)
            if holder and holder.is_one_with(self._here):
                if _lock(self._file, exclusive=False) and _read(self._path) == holder:
                    return
            elif _lock(self._file, exclusive=True):
                if holder and not self._here.came_after(holder) and self._beats(holder.host):
                    break
                self._write(json.dumps(asdict(self._here)))
                continue
            elif holder and holder == _read(self._path):
                break
            time.sleep(LOOK_S)
        host = holder.host if holder else "another machine"
        raise LibraryBusy(f"{self._path.parent} is open on {host}, another machine", hint=HINT)

    def _write(self, text: str) -> None:
        self._file.seek(0)
        self._file.write(text.encode().ljust(LENGTH))

    def _beats(self, host: str) -> bool:
        """Whether somebody touches the file."""
        before, began, told = self._path.stat().st_mtime_ns, time.monotonic(), False
        while (waited_s := time.monotonic() - began) < PATIENCE_S:
            if waited_s >= SILENT_S and not told:
                told = True
                what = (
                    "recto waits up to %.0f s: %s had %s open and has not let go; it may be on, or have lost its power"
                )
                _log.warning(what, PATIENCE_S, host, self._path.parent)
            time.sleep(LOOK_S)
            if self._path.stat().st_mtime_ns != before:
                return True
        return False

    def _beat(self) -> None:
        while not self._over.wait(BEAT_S):
            with suppress(OSError, LibraryBusy):
                self.check()
                os.utime(self._path)
