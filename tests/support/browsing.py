"""A server under test, and how it is visited."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from playwright.sync_api import Page

from support.paths import HERE

CALLS = HERE / "corpus" / "riscv-semihosting.pdf"
# Files are read and encoded after everything else that runs: where others load all cores, that takes minutes, not
# seconds. Nothing waits so long otherwise, and nothing here tests speed.
PATIENCE_S = 120
PATIENCE_MS = PATIENCE_S * 1000
Visit = Callable[..., Page]
Shot = Callable[[Page, str], None]


@dataclass(frozen=True, kw_only=True)
class Served:
    """A server under test, and the other site that may show it in a frame."""

    url: str
    embedder: str
    http: httpx2.Client
    pid: int

    def upload(self, path: Path, name: str = "") -> str:
        """Add a file and wait until it is whole; the document's id."""
        sent = self.http.post("/api/documents", params={"name": name or path.name}, content=path.read_bytes())
        key = sent.raise_for_status().json()["id"]
        return next(str(upload["document"]) for upload in self._settled() if upload["id"] == key)

    def names(self) -> list[str]:
        return [document["name"] for document in self.http.get("/api/documents").json()]

    def clear(self) -> None:
        """Empty the library, also of what is still on its way, and of collections."""
        for upload in self._settled():
            self.http.delete(f"/api/uploads/{upload['id']}")
        for document in self.http.get("/api/documents").json():
            self.http.delete(f"/api/documents/{document['id']}")
        for removal in self.http.get("/api/removals").json():
            self.http.post(f"/api/removals/{removal['id']}/finish")
        for collection in self.http.get("/api/collections").json():
            self.http.delete(f"/api/collections/{collection['id']}")

    def _settled(self) -> list[dict[str, Any]]:
        """The uploads once none is on its way any more."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            uploads: list[dict[str, Any]] = self.http.get("/api/uploads").json()
            if all(upload["state"] in ("done", "failed") for upload in uploads):
                return uploads
            time.sleep(0.1)
        raise AssertionError(f"files are still on their way after {PATIENCE_S} s")


Serve = Callable[..., Served]
