"""Whose library a request is about: the one of this server, or in public mode one for each visitor, for a while."""

import hashlib
import re
import secrets
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeAlias

from recto.errors import AccessDenied, LibraryFull, LibraryProblem
from recto.library import Library
from recto.machine import is_loopback
from recto.scratch import WAITING
from recto.server.connections import network
from recto.server.folders import WatchedFolders
from recto.server.pictures import Pictures
from recto.server.problems import Refused
from recto.server.uploads import Upload, Uploads
from recto.text.memory import forget_all
from recto.types import AccessToken

HEADER = "X-Recto-Visitor"
COOKIE = "recto-visitor"
_TOKEN = re.compile(r"[\w-]{43}", re.ASCII)
TOKENS = "tokens"  # the folder of what belongs to named tokens
EMPTY = "empty"  # the folder of the library that everybody asks who has uploaded nothing
MINUTE_S = 60.0
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What one tenant may have."""

    documents: int = 20
    pages: int = 1000
    megabytes: int = 50  # of one file
    total_megabytes: int = 200
    questions_a_minute: int = 20
    searches_a_minute: int = 120  # also those of the page while somebody types
    idle_s: float = 3600.0  # after which everything of a visitor is deleted
    sleep_s: float = 60.0  # after which a visitor's library is closed until the next request
    visitors: int = 200  # at once
    visitors_of_address: int = 50  # of one household or machine


NO_LIMIT = Quota(
    documents=1 << 30,
    pages=1 << 30,
    megabytes=500,
    total_megabytes=1 << 30,
    questions_a_minute=1 << 30,
    searches_a_minute=1 << 30,
    idle_s=float("inf"),
)


class RateLimit:
    """So many of something a minute. Threads may share it."""

    def __init__(self, limit: int, what: str) -> None:
        self._limit, self._what = limit, what
        self._times: deque[float] = deque()  # within the last minute, on the monotonic clock
        self._lock = threading.Lock()

    def count(self) -> None:
        """Count one more. Refused if there were too many within the last minute."""
        with self._lock:
            now = time.monotonic()
            while self._times and now - self._times[0] > MINUTE_S:
                self._times.popleft()
            if len(self._times) >= self._limit:
                wait_s = int(MINUTE_S - (now - self._times[0])) + 1
                message = f"{self._limit} {self._what} a minute are the limit"
                raise Refused(429, f"too_many_{self._what}", message, retry_s=wait_s)
            self._times.append(now)


class Tenant:
    """A library with what belongs to it while it is served. Threads may share it."""

    def __init__(
        self,
        library: Library,
        folder: Path,
        quota: Quota,
        *,
        waiting: Path | None = None,
        open_own: Callable[[Path], Library] | None = None,
        address: str = "",
    ) -> None:
        """Serve this library; with `open_own` only until the first upload, which opens another one in the folder.

        A library that was given with `open_own` is shared by others, and stays open when the tenant is closed. One that
        was opened sleeps when nobody asks for it. `address` is the visitor's, "" if it does not matter.

        Where there is a folder `waiting`, uploads wait there for the next server, too.
        """
        self.library, self.folder, self.quota, self.address = library, folder, quota, address
        self.waiting = waiting or folder / WAITING
        self.questions = RateLimit(quota.questions_a_minute, "questions")
        self.searches = RateLimit(quota.searches_a_minute, "searches")
        self.last_request = time.monotonic()
        self.over = False
        self._open_own = open_own
        self._shares = open_own is not None
        self._asleep = False
        self._documents = 0  # that were there when it fell asleep
        self._reserved = self._guests = 0
        self._lock = threading.Lock()
        seals = waiting is not None and bool(library.settings.key)
        self.uploads = Uploads(
            lambda: self.library,
            folder / WAITING if seals else self.waiting,
            sealed=self.waiting if seals else None,
            documents=quota.documents,
            pages=quota.pages,
            public=open_own is not None,
        )
        self.pictures = Pictures(lambda: self.library, folder / "pictures")
        self.folders = WatchedFolders(library, forgotten=self.pictures.delete)

    @contextmanager
    def awake(self) -> Iterator[Self]:
        """Keep the library open as long as the block runs. Refused if the tenant's time is over."""
        with self._lock:
            self._check_open()
            if self._asleep and self._open_own is not None:
                self.library, self._asleep = self._open_own(self.folder), False
            self._guests += 1
        try:
            yield self
        finally:
            with self._lock:
                self._guests -= 1

    def forget_removed(self) -> None:
        """Delete the documents that were removed and whose time to be put back is over; those of a sleeper later."""
        with self._lock, suppress(LibraryProblem):
            if not (self._asleep or self.over):
                self.library.removals.finish()

    def sleep(self) -> None:
        """Close the library if it is the tenant's own, nobody asked for a while, and nothing is on its way."""
        with self._lock:
            if self._open_own is None or self._shares or self._asleep or self.over:
                return
            if time.monotonic() - self.last_request <= self.quota.sleep_s:
                return
            if self._guests or self._reserved or not self.uploads.settled():
                return
            self._documents = len(self.library.documents())
            self.library.close()
            self._asleep = True

    @property
    def used(self) -> bool:
        """Whether anything was ever uploaded, or made."""
        return not self._shares

    def document_count(self) -> int:
        """How many documents there are, also while the library sleeps."""
        with self._lock:
            return self._documents if self._asleep else len(self.library.documents())

    def reserve(self) -> int:
        """Make room for one more file until it is `released`; how many bytes it may have. Refused if there is none."""
        with self._lock:
            self._check_open()
            documents, pending = self.library.documents(), self.uploads.pending()
            if len(documents) + len(pending) + self._reserved >= self.quota.documents:
                raise LibraryFull(f"{self.quota.documents} documents are the limit", hint="remove one")
            if sum(document.pages for document in documents) >= self.quota.pages:
                raise LibraryFull(f"{self.quota.pages} pages are the limit", hint="remove a document")
            size = sum(document.size for document in documents) + sum(upload.size for upload in pending)
            free = self.quota.total_megabytes * MEGABYTE - size
            if free <= 0:
                raise LibraryFull(f"{self.quota.total_megabytes} MB are the limit in all", hint="remove a document")
            self._reserved += 1
        return free

    def release(self) -> None:
        """The file came, and is counted itself from now on, or it did not."""
        with self._lock:
            self._reserved -= 1

    def accept(self, name: str, path: Path, password: str | None, collections: Sequence[str] = ()) -> Upload:
        """Queue a file that came whole, for collections by their ids.

        Refused, and the file deleted, if the tenant's time is over.
        """
        upload = self.uploads.keep(name, path, password, collections)  # without the lock: sealing it takes its time
        with self._lock:
            try:
                self._check_open()
            except Refused:
                self.uploads.drop(upload)
                self._delete_folder()
                raise
            self._end_sharing()
            self._make_room(upload.size)
            return self.uploads.put(upload)

    def _make_room(self, size: int) -> None:
        """Delete what could be put back so far, if a file of so many bytes needs its room."""
        removed = [removal.document for removal in self.library.removals.all()]
        waiting = size + sum(upload.size for upload in self.uploads.pending())
        whole = waiting + sum(document.size for document in (*self.library.documents(), *removed))
        if removed and whole > self.quota.total_megabytes * MEGABYTE:
            self.library.removals.finish(*(document.id for document in removed))

    def own(self) -> None:
        """See to it that the library is the tenant's own, before anything is written there. Refused if it is over."""
        with self._lock:
            self._check_open()
            self._end_sharing()

    def _end_sharing(self) -> None:
        if self._shares and self._open_own is not None:
            self.library, self._shares = self._open_own(self.folder), False

    def _check_open(self) -> None:
        if self.over:
            raise session_over()

    def retire(self) -> bool:
        """End the tenant's time if it holds nothing, and nothing is on its way; whether it was ended."""
        with self._lock:
            documents = self._documents if self._asleep else len(self.library.documents())
            if self._reserved or self.uploads.pending() or documents:
                return False
            self.over = True
            return True

    def close(self) -> None:
        """Let go of everything; what a visitor left is deleted."""
        with self._lock:
            self.over = True
        if not self._shares:
            self.folders.close()
            self.uploads.close()
            if not self._asleep:
                self.library.close()
        self.pictures.delete()
        self._delete_folder()
        if self._open_own is not None:
            forget_all()

    def _delete_folder(self) -> None:
        """Delete what is a visitor's alone."""
        if self._open_own is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def session_over() -> Refused:
    """What a visitor is told whose time is over."""
    return Refused(410, "session", "this session is over, or never was", hint="reload the page")


