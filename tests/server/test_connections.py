"""Connections down to the socket: what each costs whoever is here, and what nobody may do to the others."""

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from recto.library import Library
from recto.server.serving import Server
from support.live import connect, rest, serving, until
from support.pdfs import text_pdf
from support.served import application

HEAD = b"Host: 127.0.0.1\r\n\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\n" + HEAD


def test_no_answer_waits_for_the_acknowledgement_of_its_head(home: Path) -> None:
    server = Server(application(home))
    with serving(server) as port, closing(connect(port)) as client:
        client.sendall(HEALTH)
        until(client, b"ok")
        (connection,) = server.server_state.connections
        accepted = connection.transport.get_extra_info("socket")
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.fixture(scope="module")
def documented(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str]]:
    """A server with one document, and what that is called."""
    home = tmp_path_factory.mktemp("documented")
    with Library(home) as library:
        (home / "a.pdf").write_bytes(text_pdf("The pump moves 111 litres."))
        doc = library.add(home / "a.pdf")[0].document.id
    with serving(Server(application(home))) as port:
        yield port, doc


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/d/{doc}", "/healthz", "/readyz", "/static/app.js", "/openapi.json", "/nowhere", "/api/nowhere"),
        *("/api/documents", "/api/documents/{doc}", "/api/documents/{doc}/pages/1", "/api/documents/nothing"),
        *("/api/documents/{doc}/pages/1/picture?width=400", "/api/documents/{doc}/pages/1/boxes?start=0&end=3"),
        *("/api/search?q=pump", "/api/search", "/api/examples", "/api/uploads", "/api/state", "/api/ask"),
    ],
)
def test_head_is_answered_as_get_is_without_a_body(documented: tuple[int, str], path: str) -> None:
    port, doc = documented
    request = f" {path.format(doc=doc)} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
    answers = []
    for method in (b"GET", b"HEAD"):
        with closing(connect(port)) as client:
            client.sendall(method + request)
            answers.append(rest(client).partition(b"\r\n\r\n"))
    (got, _, body), (headed, _, nothing) = answers
    assert nothing == b""
    lines = [[line for line in head.split(b"\r\n") if not line.startswith(b"date")] for head in (got, headed)]
    assert lines[0] == lines[1]
    assert f"content-length: {len(body)}".encode() in lines[1]


def test_head_of_a_stream_without_end_ends(documented: tuple[int, str]) -> None:
    with closing(connect(documented[0])) as client:
        client.sendall(b"HEAD /api/uploads/events HTTP/1.1\r\n" + HEAD)
        head = until(client, b"\r\n\r\n")
        assert b"200 OK" in head
        assert b"text/event-stream" in head
        client.sendall(HEALTH)
        assert b"200 OK" in until(client, b"ok")
