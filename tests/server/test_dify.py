"""Dify's external knowledge."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from support.pdfs import text_pdf
from support.served import private, upload

KEY = {"authorization": "Bearer secret"}
LEAVE = "Every employee has 27 days of annual leave."


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    home = tmp_path_factory.mktemp("dify")
    with private(home, token="secret") as client:
        for name, text in (("leave.pdf", LEAVE), ("pump.pdf", "The pump moves 111 litres a minute.")):
            path = Path(home, name)
            path.write_bytes(text_pdf(text))
            upload(client, path, headers=KEY)
        yield client


def retrieved(client: TestClient, **more: Any) -> list[dict[str, Any]]:
    setting = {"top_k": 2, "score_threshold": 0.0}
    body = {"knowledge_id": "recto", "query": "How much annual leave is there?", "retrieval_setting": setting, **more}
    answer = client.post("/retrieval", json=body, headers=KEY)
    assert answer.status_code == 200, answer.text
    records: list[dict[str, Any]] = answer.json()["records"]
    return records


def test_records_say_where_they_stand(client: TestClient) -> None:
    best = retrieved(client, metadata_condition={"logical_operator": "and", "conditions": []})[0]
    assert (best["title"], best["content"]) == ("leave.pdf p. 1", LEAVE)
    assert 0 < best["score"] <= 1
    assert best["metadata"]["page"] == 1
    assert best["metadata"]["boxes"]
    assert best["metadata"]["url"].startswith("http://127.0.0.1:8765/leave.pdf/1?id=")


def test_the_threshold_and_the_knowledge_are_kept_to(client: TestClient) -> None:
    best = retrieved(client)[0]
    near = {"top_k": 5, "score_threshold": best["score"]}
    assert retrieved(client, retrieval_setting=near) == [best]
    assert {record["title"] for record in retrieved(client, knowledge_id="pump.pdf")} == {"pump.pdf p. 1"}


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        ({"query": "leave"}, {}, 401, 1002),
        ({"query": "leave", "knowledge_id": "nothing.pdf"}, KEY, 404, 2001),
        ({"query": ""}, KEY, 400, 400),
        ({"query": 7}, KEY, 400, 400),
        ({"query": "leave", "retrieval_setting": {"top_k": 0}}, KEY, 400, 400),
    ],
)
def test_errors_are_those_of_dify(
    client: TestClient, body: dict[str, Any], headers: dict[str, str], status: int, code: int
) -> None:
    answer = client.post("/retrieval", json=body, headers=headers)
    assert (answer.status_code, answer.json()["error_code"]) == (status, code)
    assert answer.json()["error_msg"]
