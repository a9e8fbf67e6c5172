"""A library on object storage in shards: how many there are, and which document goes where."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from recto.errors import BadSetting
from recto.store.lance.bucket import Bucket
from recto.store.lance.shard import COUNTED, Shard, shards_at
from recto.store.rows import PackedDocument

AT_ONCE = 8  # shards that are committed to side by side: a commit is 30 requests, one after the other


def shard_number(doc: str, shards: int) -> int:
    """The shard of a document, by its id, which is a hash: each has about as many."""
    return int(doc[:8], 16) % shards


class PlacedShards:
    """The shards of a library, or the one there is, to put documents into."""

    def __init__(self, address: str, shards: int = 0) -> None:
        """Open those that are there, or make so many; how many there are is noted once, in the bucket, for good.

        BadSetting if there are not so many, StoreToolsMissing, StoreDenied, StoreUnreachable.
        """
        bucket = Bucket(address)
        known = shards_at(bucket)
        if shards and not known:
            if bucket.objects("writer"):
                raise BadSetting(f"{address} is a library in one piece", hint="give an address of its own to --shards")
            bucket.create(COUNTED, str(shards).encode())
            known = shards_at(bucket)
        if shards not in (0, known):
            what = f"{address} has {known} shards, not {shards}: documents are placed by their number"
            raise BadSetting(what, hint="leave out --shards, or give another address")
        self._shards = [Shard(f"{address}/shard-{number}") for number in range(known)] or [Shard(address)]

    def __len__(self) -> int:
        return len(self._shards)

    def check_writable(self) -> None:
        """Raise why nothing can be written, before anything is read to be put."""
        for shard in self._shards:
            shard.check_writable()

    def documents(self) -> frozenset[str]:
        """The ids of all documents."""
        return frozenset(entry.doc for shard in self._shards for entry in shard.entries())

    def put(self, documents: Iterable[PackedDocument], files: dict[str, bytes]) -> None:
        """Put documents, each into its shard, in a commit for each; `files` are named by them."""
        shares: dict[int, list[PackedDocument]] = {}
        for packed in {packed.document.id: packed for packed in documents}.values():
            shares.setdefault(shard_number(packed.document.id, len(self)), []).append(packed)

        def commit(share: tuple[int, Sequence[PackedDocument]]) -> None:
            number, own = share
            ids = {packed.document.id for packed in own}
            contents = {path: content for path, content in files.items() if path.rpartition("/")[2] in ids}
            self._shards[number].put(own, contents)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(commit, shares.items()))
