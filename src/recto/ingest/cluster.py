"""Files prepared by the machines of a Ray cluster. What they make is committed by the process that asked for it."""

import os
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from recto.errors import BadSetting, NothingReadable, StoreToolsMissing
from recto.ingest import Prepared, prepare, runtime
from recto.library.adding import failure, unread_document

INSTALL = "pip install 'recto-pdf[ray]'"
LOCAL = "local"  # in place of an address: a cluster of this machine's cores, which ends with the process
FILE_S = 7200.0  # for one file, its recognition and encoding on one core: 1,000 scanned pages take less
ATTEMPTS = 3  # more at a file whose worker dies: its machine was switched off, or killed it for its memory
CONNECT_S = 5.0
LOOK_S = 1.0  # between two looks for files that take too long

Prepare = Callable[[str, frozenset[str]], Prepared]


def prepare_on(
    address: str, files: Iterable[str], ids: frozenset[str], *, limit_s: float = FILE_S, work: Prepare | None = None
) -> Iterator[Prepared]:
    """Prepare files on a cluster, as many at once as it has cores; they come as they are done.

    A file whose worker dies is prepared by another one. One that fails for good is an outcome that says so.
    StoreToolsMissing without Ray, BadSetting if no cluster is there.
    """
    ray = _connected(address)
    task = ray.remote(work or prepare_on_one_core).options(max_retries=ATTEMPTS)
    known, waiting, began = ray.put(ids), iter(files), dict[Any, tuple[str, float]]()
    try:
        while True:
            room = max(1, int(ray.cluster_resources().get("CPU", 1))) - len(began)
            for source in islice(waiting, max(room, 0)):
                began[task.remote(source, known)] = source, time.monotonic()
            if not began:
                return
            done, _ = ray.wait(list(began), timeout=LOOK_S)
            for reference in done:
                yield _outcome(reference, began.pop(reference)[0])
            for reference in [own for own, (_, since) in began.items() if time.monotonic() - since > limit_s]:
                ray.cancel(reference, force=True)
                yield _failed(began.pop(reference)[0], f"took longer than {limit_s:g} s, and was given up")
    finally:
        ray.shutdown()


def prepare_on_one_core(source: str, ids: frozenset[str]) -> Prepared:
    """Prepare a file in a worker's process, of which there is one for each core."""
    _keep_reading()
    return prepare(source, ids, threads=1)


@cache
def _keep_reading() -> None:
    """Let this process's reading stay for the next file, until it is ended."""
    runtime(1).reading.borrowed().__enter__()


def _outcome(reference: Any, source: str) -> Prepared:  # noqa: ANN401 - Ray is not there for everybody
    import ray

    try:
        prepared: Prepared = ray.get(reference)
    except ray.exceptions.RayTaskError as problem:
        if "failed to import" in str(problem):
            what = "the machines of the cluster have no recto, or another version of it"
            raise StoreToolsMissing(what, hint=f"{INSTALL} on each of them", detail=str(problem.cause)) from problem
        return _failed(source, f"could not be prepared: {problem.cause!r}")
    except ray.exceptions.RayError as problem:
        return _failed(source, f"was given up after {ATTEMPTS + 1} attempts: {type(problem).__name__}")
    return prepared


def _failed(source: str, what: str) -> Prepared:
    path = Path(source)
    hint = "split it, a PDF for example with `qpdf --split-pages`, or give the workers more memory"
    return Prepared((failure(unread_document(path), NothingReadable(f"{path.name} {what}", hint=hint)),), (), {})


def _connected(address: str) -> Any:  # noqa: ANN401
    """Ray, in a cluster; it tells nobody of its use."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as problem:
        raise StoreToolsMissing(f"--ray needs what is not installed: {problem.name}", hint=INSTALL) from problem
    host, _, port = address.rpartition("://")[2].rpartition(":")
    try:
        if port.isdecimal():  # Ray itself tries for minutes
            socket.create_connection((host, int(port)), CONNECT_S).close()
        ray.init(None if address == LOCAL else address, log_to_driver=False, logging_level="error")
    except (OSError, RuntimeError, ValueError) as problem:
        hint = f"--ray HOST:6379 as `ray start --head` says it, or --ray {LOCAL} for this machine's cores"
        raise BadSetting(f"no Ray cluster answers at {address}: {problem}", hint=hint) from problem
    return ray
