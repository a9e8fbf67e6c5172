"""The worker processes that read PDFs: so many for all libraries, and none while nobody adds."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from recto.pdf.read import Reader


class ReadingPool:
    """Lends one reader to all who add at the same time; its processes end when the last of them is through."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._borrowers = 0
        self._reader: Reader | None = None

    @contextmanager
    def borrowed(self) -> Iterator[Reader]:
        """The reader, at least until the end of the block."""
        with self._lock:
            reader = self._reader = self._reader or Reader(nice=True)
            self._borrowers += 1
        try:
            yield reader
        finally:
            with self._lock:
                self._borrowers -= 1
                if not self._borrowers:
                    self._reader = None
                    reader.close()

    def processes(self) -> list[subprocess.Popen[bytes]]:
        """The workers at this moment."""
        reader = self._reader
        return reader.processes() if reader else []

    def close(self) -> None:
        """End the processes; whoever still reads is told that they ended."""
        with self._lock:
            if self._reader is not None:
                self._reader.close()
