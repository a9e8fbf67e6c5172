"""Visitors see their own documents and nobody else's, whatever they do; what is over is deleted."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import ClassVar

import httpx2
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from starlette.testclient import TestClient

from recto.config import Writing
from recto.errors import LibraryFull
from recto.server.problems import Refused
from recto.server.tenants import EMPTY, HEADER, MultiTenant, Quota, RateLimit
from support import scripted
from support.live import SOON_S, connect, listening, live, post, rest, until
from support.ollama_server import MODEL, OllamaServer
from support.pdfs import text_pdf
from support.served import events, public, settled, upload, visited

QUOTA = Quota(documents=2, questions_a_minute=3, searches_a_minute=4, idle_s=3600, visitors=4, megabytes=1)
TEXTS = ["The pump moves 111 litres.", "The valve opens at 275 bar.", "The contract ends in June."]


def enter(client: TestClient) -> dict[str, str]:
    return {HEADER: client.post("/api/visitors").json()["visitor"]}


def folders(home: Path) -> list[Path]:
    """Those of visitors, without the one that all of them share who hold nothing."""
    return [folder for folder in (home / "visitors").iterdir() if folder.name != EMPTY]


def test_strangers_and_the_overdue_are_refused(home: Path, tmp_path: Path) -> None:
    with public(home, QUOTA) as (client, tenants):
        for headers in ({}, {HEADER: ""}, {HEADER: "x" * 43}, {HEADER: "../" * 14 + "x"}):
            assert client.get("/api/documents", headers=headers).status_code == 410
        visitor = enter(client)
        (tmp_path / "a.pdf").write_bytes(text_pdf(TEXTS[0]))
        assert upload(client, tmp_path / "a.pdf", headers=visitor)["state"] == "done"
        (folder,) = folders(home)
        assert visitor[HEADER] not in folder.name
        overdue(tenants)
        assert client.get("/api/documents", headers=visitor).status_code == 410
        assert folders(home) == []


def test_quotas_hold(home: Path, tmp_path: Path) -> None:
    with public(home, QUOTA) as (client, _):
        visitor = enter(client)
        for number in range(2):
            (tmp_path / f"{number}.pdf").write_bytes(text_pdf(TEXTS[number]))
            upload(client, tmp_path / f"{number}.pdf", headers=visitor, encoded=False)
        third = client.post("/api/documents", params={"name": "c.pdf"}, content=text_pdf(TEXTS[2]), headers=visitor)
        assert (third.status_code, third.json()["title"]) == (409, "library_full")
        answers = [client.post("/api/ask", json={"question": "What moves?"}, headers=visitor) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert int(answers[-1].headers["retry-after"]) >= 1
        typed = [client.post("/api/prepare", json={"question": "What"}, headers=visitor) for _ in range(2)]
        found = [client.get("/api/search", params={"q": "moves"}, headers=visitor) for _ in range(3)]
        assert [answer.status_code for answer in (*typed, *found)] == [204, 204, 200, 200, 429]


def test_a_visitor_who_has_uploaded_nothing_costs_nothing_and_makes_way(home: Path) -> None:
    with public(home, QUOTA) as (client, tenants):
        owner, early = enter(client), enter(client)
        sent = client.post("/api/documents?name=a.pdf", content=text_pdf(TEXTS[0]), headers=owner).json()
        assert settled(client, sent["id"], owner, encoded=False)["outcome"]["status"] == "added"
        assert client.get("/api/documents", headers=early).json() == []
        assert b"event: done" in client.post("/api/ask", json={"question": "What moves?"}, headers=early).content
        newcomers = [enter(client) for _ in range(3 * QUOTA.visitors)]
        assert len(tenants.tenants()) == QUOTA.visitors
        assert len(folders(home)) == 1
        assert len(client.get("/api/documents", headers=owner).json()) == 1
        statuses = [client.get("/api/documents", headers=visitor).status_code for visitor in (early, *newcomers)]
        assert statuses == [410] * (1 + len(newcomers) - 3) + [200] * 3


def test_whoever_holds_something_keeps_the_place(home: Path) -> None:
    with public(home, QUOTA) as (client, _):
        visitors = [enter(client) for _ in range(QUOTA.visitors)]
        for visitor in visitors:
            sent = client.post("/api/documents?name=a.pdf", content=text_pdf(TEXTS[0]), headers=visitor).json()
            settled(client, sent["id"], visitor, encoded=False)
        full = client.post("/api/visitors")
        assert (full.status_code, full.json()["title"], full.headers["retry-after"]) == (503, "full", "60")
        assert [len(client.get("/api/documents", headers=visitor).json()) for visitor in visitors] == [1] * 4


def test_an_upload_on_its_way_keeps_the_place_and_none_begins_once_it_is_lost(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "upload.pdf"
    path.write_bytes(text_pdf(TEXTS[0]))
    with public(home, QUOTA) as (client, tenants):
        enter(client)
        (tenant,) = tenants.tenants()
        tenant.reserve()
        assert not tenant.retire()
        tenant.release()
        assert tenant.retire()
        for begin in (tenant.reserve, lambda: tenant.accept("a.pdf", path, None)):
            with pytest.raises(Refused, match="session"):
                begin()
        assert not path.exists()
        assert folders(home) == []


def test_a_limit_of_the_minute_holds_among_threads() -> None:
    limit = RateLimit(1000, "questions")

    def allowed(_: int) -> int:
        count = 0
        for _ in range(500):
            with suppress(Refused):
                limit.count()
                count += 1
        return count

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(allowed, range(8))) == 1000


def test_many_at_once_are_no_way_around_the_limit(home: Path) -> None:
    with public(home, QUOTA) as (client, tenants):
        enter(client)
        (tenant,) = tenants.tenants()

        def reserved(_: int) -> bool:
            try:
                return tenant.reserve() > 0
            except LibraryFull:
                return False

        with ThreadPoolExecutor(8) as threads:
            assert sum(threads.map(reserved, range(16))) == QUOTA.documents
        tenant.release()
        assert reserved(0)


def test_pages_have_a_limit(home: Path, tmp_path: Path) -> None:
    with public(home, Quota(pages=3)) as (client, _):
        visitor = enter(client)
        found = []
        for number, pages in enumerate((2, 2)):
            path = tmp_path / f"{number}.pdf"
            path.write_bytes(text_pdf(*[f"The pump {number} moves."] * pages))
            found.append(upload(client, path, headers=visitor, encoded=False)["outcome"])
        assert [one["status"] for one in found] == ["added", "failed"]
        assert (found[1]["problem"]["kind"], "2 pages" in found[1]["problem"]["message"]) == ("library_full", True)


def test_megabytes_have_a_limit_in_all(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(text_pdf("The pump moves.") + b"%" * 600_000)
    with public(home, Quota(megabytes=1, total_megabytes=1)) as (client, _):
        visitor = enter(client)
        assert upload(client, path, headers=visitor)["outcome"]["status"] == "added"
        second = client.post("/api/documents", params={"name": "x"}, content=path.read_bytes(), headers=visitor)
        assert (second.status_code, second.json()["title"]) == (413, "too_large")
        assert "0.399 MB" in second.json()["detail"]
        limits = client.get("/api/state", headers=visitor).json()["limits"]
        assert limits["total_megabytes"] == limits["megabytes"] == 1


def test_a_clock_that_jumps_ends_no_visit_and_prolongs_none(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with public(home, QUOTA) as (client, tenants):
        visitor = enter(client)
        real = time.time
        for jump_s in (1e9, -1e9):
            monkeypatch.setattr(time, "time", lambda by=jump_s: real() + by)
            tenants.sweep()
            assert client.get("/api/documents", headers=visitor).status_code == 200
            assert client.post("/api/ask", json={"question": "What?"}, headers=visitor).status_code == 200
        overdue(tenants)
        assert client.get("/api/documents", headers=visitor).status_code == 410


def overdue(tenants: MultiTenant) -> None:
    """Let everybody's time be over."""
    for tenant in tenants.tenants():
        tenant.last_request -= 2 * QUOTA.idle_s
    tenants.sweep()


