"""What /metrics says, by the grammar of Prometheus' text format 0.0.4, and by what happened."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from recto.config import Writing
from recto.server.tenants import Quota
from support import scripted
from support.ollama_server import MODEL, OllamaServer
from support.pdfs import text_pdf
from support.served import ask, private, public, upload

QUESTION = "How many litres does the pump of hall 3 move a minute?"
NONSENSE = "Who sang the third aria of the purple elephant opera?"
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SAMPLE = re.compile(
    rf'({NAME})(?:\{{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\n"])*",?)*)\}})? ([+-]?(?:\d+(?:\.\d*)?(?:e[+-]?\d+)?|Inf|NaN))'
)
KINDS = ("counter", "gauge", "histogram")


def parsed(text: str) -> dict[str, float]:
    """The samples; fails where a line is not as the format wants it."""
    assert text.endswith("\n")
    kinds: dict[str, str] = {}
    found: dict[str, float] = {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in kinds
            assert kind in KINDS
            kinds[name] = kind
        elif not line.startswith("# HELP "):
            match = SAMPLE.fullmatch(line)
            assert match, line
            name, labels, value = match.groups()
            family = re.sub("_(bucket|sum|count)$", "", name) if name not in kinds else name
            assert family in kinds, line
            assert (kinds[family] == "counter") == name.endswith("_total")
            key = f"{name}{{{labels}}}" if labels else name
            assert key not in found, line
            found[key] = float(value)
    return found


def metrics(client: TestClient) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return parsed(answer.text)


def histogram(found: dict[str, float], stage: str) -> tuple[float, float]:
    """How many there were, and the sum; the buckets must rise to that number."""
    buckets = [value for key, value in found.items() if key.startswith(f'recto_answer_seconds_bucket{{stage="{stage}"')]
    count = found[f'recto_answer_seconds_count{{stage="{stage}"}}']
    assert buckets == sorted(buckets)
    assert buckets[-1] == found[f'recto_answer_seconds_bucket{{stage="{stage}",le="+Inf"}}'] == count
    return count, found[f'recto_answer_seconds_sum{{stage="{stage}"}}']


def test_a_server_at_rest(home: Path) -> None:
    with private(home) as client:
        found = metrics(client)
        assert found["recto_documents"] == found["recto_tokens_total"] == found["recto_uploads_total"] == 0
        assert found["recto_libraries"] == 1
        assert found["recto_resident_memory_bytes"] > 10 << 20
        assert histogram(found, "total") == (0, 0)


@pytest.mark.slow
def test_what_happened_is_counted(daemon: OllamaServer, pumps: Path, tmp_path: Path) -> None:
    daemon.behaviour = scripted.brief
    with private(pumps, writing=Writing(model=f"ollama:{MODEL}", ollama_host=daemon.url)) as client:
        written = ask(client, QUESTION)[-1][1]["answer"]
        assert written["kind"] == "written"
        ask(client, NONSENSE)
        client.post("/api/documents", params={"name": "x"}, content=b"no PDF")
        client.request("BREW", "/api/documents")
        found = metrics(client)
    assert (found['recto_answers_total{kind="written"}'], found['recto_answers_total{kind="abstained"}']) == (1, 1)
    assert 1 <= found["recto_tokens_total"] <= len(scripted.ANSWER)
    assert histogram(found, "first_token") == (1, pytest.approx(written["seconds"]["first_token"]))
    assert histogram(found, "search")[0] == histogram(found, "total")[0] == 2
    assert found['recto_requests_total{method="POST",status="200"}'] == 2
    assert found['recto_requests_total{method="POST",status="415"}'] == 1
    assert found['recto_requests_total{method="other",status="405"}'] == 1
    assert found["recto_answers_under_way"] == found["recto_questions_waiting"] == found["recto_uploads_waiting"] == 0
    assert found["recto_documents"] == 1


@pytest.mark.parametrize(
    ("client", "headers"),
    [
        ("203.0.113.9", {}),
        ("203.0.113.9", {"host": "127.0.0.1"}),
        ("127.0.0.1", {"host": "recto.example"}),
        ("127.0.0.1", {"x-forwarded-for": "203.0.113.9"}),
    ],
    ids=["others", "others who claim to be here", "a proxy", "a proxy that keeps its name"],
)
def test_the_metrics_of_a_public_server_are_its_owner_s(home: Path, client: str, headers: dict[str, str]) -> None:
    with public(home, Quota(), client=client) as (http, _):
        answer = http.get("/metrics", headers=headers)
        assert (answer.status_code, answer.json()["title"]) == (403, "metrics")
        assert http.get("/readyz", headers=headers).status_code == 200


def test_visitors_are_counted_together(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(text_pdf("The pump moves 111 litres."))
    with public(home, Quota()) as (client, _):
        for _ in range(2):
            upload(client, path, headers={"X-Recto-Visitor": client.post("/api/visitors").json()["visitor"]})
        found = metrics(client)
        assert (found["recto_libraries"], found["recto_documents"], found["recto_uploads_total"]) == (2, 2, 2)
