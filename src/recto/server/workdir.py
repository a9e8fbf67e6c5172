"""Where a server keeps uploads, pictures and tenants' libraries while it runs, and what killed servers left there."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

FOLDER = "served"
LOCK = "lock"


@contextmanager
def workdir(home: Path) -> Iterator[Path]:
    """A new folder of this server's own, which is deleted at the end of the block.

    Its lock is held as long as the block runs, and let go of by the system if the process is killed: folders whose lock
    is free are deleted first. Ports or process ids would not tell: two containers on one volume have the same. Where
    the library may only be read, or files cannot be locked, the folder is one of the system's temporary ones.
    """
    served = home / FOLDER
    with ExitStack() as stack:
        try:
            served.mkdir(parents=True, exist_ok=True)
            with _locked(served / LOCK, wait=True):  # a folder that another server makes now is not locked yet
                for former in filter(Path.is_dir, served.iterdir()):
                    with suppress(OSError), _locked(former / LOCK, wait=False):
                        shutil.rmtree(former, ignore_errors=True)
                folder = Path(tempfile.mkdtemp(dir=served))
                stack.callback(shutil.rmtree, folder, ignore_errors=True)
                stack.enter_context(_locked(folder / LOCK, wait=False))
        except OSError:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="recto-")))
        yield folder


@contextmanager
def _locked(path: Path, *, wait: bool) -> Iterator[None]:
    """Hold the lock of this file; BlockingIOError if another process does and nobody waits for it."""
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