@pytest.mark.slow
def test_what_is_over_is_deleted_while_it_is_answered(daemon: OllamaServer, home: Path) -> None:
    daemon.behaviour = scripted.brief
    writing = Writing(model=f"ollama:{MODEL}", ollama_host=daemon.url)
    with visited(home, QUOTA, writing) as (app, tenants), listening(app) as port:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=SOON_S) as http:
            visitor = {HEADER: http.post("/api/visitors").json()["visitor"]}
            sent = http.post("/api/documents?name=a.pdf", content=text_pdf(TEXTS[0]), headers=visitor).json()
            assert settled(http, sent["id"], headers=visitor)["state"] == "done"
            ask = post("/api/ask", b'{"question": "How many litres does the pump move?"}', **{HEADER: visitor[HEADER]})
            follow = post("/api/uploads/events", b"", **{HEADER: visitor[HEADER]}).replace(b"POST", b"GET", 1)
            daemon.behaviour = scripted.endless
            with closing(connect(port)) as answer, closing(connect(port)) as uploads:
                answer.sendall(ask)
                uploads.sendall(follow)
                until(uploads, b"event: uploads")
                until(answer, b"event: token")
                overdue(tenants)
                assert folders(home) == []
                assert daemon.gone.wait(SOON_S)
                assert b"event: done" in rest(answer)
                rest(uploads)
            assert http.get("/api/documents", headers=visitor).status_code == 410
        assert folders(home) == []


