"""What a library of one machine holds, as a shard takes it."""

from contextlib import closing
from pathlib import Path

from recto.store.lance.shard import ORIGINALS, SOURCES
from recto.store.rows import PackedDocument
from recto.store.sqlite import SqliteStore


def packed_documents(folder: Path) -> tuple[list[PackedDocument], dict[str, bytes]]:
    """The documents of a small library with their vectors, and their files' bytes by their paths in a shard."""
    files = {}
    with closing(SqliteStore(folder, create=False, temporary=True)) as store:
        documents = store.packed()
        for packed in documents:
            doc = packed.document.id
            files[f"{SOURCES}/{doc}"] = store.source(doc)
            store.copy_original(doc, folder / ORIGINALS)
            original = (folder / ORIGINALS).read_bytes()
            if original != files[f"{SOURCES}/{doc}"]:
                files[f"{ORIGINALS}/{doc}"] = original
    return documents, files
