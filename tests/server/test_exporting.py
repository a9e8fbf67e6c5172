"""Answers that are taken along by HTTP: the library's own words at the places that are named, and no other's."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO

import pikepdf
import pytest
from starlette.testclient import TestClient

from recto.exports import ExportForm
from recto.server import exporting, ranges
from recto.server.exporting import AT_ONCE, PLACES
from support.files import write
from support.pdfs import text_pdf
from support.served import ask, private, upload

QUESTION = "How many litres does the pump of hall 3 move?"
PAPER = "Pumps\nThe pump of hall 3 moves 111 litres a minute."


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("served")
    with private(folder / "library") as client:
        upload(client, write(folder / "pumps.pdf", text_pdf("The boiler burns coal.", PAPER)))
        yield client


@pytest.fixture
def body(client: TestClient) -> dict[str, Any]:
    citations = ask(client, QUESTION)[-1][1]["answer"]["quotes"]
    places = [
        {"document": place["document"]["id"], "page": place["page"], "start": place["start"], "end": place["end"]}
        for place in citations
    ]
    return {"form": "md", "question": QUESTION, "text": "111 litres <b>a minute</b>.", "places": places}


@pytest.mark.parametrize("form", list(ExportForm))
def test_each_form_is_a_file(client: TestClient, body: dict[str, Any], form: ExportForm) -> None:
    response = client.post("/api/export", json={**body, "form": form})
    assert response.status_code == 200, response.text
    assert response.headers["content-disposition"] == f"attachment; filename=answer.{form}"
    assert response.headers["cache-control"] == "no-store"
    if form is ExportForm.PDF:
        with pikepdf.open(io.BytesIO(response.content)) as excerpt:
            assert all(page.Annots for page in excerpt.pages)
    elif form in (ExportForm.MARKDOWN, ExportForm.TEXT, ExportForm.CSV):
        assert "111 litres a minute" in response.text


def test_few_are_written_at_once_however_many_are_asked_for(
    client: TestClient, body: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way: list[int] = []
    most: list[int] = []
    write_it = exporting.export

    def counting(*args: Any, **more: Any) -> None:
        under_way.append(1)
        most.append(len(under_way))
        write_it(*args, **more)
        under_way.pop()

    monkeypatch.setattr(exporting, "export", counting)
    with ThreadPoolExecutor(max_workers=8) as pool:
        exports = [pool.submit(client.post, "/api/export", json={**body, "form": "pdf"}) for _ in range(8)]
        assert {export.result().status_code for export in exports} == {200}
    assert len(most) == 8
    assert max(most) <= AT_ONCE


def test_a_file_that_is_taken_slowly_is_not_in_memory_meanwhile(
    client: TestClient, body: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[int] = []

    def in_pieces(file: BinaryIO, span: range) -> Iterator[bytes]:
        taken.append(len(span))
        yield from pieces(file, span)
        assert file.closed

    pieces = ranges.pieces
    monkeypatch.setattr(ranges, "pieces", in_pieces)
    monkeypatch.setattr(ranges, "PIECE", 100)
    response = client.post("/api/export", json={**body, "form": "pdf"})
    assert taken == [len(response.content)] == [int(response.headers["content-length"])]


def test_links_of_markdown_lead_to_the_page_that_shows_the_place(client: TestClient, body: dict[str, Any]) -> None:
    place = body["places"][0]
    at = f"/{place['page']}?id={place['document'][:12]}&at={place['start']}-{place['end']})"
    linked = [line for line in client.post("/api/export", json=body).text.splitlines() if at in line]
    assert len(linked) == 1
    assert f"]({client.base_url}/" in linked[0]


def test_words_of_a_model_are_no_html(client: TestClient, body: dict[str, Any]) -> None:
    assert r"111 litres \<b>a minute\</b>." in client.post("/api/export", json=body).text


@pytest.mark.parametrize(
    ("change", "status", "kind"),
    [
        ({"form": "docx"}, 422, "bad_request"),
        ({"places": []}, 422, "bad_request"),
        ({"places": [{"document": "x", "page": 1, "start": 0, "end": 1}] * (PLACES + 1)}, 422, "bad_request"),
        ({"places": [{"document": "no-such.pdf", "page": 1, "start": 0, "end": 1}]}, 404, "unknown_document"),
        ({"places": [{"document": "pumps.pdf", "page": 7, "start": 0, "end": 1}]}, 404, "unknown_document"),
        ({"places": [{"document": "pumps.pdf", "page": 1, "start": 5000, "end": 5001}]}, 404, "quote_not_found"),
        ({"question": ""}, 422, "bad_request"),
    ],
)
def test_what_cannot_be_exported_is_refused(
    client: TestClient, body: dict[str, Any], change: dict[str, Any], status: int, kind: str
) -> None:
    response = client.post("/api/export", json={**body, **change})
    assert (response.status_code, response.json()["title"]) == (status, kind)
