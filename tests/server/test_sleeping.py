"""Visitors who come and go: what each of them holds, whose place is whose, and whose library sleeps."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from recto.server import tenants as rooms
from recto.server.problems import Refused
from recto.server.tenants import HEADER, MultiTenant, Quota, Tenant
from recto.store.removals import NoRemovals
from support.clock import Clock
from support.live import soon
from support.pdfs import text_pdf
from support.served import ask, public, settled

PDF = text_pdf("The pump moves 111 litres.")
DAY_S = 86_400.0


@dataclass
class Shelf:
    """What is asked of a library here: how many documents it has, and whether it is open."""

    names: list[str]
    open: int = 0

    def documents(self) -> list[str]:
        assert self.open
        return self.names

    @property
    def removals(self) -> NoRemovals:
        return NoRemovals(lambda *_: False)

    def close(self) -> None:
        self.open -= 1


class Shelves:
    """All that there are, opened as libraries are."""

    def __init__(self) -> None:
        self.by_folder: dict[Path, Shelf] = {}

    def __call__(self, folder: Path) -> Shelf:
        shelf = self.by_folder.setdefault(folder, Shelf([]))
        shelf.open += 1
        return shelf

    def open(self) -> int:
        return sum(shelf.open for shelf in self.by_folder.values())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(rooms, "time", SimpleNamespace(monotonic=clock))  # theirs alone: others have to wait
    return clock


@contextmanager
def shelved(folder: Path, quota: Quota, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[MultiTenant, Shelves]]:
    """Visitors whose libraries hold names alone, so that a day of them takes a second."""

    def accept(tenant: Tenant, name: str, path: Path, password: str | None) -> None:
        if not tenant.used:
            tenant.library, tenant._shares = tenant._open_own(tenant.folder), False
        tenant.library.names.append(name)

    monkeypatch.setattr(Tenant, "accept", accept)
    shelves = Shelves()
    visitors = MultiTenant(folder, quota, shelves)
    yield visitors, shelves
    visitors.close()
    assert not shelves.open()


def keeps(visitors: MultiTenant, token: str) -> Tenant:
    """A visitor uploads a document."""
    tenant = visitors.tenant(token)
    with tenant.awake():
        tenant.accept("a.pdf", Path(), None)
    return tenant


def test_a_thousand_come_and_go_in_a_day(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    with shelved(tmp_path, Quota(), monkeypatch) as (visitors, shelves):
        most = 0
        for number in range(1000):
            token = visitors.enter(None, f"203.0.113.{number % 250}")
            if number % 3:
                keeps(visitors, token)
            clock.advance(DAY_S / 1000)
            visitors.sweep()
            most = max(most, shelves.open())
        assert most <= 4
        assert len(visitors.tenants()) < Quota().visitors


def test_only_those_who_came_just_now_are_awake(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    with shelved(tmp_path, Quota(), monkeypatch) as (visitors, shelves):
        tokens = [visitors.enter(None, f"203.0.113.{number}") for number in range(200)]
        for token in tokens:
            keeps(visitors, token)
        clock.advance(Quota().sleep_s + 1)
        for token in tokens[:5]:
            with visitors.tenant(token).awake() as tenant:
                assert tenant.library.documents() == ["a.pdf"]
        visitors.sweep()
        assert shelves.open() == 1 + 5  # and the one that all share who hold nothing
        assert sum(tenant.document_count() for tenant in visitors.tenants()) == 200


def test_nobody_closes_a_library_that_is_used(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    with shelved(tmp_path, Quota(), monkeypatch) as (visitors, shelves):
        tenant = keeps(visitors, visitors.enter(None, ""))
        with tenant.awake():
            clock.advance(Quota().sleep_s + 1)
            visitors.sweep()
            assert tenant.library.documents()
        visitors.sweep()
        assert shelves.open() == 1


def test_many_at_once_wake_a_library_once(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    with shelved(tmp_path, Quota(), monkeypatch) as (visitors, shelves):
        tenant = keeps(visitors, visitors.enter(None, ""))
        clock.advance(Quota().sleep_s + 1)
        visitors.sweep()
        barrier = threading.Barrier(8)

        def comes() -> None:
            with tenant.awake():
                barrier.wait()
                assert tenant.library.documents() == ["a.pdf"]

        threads = [threading.Thread(target=comes) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert shelves.by_folder[tenant.folder].open == 1


def test_who_never_used_the_place_goes_first(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    with shelved(tmp_path, Quota(visitors=3), monkeypatch) as (visitors, _):
        emptied = visitors.enter(None, "203.0.113.1")
        keeps(visitors, emptied).library.names.clear()
        clock.advance(1)
        unused = [visitors.enter(None, "203.0.113.2") for _ in range(3)]
        clock.advance(1)
        visitors.enter(None, "203.0.113.3")
        visitors.tenant(emptied)
        with pytest.raises(Refused, match="session"):
            visitors.tenant(unused[1])


def test_one_address_has_not_all_places(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    quota = Quota(visitors=5, visitors_of_address=2)
    with shelved(tmp_path, quota, monkeypatch) as (visitors, _):
        first = visitors.enter(None, "2001:db8::1")
        keeps(visitors, first)
        for number in range(9):  # of one household; each takes the unused place of the one before
            last = visitors.enter(None, f"2001:db8::{number}")
        keeps(visitors, last)
        with pytest.raises(Refused) as refused:
            visitors.enter(None, "2001:db8::9")
        assert (refused.value.status_code, refused.value.kind, refused.value.retry_s) == (429, "full", 60)
        assert len({visitors.enter(None, "2001:db8:0:1::1"), visitors.enter(None, "203.0.113.1")}) == 2
        assert len(visitors.tenants()) == 4
        assert visitors.tenant(first).document_count() == 1


def test_this_machine_has_no_limit_of_its_own(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    with shelved(tmp_path, Quota(visitors=5, visitors_of_address=2), monkeypatch) as (visitors, _):
        for _ in range(5):
            keeps(visitors, visitors.enter(None, "127.0.0.1"))
        with pytest.raises(Refused, match="5 visitors are here already"):
            visitors.enter(None, "127.0.0.1")


def test_a_library_wakes_with_all_that_was_in_it(home: Path, clock: Clock) -> None:
    with public(home, Quota()) as (client, visitors):
        client.headers[HEADER] = client.post("/api/visitors").json()["visitor"]
        sent = client.post("/api/documents?name=a.pdf", content=PDF).json()
        before = settled(client, sent["id"])
        (tenant,) = visitors.tenants()
        doc, library = before["document"], tenant.library
        clock.advance(Quota().sleep_s + 1)
        assert soon(tenant.uploads.settled)  # its threads end by themselves
        visitors.sweep()
        assert "recto_documents 1\n" in client.get("/metrics").text
        assert client.get("/api/uploads").json() == [before]
        assert tenant.library is library  # nothing woke it so far
        assert client.get("/api/documents").json()[0]["id"] == doc
        assert tenant.library is not library
        assert dict(ask(client, "What does the pump move?"))["quoted"]["citations"]
        clock.advance(Quota().sleep_s + 1)
        visitors.sweep()
        assert client.get(f"/api/documents/{doc}/pages/1/picture?width=400").status_code == 200
        clock.advance(Quota().sleep_s + 1)
        visitors.sweep()
        more = client.post("/api/documents?name=b.pdf", content=text_pdf("The valve opens at 40 bar.")).json()
        assert settled(client, more["id"])["state"] == "done"
        clock.advance(Quota().idle_s + 1)
        visitors.sweep()
        assert not tenant.folder.exists()


def test_the_tabs_of_a_browser_are_one_visitor(home: Path) -> None:
    with public(home, Quota()) as (http, visitors):
        browser, other = (TestClient(http.app, base_url="http://127.0.0.1:8765") for _ in range(2))
        first = browser.post("/api/visitors")
        assert browser.post("/api/visitors").json() == first.json() != other.post("/api/visitors").json()
        assert {"httponly", "path=/api/visitors", "samesite=strict"} <= set(
            first.headers["set-cookie"].lower().split("; ")
        )
        assert browser.get("/api/documents").status_code == 410  # the cookie says who one is to nothing else
        visitors.tenant(first.json()["visitor"]).last_request -= 2 * Quota().idle_s
        visitors.sweep()
        assert browser.post("/api/visitors").json() not in (first.json(), other.post("/api/visitors").json())
