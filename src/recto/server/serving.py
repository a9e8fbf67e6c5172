"""The process's HTTP: where it listens, and how uvicorn serves it."""

import asyncio
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import cast

import uvicorn
from starlette.types import ASGIApp

from recto.errors import BadSetting
from recto.server.connections import ConnectionLimits, Connections
from recto.server.protocol import HttpProtocol

GRACE_S = 3  # that answers under way get when the server is told to end; all is to be over after 5
LAST_PORT = 65535
QUEUE = 2048  # connections that the system holds until they are accepted
ACCEPTED = 64  # of them at once: those that are one too many are closed before the next ones take a file each


def listener(host: str, port: int) -> socket.socket:
    """A socket that listens, before anything is touched that another server may use; port 0 takes a free one.

    BadSetting if it cannot.
    """
    try:
        family, _, _, _, at = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listening = socket.create_server(at, family=family, backlog=QUEUE)
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise BadSetting(f"{host}, port {port}: {reason}", hint=f"recto serve --port {port % LAST_PORT + 1}") from error
    # asyncio asks for no delay only where a socket's proto says TCP, and create_server's says 0. What is accepted
    # inherits it; without it the body of each answer waits 40 ms for the acknowledgement of its head.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


class Server(uvicorn.Server):
    """Ends with exit code 0 when it is told to end; uvicorn's own way is to be killed by the signal after all."""

    def __init__(self, app: ASGIApp, limits: ConnectionLimits) -> None:
        config = uvicorn.Config(
            app,
            http=cast(type[asyncio.Protocol], partial(HttpProtocol, Connections(limits))),
            ws="none",
            log_level="warning",
            timeout_graceful_shutdown=GRACE_S,
            lifespan="on",
            backlog=ACCEPTED,
            callback_notify=self._look,
            timeout_notify=0,  # each time that uvicorn looks whether to, which is once a second
        )
        super().__init__(config)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        for listening in sockets or ():
            listening.listen(QUEUE)  # anew: asyncio takes one number for how many wait and how many it accepts at once

    async def _look(self) -> None:
        for connection in list(self.server_state.connections):
            if isinstance(connection, HttpProtocol):
                connection.look()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals be at the end."""
        if threading.current_thread() is threading.main_thread():  # no other may
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, self.handle_exit)
        yield
