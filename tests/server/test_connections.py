"""Connections down to the socket: what each costs whoever is here, and what nobody may do to the others."""

import re
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from recto.library import Library
from recto.server.connections import network
from recto.server.serving import Server
from recto.server.tenants import Quota
from support.live import LIMITS, SOON_S, connect, listening, live, post, rest, serving, soon, until
from support.pdfs import text_pdf
from support.served import application

HEAD = b"Host: 127.0.0.1\r\n\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\n" + HEAD


def test_no_answer_waits_for_the_acknowledgement_of_its_head(home: Path) -> None:
    server = Server(application(home), LIMITS)
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
    with serving(Server(application(home), LIMITS)) as port:
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


BEGUN = b"POST /api/documents?name=a.pdf HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9999\r\n\r\n%PDF-1.7"
FEW = {"most": 8, "of_address": 5, "kept": 2, "lobby": 2}


def came(port: int, address: str, *requests: bytes) -> socket.socket:
    """A client of another address of this machine, which has sent this."""
    client = socket.create_connection(("127.0.0.1", port), SOON_S, source_address=(address, 0))
    client.sendall(b"".join(requests))
    return client


def status(client: socket.socket) -> bytes:
    return until(client, b"\r\n\r\n").split()[1]


@pytest.mark.parametrize("before", [b"", HEALTH], ids=["first", "after another"])
@pytest.mark.parametrize("begun", [b"", b"G", b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"])
def test_a_head_that_does_not_come_ends_the_connection(home: Path, before: bytes, begun: bytes) -> None:
    with listening(application(home), head_s=0.5) as port, closing(connect(port)) as client:
        client.sendall(before + begun)
        if before:
            until(client, b'"ok"}')
        last = rest(client)
        assert last.startswith(b"HTTP/1.1 408 ") if begun else not last


def test_a_head_that_drips_gains_no_time(home: Path) -> None:
    with listening(application(home), head_s=0.5) as port, closing(connect(port)) as client:
        client.settimeout(0.05)
        answer = b""
        with suppress(OSError):  # it goes on to send while the other side hangs up
            while not answer:
                client.sendall(b"G")
                with suppress(TimeoutError):
                    answer = client.recv(1 << 16)
        assert answer.startswith(b"HTTP/1.1 408 ")


def test_the_silent_make_way_for_who_asks(home: Path) -> None:
    with listening(application(home), **FEW) as port, ExitStack() as stack:
        silent = [stack.enter_context(closing(connect(port))) for _ in range(50)]
        for path in ("healthz", "api/documents"):
            with closing(came(port, "127.0.0.1", f"GET /{path} HTTP/1.1\r\n".encode(), HEAD)) as client:
                assert status(client) == b"200"
        assert rest(silent[0]) == b""
        silent[-1].sendall(HEALTH)
        assert status(silent[-1]) == b"200"


def test_one_address_cannot_have_all_and_who_watches_is_answered_nevertheless(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = Server(application(home), replace(LIMITS, **FEW))
    with serving(server) as port, ExitStack() as stack:
        for _ in range(FEW["of_address"]):
            stack.enter_context(closing(came(port, "127.0.0.2", BEGUN)))
        assert soon(lambda: len(server.server_state.tasks) == FEW["of_address"])
        with closing(came(port, "127.0.0.2", b"GET / HTTP/1.1\r\n" + HEAD)) as client:
            answer = rest(client)
            assert answer.startswith(b"HTTP/1.1 503 ")
            assert b"retry-after: " in answer
        for _ in range(2 * FEW["lobby"]):  # which say nothing, and make way there
            stack.enter_context(closing(came(port, "127.0.0.2")))
        with closing(came(port, "127.0.0.2", HEALTH)) as client:
            assert rest(client).startswith(b"HTTP/1.1 200 ")
        with closing(came(port, "127.0.0.3", b"GET / HTTP/1.1\r\n" + HEAD)) as client:
            assert status(client) == b"200"
        assert "5 of them from 127.0.0.2" in caplog.text


def test_room_is_kept_for_who_was_here_before(home: Path) -> None:
    server, room = Server(application(home), replace(LIMITS, **FEW)), FEW["most"] - FEW["kept"]
    with serving(server) as port, ExitStack() as stack:
        with closing(came(port, "127.0.0.1", HEALTH)) as client:
            until(client, b"ok")
        assert soon(lambda: not server.server_state.connections)
        for number in range(room):
            stack.enter_context(closing(came(port, f"127.0.0.{20 + number}", BEGUN)))
        assert soon(lambda: len(server.server_state.tasks) == room)
        for address, expected in (("127.0.0.9", b"503"), ("127.0.0.1", b"200")):
            with closing(came(port, address, b"GET / HTTP/1.1\r\n" + HEAD)) as client:
                assert status(client) == expected


@pytest.mark.parametrize("size", [100_000_000, 3_000_000])
def test_who_never_reads_is_cut_off(size: int) -> None:
    async def endpoint(_: Request) -> Response:
        return Response(b"x" * size)

    server = Server(Starlette(routes=[Route("/", endpoint)]), replace(LIMITS, stalled_s=0.5))
    with serving(server) as port, closing(connect(port, holds=4096)) as client:
        client.sendall(b"GET / HTTP/1.1\r\n" + HEAD)
        assert soon(lambda: bool(server.server_state.total_requests))
        assert soon(lambda: not server.server_state.connections)


def test_an_upload_that_stands_still_ends_and_leaves_nothing(home: Path) -> None:
    with listening(application(home, quota=Quota(documents=1)), stalled_s=0.5) as port:
        with closing(came(port, "127.0.0.1", BEGUN)) as client:
            assert rest(client) == b""
        assert soon(lambda: not list((home / "uploads").glob("upload-*")))
        with closing(connect(port)) as client:
            client.sendall(post("/api/documents?name=a.pdf", text_pdf("The pump moves 111 litres.")))
            assert rest(client).startswith(b"HTTP/1.1 202 ")


def test_an_address_of_ipv6_is_its_network() -> None:
    assert network("2001:db8::1") == network("2001:db8::ffff:2") != network("2001:db8:0:1::1")
    assert (network("::ffff:10.0.0.1"), network("10.0.0.1"), network("fe80::1%eth0")) == (
        "10.0.0.1",
        "10.0.0.1",
        network("fe80::2"),
    )


@pytest.mark.slow
def test_a_thousand_connections_that_say_nothing_shut_nobody_out(home: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    with ExitStack() as stack:
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        server = stack.enter_context(live(home, "--model", "quote"))
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        for _ in range(1050):
            stack.enter_context(closing(server.connect()))
        with closing(server.connect()) as client:
            client.sendall(HEALTH)
            assert status(client) == b"200"
        with closing(server.ask("What moves?")) as client:
            until(client, b"event: done")
        limits = Path(f"/proc/{server.process.pid}/limits").read_text()
        assert re.search(r"Max open files +(\d+) +(\d+)", limits).groups() == (str(hard), str(hard))
        assert "Too many open files" not in server.log.read_text()
