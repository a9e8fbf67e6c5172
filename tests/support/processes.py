"""Who is whose child, as /proc tells; threads and processes may end while one looks."""

import os
from contextlib import suppress
from pathlib import Path


def children(pid: int | None = None, running: str = "") -> list[int]:
    """The children of a process, ours if none is named, whose command line holds these words; any thread began them."""
    parent = pid or os.getpid()
    pids: list[int] = []
    for task in Path(f"/proc/{parent}/task").glob("*/children"):
        with suppress(OSError):
            pids += map(int, task.read_text().split())
    return [child for child in pids if running in _command(child)]


def _command(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""