class SingleTenant:
    """One library for everybody who may come in."""

    public = False

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._parts: dict[str, Tenant] = {}  # of those with a named token, by its hash
        self._lock = threading.Lock()

    def tenant(self, _: str | None, access: AccessToken | None = None) -> Tenant:
        """The one there is; of a token that may less a part of it, with uploads and pictures of its own.

        This is where a token becomes what can be seen: no route asks for tokens. AccessDenied if nothing is left.
        """
        if access is None or not (access.read_only or access.collections):
            return self._tenant
        with self._lock:
            if access.hash not in self._parts:
                library, folder = self._tenant.library, self._tenant.folder / TOKENS / access.hash[:16]
                ids = {collection.id for collection in library.collections.all()}.intersection(access.collections)
                if access.collections and not ids:
                    raise AccessDenied("the collections of this token were deleted", hint="ask for another token")
                part = library.within(*sorted(ids), read_only=access.read_only)
                waiting = self._tenant.waiting / TOKENS / access.hash
                self._parts[access.hash] = Tenant(part, folder, self._tenant.quota, waiting=waiting)
            return self._parts[access.hash]

    def resume(self) -> None:
        """Go on with what earlier servers were told to add, by whomever, unless the token is no more."""
        self._tenant.uploads.resume()
        self._tenant.uploads.recognise()
        tokens = {token.hash: token for token in self._tenant.library.tokens.all()}
        for folder in (self._tenant.waiting / TOKENS).glob("*"):
            try:
                self.tenant(None, tokens[folder.name]).uploads.resume()
            except (KeyError, AccessDenied):
                shutil.rmtree(folder, ignore_errors=True)

    def tenants(self) -> list[Tenant]:
        """The one there is."""
        return [self._tenant]

    def enter(self, _token: str | None, _address: str) -> str:
        """Nobody needs a session of their own."""
        return ""

    def sweep(self) -> None:
        """Delete what was removed long enough ago, and let go of what belonged to tokens that were revoked."""
        self._tenant.forget_removed()
        if self._parts:
            hashes = {token.hash for token in self._tenant.library.tokens.all()}
            self._close(self._parts.keys() - hashes)

    def close(self) -> None:
        """Let go of everything."""
        self._close(list(self._parts))
        self._tenant.close()

    def _close(self, hashes: Iterable[str]) -> None:
        with self._lock:
            parts = [self._parts.pop(hash) for hash in hashes]
        for part in parts:
            part.close()


