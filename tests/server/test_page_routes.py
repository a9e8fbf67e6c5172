"""What the page asks of the API beyond documents and answers."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from recto.config import Writing
from recto.llm.presets import PRESETS
from recto.server.tenants import Quota
from support.live import small_disk
from support.ollama_server import MODEL, OllamaServer
from support.pdfs import pdf, text_pdf
from support.served import ask, private, public, upload

VALVE = "The valve opens at 40 bar."


def added(client: TestClient, tmp_path: Path, name: str, text: str = VALVE) -> str:
    path = tmp_path / name
    path.write_bytes(text_pdf(text))
    return str(upload(client, path)["outcome"]["document"]["id"])


def test_hits_and_quotes_say_where_they_stand(home: Path, tmp_path: Path) -> None:
    with private(home) as client:
        doc = added(client, tmp_path, "valve.pdf")
        found = dict(ask(client, "When does the valve open?"))
        (quote,) = found["quoted"]["citations"]
        assert (quote["start"], quote["end"]) == (0, len(VALVE))
        boxes = client.get(f"/api/documents/{doc}/pages/1/boxes", params={"start": 0, "end": len(VALVE)}).json()
        assert boxes == {"quote": VALVE, "boxes": quote["boxes"]}
        (hit,) = found["found"]["hits"]
        assert [hit["text"][start:end] for start, end in hit["matched"]] == ["valve", "opens"]
        assert client.get("/api/search", params={"q": "bar"}).json()[0]["matched"] == [[22, 25]]


def test_a_document_tells_how_its_pages_were_read(home: Path, tmp_path: Path) -> None:
    with private(home) as client:
        doc = added(client, tmp_path, "valve.pdf")
        assert client.get(f"/api/documents/{doc}").json()["page_flags"]["text"] == 1
        assert client.get("/api/documents/nothing").status_code == 404


def test_questions_to_begin_with_are_made_from_the_documents(home: Path, tmp_path: Path) -> None:
    with private(home) as client:
        assert client.get("/api/examples").json() == []
        added(client, tmp_path, "valve.pdf")
        assert client.get("/api/examples").json() == ["What is said about valve?"]


def test_an_outcome_is_forgotten_and_names_no_temporary_file(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(b"%PDF-1.7\nnothing")
    with private(home) as client:
        failed = upload(client, path)
        assert failed["outcome"]["problem"]["message"].startswith("broken.pdf: ")
        assert client.delete(f"/api/uploads/{failed['id']}").status_code == 204
        assert client.get("/api/uploads").json() == []


def test_another_model_can_be_chosen(home: Path) -> None:
    with private(home) as client:
        assert client.put("/api/models/writing", json={"name": "quote"}).status_code == 204
        assert client.get("/api/state").json()["writer"] is None
        missing = client.put("/api/models/writing", json={"name": "best"})
        assert missing.status_code == 404
        assert client.get("/api/state").json()["writer"] is None


def test_the_state_names_the_model_that_writes_and_looks_for_no_other(home: Path, daemon: OllamaServer) -> None:
    with private(home, writing=Writing(model="auto", ollama_host=daemon.url)) as client:
        state = client.get("/api/state").json()
        assert state["writer"] == {"home": "ollama", "model": Path(MODEL).stem, "leaves_machine": False}
        requests = len(daemon.requests)
        preferred = PRESETS["default"].ollama  # pulled meanwhile
        daemon.models.append({**daemon.models[0], "name": preferred, "model": preferred})
        assert client.get("/api/state").json() == state
        assert len(daemon.requests) == requests


@pytest.mark.parametrize(("method", "path"), [("PUT", "/api/models/writing"), ("POST", "/api/models/pull")])
def test_visitors_do_not_change_the_machine(home: Path, method: str, path: str) -> None:
    with public(home, Quota()) as (client, _):
        headers = {"X-Recto-Visitor": client.post("/api/visitors").json()["visitor"]}
        assert client.request(method, path, json={"name": "quote"}, headers=headers).status_code == 403


def test_pictures_of_encrypted_documents_are_kept_by_nobody(home: Path, tmp_path: Path) -> None:
    with private(home) as client:
        path = tmp_path / "plain.pdf"
        path.write_bytes(pdf())
        doc = added(client, tmp_path, "valve.pdf")
        picture = f"/api/documents/{doc}/pages/1/picture"
        assert "max-age" in client.get(picture).headers["Cache-Control"]
        assert client.get(picture, headers={"X-Pdf-Password": "%C3%BC"}).headers["Cache-Control"] == "no-store"


def test_two_files_of_one_name_have_their_own_progress(home: Path) -> None:
    """Passages are told by their document: another file may have its name."""
    many = [f"Valve {number} opens at {number} bar." for number in range(20)]
    with private(home) as client:
        for pages in (many, [VALVE]):
            client.post("/api/documents", params={"name": "manual.pdf"}, content=text_pdf(*pages)).raise_for_status()
        seen: list[dict[str, Any]] = []
        while not seen or seen[-1]["state"] != "done":
            seen.append(client.get("/api/uploads").json()[1])
            time.sleep(0.02)
        assert seen[-1]["document"] == client.get("/api/documents").json()[1]["id"]
        assert all(state["total"] <= 1 for state in seen if state["state"] == "encoding")


@pytest.fixture(name="small_disk")
def _small_disk(home: Path) -> Iterator[Path]:
    folder = home / "uploads"
    with small_disk(folder, megabytes=1):
        yield folder


def test_an_upload_that_finds_no_room_says_so_and_leaves_nothing(home: Path, small_disk: Path, tmp_path: Path) -> None:
    with private(home) as client:
        huge = b"%PDF-1.7" + bytes(2_000_000)
        refused = client.post("/api/documents", params={"name": "huge.pdf"}, content=huge)
        assert (refused.status_code, refused.json()["title"]) == (507, "disk_full")
        assert list(small_disk.iterdir()) == []
        assert added(client, tmp_path, "valve.pdf")
