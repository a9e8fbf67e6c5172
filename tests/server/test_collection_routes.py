"""Collections over the API: made, renamed, filled and deleted; uploads that go into them; a visitor's own."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from recto.library import Library
from recto.scratch import WAITING
from recto.server.app import create
from recto.server.guard import AccessRules
from recto.server.tenants import HEADER, NO_LIMIT, Quota, SingleTenant, Tenant
from support.pdfs import text_pdf
from support.served import HOST, Json, public, settled, upload


def collections(client: TestClient, headers: Json | None = None) -> dict[str, int]:
    return {own["name"]: own["documents"] for own in client.get("/api/collections", headers=headers).json()}


def test_from_its_beginning_to_its_end(client: TestClient) -> None:
    made = client.post("/api/collections", json={"name": " Nord/Süd ", "documents": ["north.pdf"]})
    assert made.status_code == 201
    assert made.json().items() >= {"name": "Nord/Süd", "documents": 1}.items()
    at = f"/api/collections/{made.json()['id']}"
    assert client.post(f"{at}/documents", json={"add": ["south.pdf"]}).json()["documents"] == 2
    listed = client.get("/api/documents").json()
    assert [entry["collections"] for entry in listed] == [["Nord/Süd"]] * 2
    assert client.post(f"{at}/documents", json={"discard": ["north.pdf"]}).json()["documents"] == 1
    assert client.patch(at, json={"name": "Both"}).json()["name"] == "Both"
    assert client.get("/api/collections/both").json()["members"] == [listed[1]["id"]]
    assert [entry["name"] for entry in client.get("/api/documents?collection=Both").json()] == ["south.pdf"]
    assert client.delete(at).status_code == 204
    assert collections(client) == {}
    assert len(client.get("/api/documents").json()) == 2


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "kind"),
    [
        ("POST", "", {"name": "RED"}, 409, "name_taken"),
        ("POST", "", {"name": "a\x00b"}, 422, "bad_name"),
        ("POST", "", {"name": " "}, 422, "bad_name"),
        ("POST", "", {"name": "x" * 101}, 422, "bad_name"),
        ("POST", "", {"name": "x" * 1001}, 422, "bad_request"),
        ("POST", "", {"name": "New", "documents": ["nothing.pdf"]}, 404, "unknown_document"),
        ("POST", "", {"name": "New", "documents": "north.pdf"}, 422, "bad_request"),
        ("PATCH", "/Red", {"name": "\u202e"}, 422, "bad_name"),
        ("PATCH", "/Rd", {"name": "Blue"}, 404, "unknown_collection"),
        ("POST", "/Red/documents", {"add": ["nothing.pdf"]}, 404, "unknown_document"),
        ("POST", "/Rd/documents", {"add": []}, 404, "unknown_collection"),
        ("GET", "/Rd", None, 404, "unknown_collection"),
        ("DELETE", "/Rd", None, 404, "unknown_collection"),
    ],
)
def test_what_cannot_be_is_said(client: TestClient, method: str, path: str, body: Json, status: int, kind: str) -> None:
    client.post("/api/collections", json={"name": "Red"})
    answer = client.request(method, f"/api/collections{path}", json=body)
    assert (answer.status_code, answer.json()["title"]) == (status, kind)
    assert answer.json()["hint"]
    assert collections(client) == {"Red": 0}


def test_an_upload_goes_into_collections(client: TestClient, tmp_path: Path) -> None:
    for name in ("Red", "Blue"):
        client.post("/api/collections", json={"name": name})
    file = tmp_path / "west.pdf"
    file.write_bytes(text_pdf("The pump of the west hall stands still."))
    asked = {"name": "west.pdf", "collection": ["red", "Blue"]}
    sent = client.post("/api/documents", params=asked, content=file.read_bytes())
    settled(client, sent.json()["id"], encoded=False)
    assert collections(client) == {"Red": 1, "Blue": 1}
    refused = client.post("/api/documents", params={**asked, "collection": "Rd"}, content=file.read_bytes())
    assert (refused.status_code, refused.json()["title"]) == (404, "unknown_collection")


def test_an_upload_outlives_its_collection(home: Path, tmp_path: Path) -> None:
    """Also one that the next server goes on with."""
    waiting = home / "uploads" / WAITING
    waiting.mkdir(parents=True)
    (waiting / "key").write_bytes(text_pdf("The pump of the west hall stands still."))
    with Library(home) as library:
        kept, lost = (library.collections.create(name).id for name in ("Kept", "Lost"))
        library.collections.delete("Lost")
    (waiting / "key.name").write_text(f'["west.pdf", 0, "{kept}", "{lost}"]')
    tenant = Tenant(Library(home), home / "uploads", NO_LIMIT)
    with TestClient(create(SingleTenant(tenant), AccessRules()), base_url=HOST) as client:
        tenant.uploads.resume()
        assert settled(client, "key", encoded=False)["state"] != "failed"
        assert collections(client) == {"Kept": 1}


def test_an_export_holds_to_the_collections(client: TestClient) -> None:
    client.post("/api/collections", json={"name": "North", "documents": ["north.pdf"]})
    place = {"document": "south.pdf", "page": 1, "start": 0, "end": 8}
    body = {"form": "txt", "question": "Which pump?", "places": [place]}
    assert client.post("/api/export", json=body).status_code == 200
    assert client.post("/api/export", json={**body, "collections": ["North"]}).status_code == 404


def test_each_visitor_has_their_own(home: Path, halls: Path) -> None:
    with public(home, Quota()) as (client, tenants):
        first, second = ({HEADER: client.post("/api/visitors").json()["visitor"]} for _ in range(2))
        assert client.post("/api/collections", json={"name": "Mine"}, headers=first).status_code == 201
        assert collections(client, second) == {}
        upload(client, halls / "north.pdf", headers=first, encoded=False)
        client.post("/api/collections/Mine/documents", json={"add": ["north.pdf"]}, headers=first)
        assert collections(client, first) == {"Mine": 1}
        upload(client, halls / "north.pdf", headers=second, encoded=False)
        assert collections(client, second) == {}
        (tenant,) = [tenant for tenant in tenants.tenants() if tenant.library.collections.all()]
        tenant.last_request -= 100
        tenant.sleep()
        assert collections(client, first) == {"Mine": 1}
