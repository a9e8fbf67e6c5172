"""Keeping: documents, passages and vectors, and looking them up."""

from recto.config import Settings
from recto.storage import Store as Store
from recto.store.file import restore as restore
from recto.store.sqlite import SqliteStore


def open_store(settings: Settings) -> Store:
    """Open the library of these settings, created if there is none; read-only if it may not be written."""
    return SqliteStore(settings.home)
