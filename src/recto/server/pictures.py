"""Pictures of pages, drawn once and kept on disk: clean, the marks lie over them in the page."""

import hashlib
import threading
from collections import OrderedDict
from pathlib import Path

from recto.library import Library

KEPT_BYTES = 200 << 20  # on disk, for each library
WIDTHS = (400, 800, 1200, 1800, 2400)  # pixels; others are rounded up, so that few pictures serve all screens


class Pictures:
    """The pictures of one library."""

    def __init__(self, library: Library, folder: Path) -> None:
        self._library, self._folder = library, folder
        self._sizes: OrderedDict[Path, int] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, doc: str, number: int, width: int, password: str | None) -> bytes:
        """A page as PNG. An encrypted document's pictures are not kept."""
        wide = next((one for one in WIDTHS if one >= width), WIDTHS[-1])
        document = self._library.document(doc)
        name = hashlib.sha256(f"{document.id} {number} {wide}".encode()).hexdigest()[:32]
        path = self._folder / f"{name}.png"
        with self._lock:
            if path in self._sizes:
                self._sizes.move_to_end(path)
                return path.read_bytes()
            picture = self._library.picture(document.id, number, width=wide, password=password)
            if password is None:
                self._keep(path, picture)
            return picture

    def _keep(self, path: Path, picture: bytes) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture)
        except OSError:  # no room on the disk: it is drawn anew the next time
            path.unlink(missing_ok=True)
            return
        self._sizes[path] = len(picture)
        while sum(self._sizes.values()) > KEPT_BYTES:
            old, _ = self._sizes.popitem(last=False)
            old.unlink(missing_ok=True)

    def forget(self) -> None:
        """Delete all pictures: a removed document leaves none behind."""
        with self._lock:
            for path in self._sizes:
                path.unlink(missing_ok=True)
            self._sizes.clear()

    def close(self) -> None:
        """Delete what was kept."""
        self.forget()
