"""HTTP to engines: one request, lines as they come, and a brake that works while nothing comes."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx2

from recto.errors import ConnectionBroken, EngineFailed, EngineMissing
from recto.stop import Stop

CONNECT_S = 3.0
SHORT_S = 5.0  # for requests that need no model
LONGEST_LINE = 1 << 20  # bytes; no engine's piece of an answer is that long
LONGEST_BODY = 1 << 20  # characters of an answer that is no stream
COMPLAINT_LIMIT = 200  # characters of a complaint that people are shown
COUNT_LIMIT = 1 << 53  # tokens or bytes; floats count exactly up to here

Json = dict[str, Any]


def client(url: str, *, token: str = "", trusted: bool = True, limit_s: float = SHORT_S) -> httpx2.Client:
    """A client for this address. Without `trusted` the system's proxy settings are ignored, as for loopback.

    Each request has a connection of its own, so that cutting it hurts no other. Redirects are not followed.
    """
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    limits = httpx2.Limits(max_keepalive_connections=0)
    verify = trusted or url.startswith("https:")  # without TLS its certificates need not be read, which takes 20 ms
    return httpx2.Client(
        base_url=url, headers=headers, timeout=limit_s, limits=limits, trust_env=trusted, verify=verify
    )


@contextmanager
def streaming(client: httpx2.Client, path: str, body: Json, stop: Stop) -> Iterator[httpx2.Response]:
    """Post JSON and lend the response while it streams; its body is unread.

    Nothing limits the time between two pieces: who asks decides how long silence is borne, and pulls the brake.
    Stopped if that happened, EngineMissing if nobody answers, ConnectionBroken if the connection breaks.
    """
    timeout = httpx2.Timeout(None, connect=CONNECT_S)
    with _sent(client, client.build_request("POST", path, json=body, timeout=timeout), stop) as response:
        yield response


def ask(
    client: httpx2.Client,
    method: str,
    path: str,
    body: Json | None = None,
    *,
    stop: Stop | None = None,
) -> tuple[int, str]:
    """Ask what needs no model: the status and the text. EngineMissing if nobody answers, EngineFailed else."""
    stop = stop or Stop()
    with _sent(client, client.build_request(method, path, json=body), stop) as response:
        return response.status_code, text(response, stop)


@contextmanager
def _sent(client: httpx2.Client, request: httpx2.Request, stop: Stop) -> Iterator[httpx2.Response]:
    wire = _Wire()
    request.extensions["trace"] = wire.trace
    try:
        stop.check()
        with stop.doing(wire.cut):
            response = client.send(request, stream=True)
            try:
                yield response
            finally:
                response.close()
    except (httpx2.HTTPError, httpx2.StreamError) as error:
        stop.check()
        url = request.url
        where = f"{url.scheme}://{url.netloc.decode()}"  # without a name or password that stand in the address
        why = words(str(error))
        if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
            raise EngineMissing(f"{where}: nobody answers ({why or 'no connection in time'})") from error
        why = why or type(error).__name__
        raise ConnectionBroken(f"{where}: the connection broke ({why})", detail=why) from error


def lines(response: httpx2.Response, stop: Stop) -> Iterator[str]:
    """The lines of a streaming response, without those that are empty; what is no UTF-8 becomes U+FFFD."""
    unfinished = b""
    for chunk in response.iter_bytes():
        stop.check()
        *whole_lines, unfinished = (unfinished + chunk).split(b"\n")
        if len(unfinished) > LONGEST_LINE:
            raise EngineFailed(f"the engine sent a line of more than {LONGEST_LINE} bytes")
        yield from (text for line in whole_lines if (text := line.decode("utf-8", "replace").strip()))
    stop.check()
    if text := unfinished.decode("utf-8", "replace").strip():
        yield text


def server_sent_events(stream: Iterator[str]) -> Iterator[Json]:
    """The objects of a stream of server-sent events; comments and what names events are passed over."""
    for line in stream:
        field, _, value = line.partition(":")
        if field == "data" and (value := value.strip()) != "[DONE]":
            yield parsed(value)


def text(response: httpx2.Response, stop: Stop) -> str:
    """The whole of a short response. EngineFailed if it does not end."""
    body: list[str] = []
    length = 0
    for line in lines(response, stop):
        body.append(line)
        length += len(line)
        if length > LONGEST_BODY:
            raise EngineFailed(f"the engine sent more than {LONGEST_BODY} characters where a few were asked for")
    return "\n".join(body)


def parsed(text: str) -> Json:
    """Read a JSON object. EngineFailed if it is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise EngineFailed(f"the engine sent {len(text)} characters that are no JSON object")
    return value


def unwrapped(complaint: object) -> Json:
    """An error as the engine behind the engine said it: `message`, and what else it told.

    Ollama sends the JSON of its llama-server as a string within its own.
    """
    facts: Json = {}
    while True:
        if isinstance(complaint, str):
            with suppress(ValueError, RecursionError):
                if isinstance(parsed_complaint := json.loads(complaint), dict):
                    complaint = parsed_complaint
                    continue
        if not isinstance(complaint, dict) or not (inner := complaint.get("error") or complaint.get("message")):
            return {**facts, "message": complaint}
        facts, complaint = complaint, inner


def words(complaint: object) -> str:
    """An engine's complaint for people: its message, on one line, printable and not too long."""
    line = " ".join(str(unwrapped(complaint)["message"]).split())
    return "".join(character for character in line if character.isprintable())[:COMPLAINT_LIMIT]


def clean(piece: object) -> str:
    """A piece of an answer as text that can be written anywhere; halves of a surrogate pair become U+FFFD."""
    if not isinstance(piece, str):
        return ""
    return piece.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def part(parent: Json, name: str) -> Json:
    """An object within an object, empty if it is not there."""
    child = parent.get(name)
    return child if isinstance(child, dict) else {}


def count(value: object) -> int | None:
    """A number of tokens or bytes, None if the engine did not say one."""
    return value if type(value) is int and 0 <= value < COUNT_LIMIT else None


class _Wire:
    """The socket under a request, from the moment it is connected."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._cut = False

    def trace(self, name: str, info: Json) -> None:
        """Take the socket from httpx2's account of what it does: TLS puts another in the place of the first."""
        if name.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._socket = info["return_value"].get_extra_info("socket")
            if self._cut:
                self.cut()

    def cut(self) -> None:
        """Shut the connection down, which wakes the thread that reads from it; closing it would not."""
        self._cut = True
        if self._socket is not None:
            with suppress(OSError):  # not SSLSocket's own way, which takes the TLS away from under the reading thread
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
