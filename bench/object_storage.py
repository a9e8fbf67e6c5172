"""What a library on object storage asks of it: `python -m bench.object_storage PDF...`, against an emulator.

Prints the requests of each step, counted by the emulator, and the bytes there and in the copy. Requests and bytes are
those of any S3; its time is not.
"""

import logging
import os
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

import httpx2
from moto.server import ThreadedMotoServer

from recto.ingest import ingest
from recto.store.lance import LanceStore
from recto.store.lance.bucket import Bucket

BUCKET = "books"
METHOD = re.compile(r"(GET|PUT|POST|DELETE|HEAD)(?= /)")


class Requests(logging.Handler):
    """Counts what the emulator logs, by method."""

    def __init__(self) -> None:
        super().__init__()
        self.counts = Counter[str]()

    def emit(self, record: logging.LogRecord) -> None:
        if method := METHOD.search(record.getMessage()):
            self.counts[method[0]] += 1

    def report(self, step: str) -> None:
        print(f"{step:58}", ", ".join(f"{count} {method}" for method, count in sorted(self.counts.items())) or "none")
        self.counts.clear()


def main(paths: list[str]) -> None:
    """Ingest the files, copy, poll, delete one."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    url = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
    os.environ |= {"AWS_ENDPOINT": url, "AWS_REGION": "us-east-1", "AWS_ALLOW_HTTP": "true"}
    os.environ |= {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    httpx2.put(f"{url}/{BUCKET}").raise_for_status()
    log, requests = logging.getLogger("werkzeug"), Requests()
    log.handlers, log.propagate = [requests], False
    address = f"lance+s3://{BUCKET}/library"
    passages = 0
    for step, part in (("the first commit", paths[:-1]), ("a later commit", paths[-1:])):
        passages += sum(outcome.passages for outcome in ingest(part, address))
        requests.report(f"{step}, of {len(part)} documents; {passages} passages are there")
    with tempfile.TemporaryDirectory() as folder:
        _search(Path(folder), address, requests, passages)
    server.stop()


def _search(folder: Path, address: str, requests: Requests, passages: int) -> None:
    with LanceStore(address, folder, poll_s=0):
        requests.report("a searcher that begins: its copy")
    copy = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.name != "reserve")
    print(f"{'bytes a passage in the copy':58}", round(copy / passages))
    with LanceStore(address, folder, poll_s=0) as store:
        sizes = Counter[str]()
        for entry in Bucket(address).objects(""):
            sizes[entry["path"].partition("/")[0]] += entry["size"]
        requests.counts.clear()
        for name, size in sizes.items():
            print(f"bytes a passage in {name:39}", round(size / passages))
        store.documents()
        requests.report("a look without news")
        store.delete(store.documents()[0].id)
        requests.report("a deletion, with the look after it")


if __name__ == "__main__":
    main(sys.argv[1:])
