"""Pictures of pages, drawn once and kept on disk: clean, the marks lie over them in the page."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from recto.library import Library

BYTES_KEPT = 200 << 20  # on disk, for each library
WIDTHS = (400, 800, 1200, 1800, 2400)  # pixels; others are rounded up, so that few pictures serve all screens


class Pictures:
    """The pictures of one library, of which `library` gives what is open now. Threads may share it."""

    def __init__(self, library: Callable[[], Library], folder: Path) -> None:
        self._library, self._folder = library, folder
        self._sizes: OrderedDict[Path, int] = OrderedDict()
        self._drawings: set[Path] = set()  # under way
        self._deletions = 0
        self._change = threading.Condition()  # over the three above; never held while a page is drawn, which may hang

    def get(self, doc: str, number: int, width: int, password: str | None) -> bytes:
        """A page as PNG, drawn by one caller while the others who want it wait.

        An encrypted document's pictures are not kept. Raises what `Library.picture` raises.
        """
        library = self._library()
        rounded = next((candidate for candidate in WIDTHS if candidate >= width), WIDTHS[-1])
        document = library.document(doc)
        name = hashlib.sha256(f"{document.id} {number} {rounded}".encode()).hexdigest()[:32]
        path = self._folder / f"{name}.png"
        with self._change:
            self._change.wait_for(lambda: path not in self._drawings)
            if path in self._sizes:
                self._sizes.move_to_end(path)
                return path.read_bytes()
            self._drawings.add(path)
            deletions = self._deletions
        try:
            picture = library.picture(document.id, number, width=rounded, password=password)
            with self._change:
                if password is None and deletions == self._deletions:  # the document may have been removed meanwhile
                    self._keep(path, picture)
            return picture
        finally:
            with self._change:
                self._drawings.remove(path)
                self._change.notify_all()

    def _keep(self, path: Path, picture: bytes) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture)
        except OSError:  # no room on the disk: it is drawn anew the next time
            path.unlink(missing_ok=True)
            return
        self._sizes[path] = len(picture)
        while sum(self._sizes.values()) > BYTES_KEPT:
            oldest, _ = self._sizes.popitem(last=False)
            oldest.unlink(missing_ok=True)

    def delete(self) -> None:
        """Delete all pictures: a removed document leaves none behind, nor does one that is drawn at this moment."""
        with self._change:
            for path in self._sizes:
                path.unlink(missing_ok=True)
            self._sizes.clear()
            self._deletions += 1
