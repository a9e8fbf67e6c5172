"""Pictures of pages: one worker process draws them for all libraries, from copies that stay for the pages after."""

import subprocess
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import BinaryIO

from recto.pdf.read import Reader
from recto.scratch import temporary_folder
from recto.storage import Store
from recto.types import Rect

KEPT_BYTES = 100 << 20  # of copies, beside the newest: what somebody reads who goes back and forth between some papers


class Drawing:
    """The one worker that draws, and the copies of PDFs that it draws from: bounded, and for nobody else to read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reader = Reader(workers=1)  # it stays: starting a worker takes longer than drawing a page
        self._folders: dict[bool, tempfile.TemporaryDirectory[str]] = {}  # on the disk, and in memory
        self._copies: OrderedDict[tuple[Store, str], Path] = OrderedDict()  # by library and document, used last last
        self._numbers = count()

    def page(
        self,
        store: Store,
        doc: str,
        number: int,
        *,
        width: int,
        marks: Sequence[Rect],
        password: str | None,
        in_memory: bool = False,
    ) -> bytes:
        """A page as PNG, `width` pixels wide, with boxes marked. FileProblem if it cannot be drawn.

        The copy lies `in_memory` if it must not reach the disk.
        """
        with self._lock:  # one worker draws one page at a time anyway, and the copy has to stay that long
            source = self._reader.open(self._copy(store, doc, in_memory=in_memory), password)
            return self._reader.draw(source, number, width=width, marks=tuple(marks))

    def opened(self, store: Store, doc: str, *, in_memory: bool = False) -> BinaryIO:
        """The PDF itself, to be read and closed, whatever becomes of its copy meanwhile."""
        with self._lock:
            return self._copy(store, doc, in_memory=in_memory).open("rb")

    def forget(self, store: Store, doc: str = "") -> None:
        """Delete the copy of a document, or those of a whole library."""
        with self._lock:
            for key in [key for key in self._copies if key[0] == store and doc in ("", key[1])]:
                self._copies.pop(key).unlink(missing_ok=True)

    def processes(self) -> list[subprocess.Popen[bytes]]:
        """The workers at this moment."""
        return self._reader.processes()

    def close(self) -> None:
        """End the worker and delete all copies."""
        self._reader.close()  # first: it ends a picture that is drawn at this moment
        with self._lock:
            self._copies.clear()
            for folder in self._folders.values():
                folder.cleanup()

    def _copy(self, store: Store, doc: str, *, in_memory: bool) -> Path:
        """The PDF as a file, copied unless it still lies there; the copies that were not used for longest make room."""
        if (store, doc) not in self._copies:
            if in_memory not in self._folders:
                self._folders[in_memory] = temporary_folder("recto-drawing-", in_memory=in_memory)
            path = Path(self._folders[in_memory].name, f"{next(self._numbers)}.pdf")
            with ExitStack() as undo:
                undo.callback(path.unlink, missing_ok=True)
                store.copy_source(doc, path)
                undo.pop_all()  # it is whole: it stays
            self._copies[store, doc] = path
        self._copies.move_to_end((store, doc))
        sizes = [path.stat().st_size for path in self._copies.values()]
        while len(sizes) > 1 and sum(sizes) - sizes[-1] > KEPT_BYTES:
            del sizes[0]
            self._copies.popitem(last=False)[1].unlink()
        return self._copies[store, doc]
