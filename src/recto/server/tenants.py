"""Whose library a request is about: the one of this server, or in public mode one for each visitor, for a while."""

import hashlib
import re
import secrets
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from recto.errors import LibraryFull
from recto.library import Library
from recto.server.pictures import Pictures
from recto.server.problems import Refused
from recto.server.uploads import Intake

HEADER = "X-Recto-Visitor"
_TOKEN = re.compile(r"[\w-]{43}", re.ASCII)
MINUTE_S = 60.0
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Quota:
    """What one visitor may have."""

    documents: int = 20
    pages: int = 1000
    megabytes: int = 50  # of one file
    total_megabytes: int = 200
    questions_a_minute: int = 20
    searches_a_minute: int = 120  # also those of the page while somebody types
    idle_s: float = 3600.0  # after which everything of a visitor is deleted
    visitors: int = 50  # at once


NO_LIMIT = Quota(
    documents=1 << 30,
    pages=1 << 30,
    megabytes=500,
    total_megabytes=1 << 30,
    questions_a_minute=1 << 30,
    searches_a_minute=1 << 30,
    idle_s=float("inf"),
)


@dataclass
class Room:
    """A library with what belongs to it while it is served."""

    library: Library
    intake: Intake
    pictures: Pictures
    folder: Path
    quota: Quota
    seen: float = field(default_factory=time.monotonic)
    _asked: deque[float] = field(default_factory=deque)
    _searched: deque[float] = field(default_factory=deque)
    over: bool = False
    _reserved: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count_question(self) -> None:
        """Refused if there were too many within the last minute."""
        _count(self._asked, self.quota.questions_a_minute, "questions")

    def count_search(self) -> None:
        """Refused if there were too many within the last minute."""
        _count(self._searched, self.quota.searches_a_minute, "searches")

    def reserve(self) -> int:
        """Make room for one more file until it is `released`; how many bytes it may have. Refused if there is none."""
        with self._lock:
            documents, coming = self.library.documents(), self.intake.coming()
            if len(documents) + len(coming) + self._reserved >= self.quota.documents:
                raise LibraryFull(f"{self.quota.documents} documents are the limit", hint="remove one")
            if sum(document.pages for document in documents) >= self.quota.pages:
                raise LibraryFull(f"{self.quota.pages} pages are the limit", hint="remove a document")
            held = sum(document.size for document in documents) + sum(upload.size for upload in coming)
            left = self.quota.total_megabytes * MEGABYTE - held
            if left <= 0:
                raise LibraryFull(f"{self.quota.total_megabytes} MB are the limit in all", hint="remove a document")
            self._reserved += 1
        return left

    def release(self) -> None:
        """The file came, and is counted itself from now on, or it did not."""
        with self._lock:
            self._reserved -= 1

    def close(self) -> None:
        """Let go of everything. Pictures come last: one that is drawn at this moment is kept first."""
        self.over = True
        self.intake.close()
        self.library.close()
        self.pictures.close()


def _count(times: deque[float], limit: int, what: str) -> None:
    now = time.monotonic()
    while times and now - times[0] > MINUTE_S:
        times.popleft()
    if len(times) >= limit:
        wait_s = int(MINUTE_S - (now - times[0])) + 1
        raise Refused(429, f"too_many_{what}", f"{limit} {what} a minute are the limit", retry_s=wait_s)
    times.append(now)


class Private:
    """One library for everybody who may come in."""

    public = False

    def __init__(self, room: Room) -> None:
        self._room = room

    def room(self, _: str | None) -> Room:
        """The library."""
        return self._room

    def rooms(self) -> list[Room]:
        """The one there is."""
        return [self._room]

    def enter(self) -> str:
        """Nobody needs a session of their own."""
        return ""

    def sweep(self) -> None:
        """Nothing goes away by itself."""

    def close(self) -> None:
        """Let go of everything."""
        self._room.close()


class Public:
    """A library for each visitor, found by a secret that only the visitor has; deleted when it was left alone."""

    public = True

    def __init__(self, folder: Path, quota: Quota, opened: Callable[[Path], Room]) -> None:
        self._folder, self._quota, self._opened = folder, quota, opened
        self._rooms: dict[str, Room] = {}
        self._lock = threading.Lock()

    def rooms(self) -> list[Room]:
        """Those of all visitors."""
        with self._lock:
            return list(self._rooms.values())

    def enter(self) -> str:
        """A new visitor's secret. Refused if the house is full."""
        with self._lock:
            if len(self._rooms) >= self._quota.visitors:
                raise Refused(503, "full", f"{self._quota.visitors} visitors are here already", retry_s=60)
            token = secrets.token_urlsafe(32)
            key = hashlib.sha256(token.encode()).hexdigest()
            self._rooms[key] = self._opened(self._folder / key)
        return token

    def room(self, token: str | None) -> Room:
        """The visitor's library. Refused if the secret is none, or its time is over."""
        key = hashlib.sha256(token.encode()).hexdigest() if token and _TOKEN.fullmatch(token) else ""
        with self._lock:
            if (room := self._rooms.get(key)) is None:
                raise Refused(410, "session", "this session is over, or never was", hint="reload the page")
            room.seen = time.monotonic()
            return room

    def sweep(self) -> None:
        """Delete what nobody came back to."""
        now = time.monotonic()
        with self._lock:
            over = [key for key, room in self._rooms.items() if now - room.seen > self._quota.idle_s]
            rooms = [self._rooms.pop(key) for key in over]
        for room in rooms:
            room.close()
            shutil.rmtree(room.folder, ignore_errors=True)

    def close(self) -> None:
        """Delete everything."""
        for room in list(self._rooms.values()):
            room.close()
        shutil.rmtree(self._folder, ignore_errors=True)
