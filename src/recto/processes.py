"""What all child processes need: an end when their parent is killed, and a log that does not grow for ever."""

import ctypes
import signal
import sys
from collections.abc import Callable
from pathlib import Path

LOG_LIMIT = 1 << 20  # bytes; a longer log is begun anew
PR_SET_PDEATHSIG = 1  # linux/prctl.h


def end_with_parent(signal_number: signal.Signals) -> Callable[[], None] | None:
    """A `preexec_fn` that has the kernel send the child this signal when its parent dies; None where only Linux can."""
    if sys.platform != "linux":
        return None

    def ask_kernel() -> None:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal_number)

    return ask_kernel


def rotated_log(path: Path) -> Path:
    """The log at this path, its folder made; one that has grown too long is deleted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and path.stat().st_size > LOG_LIMIT:
        path.unlink()
    return path
