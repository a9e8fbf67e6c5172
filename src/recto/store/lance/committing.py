"""One committer a shard: lance lets several writers commit, but two that merge the same new keys make duplicates.

Whoever commits first makes the object `writer/N`, with N greater than all before: object storage lets one of several
succeed. It writes it anew now and then, and empties it when done. A writer that is killed writes no more: who waits
sees the object unchanged for a while, by a clock of its own, and makes the next.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from recto.errors import LibraryBusy, LibraryProblem
from recto.store.lance.bucket import Bucket

FOLDER = "writer"
BEAT_S = 5.0  # between two signs of life
PATIENCE_S = 25.0  # without one: some beats, and the seconds for which a store retries
BUSY_S = 120.0  # that a writer waits for others
LOOK_S = 0.2  # between two looks


class Committing:
    """The right to commit, until it is released."""

    def __init__(self, bucket: Bucket) -> None:
        """Wait for it. LibraryBusy if others go on committing."""
        self._bucket = bucket
        self._path = self._take()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="recto-committing", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """LibraryBusy if another writer took over, because this one had stood still: it was asleep, say."""
        if self._bucket.objects(FOLDER)[-1]["path"] != self._path:
            what = (
                f"another writer has taken {self._bucket.uri} over, as this one had stood still for {PATIENCE_S:.0f} s"
            )
            raise LibraryBusy(what, hint="try again")

    def release(self) -> None:
        """Let others commit."""
        self._over.set()
        self._thread.join()
        self._bucket.put(self._path, b"")

    def _take(self) -> str:
        last, since, end = None, time.monotonic(), time.monotonic() + BUSY_S
        while time.monotonic() < end:
            marks = self._bucket.objects(FOLDER)
            newest = marks[-1] if marks else None
            if newest != last:
                last, since = newest, time.monotonic()
            if newest is None or not newest["size"] or time.monotonic() - since > PATIENCE_S:
                number = int(newest["path"].rpartition("/")[2]) if newest else 0
                path = f"{FOLDER}/{number + 1:012d}"
                if self._bucket.create(path, b"taken"):
                    self._bucket.delete([mark["path"] for mark in marks])
                    return path
            time.sleep(LOOK_S)
        what = f"another process has been writing to {self._bucket.uri} for over {BUSY_S:.0f} s"
        raise LibraryBusy(what, hint="wait until it has finished, and try again")

    def _beat(self) -> None:
        beats = 0
        while not self._over.wait(BEAT_S):
            beats += 1
            with suppress(LibraryProblem):  # then others may take over, which `check` tells
                self._bucket.put(self._path, f"beat {beats}".encode())


@contextmanager
def committing(bucket: Bucket) -> Iterator[Committing]:
    """Commit alone while the block runs."""
    own = Committing(bucket)
    try:
        yield own
    finally:
        own.release()
