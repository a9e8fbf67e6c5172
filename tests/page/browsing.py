"""A server under test, and how it is visited."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx2
from playwright.sync_api import Page

from places import HERE

CALLS = HERE / "corpus" / "riscv-semihosting.pdf"
READY_S = 60
Visit = Callable[..., Page]
Shot = Callable[[Page, str], None]


@dataclass(frozen=True)
class Served:
    """A server under test, and the other site that may show it in a frame."""

    url: str
    other: str
    http: httpx2.Client

    def upload(self, path: Path, name: str = "") -> str:
        """Add a file and wait until it is whole; the document's id."""
        sent = self.http.post("/api/documents", params={"name": name or path.name}, content=path.read_bytes())
        key = sent.raise_for_status().json()["id"]
        until = time.monotonic() + READY_S
        while time.monotonic() < until:
            found = next(one for one in self.http.get("/api/uploads").json() if one["id"] == key)
            if found["state"] in ("done", "failed"):
                return str(found["outcome"]["document"]["id"])
            time.sleep(0.1)
        raise AssertionError(f"{path} is not there after {READY_S} s")

    def names(self) -> list[str]:
        return [one["name"] for one in self.http.get("/api/documents").json()]

    def clear(self) -> None:
        for one in self.http.get("/api/documents").json():
            self.http.delete(f"/api/documents/{one['id']}")
        for one in self.http.get("/api/uploads").json():
            self.http.delete(f"/api/uploads/{one['id']}")