def _key(token: str) -> str:
    """What a visitor is known by: the hash of the secret, "" of what is none."""
    return hashlib.sha256(token.encode()).hexdigest() if _TOKEN.fullmatch(token) else ""


class MultiTenant:
    """A library for each visitor, found by a secret that only the visitor has; deleted when it was left alone.

    A visitor who has uploaded nothing costs nothing: they all ask one library that stays empty. Who comes back later
    than after a minute finds the library closed, and it is opened again.
    """

    public = True

    def __init__(self, folder: Path, quota: Quota, open_library: Callable[[Path], Library]) -> None:
        self._folder, self._quota, self._open_library = folder, quota, open_library
        self._empty = open_library(folder / EMPTY)
        self._tenants: dict[str, Tenant] = {}  # by the hash of their secret
        self._lock = threading.Lock()  # never held while a library is opened, asked or closed

    def tenants(self) -> list[Tenant]:
        """Those of all visitors."""
        with self._lock:
            return list(self._tenants.values())

    def enter(self, token: str | None, address: str) -> str:
        """The secret of who comes from this address: the same if it is a visitor's already, who has another tab.

        Where all places are taken, or all of an address, whoever holds nothing makes way: who never did first, then the
        longest idle. Refused if everybody holds something.
        """
        if token and _key(token) in self._tenants:
            return token
        token = secrets.token_urlsafe(32)
        while (crowd := self._place(token, "" if is_loopback(address) else network(address))) is not None:
            crowd.sort(key=lambda entry: (entry[1].used, entry[1].last_request))
            retired = next((key for key, tenant in crowd if tenant.retire()), None)
            if retired is None:
                own = len(crowd) < self._quota.visitors
                where = " from your network" if own else ""
                raise Refused(429 if own else 503, "full", f"{len(crowd)} visitors{where} are here already", retry_s=60)
            with self._lock:
                former = self._tenants.pop(retired, None)
            if former is not None:
                former.close()
        return token

    def _place(self, token: str, address: str) -> list[tuple[str, Tenant]] | None:
        """Give a visitor a place; those of whom one has to make way before, if there is none."""
        with self._lock:
            tenants = list(self._tenants.items())
            neighbours = [entry for entry in tenants if address and entry[1].address == address]
            if len(neighbours) >= self._quota.visitors_of_address:
                return neighbours
            if len(tenants) >= self._quota.visitors:
                return tenants
            key = _key(token)
            self._tenants[key] = Tenant(
                self._empty, self._folder / key, self._quota, open_own=self._open_library, address=address
            )
        return None

    def tenant(self, token: str | None, _: AccessToken | None = None) -> Tenant:
        """The visitor's library. Refused if the secret is none, or its time is over."""
        with self._lock:
            tenant = self._tenants.get(_key(token or ""))
            if tenant is None:
                raise session_over()
            tenant.last_request = time.monotonic()
            return tenant

    def sweep(self) -> None:
        """Delete what nobody came back to, and close what nobody asks for."""
        self._delete(idle_s=self._quota.idle_s)
        for tenant in self.tenants():
            tenant.forget_removed()
            tenant.sleep()

    def close(self) -> None:
        """Delete everything."""
        self._delete(idle_s=-1.0)
        self._empty.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _delete(self, *, idle_s: float) -> None:
        now = time.monotonic()
        with self._lock:
            keys = [key for key, tenant in self._tenants.items() if now - tenant.last_request > idle_s]
            tenants = [self._tenants.pop(key) for key in keys]
        for tenant in tenants:
            tenant.close()


Tenants: TypeAlias = SingleTenant | MultiTenant
