"""Clients on real sockets: they vanish, they wait in line, they come by the hundred."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from recto.server.answers import AT_ONCE
from support import scripted
from support.live import SOON_S, Live, live, post, soon, until, vanish
from support.ollama_server import MODEL, OllamaServer

pytestmark = pytest.mark.slow
QUESTION = "How many litres does the pump of hall 3 move a minute?"
CROWD = 100
GROWTH = 64 << 20  # bytes; a crowd that left something behind would leave it a hundred times


@pytest.fixture(scope="module")
def _played() -> Iterator[OllamaServer]:
    with OllamaServer() as server:
        yield server


@pytest.fixture(scope="module")
def _served(_played: OllamaServer, pumps: Path) -> Iterator[Live]:
    with live(pumps, "--model", f"ollama:{MODEL}", OLLAMA_HOST=_played.url) as server:
        server.http.post("/api/ask", json={"question": QUESTION})  # loads and measures
        yield server


@pytest.fixture
def model(_played: OllamaServer) -> Iterator[OllamaServer]:
    _played.behaviour = scripted.brief
    _played.came.clear()
    _played.gone.clear()
    yield _played
    _played.behaviour = scripted.brief


@pytest.fixture
def server(_served: Live) -> Iterator[Live]:
    yield _served
    assert soon(lambda: _served.under_way() == (0, 0))
    assert not _served.traceback()


@pytest.mark.parametrize("go", [socket.socket.close, vanish])
def test_a_client_that_goes_stops_the_model(server: Live, model: OllamaServer, go: type) -> None:
    model.behaviour = scripted.endless
    client = server.ask(QUESTION)
    until(client, b"event: token")
    go(client)
    assert model.gone.wait(SOON_S)


def test_a_client_that_goes_while_the_model_is_silent_stops_it(server: Live, model: OllamaServer) -> None:
    model.behaviour = scripted.stalled
    client = server.ask(QUESTION)
    until(client, b"event: expect")
    assert model.came.wait(SOON_S)
    client.close()
    assert model.gone.wait(SOON_S)


def _place(client: socket.socket, ahead: int) -> None:
    until(client, b'event: queued\ndata: {"event": "queued", "ahead": %d,' % ahead)


def test_who_goes_while_queued_frees_the_place(server: Live, model: OllamaServer) -> None:
    model.behaviour = scripted.stalled
    answered = []
    for _ in range(AT_ONCE):
        answered.append(server.ask(QUESTION))
        until(answered[-1], b"event: quoted")
    first = server.ask(QUESTION)
    _place(first, 1)
    second = server.ask(QUESTION)
    _place(second, 2)
    assert server.under_way() == (AT_ONCE, 2)
    first.close()
    _place(second, 1)
    answered[-1].close()  # one that awaited its turn with the model
    until(second, b"event: quoted")
    assert server.under_way() == (AT_ONCE, 0)
    # Who went may still be on its way out of the model's queue when the next one comes: the count is told again.
    ahead = b'"done": 0, "total": %d, "eta_s": ' % (AT_ONCE - 1)
    assert ahead + b"null" not in until(second, ahead)
    for client in (*answered, second):
        client.close()


def test_a_crowd_that_vanishes_leaves_nothing(server: Live, model: OllamaServer) -> None:
    def come(number: int) -> None:
        client = server.connect() if number % 4 else server.ask(QUESTION)
        if number % 4 == 1:
            client.sendall(b"POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le")
        elif number % 4 == 2:
            client.sendall(post("/api/ask", b"{")[:-1])
        (vanish if number % 2 else socket.socket.close)(client)

    model.behaviour = scripted.slow(0.05)
    for number in range(8):  # what one visit costs in any case
        come(number)
    assert soon(lambda: server.under_way() == (0, 0))
    before, files = server.metric("recto_resident_memory_bytes"), _files(server)
    for number in range(CROWD):
        come(number)
    assert soon(lambda: server.under_way() == (0, 0))
    assert soon(lambda: _files(server) <= files)
    assert server.metric("recto_resident_memory_bytes") - before < GROWTH
    model.behaviour = scripted.brief
    assert "event: done" in server.http.post("/api/ask", json={"question": QUESTION}).text


def _files(server: Live) -> int:
    """Files and connections that the process holds open."""
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))