@pytest.mark.slow
def test_a_server_that_was_killed_leaves_nothing_to_the_next(home: Path) -> None:
    with live(home, "--public", "--model", "quote") as server:
        visitor = {HEADER: server.http.post("/api/visitors").json()["visitor"]}
        sent = server.http.post("/api/documents?name=a.pdf", content=text_pdf(TEXTS[0]), headers=visitor).json()
        settled(server.http, sent["id"], headers=visitor, encoded=False)
        server.process.kill()
        server.process.wait()
    libraries = list(home.glob("served/*/*/library.sqlite"))
    assert len(libraries) == 2  # the visitor's, and the empty one
    with live(home, "--public", "--model", "quote") as server:  # on another port
        assert not any(library.exists() for library in libraries)
        assert server.http.get("/api/documents", headers=visitor).status_code == 410


@pytest.mark.slow
def test_a_server_started_twice_leaves_the_visitors_of_the_first(home: Path) -> None:
    with live(home, "--public", "--model", "quote") as server:
        visitor = {HEADER: server.http.post("/api/visitors").json()["visitor"]}
        command = [sys.executable, "-m", "recto", "serve", "--public", "--no-open", "--home", str(home), "--port"]
        again = subprocess.run(
            [*command, str(server.port)], capture_output=True, text=True, timeout=SOON_S, check=False
        )
        assert again.returncode == 2
        assert f"port {server.port}: Address already in use" in again.stderr
        assert f"recto serve --port {server.port + 1}" in again.stderr
        with live(home, "--public", "--model", "quote"):  # on another port
            assert server.http.get("/api/documents", headers=visitor).json() == []


