"""What runs in a process of its own for the tests that kill it, starve it or take its rights."""

import os
import resource
import signal
import sys
import urllib.parse  # noqa: F401  Path.as_uri wants it from Python 3.13 on
from functools import cache
from pathlib import Path

import simsimd  # noqa: F401  everything is imported before the rights are gone: Python itself may lie in a private folder

from recto.errors import RectoError
from recto.index_types import Version
from recto.store.sqlite import SqliteStore
from support.store_contract import keys, of_this_run, put
from support.synthetic_pages import Made, ids, make

NOBODY = 65534


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@cache
def big(folder: Path, seed: int) -> Made:
    """Big enough for a kill to hit the middle of it."""
    return make(folder, seed, pages=30, passages=4)


def add(library: str, files: str, first: str, last: str) -> None:
    """Add documents one by one, and say which are in."""
    with of_this_run(Path(library)) as store:
        for seed in range(int(first), int(last)):
            sample = big(Path(files), seed)
            (version,) = put(store, sample)
            say(f"kept {seed}")
            store.put_vectors(version, "f", sample.vectors)
            say(f"encoded {seed}")


def starve(library: str, files: str, limit: str) -> None:
    """Write until no file may grow over `limit` bytes: what a full disk or a quota does."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
    with of_this_run(Path(library)) as store:
        fill(store, Path(files))


def fill(store: SqliteStore, files: Path) -> None:
    """Add documents until there is no room."""
    for seed in range(1000):
        sample = big(files, seed)
        try:
            put(store, sample)
        except RectoError as problem:
            say(f"{problem.kind}: {problem.message}")
            break
        say(f"kept {seed}")
    say(f"there {len(store.documents())}")


def look(library: str, files: str) -> None:
    """Use a library without the right to write it."""
    sample = make(Path(files), 1)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    with of_this_run(Path(library)) as store:
        hits = store.lexical({"text": ids(range(50))}, 1000)["text"]
        cosines = store.cosines(sample.vectors[0], "f", keys(sample)).values
        say(f"{len(store.documents())} {len(hits)} {len(cosines)} {store.page(sample.id, 0).number} {store.lagging()}")
        for write in (
            lambda: put(store, sample),
            lambda: store.delete(sample.id),
            lambda: store.put_vectors(Version(sample.document, 1), "f", sample.vectors),
        ):
            try:
                write()
            except RectoError as problem:
                say(f"{problem.kind}: {problem.message} ({problem.hint})")
