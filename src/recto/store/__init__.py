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


def open_store(settings: Settings, *, create: bool = True) -> Store:
    """Open the library of these settings; read-only if it may not be written, in memory if there is none to be made."""
    return SqliteStore(settings.home, create=create)


def findings(settings: Settings, fingerprint: str) -> Iterator[Finding]:
    """Where the data lives, the room that is left there, what is in the library, and what the encoder has to do."""
    home = settings.home
    yield Finding(name="data", value=str(home), words=f"{home}{'' if home.is_dir() else ' (not there yet)'}")
    if not home.is_dir():
        return
    free = shutil.disk_usage(home).free
    yield Finding(name="free_space", value=free, words=f"{free / GIB:.1f} GiB")
    try:
        with closing(open_store(settings, create=False)) as store:
            documents, lagging, unencoded = store.documents(), store.lagging(), len(store.unencoded(fingerprint))
    except RectoError as error:
        yield Finding(name="library", value=None, words=error.message, hint=error.hint)
        return
    words = f"{len(documents)} documents, {sum(document.pages for document in documents)} pages"
    yield Finding(
        name="library",
        value={"documents": len(documents), "lagging": lagging, "unencoded": unencoded},
        words=words
        + (f", {lagging} changes to index" if lagging else "")
        + (f", {unencoded} documents found by words only" if unencoded else ""),
        hint="recto add any file: what waits is done then" if lagging or unencoded else "",
    )
