"""Memory of a process that recognises pages: kept while a page is read, given back after it. glibc only."""

import ctypes
from contextlib import suppress

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h
HELD = 1 << 28  # bytes that may lie free: a page takes 150 MB
LARGEST = 1 << 25  # bytes of one allocation that is kept when it is freed: glibc takes no larger limit
MISSING = (AttributeError, OSError, TypeError)  # another C library


def hold_freed() -> None:
    """Keep what is freed: to have it from the system anew for each layer of a model takes an eighth of the time."""
    with suppress(*MISSING):
        libc = ctypes.CDLL(None)
        libc.mallopt(MMAP_THRESHOLD, LARGEST)
        libc.mallopt(TRIM_THRESHOLD, HELD)


def give_back() -> None:
    """Return to the system what lies free."""
    with suppress(*MISSING):
        ctypes.CDLL(None).malloc_trim(0)