@pytest.mark.slow
def test_visitors_are_told_nothing_about_the_machine(home: Path, tmp_path: Path) -> None:
    broken = tmp_path / "secret-place" / "broken.gguf"
    broken.parent.mkdir()
    broken.write_bytes(b"GGUF, or so it says")
    with live(home, "--public", "--model", str(broken)) as server:
        visitor = {HEADER: server.http.post("/api/visitors").json()["visitor"]}
        sent = server.http.post("/api/documents?name=a.pdf", content=text_pdf(TEXTS[0]), headers=visitor).json()
        assert settled(server.http, sent["id"], headers=visitor)["state"] == "done"
        body = {"question": "How many litres does the pump move?"}
        answer = server.http.post("/api/ask", json=body, headers=visitor).text
        state = server.http.get("/api/state", headers=visitor).text
    (_, fell), (_, done) = events(answer)[-2:]
    assert fell["why"].startswith("the file is no model")
    assert fell["kind"] == "unusable_model"
    assert done["answer"]["notice"] == fell["why"]
    for told in (answer, state):
        assert "secret-place" not in told
        assert str(home) not in told


class Visitors(RuleBasedStateMachine):
    """Visitors who come, add, pry, remove and stay away, in any order. `client`, `tenants`, `files` are set before."""

    client: TestClient
    tenants: MultiTenant
    files: ClassVar[list[Path]]
    visitors = Bundle("visitors")

    def __init__(self) -> None:
        super().__init__()
        self.owned: dict[str, set[str]] = {}

    @rule(target=visitors)
    def comes(self) -> str:
        token = enter(self.client)[HEADER]
        self.owned[token] = set()
        return token

    @rule(visitor=visitors, number=st.integers(0, len(TEXTS) - 1))
    def adds(self, visitor: str, number: int) -> None:
        if visitor in self.owned:
            found = upload(self.client, self.files[number], headers={HEADER: visitor}, encoded=False)
            self.owned[visitor].add(found["outcome"]["document"]["id"])

    @rule(visitor=visitors, other=visitors)
    def pries(self, visitor: str, other: str) -> None:
        mine = {HEADER: visitor}
        for doc in self.owned.get(other, set()) - self.owned.get(visitor, set()):
            for path in ("pages/1", "pages/1/picture", "pages/1/boxes?start=0&end=3"):
                assert self.client.get(f"/api/documents/{doc}/{path}", headers=mine).status_code in (404, 410)
            assert self.client.delete(f"/api/documents/{doc}", headers=mine).status_code in (404, 410)

    @rule(visitor=visitors)
    def removes(self, visitor: str) -> None:
        for doc in sorted(self.owned.get(visitor, set()))[:1]:
            assert self.client.delete(f"/api/documents/{doc}", headers={HEADER: visitor}).status_code == 204
            self.owned[visitor].remove(doc)

    @rule(visitor=visitors)
    def stays_away(self, visitor: str) -> None:
        if self.owned.pop(visitor, None) is not None:
            self.tenants.tenant(visitor).last_request -= 2 * QUOTA.idle_s
            self.tenants.sweep()

    @invariant()
    def each_sees_its_own(self) -> None:
        for visitor, owned in self.owned.items():
            listed = self.client.get("/api/documents", headers={HEADER: visitor}).json()
            assert {one["id"] for one in listed} == owned

    def teardown(self) -> None:
        for visitor in self.owned:
            self.tenants.tenant(visitor).last_request -= 2 * QUOTA.idle_s
        self.tenants.sweep()
        assert self.tenants.tenants() == []


@pytest.mark.slow
@pytest.mark.hypothesis
def test_no_visitor_ever_sees_another_s(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.pdf" for number in range(len(TEXTS))]
    for file, text in zip(files, TEXTS, strict=True):
        file.write_bytes(text_pdf(text))
    home = tmp_path / "home"
    home.mkdir()
    with public(home, Quota(documents=9, visitors=1000, megabytes=1, searches_a_minute=10_000)) as (client, tenants):
        Visitors.client, Visitors.tenants, Visitors.files = client, tenants, files
        run_state_machine_as_test(
            Visitors,
            settings=settings(
                max_examples=6, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
    assert not (home / "visitors").exists()
