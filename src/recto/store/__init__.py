"""Keeping: documents, passages and vectors, and looking them up."""

import shutil
from collections.abc import Iterator
from contextlib import closing

from recto.config import Settings
from recto.errors import RectoError
from recto.machine import GIB, Finding
from recto.storage import Store as Store
from recto.store.file import restore as restore
from recto.store.sqlite import SqliteStore


def open_store(settings: Settings, *, create: bool = True, temporary: bool = False) -> Store:
    """Open the library of these settings; read-only if it may not be written, in memory if there is none to be made."""
    return SqliteStore(settings.home, create=create, temporary=temporary)


def findings(settings: Settings) -> Iterator[Finding]:
    """Where the data lives, the room that is left there, and what is in the library."""
    home = settings.home
    yield Finding(name="data", value=str(home), words=f"{home}{'' if home.is_dir() else ' (not there yet)'}")
    if not home.is_dir():
        return
    free = shutil.disk_usage(home).free
    yield Finding(name="free_space", value=free, words=f"{free / GIB:.1f} GiB")
    try:
        with closing(open_store(settings, create=False)) as store:
            documents, lagging = store.documents(), store.lagging()
    except RectoError as error:
        yield Finding(name="library", value=None, words=error.message, hint=error.hint)
        return
    count, pages = len(documents), sum(document.pages for document in documents)
    words = f"{count} document{'s'[: count != 1]}, {pages} page{'s'[: pages != 1]}"
    yield Finding(
        name="library",
        value={"documents": len(documents), "lagging": lagging},
        words=words + (f", {lagging} change{'s'[: lagging != 1]} to index" if lagging else ""),
        hint="recto add any file: the keyword index catches up" if lagging else "",
    )
