"""Streaming over HTTP: one request, lines as they come, and a brake that works while nothing comes."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx2

from recto.answer.llm import Stop
from recto.errors import EngineFailed, EngineMissing

CONNECT_S = 3.0
SHORT_S = 5.0  # for requests that need no model
LONGEST_LINE = 1 << 20  # characters; no engine's piece of an answer is that long

Json = dict[str, Any]


@contextmanager
def streaming(client: httpx2.Client, url: str, body: Json, stop: Stop) -> Iterator[httpx2.Response]:
    """Post JSON and lend the response while it streams; its body is unread.

    Nothing limits the time between two pieces: who asks decides how long silence is borne, and pulls the brake.
    Stopped if that happened, EngineMissing if nobody answers, EngineFailed if the connection breaks.
    """
    wire = _Wire()
    timeout = httpx2.Timeout(None, connect=CONNECT_S)
    request = client.build_request("POST", url, json=body, timeout=timeout, extensions={"trace": wire.trace})
    try:
        with stop.doing(wire.cut):
            response = client.send(request, stream=True)
            try:
                yield response
            finally:
                response.close()
    except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
        stop.check()
        raise EngineMissing(f"{url}: nobody answers ({error})") from error
    except (httpx2.HTTPError, httpx2.StreamError) as error:
        stop.check()
        raise EngineFailed(f"{url}: the connection broke ({error or type(error).__name__})") from error


def lines(response: httpx2.Response, stop: Stop) -> Iterator[str]:
    """The lines of a streaming response, without those that are empty; what is no UTF-8 becomes U+FFFD."""
    rest = b""
    for chunk in response.iter_bytes():
        stop.check()
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > LONGEST_LINE:
            raise EngineFailed(f"{response.url}: a line of more than {LONGEST_LINE} bytes")
        yield from (text for line in whole if (text := line.decode("utf-8", "replace").strip()))
    if text := rest.decode("utf-8", "replace").strip():
        yield text
    stop.check()


class _Wire:
    """The socket under a request, from the moment it is connected."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._cut = False

    def trace(self, name: str, info: Json) -> None:
        """Take the socket from httpx2's account of what it does."""
        if name == "connection.connect_tcp.complete":
            self._socket = info["return_value"].get_extra_info("socket")
            if self._cut:
                self.cut()

    def cut(self) -> None:
        """Shut the connection down, which wakes the thread that reads from it; closing it would not."""
        self._cut = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


def client(url: str, *, token: str = "", trusted: bool = True) -> httpx2.Client:
    """A client for this address. Without `trusted` the system's proxy settings are ignored, as for loopback."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    limits = httpx2.Limits(
        max_keepalive_connections=0
    )  # a connection of its own for each, so that cutting it hurts none
    return httpx2.Client(base_url=url, headers=headers, timeout=SHORT_S, limits=limits, trust_env=trusted)
