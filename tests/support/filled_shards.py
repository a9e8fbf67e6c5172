"""A library in shards that can be written, for what every store must do."""

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from recto.index_types import PageTerms, Version
from recto.ingest.placing import shard_number
from recto.storage import Store
from recto.store.shards import ShardedStore
from recto.store.shards.answering import answer_look_up
from recto.store.shards.remote import RemoteShard
from recto.store.sqlite import SqliteStore
from recto.types import Document, Floats
from support.live import SOON_S


class FilledShards(ShardedStore):
    """A router of three shards; what is put into it goes into these, where `recto ingest` would put it."""

    def __init__(self, folder: Path) -> None:
        self.stores = [SqliteStore(folder / f"shard-{number}") for number in range(3)]
        shards = [RemoteShard(f"shard {number}", partial(_sent, store)) for number, store in enumerate(self.stores)]
        super().__init__(shards, folder, deadline_s=SOON_S, look_s=0)

    def of(self, doc: str) -> SqliteStore:
        return self.stores[shard_number(doc, len(self.stores))]

    def put(self, document: Document, *arguments: Any, replaces: str | None = None, **more: Any) -> Version:
        own = self.of(document.id)
        if replaces and self.of(replaces) is not own:
            version = own.put(document, *arguments, **more)
            self.of(replaces).delete(replaces)
            return version
        return own.put(document, *arguments, replaces=replaces, **more)

    def delete(self, *docs: str) -> bool:
        return any([self.of(doc).delete(doc) for doc in docs])

    def put_vectors(self, version: Version, fingerprint: str, vectors: Floats) -> bool:
        return self.of(version.document.id).put_vectors(version, fingerprint, vectors)

    def put_terms(self, version: Version, analyser: int, terms: Sequence[PageTerms]) -> bool:
        return self.of(version.document.id).put_terms(version, analyser, terms)

    def unencoded(self, fingerprint: str) -> list[Version]:
        return _oldest_first(version for store in self.stores for version in store.unencoded(fingerprint))

    def outdated(self, analyser: int) -> list[Version]:
        return _oldest_first(version for store in self.stores for version in store.outdated(analyser))

    def unrecognised(self) -> list[Document]:
        return [document for store in self.stores for document in store.unrecognised()]

    def close(self) -> None:
        super().close()
        for store in self.stores:
            store.close()


def _sent(store: Store, request: bytes, _: float | None) -> bytes:
    return answer_look_up(store, request)


def _oldest_first(versions: Iterable[Version]) -> list[Version]:
    return sorted(versions, key=lambda version: version.document.added)
