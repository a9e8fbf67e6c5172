"""HTTP/1.1 as uvicorn speaks it, but for what is no HTTP, and for who holds a connection and says or takes nothing."""

import asyncio
import sys
import time
from http import HTTPStatus
from typing import Any

import h11
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from recto.server import problems
from recto.server.connections import Connections, network
from recto.server.dialects import in_dialect

WATCHED = ("/healthz", "/readyz")  # what is answered in the lobby
RETRY_S = 5


class HttpProtocol(H11Protocol):
    """One connection.

    What it leans on is uvicorn's own and promised by nobody: that what is no HTTP comes to `send_400_response`, the end
    of an answer to `on_response_complete`; the `app`; the connection `conn`, its `transport` and its `flow`; the
    `cycle` of a request with its `response_complete`, `disconnected` and `message_event`.
    tests/server/test_protocol.py holds all of it.
    """

    def __init__(
        self,
        room: Connections,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.address, self.in_lobby = "", False
        self._room, self._admitted = room, False
        self._idle_since = self._heard = self._taken = time.monotonic()
        self._unsent = 0  # bytes at the last look

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take it in if there is room."""
        super().connection_made(transport)
        self.address = network(self.client[0]) if self.client else ""
        self._admitted = self._room.admit(self)
        if not self._admitted:
            transport.abort()
        elif self.in_lobby:
            self.app = lobby(self.app)

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place free."""
        super().connection_lost(exc)
        self._leave()

    def make_way(self) -> bool:
        """End it, unless some of an answer is still to go out; its place is free at once."""
        if self.transport.get_write_buffer_size():
            return False
        self._leave()
        self.transport.abort()
        return True

    def _leave(self) -> None:
        if self._admitted:
            self._admitted = False
            self._room.leave(self)

    def data_received(self, data: bytes) -> None:
        """Read on."""
        self._heard = time.monotonic()
        super().data_received(data)
        self._note()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._idle_since = time.monotonic()
        super().on_response_complete()
        self._note()

    @property
    def _idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _note(self) -> None:
        if self._admitted:
            self._room.note(self, idle=self._idle)

    def look(self) -> None:
        """End the connection if it has said, or taken, nothing for too long. To be called about every second."""
        now, limits, unsent = time.monotonic(), self._room.limits, self.transport.get_write_buffer_size()
        if not unsent or unsent < self._unsent:
            self._taken = now
        self._unsent = unsent
        in_body = self.conn.their_state is h11.SEND_BODY and not self.flow.read_paused
        if unsent:
            if now - self._taken > limits.stalled_s:
                self.transport.abort()
        elif in_body:
            if now - self._heard > limits.stalled_s:
                self.transport.abort()
        elif self._idle and now - self._idle_since > limits.head_s:
            if self.conn.trailing_data[0] and self.conn.our_state is h11.IDLE:
                self._refuse(HTTPStatus.REQUEST_TIMEOUT, f"no whole request came within {limits.head_s:g} s")
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be understood; only hang up if an answer has begun, which nothing can follow."""
        if self.cycle is not None:
            self.cycle.disconnected = True  # whoever reads the request or writes the answer ends at once
            self.cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            error = sys.exc_info()[1]
            status = error.error_status_hint if isinstance(error, h11.RemoteProtocolError) else HTTPStatus.BAD_REQUEST
            self._refuse(status, str(error))
        self.transport.close()

    def _refuse(self, status: int, message: str) -> None:
        answer = problems.answer(status, "http", message)
        for event in (
            h11.Response(status_code=status, headers=[*answer.raw_headers, (b"connection", b"close")]),
            h11.Data(bytes(answer.body)),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")


def lobby(app: ASGIApp) -> ASGIApp:
    """What is served where there is no room: answers to who watches over the process, to others when to come again."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async def last(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
            await send(message)

        full = problems.answer(503, "full", "there are too many connections at this moment", retry_s=RETRY_S)
        await (app if scope["path"] in WATCHED else in_dialect(full))(scope, receive, last)

    return serve
