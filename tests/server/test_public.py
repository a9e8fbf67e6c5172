"""Visitors see their own documents and nobody else's, whatever they do and in whatever order; what is over is deleted."""

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from served import public, upload
from starlette.testclient import TestClient

from pdfs import text_pdf
from recto.server.visitors import HEADER, Quota

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


@pytest.mark.slow
def test_no_visitor_ever_sees_another_s(models: Path, tmp_path: Path) -> None:
    files = {}
    for number, text in enumerate(TEXTS):
        files[number] = tmp_path / f"{number}.pdf"
        files[number].write_bytes(text_pdf(text))
    home = tmp_path / "home"
    home.mkdir()
    (home / "models").symlink_to(models)

    with public(home, Quota(documents=9, visitors=1000, megabytes=1)) as (client, house):

        class Visitors(RuleBasedStateMachine):
            visitors = Bundle("visitors")

            @initialize()
            def begin(self) -> None:
                self.owned: dict[str, set[str]] = {}

            @rule(target=visitors)
            def comes(self) -> str:
                token = enter(client)[HEADER]
                self.owned[token] = set()
                return token

            @rule(visitor=visitors, number=st.sampled_from(sorted(files)))
            def adds(self, visitor: str, number: int) -> None:
                if visitor in self.owned:
                    found = upload(client, files[number], headers={HEADER: visitor})
                    self.owned[visitor].add(found["outcome"]["document"]["id"])

            @rule(visitor=visitors, other=visitors)
            def pries(self, visitor: str, other: str) -> None:
                for doc in self.owned.get(other, set()) - self.owned.get(visitor, set()):
                    for path in ("pages/1", "pages/1/picture", "pages/1/boxes?start=0&end=3"):
                        answer = client.get(f"/api/documents/{doc}/{path}", headers={HEADER: visitor})
                        assert answer.status_code in (404, 410)
                    assert client.delete(f"/api/documents/{doc}", headers={HEADER: visitor}).status_code in (404, 410)

            @rule(visitor=visitors)
            def removes(self, visitor: str) -> None:
                for doc in sorted(self.owned.get(visitor, set()))[:1]:
                    assert client.delete(f"/api/documents/{doc}", headers={HEADER: visitor}).status_code == 204
                    self.owned[visitor].remove(doc)

            @rule(visitor=visitors)
            def stays_away(self, visitor: str) -> None:
                if visitor in self.owned:
                    house.room(visitor).seen -= 2 * QUOTA.idle_s
                    house.sweep()
                    del self.owned[visitor]

            @invariant()
            def each_sees_its_own(self) -> None:
                for visitor, owned in getattr(self, "owned", {}).items():
                    listed = client.get("/api/documents", headers={HEADER: visitor}).json()
                    assert {one["id"] for one in listed} == owned

            def teardown(self) -> None:
                for visitor in list(self.owned):
                    house.room(visitor).seen -= 2 * QUOTA.idle_s
                house.sweep()
                assert list((home / "visitors").iterdir()) == []

        run_state_machine_as_test(
            Visitors,
            settings=settings(
                max_examples=6, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
