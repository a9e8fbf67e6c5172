"""Documents over the API: what is wrong with each and what mends it, what they take, and removing with a way back."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from recto.library import UNDO_S, Library
from recto.server.tenants import HEADER, NO_LIMIT, Quota, SingleTenant, Tenant
from support.pdfs import Sheet, pdf, text_pdf
from support.scans import placed, scan
from support.served import Json, ask, private, public, settled, upload

WHITE = b"1 g BT /F1 12 Tf 60 600 Td (The reserve price is 1,900,000 pounds.) Tj ET"
TENDER = pdf(Sheet([(60, 700, 12, "Bids are opened in June.")], content=WHITE))


def listed(client: TestClient, **headers: str) -> dict[str, Json]:
    return {own["name"]: own for own in client.get("/api/documents", headers=headers).json()}


def quoted(client: TestClient, question: str) -> set[str]:
    return {place["document"]["name"] for place in ask(client, question)[-1][1]["answer"]["quotes"]}


def test_what_is_removed_is_gone_and_comes_back_with_all_that_belongs_to_it(client: TestClient, home: Path) -> None:
    client.post("/api/collections", json={"name": "North", "documents": ["north.pdf"]})
    before = listed(client)
    (entry,) = client.post("/api/removals", json={"documents": ["north.pdf"]}).json()
    assert (entry["name"], 0 < entry["undo_s"] <= UNDO_S) == ("north.pdf", True)
    assert listed(client).keys() == {"south.pdf"}
    assert quoted(client, "What does the pump move?") == {"south.pdf"}
    assert client.get("/api/collections").json()[0]["documents"] == 0
    assert client.get(f"/api/documents/{entry['id']}").status_code == 404
    with private(home) as second:  # as after a restart
        assert [own["name"] for own in second.get("/api/removals").json()] == ["north.pdf"]
        assert second.delete(f"/api/removals/{entry['id']}").json()["name"] == "north.pdf"
    assert listed(client) == before
    assert quoted(client, "What does the pump of the north move?") == {"north.pdf"}
    assert client.delete(f"/api/removals/{entry['id']}").status_code == 404


def test_a_newer_version_takes_the_place_of_one_that_is_removed_in_collections(
    client: TestClient, tmp_path: Path
) -> None:
    for name in ("Pumps", "North"):
        client.post("/api/collections", json={"name": name, "documents": ["north.pdf"]})
    older = listed(client)["north.pdf"]["id"]
    (tmp_path / "north.pdf").write_bytes(text_pdf("The pump of the north moves 148 litres a minute."))
    newer = upload(client, tmp_path / "north.pdf")["document"]
    client.post("/api/collections/Pumps/documents", json={"add": [newer]})
    assert client.post("/api/removals", json={"documents": [older], "successor": newer}).status_code == 200
    (entry,) = (own for own in client.get("/api/documents").json() if own["name"] == "north.pdf")
    assert (entry["id"], sorted(entry["collections"])) == (newer, ["North", "Pumps"])
    client.delete(f"/api/removals/{older}")
    assert {tuple(sorted(own["collections"])) for own in client.get("/api/documents").json()} == {
        (),
        ("North", "Pumps"),
    }


def test_a_removal_can_be_final_at_once(client: TestClient) -> None:
    ids = [entry["id"] for entry in client.post("/api/removals", json={"documents": ["north.pdf", "south.pdf"]}).json()]
    assert len(ids) == 2
    assert client.post(f"/api/removals/{ids[0]}/finish").status_code == 204
    assert [entry["id"] for entry in client.get("/api/removals").json()] == ids[1:]
    assert client.delete(f"/api/removals/{ids[0]}").status_code == 404
    assert client.post("/api/removals", json={"documents": ["nothing.pdf"]}).status_code == 404


def test_the_server_deletes_when_the_time_is_over(home: Path, tmp_path: Path) -> None:
    (tmp_path / "north.pdf").write_bytes(text_pdf("The pump of the north moves 111 litres a minute."))
    tenants = SingleTenant(Tenant(Library(home), home / "uploads", NO_LIMIT))
    library = tenants.tenant(None).library
    library.add(tmp_path / "north.pdf")
    library.remove_all(["north.pdf"], undo_s=-1)
    assert len(library.removals.all()) == 1
    tenants.sweep()
    assert library.removals.all() == []
    tenants.close()


def test_what_can_be_put_back_takes_no_room_from_who_needs_it(home: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.pdf", tmp_path / "second.pdf"
    first.write_bytes(text_pdf("The pump moves 111 litres.") + b"%" * 900_000)
    second.write_bytes(text_pdf("The valve opens at 40 bar.") + b"%" * 900_000)
    with public(home, Quota(total_megabytes=1)) as (client, _):
        who = {HEADER: client.post("/api/visitors").json()["visitor"]}
        upload(client, first, headers=who, encoded=False)
        (entry,) = client.post("/api/removals", json={"documents": ["first.pdf"]}, headers=who).json()
        assert listed(client, **who) == {}
        upload(client, second, headers=who, encoded=False)
        client.post("/api/removals", json={"documents": ["second.pdf"]}, headers=who)
        upload(client, first, headers=who, encoded=False)
        assert listed(client, **who).keys() == {"first.pdf"}
        assert client.delete(f"/api/removals/{entry['id']}", headers=who).status_code == 404


def test_what_is_wrong_with_a_document_is_said_and_reading_again_mends_it(home: Path, tmp_path: Path) -> None:
    (tmp_path / "tender.pdf").write_bytes(TENDER)
    with private(home) as client:
        upload(client, tmp_path / "tender.pdf")
        entry = listed(client)["tender.pdf"]
        (problem,) = entry["problems"]
        assert (problem["kind"], problem["message"]) == ("hidden_text", "6 words of hidden text left out")
        assert client.get("/api/totals").json()["troubled"] == 1
        again = client.post(f"/api/documents/{entry['id']}/reread?hidden=true")
        assert again.status_code == 202
        assert settled(client, again.json()["id"])["outcome"]["status"] == "added"
        mended = listed(client)["tender.pdf"]
        assert (mended["problems"], mended["hidden_words"], mended["id"]) == ([], 0, entry["id"])
        assert client.get("/api/totals").json()["troubled"] == 0


def test_a_scan_without_ocr_stays_marked_until_it_is_read(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scan.pdf").write_bytes(pdf(Sheet(content=placed(scan(["The rent is due on the first day."])))))
    monkeypatch.setenv("RECTO_OCR", "off")
    with private(home) as client:
        upload(client, tmp_path / "scan.pdf")
        (problem,) = listed(client)["scan.pdf"]["problems"]
        assert problem["kind"] == "no_ocr"
        assert str(tmp_path) not in problem["message"]
    monkeypatch.setenv("RECTO_OCR", "auto")
    with private(home) as client:
        entry = listed(client)["scan.pdf"]
        assert [own["kind"] for own in entry["problems"]] == ["no_ocr"]
        settled(client, client.post(f"/api/documents/{entry['id']}/reread").json()["id"])
        mended = listed(client)["scan.pdf"]
        assert (mended["problems"], mended["page_flags"]["ocr"]) == ([], 1)


def test_what_the_library_takes_and_what_waits(client: TestClient, home: Path) -> None:
    whole = client.get("/api/totals").json()
    files = sum(path.stat().st_size for path in home.rglob("library.*"))
    assert whole.items() >= {"documents": 2, "pages": 2, "passages": 2, "unencoded_passages": 0, "troubled": 0}.items()
    assert whole["bytes"] >= files > 0
    entries = listed(client).values()
    assert all(0 < entry["bytes"] < whole["bytes"] and entry["passages"] == 1 for entry in entries)
