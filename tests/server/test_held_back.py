"""A client that reads slowly holds its answer back, one that reads nothing is left; silence is filled with beats."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, closing
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from recto.config import Writing
from recto.server import stream
from support import scripted
from support.live import SOON_S, connect, listening, post, rest, soon, until
from support.ollama_server import MODEL, OllamaServer
from support.served import application as recto

QUESTION = "How many litres does the pump of hall 3 move a minute?"
EVENT = "x" * 1000
MOST = 20_000  # events of a kilobyte: more than any system keeps for a client
HOLDS = 4096  # bytes that the client's system keeps


class Endless:
    """A generator without an end, how far it came, and whether it was closed."""

    def __init__(self) -> None:
        self.said = 0
        self.closed = threading.Event()

    def events(self) -> Iterator[str]:
        try:
            while True:
                self.said += 1
                yield EVENT
        finally:
            self.closed.set()

    async def frames(self) -> AsyncGenerator[str, None]:
        async for batch in stream.Bridge(self.events, lambda: None).batches():
            yield "".join(stream.frame("said", {"text": text}) for text in batch)

    def held_back(self) -> bool:
        before = self.said
        time.sleep(0.3)
        return 0 < before == self.said


def test_the_first_word_does_not_wait_for_what_was_said_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "FLUSH_S", 10 * SOON_S)
    quoted = threading.Event()

    def events() -> Iterator[str]:
        yield "quote"
        quoted.wait(SOON_S)
        yield "word"

    async def first_batches() -> list[list[str]]:
        bridge = stream.Bridge(events, lambda: None, is_paced=lambda event: event == "word")
        async with asyncio.timeout(SOON_S), aclosing(bridge.batches()) as batches:
            before = await anext(batches)
            quoted.set()
            return [before, await anext(batches)]

    assert asyncio.run(first_batches()) == [["quote"], ["word"]]


def application(endless: Endless) -> Starlette:
    async def endpoint(_: Request) -> Response:
        return stream.response(endless.frames())

    return Starlette(routes=[Route("/", endpoint, methods=["POST"])])


def asked(port: int) -> socket.socket:
    client = connect(port, holds=HOLDS)
    client.sendall(post("/", b""))
    return client


@pytest.mark.slow
def test_a_slow_client_holds_the_generator_back() -> None:
    endless = Endless()
    with listening(application(endless)) as port, asked(port) as client:
        until(client, b"event: said")
        assert soon(endless.held_back)
        for _ in range(10):
            client.recv(5)
            time.sleep(0.1)
        assert soon(endless.held_back)  # again, should it only have been slow before
        assert endless.said < MOST
        assert not endless.closed.is_set()
        so_far = endless.said
        while endless.said == so_far:  # it goes on as soon as the client does
            client.recv(1 << 16)
        client.close()
        assert endless.closed.wait(SOON_S)


@pytest.mark.slow
def test_a_client_that_takes_nothing_any_more_has_gone() -> None:
    endless = Endless()
    with listening(application(endless), stalled_s=0.5) as port, asked(port) as client:
        until(client, b"event: said")
        assert endless.closed.wait(SOON_S)


@pytest.mark.slow
def test_a_silent_stream_beats(daemon: OllamaServer, pumps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "BEAT_S", 0.1)
    writing = Writing(model=f"ollama:{MODEL}", ollama_host=daemon.url)
    question = post("/api/ask", json.dumps({"question": QUESTION}).encode())
    with listening(recto(pumps, writing=writing)) as port:
        with closing(connect(port)) as client:
            client.sendall(question)
            assert b"event: done" in rest(client)  # the model is loaded and measured
        daemon.behaviour = scripted.stalled
        with closing(connect(port)) as client:
            client.sendall(question)
            until(client, b"event: expect")
            until(client, stream.BEAT.encode())
