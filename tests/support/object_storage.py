"""Object storage as Amazon's, on this machine: an emulator in this process, on a port of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx2
import obstore
from obstore.store import S3Store

BUCKET = "books"
KEY, SECRET, REGION = "key", "secret", "us-east-1"


class ObjectStorage:
    """An emulator that runs, with one bucket."""

    def __init__(self, url: str) -> None:
        self.environment = {
            "AWS_ENDPOINT": url,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_ALLOW_HTTP": "true",
        }
        httpx2.put(f"{url}/{BUCKET}").raise_for_status()
        self._store = S3Store(
            BUCKET,
            endpoint=url,
            region=REGION,
            access_key_id=KEY,
            secret_access_key=SECRET,
            client_options={"allow_http": True},
        )

    def address(self) -> str:
        """A shard that nobody has written to."""
        return f"lance+s3://{BUCKET}/{uuid4().hex}"

    def content(self, address: str) -> bytes:
        """All bytes of all objects of a shard, with their names."""
        prefix = address.removeprefix(f"lance+s3://{BUCKET}/")
        names = [entry["path"] for batch in obstore.list(self._store, prefix) for entry in batch]
        return b"".join(name.encode() + bytes(obstore.get(self._store, name).bytes()) for name in names)


@contextmanager
def object_storage() -> Iterator[ObjectStorage]:
    from moto.server import ThreadedMotoServer  # here: it takes a second, in every process that collects tests

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    try:
        _, port = server.get_host_and_port()
        yield ObjectStorage(f"http://127.0.0.1:{port}")
    finally:
        server.stop()
