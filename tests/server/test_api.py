"""The API as a client meets it: what it takes, what it says, and what it refuses."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, aclosing
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from recto.library import Library
from recto.queue import Place
from recto.server.answers import AT_ONCE, IN_LINE, AnswerService
from recto.server.metrics import Metrics
from recto.server.problems import Refused
from recto.server.tenants import NO_LIMIT, Quota, Tenant
from support.files import picture, write
from support.paths import EXAMPLES, HERE
from support.pdfs import text_pdf
from support.served import QUOTED, ask, private, settled, upload

RERI = EXAMPLES / "riscv-reri-architecture.pdf"
PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server with one document, which no test changes."""
    home = tmp_path_factory.mktemp("served")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RECTO_OCR", "off")  # its logo would cost more than all its pages
        with private(home) as client:
            environment.undo()
            assert upload(client, RERI)["state"] == "done"
            yield client


@pytest.fixture
def client(home: Path) -> Iterator[TestClient]:
    with private(home) as found:
        yield found


@pytest.fixture
def doc(shared: TestClient) -> str:
    return str(shared.get("/api/documents").json()[0]["id"])


def test_an_upload_is_read_and_listed(shared: TestClient) -> None:
    (found,) = shared.get("/api/documents").json()
    assert (found["name"], found["pages"]) == ("riscv-reri-architecture.pdf", 31)
    (upload,) = shared.get("/api/uploads").json()
    assert upload["outcome"]["status"] == "added"
    assert upload["outcome"]["page_flags"]["text"] == 31


def test_a_page_its_picture_and_its_boxes(shared: TestClient, doc: str) -> None:
    page = shared.get(f"/api/documents/{doc}/pages/13").json()
    assert page["page"] == 13
    word = page["words"][3]
    assert 0 <= word["box"][0] < word["box"][2] <= 1
    part = shared.get(f"/api/documents/{doc}/pages/13/boxes", params={"start": word["start"], "end": word["end"]})
    assert part.json()["quote"] == page["text"][word["start"] : word["end"]]
    assert part.json()["boxes"]
    picture = shared.get(f"/api/documents/{doc}/pages/13/picture")
    assert picture.content.startswith(b"\x89PNG")
    assert "private" in picture.headers["cache-control"]


def test_an_answer_comes_as_events(shared: TestClient) -> None:
    found = ask(shared, "What is an error record?")
    assert [name for name, _ in found] == ["begun", "found", "quoted", "done"]
    citation = found[2][1]["citations"][0]
    assert citation["document"]["name"] == "riscv-reri-architecture.pdf"
    assert citation["boxes"]


def test_a_question_that_nothing_answers(shared: TestClient) -> None:
    names = [name for name, _ in ask(shared, "Who won the football cup of 1974 in Munich?")]
    assert names == ["begun", "found", "abstained", "done"]


