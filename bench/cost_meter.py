"""What work costs a process and all that it starts: CPU and wall seconds, and memory. Linux only: it reads /proc."""

import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, wait
from contextlib import suppress
from datetime import datetime
from multiprocessing import active_children, get_context, get_start_method, set_forkserver_preload, set_start_method
from pathlib import Path
from typing import Any, TypeVar

TICK_S = 0.05  # between two looks at the memory
CLOCK = os.sysconf("SC_CLK_TCK")
PROCESS_ENDED = (FileNotFoundError, ProcessLookupError)

Figures = dict[str, Any]
T = TypeVar("T")


def say(what: str) -> None:
    """Tell whoever waits what is measured now."""
    print(f"{datetime.now():%H:%M:%S} {what} ...", file=sys.stderr, flush=True)


class CostMeter:
    """Counts from its making on."""

    def __init__(self) -> None:
        self._cpu, self._wall = _cpu_s(), time.perf_counter()

    def cost(self) -> Figures:
        """CPU seconds, child processes included, and wall seconds so far."""
        return {"cpu_s": round(_cpu_s() - self._cpu, 3), "wall_s": round(time.perf_counter() - self._wall, 3)}


def in_a_hurry() -> None:
    """Fork fresh processes from one that has imported the bench, and recognise no pictures: for a smoke test."""
    os.environ["RECTO_OCR"] = "off"
    set_start_method("forkserver")
    set_forkserver_preload([name for name in sys.modules if name.startswith("bench.")])


def alone(work: Callable[..., T], *arguments: object, **keywords: object) -> tuple[T, float]:
    """Do work in a fresh process; with its result comes the most memory that it and its children held at once, MB."""
    peak = 0
    # Never forked: a fork has the modules of this process, and with them numpy's threads, which recto does without.
    method = "forkserver" if get_start_method(allow_none=True) == "forkserver" else "spawn"
    with ProcessPoolExecutor(1, mp_context=get_context(method)) as pool:
        future = pool.submit(work, *arguments, **keywords)
        while not future.done():
            peak = max(peak, sum(resident(child.pid or 0) for child in active_children()))
            wait([future], TICK_S)
    return future.result(), round(peak / 1e6, 1)


def spent(pid: int) -> float:
    """CPU seconds of a process and all its descendants so far, those that ended and were waited for included."""
    return sum(map(_spent, family(pid)))


def resident(pid: int) -> int:
    """Bytes of memory that a process and all its descendants hold; pages that they share count more than once."""
    return sum(map(resident_alone, family(pid)))


def resident_alone(pid: int) -> int:
    """Bytes of memory that a process holds, 0 if it has ended."""
    with suppress(*PROCESS_ENDED):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _cpu_s() -> float:
    """Of this process, of its children that ended, and of its descendants that live."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    living = [pid for pid in family(os.getpid()) if pid != os.getpid()]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages) + sum(map(_spent, living))


def _spent(pid: int) -> float:
    with suppress(*PROCESS_ENDED):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / CLOCK  # utime, stime and those of the children that ended
    return 0.0


def family(pid: int) -> Iterator[int]:
    """The process and all its descendants."""
    yield pid
    with suppress(*PROCESS_ENDED):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from family(int(child))
