"""Who may use a door: named tokens that read, or that see some collections; revoked ones; the log of use."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from starlette.testclient import TestClient

from recto.cli import recto
from recto.errors import AccessDenied, BadSetting, NameTaken, UnknownToken
from recto.library import Library
from recto.server.app import create
from recto.server.guard import AccessRules
from recto.server.tenants import NO_LIMIT, SingleTenant, Tenant
from recto.server.use_log import UseLogSettings
from support.live import soon
from support.pdfs import text_pdf
from support.served import HOST, QUOTED, Json, upload
from support.tools import ACCEPT, message

NAMES = ("a.pdf", "b.pdf", "c.pdf")
TEXTS = {name: f"The pump of {name} moves {n}11 litres a minute." for n, name in enumerate(NAMES, 1)}
OWNER = {"authorization": "Bearer own"}
QUESTION = "How many litres does the pump move a minute?"


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("files")
    for name, text in TEXTS.items():
        (folder / name).write_bytes(text_pdf(text))
    return {name: folder / name for name in TEXTS}


@pytest.fixture
def library(home: Path, files: dict[str, Path]) -> Iterator[Library]:
    """Red holds a.pdf and b.pdf, Blue b.pdf and c.pdf."""
    with Library(home, writing=QUOTED) as library:
        library.add(*files.values())
        ids = [library.document(name).id for name in TEXTS]
        library.collections.create("Red", ids[:2])
        library.collections.create("Blue", ids[1:])
        yield library


def serving(library: Library, token: str = "own", log: UseLogSettings | None = None) -> TestClient:
    tenants = SingleTenant(Tenant(library, library.settings.home / "uploads", NO_LIMIT))
    app = create(tenants, AccessRules(token=token, tokens=library.tokens), log or UseLogSettings())
    return TestClient(app, base_url=HOST, raise_server_exceptions=False, client=("127.0.0.1", 50_000))


@pytest.fixture
def client(library: Library) -> Iterator[TestClient]:
    with serving(library) as client:
        yield client


@pytest.fixture
def red(library: Library) -> dict[str, str]:
    """The headers of who sees Red."""
    return bearer(library.tokens.add("Rita", collections=[library.collections.find("Red").id]))


def tool(client: TestClient, headers: dict[str, str], name: str, **arguments: object) -> Any:
    body = message("tools/call", {"name": name, "arguments": arguments})
    text = client.post("/mcp", json=body, headers={**ACCEPT, **headers}).text
    return json.loads([line for line in text.splitlines() if line.startswith("data:")][-1].removeprefix("data:"))[
        "result"
    ]


def test_a_secret_is_kept_as_a_hash_and_revoked_at_once(client: TestClient, library: Library, home: Path) -> None:
    secret = library.tokens.add("Rita")
    assert client.get("/api/documents", headers=bearer(secret)).status_code == 200
    (token,) = library.tokens.all()
    assert token.used is not None
    assert not any(secret.encode() in path.read_bytes() for path in home.glob("library.sqlite*"))
    with pytest.raises(NameTaken):
        library.tokens.add("RITA")
    with pytest.raises(UnknownToken, match="there are 'Rita'"):
        library.tokens.revoke("Rit")
    library.tokens.revoke("rita")
    refused = client.get("/api/documents", headers=bearer(secret))
    assert (refused.status_code, refused.json()["title"]) == (401, "token")


def test_one_that_was_revoked_opens_nothing_where_no_token_is_asked_for(library: Library) -> None:
    """On this machine alone whoever comes without a token is the owner, but not who comes with one of before."""
    with serving(library, token="") as client:
        secret = library.tokens.add("Rita", read_only=True)
        assert client.get("/api/documents", headers=bearer(secret)).status_code == 200
        library.tokens.revoke("Rita")
        assert client.get("/api/documents", headers=bearer(secret)).status_code == 401
        assert client.get("/v1/models", headers=bearer(secret)).status_code == 401
        assert client.get("/v1/models", headers=bearer("none")).status_code == 200


def test_one_for_reading_changes_nothing(client: TestClient, library: Library, files: dict[str, Path]) -> None:
    reading = bearer(library.tokens.add("Robin", read_only=True))
    assert len(client.get("/api/documents", headers=reading).json()) == 3
    assert client.post("/api/ask", json={"question": QUESTION}, headers=reading).status_code == 200
    changes: tuple[tuple[str, str, Json], ...] = (
        ("POST", "/api/documents?name=x.pdf", {}),
        ("DELETE", "/api/documents/a.pdf", {}),
        ("POST", "/api/collections", {"name": "New"}),
        ("PATCH", "/api/collections/Red", {"name": "New"}),
        ("POST", "/api/collections/Red/documents", {"add": ["c.pdf"]}),
        ("DELETE", "/api/collections/Red", {}),
        ("PUT", "/api/models/writing", {"name": "quote"}),
        ("POST", "/api/models/pull", {"name": "fast"}),
    )
    for method, path, body in changes:
        refused = client.request(method, path, json=body, headers=reading)
        assert (refused.status_code, refused.json()["title"]) == (403, "access"), path
    assert client.get("/metrics", headers=reading).status_code == 403
    assert (len(library.documents()), len(library.collections.all())) == (3, 2)


def test_one_of_a_collection_sees_nothing_else_by_any_door(client: TestClient, library: Library, red: Json) -> None:
    unseen = library.document("c.pdf")
    assert [entry["name"] for entry in client.get("/api/documents", headers=red).json()] == ["a.pdf", "b.pdf"]
    assert {name for entry in client.get("/api/documents", headers=red).json() for name in entry["collections"]} == {
        "Red"
    }
    assert [entry["name"] for entry in client.get("/api/collections", headers=red).json()] == ["Red"]
    place = {"document": unseen.id, "page": 1, "start": 0, "end": 8}
    for method, path, body in (
        ("GET", f"/api/documents/{unseen.id}", None),
        ("GET", f"/api/documents/{unseen.id}/pdf", None),
        ("GET", f"/api/documents/{unseen.id}/pages/1", None),
        ("GET", f"/api/documents/{unseen.id}/pages/1/picture", None),
        ("GET", f"/api/documents/{unseen.id}/pages/1/boxes?start=0&end=3", None),
        ("DELETE", f"/api/documents/{unseen.id}", None),
        ("GET", "/api/collections/Blue", None),
        ("GET", "/api/search?q=pump&collection=Blue", None),
        ("GET", f"/api/search?q=pump&doc={unseen.id}", None),
        ("POST", "/api/collections/Red/documents", {"add": [unseen.id]}),
        ("POST", "/api/ask", {"question": QUESTION, "documents": ["c.pdf"]}),
        ("POST", "/api/ask", {"question": QUESTION, "collections": ["Blue"]}),
        ("POST", "/api/export", {"form": "txt", "question": QUESTION, "places": [place]}),
        ("POST", "/v1/vector_stores/Blue/search", {"query": "pump"}),
        ("POST", "/retrieval", {"query": "pump", "knowledge_id": "Blue"}),
    ):
        assert client.request(method, path, json=body, headers=red).status_code == 404, path
    assert client.get("/metrics", headers=red).status_code == 403
    talk = {"model": "recto-quotes", "messages": [{"role": "user", "content": QUESTION}]}
    answers = [
        client.post("/api/ask", json={"question": QUESTION}, headers=red).text,
        client.get("/api/search?q=pump&k=50", headers=red).text,
        client.get("/api/examples", headers=red).text,
        client.post("/v1/chat/completions", json=talk, headers=red).text,
        client.post("/v1/responses", json={"model": "recto-quotes", "input": QUESTION}, headers=red).text,
        client.get("/v1/vector_stores", headers=red).text,
        client.post("/retrieval", json={"query": QUESTION}, headers=red).text,
        *(
            json.dumps(tool(client, red, name, **arguments))
            for name, arguments in (
                ("ask", {"question": QUESTION}),
                ("search", {"query": "pump"}),
                ("list_documents", {}),
                ("fetch", {"id": unseen.id}),
                ("page", {"document": "c.pdf", "number": 1}),
            )
        ),
    ]
    for answer in answers:
        assert "311 litres" not in answer
        assert "Blue" not in answer
    assert sum("a.pdf" in answer for answer in answers) >= 8


def test_what_it_uploads_is_in_its_collections_and_its_uploads_are_its_own(
    client: TestClient, library: Library, red: Json, tmp_path: Path, files: dict[str, Path]
) -> None:
    (tmp_path / "d.pdf").write_bytes(text_pdf("The valve opens at 275 bar."))
    upload(client, tmp_path / "d.pdf", headers=red, encoded=False)
    upload(client, files["c.pdf"], name="another name.pdf", headers=red, encoded=False)  # it is elsewhere already
    names = [entry["name"] for entry in client.get("/api/documents", headers=red).json()]
    assert names == ["a.pdf", "b.pdf", "c.pdf", "d.pdf"]
    assert client.get("/api/uploads", headers=OWNER).json() == []
    for doc in names:
        assert client.delete(f"/api/documents/{doc}", headers=red).status_code == 204
    assert [document.name for document in library.documents()] == ["b.pdf", "c.pdf"]  # which are in Blue, too


@pytest.mark.parametrize("key", ["", "the horse eats no salad"])
def test_uploads_wait_for_the_next_server_until_the_token_is_revoked(home: Path, tmp_path: Path, key: str) -> None:
    folders, waiting = (tmp_path / str(number) for number in range(3)), tmp_path / "waiting"
    words = {"own.pdf": "The valve opens at 275 bar.", "red.pdf": "The sluice opens at noon."}
    for name, text in words.items():
        (tmp_path / name).write_bytes(text_pdf(text))

    def served() -> SingleTenant:
        return SingleTenant(Tenant(library, next(folders), NO_LIMIT, waiting=waiting))

    with Library(home, key=key, writing=QUOTED) as library:
        library.collections.create("Red")
        library.tokens.add("Rita", collections=[library.collections.find("Red").id])
        (token,) = library.tokens.all()
        former = served()  # which ends before it adds anything
        for access, name in ((None, "own.pdf"), (token, "red.pdf")):
            former.tenant(None, access).uploads.keep(name, tmp_path / name, None)
        files = [path for path in waiting.rglob("*") if path.is_file()]
        assert len(files) == (2 if key else 4)
        told = [word for path in files for word in (b"275 bar", b"own.pdf", b"%PDF") if word in path.read_bytes()]
        assert not key or not told
        anew = served()
        anew.resume()
        assert soon(lambda: len(library.documents()) == 2)
        part = anew.tenant(None, token)
        assert soon(part.uploads.settled)
        assert [document.name for document in part.library.documents()] == ["red.pdf"]
        assert soon(lambda: not [path for path in waiting.rglob("*") if path.is_file()])
        (tmp_path / "late.pdf").write_bytes(text_pdf("The boiler burns coal."))
        part.uploads.keep("late.pdf", tmp_path / "late.pdf", None)
        library.tokens.revoke("Rita")
        served().resume()
        assert not [path for path in waiting.rglob("*") if path.is_file()]
        assert len(library.documents()) == 2


def test_one_whose_collection_was_deleted_sees_nothing(client: TestClient, library: Library, red: Json) -> None:
    before = client.get("/api/documents", headers=red)
    library.collections.delete("Red")
    after = client.get("/api/documents", headers=red)
    assert (before.status_code, after.status_code) == (200, 404)
    with serving(library) as anew:
        refused = anew.get("/api/documents", headers=red)
        assert (refused.status_code, refused.json()["title"]) == (403, "access")


def test_streams_of_a_revoked_one_end(library: Library, red: Json) -> None:
    tenants = SingleTenant(Tenant(library, library.settings.home / "uploads", NO_LIMIT))
    (token,) = library.tokens.all()
    part = tenants.tenant(None, token)
    tenants.sweep()
    assert not part.over
    library.tokens.revoke("Rita")
    tenants.sweep()
    assert part.over
    with pytest.raises(AccessDenied):
        _ = part.library.tokens


def test_the_command_line_makes_lists_and_revokes(library: Library, home: Path) -> None:
    def run(*arguments: str) -> Any:
        return CliRunner().invoke(recto, [*arguments, "--home", str(home)])

    secret = run("token", "add", "Rita", "--collection", "red", "--read").stdout.strip()
    assert secret.startswith("recto_")
    assert len(secret) > 40
    assert run("token", "list").stdout == "Rita  reads Red, never used\n"
    assert json.loads(run("token", "list", "--json").stdout).items() >= {"read": True, "collections": ["Red"]}.items()
    unknown = run("token", "add", "Rob", "--collection", "rd")
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert run("token", "revoke", "rita").stdout == "revoked: Rita\n"
    assert run("token", "revoke", "rita").exit_code == 1
    assert "recto token add" in run("token", "list").stderr


def test_the_log_says_who_came_and_no_words(library: Library, tmp_path: Path, red: Json) -> None:
    path = tmp_path / "use.log"
    with serving(library, log=UseLogSettings(path)) as client:
        client.post("/api/ask", json={"question": QUESTION}, headers=red)
        client.get("/api/search?q=pump", headers=OWNER)
        client.get("/api/documents/a.pdf/pages/1", headers=red)
        client.get("/api/collections", headers=red)
        client.post("/api/collections/Red/documents", json={"add": []}, headers=red)
        client.post("/mcp", json=message("tools/list"), headers={**ACCEPT, **red})
        client.get("/api/documents")
        client.get("/static/app.js")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(line["who"], line["door"], line["request"], line["status"]) for line in lines] == [
        ("Rita", "api", "POST /api/ask", 200),
        ("owner", "api", "GET /api/search", 200),
        ("Rita", "api", "GET /api/documents/{doc}/pages/{number}", 200),
        ("Rita", "api", "GET /api/collections", 200),
        ("Rita", "api", "POST /api/collections/{name}/documents", 200),
        ("Rita", "mcp", "POST /mcp", 200),
        ("nobody", "api", "GET", 401),
    ]
    assert "pump" not in path.read_text()
    assert "a.pdf" not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_log_holds_words_where_it_is_told_to(library: Library, tmp_path: Path, red: Json) -> None:
    path = tmp_path / "use.log"
    with serving(library, log=UseLogSettings(path, with_words=True)) as client:
        client.post("/api/ask", json={"question": QUESTION}, headers=red)
        client.get("/api/search?q=pump", headers=red)
        talk = [{"role": "user", "content": "What moves?"}]
        client.post("/v1/chat/completions", json={"model": "recto-quotes", "messages": talk}, headers=red)
        tool(client, red, "search", query="litres")
    questions = [json.loads(line).get("question") for line in path.read_text().splitlines()]
    assert questions == [QUESTION, "pump", "What moves?", "litres"]
    with pytest.raises(BadSetting, match="encrypted"):
        UseLogSettings(path, with_words=True).check(encrypted=True)


class Holders(RuleBasedStateMachine):
    """Tokens are made, revoked and used while collections and documents change; the model says who sees what."""

    client: TestClient
    library: Library
    files: ClassVar[dict[str, Path]]
    names = st.sampled_from(sorted(TEXTS))
    sets = st.sampled_from(["Red", "Blue", "Green"])

    def __init__(self) -> None:
        super().__init__()
        self.docs: set[str] = set()
        self.collections: dict[str, set[str]] = {}
        self.holders: dict[str, tuple[str, ...]] = {}  # by secret: its collections, nothing for everything
        self.count = 0

    @rule(name=sets)
    def makes(self, name: str) -> None:
        if name not in self.collections:
            self.library.collections.create(name)
            self.collections[name] = set()

    @rule(name=names)
    def owner_adds(self, name: str) -> None:
        upload(self.client, self.files[name], headers=OWNER, encoded=False)
        self.docs.add(name)

    @precondition(lambda self: self.collections)
    @rule(data=st.data())
    def gives_a_token(self, data: st.DataObject) -> None:
        names = data.draw(st.sets(st.sampled_from(sorted(self.collections)), max_size=2))
        ids = [self.library.collections.find(name).id for name in names]
        self.count += 1
        self.holders[self.library.tokens.add(f"holder {self.count}", collections=ids)] = tuple(names)

    @precondition(lambda self: self.holders)
    @rule(data=st.data())
    def revokes(self, data: st.DataObject) -> None:
        secret = data.draw(st.sampled_from(sorted(self.holders)))
        token = self.library.tokens.of_secret(secret)
        assert token is not None
        self.library.tokens.revoke(token.name)
        del self.holders[secret]
        assert self.client.get("/api/documents", headers=bearer(secret)).status_code == 401

    @precondition(lambda self: self.collections and self.docs)
    @rule(data=st.data(), leaves=st.booleans())
    def fills(self, data: st.DataObject, leaves: bool) -> None:
        name, doc = data.draw(st.sampled_from(sorted(self.collections))), data.draw(st.sampled_from(sorted(self.docs)))
        change = "discard" if leaves else "add"
        self.client.post(f"/api/collections/{name}/documents", json={change: [doc]}, headers=OWNER)
        getattr(self.collections[name], change)(doc)

    @precondition(lambda self: any(self.holders.values()))
    @rule(data=st.data(), name=names)
    def holder_adds(self, data: st.DataObject, name: str) -> None:
        secret = data.draw(st.sampled_from(sorted(key for key, own in self.holders.items() if own)))
        upload(self.client, self.files[name], headers=bearer(secret), encoded=False)
        self.docs.add(name)
        for own in self.holders[secret]:
            self.collections[own].add(name)

    @precondition(lambda self: any(self.holders.values()))
    @rule(data=st.data(), name=names)
    def holder_removes(self, data: st.DataObject, name: str) -> None:
        secret = data.draw(st.sampled_from(sorted(key for key, own in self.holders.items() if own)))
        visible = name in self.seen(secret)
        status = self.client.delete(f"/api/documents/{name}", headers=bearer(secret)).status_code
        assert status == (204 if visible else 404)
        if visible:
            for own in self.holders[secret]:
                self.collections[own].discard(name)
            if not any(name in docs for docs in self.collections.values()):
                self.docs.discard(name)

    def seen(self, secret: str) -> set[str]:
        names = self.holders[secret]
        return set().union(*(self.collections[name] for name in names)) if names else self.docs

    @invariant()
    def each_sees_its_own(self) -> None:
        for secret in self.holders:
            listed = self.client.get("/api/documents", headers=bearer(secret)).json()
            assert {entry["name"] for entry in listed} == self.seen(secret)
            hits = self.client.get("/api/search?q=pump&k=50", headers=bearer(secret))
            names = {hit["document"]["name"] for hit in hits.json()} if hits.status_code == 200 else set()
            assert names == self.seen(secret)
            for name in TEXTS.keys() - self.seen(secret):
                for path in (f"/api/documents/{name}/pages/1", f"/api/documents/{name}/pdf"):
                    assert self.client.get(path, headers=bearer(secret)).status_code == 404

    def teardown(self) -> None:
        for token in self.library.tokens.all():
            self.library.tokens.revoke(token.name)
        for collection in self.library.collections.all():
            self.library.collections.delete(collection.id)
        self.library.remove_all([document.id for document in self.library.documents()])


@pytest.mark.slow
@pytest.mark.hypothesis
def test_no_token_ever_sees_more_than_its_collections(home: Path, files: dict[str, Path]) -> None:
    with Library(home, writing=QUOTED) as library, serving(library) as client:
        Holders.client, Holders.library, Holders.files = client, library, files
        run_state_machine_as_test(
            Holders,
            settings=settings(
                max_examples=6, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
