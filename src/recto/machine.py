"""What this machine lets a process use: cores, memory, CPU features, within its cgroup."""

import ctypes
import ipaddress
import os
import platform
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CGROUP = Path("/sys/fs/cgroup")
M_ARENA_MAX = -8  # of glibc's malloc.h
GIB = 1 << 30
LOOPBACK = "127.0.0.1"  # this machine, as only it reaches itself
FEATURES = (
    "sse4_2",
    "avx",
    "avx2",
    "fma",
    "avx512f",
    "avx512_vnni",
    "avx_vnni",
    "amx_int8",
    "asimd",
    "asimddp",
    "i8mm",
)


def available_cores() -> int:
    """Cores this process may really use: the smaller of its affinity and its cgroup's quota, at least 1."""
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = cgroup_cores()
    return max(1, min(affinity, int(quota) if quota else affinity))


def cgroup_cores() -> float | None:
    """The cgroup's CPU quota in cores (v2 `cpu.max`, v1 `cpu.cfs_quota_us`), None if there is none."""
    v2 = read_text(CGROUP / "cpu.max").split()
    if len(v2) == 2 and v2[0] != "max":
        return int(v2[0]) / int(v2[1])
    quota = read_text(CGROUP / "cpu/cpu.cfs_quota_us").split()
    period = read_text(CGROUP / "cpu/cpu.cfs_period_us").split()
    if quota and period and int(quota[0]) > 0:
        return int(quota[0]) / int(period[0])
    return None


def raise_open_files() -> int:
    """Let this process have as many files and connections open as the system allows it; how many that are."""
    import resource  # which Windows lacks

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = sys.maxsize if hard == resource.RLIM_INFINITY else hard
    with suppress(ValueError, OSError):  # macOS allows less than it says
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        return most
    return soft


def machine_memory() -> int | None:
    """The machine's memory in bytes, None if the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def cgroup_memory() -> int | None:
    """The cgroup's memory limit in bytes, None if there is none below the machine's own."""
    for path in (CGROUP / "memory.max", CGROUP / "memory/memory.limit_in_bytes"):
        limit = read_text(path).split()
        if limit and limit[0] != "max" and int(limit[0]) < (machine_memory() or 0):
            return int(limit[0])
    return None


def free_memory() -> int | None:
    """Bytes that can be had now without swapping, within the cgroup's limit; None if the system does not say."""
    meminfo = read_text(Path("/proc/meminfo")).splitlines()
    free = [int(line.split()[1]) << 10 for line in meminfo if line.startswith("MemAvailable:")]
    cgroup = _cgroup_free()
    return min(free if cgroup is None else [*free, cgroup], default=None)


def _cgroup_free() -> int | None:
    """What the cgroup has left: what is only a copy of files on disk, such as of a model just fetched, makes room."""
    limit = cgroup_memory()
    if limit is None:
        return None
    for name in ("memory.current", "memory/memory.usage_in_bytes"):
        if used := read_text(CGROUP / name).split():
            stat = read_text((CGROUP / name).parent / "memory.stat").splitlines()
            counts = dict(line.split() for line in stat if len(line.split()) == 2)
            reclaimable = int(counts.get("total_inactive_file") or counts.get("inactive_file") or 0)
            return max(0, limit - int(used[0]) + reclaimable)
    return limit


def cpu_features() -> frozenset[str]:
    """The CPU's features as Linux names them, none elsewhere."""
    for line in read_text(Path("/proc/cpuinfo")).splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("flags", "Features"):
            return frozenset(value.split())
    return frozenset()


def read_text(path: Path) -> str:
    """A small file's text, empty if there is none."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether a host is this machine as only it reaches itself."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def share_heap() -> None:
    """Let all threads allocate from one heap: for a server, whose threads are many and short-lived.

    glibc gives each thread one of several heaps, and what is left in them grows: 9 MB with each document encoded.
    """
    _call_glibc("mallopt", M_ARENA_MAX, 1)


def release_memory() -> None:
    """Give freed memory back to the system, which glibc does late."""
    _call_glibc("malloc_trim", 0)


def _call_glibc(name: str, *arguments: int) -> None:
    """Call what other C libraries lack; there, nothing happens."""
    if sys.platform == "linux":
        with suppress(AttributeError):
            getattr(ctypes.CDLL(None), name)(*arguments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found, for programs and for people, and what to do if it is missing."""

    name: str
    value: Any
    words: str
    hint: str = ""


def findings() -> Iterator[Finding]:
    """Cores, memory and the CPU's features."""
    quota, usable = cgroup_cores(), available_cores()
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    limit = f"cgroup quota {quota:g}" if quota else "no cgroup quota"
    yield Finding(
        name="cores",
        value={"usable": usable, "machine": os.cpu_count(), "affinity": affinity, "cgroup_quota": quota},
        words=f"{usable} usable ({os.cpu_count()} in the machine, affinity {affinity}, {limit})",
    )
    memory_limit, total = cgroup_memory(), machine_memory()
    words = f"{total / GIB:.1f} GiB" if total else "unknown"
    words += f", cgroup limit {memory_limit / GIB:.1f} GiB" if memory_limit else ", no cgroup limit"
    yield Finding(name="memory", value={"machine": total, "cgroup_limit": memory_limit}, words=words)
    present = cpu_features()
    features = [feature for feature in FEATURES if feature in present]
    yield Finding(
        name="cpu",
        value={"machine": platform.machine(), "features": features},
        words=f"{platform.machine()} {' '.join(features)}",
    )


def lower_priority(nice: int, *, idle: bool) -> None:
    """Lower the priority of this thread and of those it will start; Linux alone does this per thread.

    An idle thread leaves its core at once to whoever wakes up there. One that is nice may stay for milliseconds, and a
    language model, whose threads wait for each other thousands of times a second, would write half as fast. But where
    other programs never rest, an idle thread never ends.
    """
    if hasattr(os, "SCHED_IDLE"):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), nice)
        if idle:
            with suppress(OSError):  # in a sandbox that does not know it
                os.sched_setscheduler(threading.get_native_id(), os.SCHED_IDLE, os.sched_param(0))
