"""What the server says of its disk and of names that people gave their files."""

import json
import subprocess
from dataclasses import asdict
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from recto.store import lease
from support.live import small_disk
from support.pdfs import text_pdf
from support.served import ask, private, settled

PUMP = text_pdf("The pump moves 111 litres.")


def test_a_hostile_name_is_escaped_in_json(home: Path) -> None:
    name = "\u202efdp\x1b[2J\u2066.pdf"
    with private(home) as client:
        sent = client.post("/api/documents", params={"name": name}, content=PUMP)
        assert settled(client, sent.json()["id"])["outcome"]["document"]["name"] == name
        listed = client.get("/api/documents")
        assert listed.json()[0]["name"] == name
        asked = client.post("/api/ask", json={"question": "How many litres does the pump move?"})
        refused = client.get(f"/api/documents/{quote(name)}")
        for answer in (sent, listed, client.get("/api/uploads"), asked, refused):
            assert answer.text.replace("\n", "").isprintable()


def refusal(client: TestClient) -> tuple[int, str]:
    answer = client.post("/api/documents?name=z.pdf", content=text_pdf("The sluice opens at noon."))
    return answer.status_code, answer.json().get("title", "")


def with_pump(client: TestClient) -> str:
    sent = client.post("/api/documents?name=pump.pdf", content=PUMP)
    return str(settled(client, sent.json()["id"])["outcome"]["document"]["id"])


@pytest.mark.usefixtures("own_workers")
def test_an_upload_to_a_library_that_may_not_be_written_is_forbidden(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, 20):
        home = disk / "home"
        with private(home) as client:
            with_pump(client)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with private(home) as client:
            assert refusal(client) == (403, "read_only")
            assert client.get("/readyz").status_code == 200
            assert "111 litres" in dict(ask(client, "How many litres does the pump move?"))["done"]["answer"]["answer"]


@pytest.mark.usefixtures("own_workers")
def test_a_disk_that_becomes_read_only_under_a_server_is_said(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, 20), private(disk / "home") as client:
        with_pump(client)
        subprocess.run(["mount", "-o", "bind", str(disk), str(disk)], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", str(disk)], check=True)
        assert refusal(client) == (403, "read_only")
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("loss", ["folder", "file", "log", "exchanged"])
def test_nothing_is_added_to_a_library_that_is_gone(home: Path, loss: str) -> None:
    with private(home) as client:
        doc = with_pump(client)
        path = home / "library.sqlite"
        before = path.stat()
        match loss:
            case "folder":
                home.rename(home.with_name("elsewhere"))
            case "file":
                path.unlink()
            case "log":
                path.with_name("library.sqlite-wal").unlink()
            case "exchanged":
                copy = home / "copy"
                copy.write_bytes(path.read_bytes())
                copy.rename(path)
                assert path.stat().st_ino != before.st_ino
        assert refusal(client) == (500, "damaged_library")
        assert client.delete(f"/api/documents/{doc}").json()["title"] == "damaged_library"
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
        assert [upload["name"] for upload in client.get("/api/uploads").json()] == ["pump.pdf"]
        assert not (home / "keywords").exists() or loss != "folder"
        if loss == "folder":
            home.with_name("elsewhere").rename(home) if not home.exists() else None
            assert client.get("/readyz").status_code == 200
            assert refusal(client)[0] == 202


def test_a_library_that_another_machine_took_over_takes_nothing(home: Path) -> None:
    with private(home) as client:
        with_pump(client)
        elm = lease.Holder(host="elm", machine="elm", start="elm", device=1)
        (home / lease.FILE).write_text(json.dumps(asdict(elm)))
        assert refusal(client) == (503, "busy")
        assert (client.get("/readyz").status_code, client.get("/readyz").json()) == (503, {"status": "busy"})
