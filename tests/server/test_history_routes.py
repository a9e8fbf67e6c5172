"""What was asked, by HTTP: kept with its conversation, found, opened again, forgotten; nothing of visitors."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from recto.server.tenants import Quota
from support.files import write
from support.pdfs import text_pdf
from support.served import ask, events, private, public, upload

QUESTION = "How many litres does the pump of hall 3 move?"
PAPER = "Pumps\nThe pump of hall 3 moves 111 litres a minute.\nThe pump of hall 4 moves 148 litres a minute."
BEYOND = (1 << 63, 0, -1, "x")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("served")
    with private(folder / "library") as client:
        upload(client, write(folder / "pumps.pdf", text_pdf("The boiler burns coal.", PAPER)))
        yield client


@pytest.fixture
def client(served: TestClient) -> TestClient:
    """A server with a document, nothing asked so far."""
    assert served.delete("/api/history").status_code == 204
    return served


def done(client: TestClient, question: str = QUESTION, **more: Any) -> dict[str, Any]:
    name, event = ask(client, question, **more)[-1]
    assert name == "done"
    return event


def test_an_answer_is_kept_and_opened_again(client: TestClient) -> None:
    event = done(client)
    again = client.get(f"/api/history/{event['turn']}").json()
    assert again["question"] == QUESTION
    assert [place.pop("standing") for place in again["answer"]["quotes"]] == ["stands"] * len(event["answer"]["quotes"])
    assert again["answer"]["quotes"] == event["answer"]["quotes"]
    (listed,) = client.get("/api/history", params={"q": "LITRES pumps.pdf"}).json()["turns"]
    assert (listed["turn"], listed["kind"]) == (event["turn"], "quoted")
    assert client.get("/api/history", params={"q": "zebra"}).json() == {"silence": "", "turns": []}


def test_a_conversation_goes_on(client: TestClient) -> None:
    first = done(client)
    second = done(client, "and of hall 4?", history=[QUESTION], conversation=first["conversation"])
    other = done(client)
    turns = client.get(f"/api/history/conversations/{first['conversation']}").json()
    assert [turn["turn"] for turn in turns] == [first["turn"], second["turn"]]
    assert turns[1]["searched_for"] == "How many litres does the pump of hall 4 move?"
    assert other["conversation"] == other["turn"]
    assert done(client, conversation=4711)["conversation"] != 4711
    older = client.get("/api/history", params={"before": other["turn"], "limit": 1}).json()["turns"]
    assert [turn["turn"] for turn in older] == [second["turn"]]


def test_what_is_forgotten_or_never_was_is_not_found(client: TestClient) -> None:
    turn = done(client)["turn"]
    assert client.delete(f"/api/history/{turn}").status_code == 204
    for method in ("get", "delete"):
        answer = getattr(client, method)(f"/api/history/{turn}")
        assert (answer.status_code, answer.json()["title"]) == (404, "unknown_turn")
        for number in BEYOND:
            assert getattr(client, method)(f"/api/history/{number}").status_code == 422
    assert client.get("/api/history/conversations/4711").json() == []


def test_what_is_not_to_be_kept_is_not(client: TestClient) -> None:
    assert "turn" in done(client, keep=False)
    assert client.put("/api/history", json={"on": False}).status_code == 204
    event = done(client)
    assert (event["turn"], event["conversation"]) == (None, None)
    listed = client.get("/api/history").json()
    assert (listed["turns"], "switched off" in listed["silence"]) == ([], True)
    assert client.put("/api/history", json={"on": True}).status_code == 204
    assert done(client)["turn"]


def test_of_visitors_nothing_is_kept(home: Path, tmp_path: Path) -> None:
    with public(home, Quota()) as (client, _):
        headers = {"X-Recto-Visitor": client.post("/api/visitors").json()["visitor"]}
        upload(client, write(tmp_path / "pumps.pdf", text_pdf(PAPER)), headers=headers)
        answer = client.post("/api/ask", json={"question": QUESTION}, headers=headers)
        event = events(answer.text)[-1][1]
        assert event["turn"] is None
        assert client.get("/api/history", headers=headers).json()["turns"] == []
        assert client.put("/api/history", json={"on": True}, headers=headers).status_code == 403


def test_what_is_said_of_an_answer_is_a_question_for_evaluation(client: TestClient) -> None:
    event = done(client)
    address, quote = f"/api/history/{event['turn']}/feedback", event["answer"]["quotes"][0]
    place = {"document": quote["document"]["id"], **{name: quote[name] for name in ("page", "start", "end")}}
    said = client.put(address, json={"opinion": "here", **place}).json()
    assert said["evidence"] == [{"page": 2, "text": quote["quote"]}]
    assert client.put(address, json={"opinion": "yes"}).json()["evidence"] == said["evidence"]
    assert client.put(address, json={"opinion": "no"}).json()["evidence_pages"] == []
    for body, status in (({"opinion": "yes", "quote": 99}, 404), ({"opinion": "here", **place, "end": 0}, 404)):
        assert client.put(address, json=body).status_code == status
    assert client.put(address, json={"opinion": "perhaps"}).status_code == 422
    assert client.put("/api/history/4711/feedback", json={"opinion": "yes"}).status_code == 404
