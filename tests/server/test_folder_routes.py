"""Folders in step over HTTP: what each is at; starting, stopping and forgetting; and that no client names one."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from recto.cli.address import Address
from recto.cli.serve import run
from recto.config import Writing
from recto.errors import BadSetting
from recto.library import Library
from recto.server.app import create
from recto.server.guard import AccessRules
from recto.server.tenants import NO_LIMIT, Quota, SingleTenant, Tenant
from recto.server.use_log import UseLogSettings
from support.folders import page, write
from support.live import soon
from support.served import HOST, QUOTED, public


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "papers"
    write(path / "a.pdf", page(1))
    write(path / "broken.pdf", b"%PDF-1.7")
    return path


@pytest.fixture
def tenant(home: Path) -> Tenant:
    return Tenant(Library(home, writing=QUOTED), home / "uploads", NO_LIMIT)


@pytest.fixture
def client(tenant: Tenant) -> Iterator[TestClient]:
    with TestClient(create(SingleTenant(tenant), AccessRules()), base_url=HOST) as client:
        yield client


def entry(client: TestClient) -> dict[str, Any]:
    (folder,) = client.get("/api/folders").json()
    return folder


def reaches(client: TestClient, **values: object) -> bool:
    return soon(lambda: all(entry(client)[name] == value for name, value in values.items()))


def names(client: TestClient) -> list[str]:
    return [document["name"] for document in client.get("/api/documents").json()]


def test_a_folder_that_the_operator_names_is_kept_in_step(client: TestClient, tenant: Tenant, folder: Path) -> None:
    assert client.get("/api/folders").json() == []
    tenant.folders.begin([folder])
    assert reaches(client, state="in_step", files=2)
    first = entry(client)
    assert (first["path"], first["deletes"], first["failed"], first["problem"]) == (str(folder), None, 1, None)
    assert [(failure["path"], failure["kind"]) for failure in first["failures"]] == [("broken.pdf", "damaged")]
    write(folder / "deep" / "b.pdf", page(2))
    assert soon(lambda: names(client) == ["a.pdf", "b.pdf"])
    assert client.put(f"/api/folders/{first['id']}", json={"deletes": True}).status_code == 204
    (folder / "a.pdf").unlink()
    assert soon(lambda: names(client) == ["b.pdf"])
    assert reaches(client, state="in_step", deletes=True)
    assert entry(client)["changes"] > first["changes"]


def test_a_folder_is_stopped_started_and_forgotten(client: TestClient, tenant: Tenant, folder: Path) -> None:
    tenant.folders.begin([folder])
    assert reaches(client, state="in_step")
    at = f"/api/folders/{entry(client)['id']}"
    assert client.post(f"{at}/stop").status_code == 204
    assert entry(client)["state"] == "stopped"
    tenant.folders.begin()
    assert entry(client)["state"] == "stopped"
    write(folder / "b.pdf", page(2))
    assert client.post(f"{at}/start").status_code == 204
    assert soon(lambda: names(client) == ["a.pdf", "b.pdf"])
    assert client.delete(at).status_code == 204
    assert client.get("/api/folders").json() == []
    assert names(client) == ["a.pdf", "b.pdf"]


def test_a_folder_that_is_unmounted_says_so_and_loses_nothing(
    client: TestClient, tenant: Tenant, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recto.sync.watch.POLL_S", 0.1)
    tenant.folders.begin([folder])
    assert reaches(client, state="in_step")
    away = folder.rename(folder.with_name("away"))
    assert reaches(client, state="interrupted")
    assert entry(client)["problem"]["kind"] == "folder_gone"
    assert names(client) == ["a.pdf"]
    away.rename(folder)
    assert reaches(client, state="in_step", problem=None)


@pytest.mark.parametrize(
    "ask",
    [
        lambda client, path: client.post(f"/api/folders/{path}/start"),
        lambda client, path: client.put(f"/api/folders/{path}", json={"deletes": True}),
        lambda client, path: client.delete(f"/api/folders/{path}"),
    ],
)
def test_no_client_names_a_folder_of_the_server(
    client: TestClient, folder: Path, ask: Callable[[TestClient, str], Any]
) -> None:
    for path in ("0123456789abcdef", str(folder).replace("/", "%2F")):
        answer = ask(client, path)
        assert answer.status_code == 404
    assert client.post("/api/folders", json={"path": str(folder)}).status_code == 405
    assert names(client) == []


def test_visitors_see_no_folder_and_keep_none_in_step(home: Path, folder: Path) -> None:
    with public(home, Quota()) as (client, _):
        headers = {"X-Recto-Visitor": client.post("/api/visitors").json()["visitor"]}
        assert client.get("/api/folders", headers=headers).json() == []
        for refusal in (
            client.post("/api/folders/0123456789abcdef/start", headers=headers),
            client.delete("/api/folders/0123456789abcdef", headers=headers),
        ):
            assert (refusal.status_code, json.loads(refusal.text)["title"]) == (403, "public")
    address = Address(host="127.0.0.1", port=0, token="", public=True)
    with pytest.raises(BadSetting, match="public mode"):
        run(
            address,
            home=home,
            writing=Writing(),
            open_page=False,
            warm=False,
            folders=[folder],
            use_log=UseLogSettings(),
        )
