"""Visitors see their own documents and nobody else's, whatever they do; what is over is deleted."""

import time
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from served import public, upload
from starlette.testclient import TestClient

from pdfs import text_pdf
from recto.server.visitors import HEADER, Public, Quota

QUOTA = Quota(documents=2, questions_a_minute=3, idle_s=3600, visitors=4, megabytes=1)
TEXTS = ["The pump moves 111 litres.", "The valve opens at 275 bar.", "The contract ends in June."]


def enter(client: TestClient) -> dict[str, str]:
    return {HEADER: client.post("/api/visitors").json()["visitor"]}


def test_strangers_and_the_overdue_are_refused(home: Path, tmp_path: Path) -> None:
    with public(home, QUOTA) as (client, house):
        for headers in ({}, {HEADER: ""}, {HEADER: "x" * 43}, {HEADER: "../" * 14 + "x"}):
            assert client.get("/api/documents", headers=headers).status_code == 410
        visitor = enter(client)
        (tmp_path / "a.pdf").write_bytes(text_pdf(TEXTS[0]))
        assert upload(client, tmp_path / "a.pdf", headers=visitor)["state"] == "done"
        folders = list((home / "visitors").iterdir())
        assert len(folders) == 1
        assert visitor[HEADER] not in folders[0].name
        for room in house._rooms.values():
            room.seen = time.monotonic() - 2 * QUOTA.idle_s
        house.sweep()
        assert client.get("/api/documents", headers=visitor).status_code == 410
        assert list((home / "visitors").iterdir()) == []


def test_quotas_hold(home: Path, tmp_path: Path) -> None:
    with public(home, QUOTA) as (client, _):
        visitor = enter(client)
        for number in range(2):
            (tmp_path / f"{number}.pdf").write_bytes(text_pdf(TEXTS[number]))
            upload(client, tmp_path / f"{number}.pdf", headers=visitor)
        third = client.post("/api/documents", params={"name": "c.pdf"}, content=text_pdf(TEXTS[2]), headers=visitor)
        assert (third.status_code, third.json()["title"]) == (409, "library_full")
        answers = [client.post("/api/ask", json={"question": "What moves?"}, headers=visitor) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert int(answers[-1].headers["retry-after"]) >= 1
        for _ in range(3):
            enter(client)
        assert client.post("/api/visitors").status_code == 503


class Visitors(RuleBasedStateMachine):
    """Visitors who come, add, pry, remove and stay away, in any order. `client`, `house`, `files` are set before."""

    client: TestClient
    house: Public
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
            found = upload(self.client, self.files[number], headers={HEADER: visitor})
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
            self.house.room(visitor).seen -= 2 * QUOTA.idle_s
            self.house.sweep()

    @invariant()
    def each_sees_its_own(self) -> None:
        for visitor, owned in self.owned.items():
            listed = self.client.get("/api/documents", headers={HEADER: visitor}).json()
            assert {one["id"] for one in listed} == owned

    def teardown(self) -> None:
        for visitor in self.owned:
            self.house.room(visitor).seen -= 2 * QUOTA.idle_s
        self.house.sweep()
        assert self.house.rooms() == []


@pytest.mark.slow
def test_no_visitor_ever_sees_another_s(models: Path, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.pdf" for number in range(len(TEXTS))]
    for file, text in zip(files, TEXTS, strict=True):
        file.write_bytes(text_pdf(text))
    home = tmp_path / "home"
    home.mkdir()
    (home / "models").symlink_to(models)
    with public(home, Quota(documents=9, visitors=1000, megabytes=1)) as (client, house):
        Visitors.client, Visitors.house, Visitors.files = client, house, files
        run_state_machine_as_test(
            Visitors,
            settings=settings(
                max_examples=6, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
    assert not (home / "visitors").exists()
