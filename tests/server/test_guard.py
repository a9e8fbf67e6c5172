"""Who may use a server: names of this machine, pages of its own, those who know the token."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from support.served import HOST, private

TOKEN = "a-secret-that-nobody-guesses"


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("guarded")


@pytest.fixture(scope="module")
def open_one(homes: Path) -> Iterator[TestClient]:
    with private(homes / "open") as client:
        yield client


@pytest.fixture(scope="module")
def closed(homes: Path) -> Iterator[TestClient]:
    with private(homes / "closed", token=TOKEN) as client:
        yield client


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:8765", "LOCALHOST", "[::1]:8765"])
def test_this_machine_is_answered(open_one: TestClient, host: str) -> None:
    assert open_one.get("/api/documents", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "", "192.168.1.5:8765"]
)
def test_a_name_that_was_rebound_is_not(open_one: TestClient, host: str) -> None:
    answer = open_one.get("/api/documents", headers={"host": host})
    assert (answer.status_code, answer.json()["title"]) == (421, "host")


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "https://evil.example:8765"]
)
def test_pages_of_other_sites_may_not(open_one: TestClient, origin: str) -> None:
    for method, path in (("GET", "/api/documents"), ("POST", "/api/documents?name=x"), ("OPTIONS", "/api/ask")):
        answer = open_one.request(method, path, headers={"origin": origin})
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers


def test_its_own_page_may(open_one: TestClient) -> None:
    assert open_one.get("/api/documents", headers={"origin": HOST}).status_code == 200


def test_other_sites_are_told_by_the_browser_too(open_one: TestClient) -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    assert open_one.get("/api/documents", headers=headers).status_code == 403
    assert open_one.get("/", headers={**headers, "sec-fetch-mode": "navigate"}).status_code == 200


def test_every_answer_tells_the_browser_what_may_run(open_one: TestClient) -> None:
    for path in ("/", "/api/documents", "/api/nothing", "/static/nothing"):
        headers = open_one.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/api/documents", "/api/state", "/metrics", "/openapi.json"])
def test_without_the_token_nothing_is_said(closed: TestClient, path: str) -> None:
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": TOKEN}):
        assert closed.get(path, headers=headers).status_code == 401
    for headers in ({"authorization": f"Bearer {TOKEN}"}, {"authorization": f"bearer {TOKEN}"}):
        assert closed.get(path, headers=headers).status_code == 200


def test_the_page_itself_is_open(closed: TestClient) -> None:
    for path in ("/", "/d/0123", "/healthz", "/readyz"):
        assert closed.get(path).status_code == 200
    assert closed.get("/datasheet").status_code == 401


def test_odd_headers_do_no_harm(closed: TestClient) -> None:
    for headers in (
        {"authorization": "Bearer \u00e9"},
        {"cookie": '=;;="x'},
        {"cookie": "a@b=1; <x>=2"},
        {"authorization": "x" * 5000},
    ):
        raw = {name: value.encode("latin-1") for name, value in headers.items()}
        assert closed.get("/api/state", headers=raw).status_code == 401


def test_a_cookie_is_no_token(closed: TestClient) -> None:
    """Browsers send cookies of all ports of this machine, and with requests of other sites."""
    cookie = f"a@b=1; <x>=2; =; recto_token={TOKEN}; z"
    assert closed.get("/api/state", headers={"cookie": cookie}).status_code == 401
