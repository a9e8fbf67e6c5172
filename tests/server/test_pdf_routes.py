"""Addresses that open a place, and the PDF itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from recto.links import is_page, page_url
from recto.server.tenants import Quota
from recto.types import Document
from support.pdfs import text_pdf
from support.served import Json, private, public, upload

VALVE = text_pdf("The valve opens at 40 bar.")
SIZE = len(VALVE)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    home = tmp_path_factory.mktemp("links")
    with private(home) as client:
        (home / "valve.pdf").write_bytes(VALVE)
        upload(client, home / "valve.pdf", encoded=False)
        yield client


@pytest.fixture
def address(client: TestClient) -> str:
    (document,) = client.get("/api/documents").json()
    return f"/api/documents/{document['id']}/pdf"


def test_the_pdf_itself_is_served(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.content == VALVE
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == "inline; filename*=UTF-8''valve.pdf"
    assert answer.headers["accept-ranges"] == "bytes"
    head = client.head(address)
    assert (head.content, head.headers["content-length"]) == (b"", str(SIZE))
    assert client.get("/api/documents/nothing/pdf").status_code == 404


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("bytes=0-9", 0, 10), ("bytes=10-", 10, SIZE), ("bytes=-5", SIZE - 5, SIZE), ("bytes=3-99999999", 3, SIZE)],
)
def test_a_range_of_it_is_served(client: TestClient, address: str, asked: str, start: int, stop: int) -> None:
    answer = client.get(address, headers={"range": asked})
    assert (answer.status_code, answer.content) == (206, VALVE[start:stop])
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{SIZE}"
    assert answer.headers["content-length"] == str(stop - start)


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=0-4,8-9", "lines=1-2", "bytes=", "bytes=-", "bytes=a-b", "-5"])
def test_what_is_no_range_is_passed_over(client: TestClient, address: str, asked: str) -> None:
    answer = client.get(address, headers={"range": asked})
    assert (answer.status_code, answer.content) == (200, VALVE)


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={'9' * 150}-", "bytes=-0"])
def test_a_range_beyond_its_end_is_refused(client: TestClient, address: str, asked: str) -> None:
    answer = client.get(address, headers={"range": asked})
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{SIZE}")


def test_a_range_of_another_version_is_the_whole(client: TestClient, address: str) -> None:
    version = client.get(address).headers["etag"]
    for known, status in ((version, 206), ('"another"', 200)):
        assert client.get(address, headers={"range": "bytes=0-9", "if-range": known}).status_code == status


def test_an_address_of_a_place_opens_the_page(client: TestClient) -> None:
    (document,) = client.get("/api/documents").json()
    value = Document(id=document["id"], name="valve.pdf", title="", pages=1, size=1, added=0.0)
    page = client.get(page_url("", value, 0, (4, 9)))
    assert page.text == client.get("/").text
    for path in ("/valve.pdf", "/valve.pdf/", "/valve.pdf/one", "/valve/1", "/a/b.pdf/1", "/api/12", "/v1/12"):
        assert not is_page(path)
        assert client.get(path).status_code == 404


def test_it_opens_without_a_token_and_the_pdf_does_not(home: Path) -> None:
    with private(home, token="secret") as closed:
        assert closed.get("/valve.pdf/1?id=0123").status_code == 200
        assert closed.get("/api/documents/valve.pdf/pdf").status_code == 401
        assert closed.get("/api/1").status_code == 401


def test_visitors_have_the_pdfs_of_their_own_library(home: Path, tmp_path: Path) -> None:
    (tmp_path / "valve.pdf").write_bytes(VALVE)
    with public(home, Quota()) as (http, _):
        mine, other = ({"X-Recto-Visitor": http.post("/api/visitors").json()["visitor"]} for _ in range(2))
        doc: Json = upload(http, tmp_path / "valve.pdf", headers=mine, encoded=False)["outcome"]["document"]
        assert http.get(f"/api/documents/{doc['id']}/pdf", headers=mine).content == VALVE
        assert http.get(f"/api/documents/{doc['id']}/pdf", headers=other).status_code == 404
        assert http.get(f"/api/documents/{doc['id']}/pdf").status_code == 410
