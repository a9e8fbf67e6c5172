"""A server in a process of its own, and clients down to the bytes."""

import json
import os
import random
import re
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.types import ASGIApp

from recto.server.connections import ConnectionLimits
from recto.server.serving import Server, listener

START_S = 120.0  # to start or to end, which takes seconds on a quiet machine
PATIENCE = "300"  # seconds that a server bears a model's silence: the machine may be busy
SOON_S = 60.0  # of waiting for what takes a second on a quiet machine; nothing that comes at all comes later


LIMITS = ConnectionLimits.within(4096)


@dataclass(kw_only=True)
class Live:
    """A server that runs."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    http: httpx2.Client

    def connect(self) -> socket.socket:
        """A client."""
        return connect(self.port)

    def says(self, request: bytes) -> tuple[int, str, bytes]:
        """What a server that is sent these bytes answers, until it ends the connection: status, media type, body."""
        with closing(self.connect()) as client:
            client.sendall(request)
            return answer(client)

    def ask(self, question: str) -> socket.socket:
        """A client that has asked, and read nothing yet."""
        client = self.connect()
        client.sendall(post("/api/ask", json.dumps({"question": question}).encode()))
        return client

    def metric(self, name: str) -> float:
        """A figure of the server's."""
        line = re.search(rf"^{name} (\S+)$", self.http.get("/metrics").text, re.MULTILINE)
        assert line is not None, name
        return float(line[1])

    def under_way(self) -> tuple[float, float]:
        """Answers under way, and questions that wait."""
        return self.metric("recto_answers_under_way"), self.metric("recto_questions_waiting")

    def traceback(self) -> bool:
        """Whether anything went wrong that nobody had foreseen."""
        return "Traceback" in self.log.read_text()


@contextmanager
def live(home: Path, *options: str, **environment: str) -> Iterator[Live]:
    """`recto serve` on a free port."""
    port = free_port()
    log = home / "serve.log"
    command = [sys.executable, "-m", "recto", "serve", "--no-open", "--port", str(port), "--home", str(home), *options]
    with log.open("wb") as to, httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=START_S) as http:
        process = subprocess.Popen(command, stderr=to, env={**os.environ, "RECTO_PATIENCE": PATIENCE, **environment})
        try:
            assert soon(lambda: _ready(http), START_S), log.read_text()
            yield Live(home=home, port=port, process=process, log=log, http=http)
        finally:
            process.terminate()
            process.wait(START_S)


def free_port() -> int:
    """A port that nobody listens at, nor is given by the system to who asks for any: it stays free."""
    while True:
        port = random.SystemRandom().randrange(10_240, 32_768)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """A disk of this size at a new folder, while the block runs; the test is skipped where none can be mounted."""
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "recto-test", str(folder)]
    if not shutil.which("mount") or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _ready(http: httpx2.Client) -> bool:
    try:
        return http.get("/readyz").is_success
    except httpx2.TransportError:
        return False


@contextmanager
def listening(app: ASGIApp, **limits: Any) -> Iterator[int]:
    """An application of this process, on its port."""
    with serving(Server(app, replace(LIMITS, **limits))) as port:
        yield port


@contextmanager
def serving(server: Server) -> Iterator[int]:
    """A server in a thread of this process, on its port."""
    with closing(listener("127.0.0.1", 0)) as socket_:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [socket_]})
        thread.start()
        assert soon(lambda: server.started)
        try:
            yield socket_.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def connect(port: int, *, holds: int = 0) -> socket.socket:
    """A client; `holds` bytes are all that the system keeps for it until it reads."""
    client = socket.socket()
    if holds:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, holds)
    client.settimeout(SOON_S)
    client.connect(("127.0.0.1", port))
    return client


def soon(true: Callable[[], bool], within_s: float = SOON_S) -> bool:
    """Whether it becomes true in time."""
    until = time.monotonic() + within_s
    while not (result := true()) and time.monotonic() < until:
        time.sleep(0.05)
    return result


def post(path: str, body: bytes, kind: str = "application/json", *, length: int | None = None, **more: str) -> bytes:
    """A request down to its bytes, after whose answer the connection ends."""
    headers = {
        "Host": "127.0.0.1",
        "Content-Type": kind,
        "Content-Length": length or len(body),
        "Connection": "close",
        **more,
    }
    lines = [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([f"POST {path} HTTP/1.1", *lines, "", ""]).encode() + body


def answer(client: socket.socket) -> tuple[int, str, bytes]:
    """The first answer: status, media type, body."""
    head, _, body = rest(client).partition(b"\r\n\r\n")
    kind = re.search(rb"^content-type: *([^;\r\n]*)", head, re.MULTILINE | re.IGNORECASE)
    return int(head.split()[1]), kind[1].decode() if kind else "", body


def until(client: socket.socket, mark: bytes) -> bytes:
    """Read up to these bytes."""
    data = b""
    while mark not in data:
        more = client.recv(1 << 16)
        assert more, data
        data += more
    return data


def rest(client: socket.socket) -> bytes:
    """Read to the end."""
    return b"".join(iter(lambda: client.recv(1 << 16), b""))


def vanish(client: socket.socket) -> None:
    """Go without a word, as a machine does that loses its network and its memory of it."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


Json = dict[str, Any]


def problem(body: bytes) -> Json:
    """The problem of a short answer, chunked or not."""
    document: Json = json.loads(body[body.index(b"{") : body.rindex(b"}") + 1])
    return document
