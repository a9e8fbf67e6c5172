"""A server in this process, and its answers read as events."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient
from starlette.types import ASGIApp

from recto.config import Writing
from recto.library import Library
from recto.model_ref import QUOTE
from recto.server.app import create
from recto.server.guard import AccessRules
from recto.server.tenants import NO_LIMIT, MultiTenant, Quota, SingleTenant, Tenant

Json = dict[str, Any]
QUOTED = Writing(model=QUOTE)
SETTLED_S = 120  # for what takes a second on a quiet machine
HOST = "http://127.0.0.1:8765"


def application(
    home: Path, *, writing: Writing = QUOTED, token: str = "", quota: Quota = NO_LIMIT, hosts: tuple[str, ...] = ()
) -> ASGIApp:
    """What is served, with one library."""
    tenant = Tenant(Library(home, writing=writing), home / "uploads", quota)
    return create(SingleTenant(tenant), AccessRules(token=token, hosts=hosts, tokens=tenant.library.tokens))


@contextmanager
def private(home: Path, *, writing: Writing = QUOTED, token: str = "", quota: Quota = NO_LIMIT) -> Iterator[TestClient]:
    """A server with one library."""
    with TestClient(
        application(home, writing=writing, token=token, quota=quota),
        base_url=HOST,
        raise_server_exceptions=False,
        client=("127.0.0.1", 50_000),
    ) as client:
        yield client


@contextmanager
def visited(home: Path, quota: Quota, writing: Writing = QUOTED) -> Iterator[tuple[ASGIApp, MultiTenant]]:
    """What is served with a library for each visitor."""
    with Library(home, writing=writing) as first:
        tenants = MultiTenant(home / "visitors", quota, lambda own: Library(own, runtime=first.runtime, temporary=True))
        yield create(tenants, AccessRules(public=True)), tenants


@contextmanager
def public(home: Path, quota: Quota, *, client: str = "127.0.0.1") -> Iterator[tuple[TestClient, MultiTenant]]:
    """A server with a library for each visitor; `client` is the address that requests come from."""
    with (
        visited(home, quota) as (app, tenants),
        TestClient(app, base_url=HOST, raise_server_exceptions=False, client=(client, 50_000)) as http,
    ):
        http.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # each who comes is another browser
        yield http, tenants


def upload(
    client: TestClient, path: Path, *, name: str = "", headers: dict[str, str] | None = None, encoded: bool = True
) -> Json:
    """Upload a file and wait until it is whole in the library, or only readable there, or cannot be."""
    sent = client.post(
        "/api/documents", params={"name": name or path.name}, content=path.read_bytes(), headers=headers or {}
    )
    assert sent.status_code == 202, sent.text
    return settled(client, sent.json()["id"], headers, encoded=encoded)


def settled(client: TestClient, key: str, headers: dict[str, str] | None = None, *, encoded: bool = True) -> Json:
    """The upload once nothing happens to it any more, but for its vectors if these need not be there."""
    until = time.monotonic() + SETTLED_S
    while time.monotonic() < until:
        uploads: list[Json] = client.get("/api/uploads", headers=headers).json()
        state = next(upload for upload in uploads if upload["id"] == key)
        if state["state"] in ("done", "failed") or (state["outcome"] and not encoded and state["state"] != "ocr"):
            return state
        time.sleep(0.05)
    raise AssertionError(f"{key} is still {state['state']}")


def events(text: str) -> list[tuple[str, Json]]:
    """Server-sent events; comments are passed over."""
    frames = (frame.splitlines() for frame in text.split("\n\n") if frame and not frame.startswith(":"))
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in frames]


def ask(client: TestClient, question: str, **more: Any) -> list[tuple[str, Json]]:
    """Ask and read the whole answer."""
    answer = client.post("/api/ask", json={"question": question, **more})
    assert answer.status_code == 200, answer.text
    return events(answer.text)
