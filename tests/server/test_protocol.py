"""What the server's HTTP leans on in uvicorn, which promises none of it: this fails, and says what, when it changes."""

import asyncio
import inspect
from importlib.metadata import version

import h11
import pytest
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.server import ServerState

from recto.server.connections import Connections
from recto.server.protocol import HttpProtocol
from support.live import LIMITS

TRIED = "0.54.0"  # the newest uvicorn that all of this was tried with
CHANGED = f"uvicorn {version('uvicorn')} has changed what recto.server.protocol leans on (tried with {TRIED}): "


class Transport(asyncio.Transport):
    """A connection that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written, self.closed = b"", False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


def test_uvicorn_has_what_is_overridden_and_what_is_used() -> None:
    parameters = list(inspect.signature(H11Protocol.send_400_response).parameters)
    assert parameters == ["self", "msg"], CHANGED + "send_400_response(msg)"
    assert "send_400_response" in inspect.getsource(H11Protocol.handle_events), CHANGED + "who calls it"
    assert list(inspect.signature(H11Protocol.on_response_complete).parameters) == ["self"], (
        CHANGED + "the end of an answer"
    )
    assert "on_response_complete" in inspect.getsource(H11Protocol.handle_events), CHANGED + "who is told of that end"
    assert "self.app\n" in inspect.getsource(H11Protocol.handle_events), CHANGED + "app"
    names = set(inspect.signature(RequestResponseCycle.__init__).parameters)
    assert "message_event" in names, CHANGED + "RequestResponseCycle.message_event"
    assert "disconnected" in RequestResponseCycle.__init__.__code__.co_names, (
        CHANGED + "RequestResponseCycle.disconnected"
    )


@pytest.mark.parametrize("begun", [False, True], ids=["before a request", "within one"])
def test_what_is_no_http_is_answered_by_a_problem(begun: bool) -> None:
    async def application(scope: object, receive: object, send: object) -> None:
        await asyncio.Event().wait()

    async def scene() -> tuple[HttpProtocol, Transport]:
        config = uvicorn.Config(application, log_level="critical")
        protocol, transport = HttpProtocol(Connections(LIMITS), config, ServerState(), {}), Transport()
        assert isinstance(protocol.conn, h11.Connection), CHANGED + "conn"
        protocol.connection_made(transport)
        assert protocol.transport is transport, CHANGED + "transport"
        assert protocol.cycle is None, CHANGED + "cycle before a request"
        if begun:
            protocol.data_received(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            assert isinstance(protocol.cycle, RequestResponseCycle), CHANGED + "cycle"
            assert not protocol.cycle.response_complete, CHANGED + "RequestResponseCycle.response_complete"
        assert not protocol.flow.read_paused, CHANGED + "flow"
        protocol.data_received(b"\x00\xff\r\n\r\n")
        for task in protocol.tasks:
            task.cancel()
        await asyncio.gather(*protocol.tasks, return_exceptions=True)
        return protocol, transport

    protocol, transport = asyncio.run(scene())
    head, _, body = transport.written.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400"), CHANGED + "send_400_response is not called"
    assert b"application/problem+json" in head
    assert b"urn:recto:http" in body
    assert transport.closed
    if begun:
        assert protocol.cycle.disconnected
        assert protocol.cycle.message_event.is_set()