def test_search_gives_hits(shared: TestClient, doc: str) -> None:
    hits = shared.get("/api/search", params={"q": "error record", "k": 3, "doc": doc}).json()
    assert len(hits) == 3
    assert hits[0]["score"] >= hits[1]["score"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/documents/nothing/pages/1", 404),
        ("GET", "/api/documents/{doc}/pages/0", 404),
        ("GET", "/api/documents/{doc}/pages/32", 404),
        ("GET", "/api/documents/{doc}/pages/999999999999999999999", 404),
        ("GET", "/api/documents/{doc}/pages/x", 422),
        ("GET", "/api/documents/{doc}/pages/1/picture?width=99999", 422),
        ("GET", "/api/documents/{doc}/pages/99/picture", 404),
        ("DELETE", "/api/documents/nothing", 404),
        ("GET", "/api/search", 422),
        ("GET", "/api/search?q=%20", 422),
        ("GET", "/api/nothing", 404),
        ("PUT", "/api/documents", 405),
        ("GET", "/api/documents/..%2F..%2Fetc%2Fpasswd/pages/1", 404),
        ("POST", "/api/ask", 422),
    ],
)
def test_what_is_asked_wrongly_is_said(shared: TestClient, doc: str, method: str, path: str, status: int) -> None:
    answer = shared.request(method, path.format(doc=doc))
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/documents", "GET, HEAD, POST"),
        ("/api/documents/{doc}", "DELETE, GET, HEAD"),
        ("/api/ask", "POST"),
        ("/static/page.js", "GET, HEAD"),
        ("/", "GET, HEAD"),
    ],
)
def test_a_method_that_is_not_allowed_names_those_that_are(
    shared: TestClient, doc: str, path: str, methods: str
) -> None:
    answer = shared.put(path.format(doc=doc))
    assert (answer.status_code, answer.headers["allow"]) == (405, methods)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"question": ""}', b'{"question": 5}', b'{"question": "x", "more": 1}', b"\xff\xfe", b"null"],
)
def test_garbage_is_no_question(shared: TestClient, body: bytes) -> None:
    answer = shared.post("/api/ask", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == PROBLEM


def test_unknown_documents_are_no_scope(shared: TestClient) -> None:
    answer = shared.post("/api/ask", json={"question": "What?", "documents": ["nothing.pdf"]})
    assert (answer.status_code, answer.json()["title"]) == (404, "unknown_document")


@pytest.mark.parametrize(
    ("content", "status", "kind"),
    [(b"", 415, "not_a_pdf"), (b"hello", 415, "not_a_pdf"), (b"<html>" * 1000, 415, "not_a_pdf")],
)
def test_what_is_no_pdf_is_refused_at_once(client: TestClient, content: bytes, status: int, kind: str) -> None:
    answer = client.post("/api/documents", params={"name": "x.pdf"}, content=content)
    assert (answer.status_code, answer.json()["title"]) == (status, kind)
    assert client.get("/api/uploads").json() == []


def test_files_of_other_kinds_are_taken(client: TestClient, tmp_path: Path) -> None:
    notes = write(tmp_path / "notes.md", "# Pumps\n\nThe pump of hall 7 delivers 33 litres a second.\n")
    assert upload(client, notes, encoded=False)["outcome"]["status"] == "added"
    assert [document["name"] for document in client.get("/api/documents").json()] == ["notes.md"]
    problem = upload(client, write(tmp_path / "cut.png", picture("PNG")[:900]))["outcome"]["problem"]
    assert problem["kind"] == "damaged"
    assert problem["message"].startswith("cut.png: no PDF can be made of it: the picture cannot be decoded")


def test_what_is_too_large_is_refused_early_and_late(home: Path) -> None:
    with private(home, quota=Quota(megabytes=1)) as client:
        body = b"%PDF-1.7" + b"0" * 1_000_001

        def chunks() -> Iterator[bytes]:
            yield body[:500_000]
            yield body[500_000:]

        for content in (body, chunks()):  # with its length announced, and without
            answer = client.post("/api/documents", params={"name": "x.pdf"}, content=content)
            assert (answer.status_code, answer.json()["title"]) == (413, "too_large")
        assert list((home / "uploads").glob("upload-*")) == []


def test_a_broken_pdf_fails_and_says_why(client: TestClient) -> None:
    sent = client.post("/api/documents", params={"name": "broken.pdf"}, content=b"%PDF-1.7\nnothing else")
    found = settled(client, sent.json()["id"])
    assert found["state"] == "failed"
    assert found["outcome"]["problem"]["kind"] == "damaged"
    assert client.get("/api/documents").json() == []


def test_an_encrypted_pdf_needs_its_password(client: TestClient) -> None:
    path = HERE / "corpus" / "encrypted-password.pdf"
    assert upload(client, path)["outcome"]["problem"]["kind"] == "password"
    secret = {"X-Pdf-Password": "openpassword"}
    assert upload(client, path, headers=secret)["state"] == "done"
    doc = client.get("/api/documents").json()[0]["id"]
    assert client.get(f"/api/documents/{doc}/pages/1/picture").status_code == 422
    assert client.get(f"/api/documents/{doc}/pages/1/picture", headers=secret).status_code == 200


def test_a_removed_document_is_gone(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(text_pdf("the pump runs at nine hundred turns a minute"))
    upload(client, tmp_path / "x.pdf")
    doc = client.get("/api/documents").json()[0]["id"]
    assert client.get(f"/api/documents/{doc}/pages/1/picture").status_code == 200
    assert client.delete(f"/api/documents/{doc}").status_code == 204
    assert client.get("/api/documents").json() == []
    assert client.get(f"/api/documents/{doc}/pages/1/picture").status_code == 404


def test_health_metrics_and_the_description(shared: TestClient) -> None:
    assert shared.get("/healthz").json() == {"status": "ok"}
    assert shared.get("/readyz").status_code == 200
    assert "recto_answers_under_way 0" in shared.get("/metrics").text
    paths = shared.get("/openapi.json").json()["paths"]
    assert {"/api/ask", "/api/documents", "/api/search"} <= set(paths)


def test_state_and_models(shared: TestClient) -> None:
    state = shared.get("/api/state").json()
    assert (state["public"], state["writer"]) == (False, None)
    assert {model["name"] for model in shared.get("/api/models").json()} >= {"fast", "default", "best"}


def test_a_line_that_is_full_of_one_asker_refuses_nobody_else(home: Path) -> None:
    async def scene() -> None:
        service = AnswerService(Metrics(), public=False)
        with Library(home, writing=QUOTED) as library, ExitStack() as line:
            tenant = Tenant(library, home / "uploads", NO_LIMIT)
            for _ in range(AT_ONCE + IN_LINE):
                line.enter_context(service.queue.joined("many"))
            with pytest.raises(Refused, match=f"{IN_LINE} questions"):
                await service.begin(tenant, "What moves?", asker="many")
            asking = await service.begin(tenant, "What moves?", asker="once")
            async with aclosing(service.events(asking, asker="once")) as batches:
                assert [place.ahead for place in await anext(batches) if isinstance(place, Place)] == [1]

    asyncio.run(scene())
