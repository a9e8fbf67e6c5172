"""A small Hugging Face hub on loopback: it names a file on one port and sends it from another, as the real one does.

Set `cuts`, `statuses` and the like before a pull; `requests` holds every request that came.
"""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
STEP = 4096  # bytes sent at once


class Hub:
    """The files it has, how it misbehaves, and what it was asked."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}  # by OWNER/REPO/FILE
        self.requests: list[tuple[str, str, dict[str, str]]] = []  # method, path, headers in lower case
        self.cuts: list[int] = []  # bytes that each next answer sends before it breaks off
        self.statuses: list[int] = []  # of each next answer with bytes, instead of these
        self.gate = threading.Event()  # clear: after the first step of bytes nothing more comes
        self.gate.set()
        self.refusal: tuple[int, str] | None = None  # status and X-Error-Code of each answer that names a file
        self.ranges = True
        self.surplus = b""  # sent after the file
        self.sha256 = ""  # announced instead of the right one
        self.linked = True  # announce size and SHA-256
        self._hub, self._store = self._server(self.name), self._server(self.send)

    @property
    def url(self) -> str:
        """The address for HF_ENDPOINT."""
        return _url(self._hub)

    @property
    def ranges_asked(self) -> list[str]:
        return [headers.get("range", "") for method, path, headers in self.requests if path.startswith("/blob/")]

    def name(self, request: BaseHTTPRequestHandler) -> None:
        """Say where a file is and what it must be."""
        place = urlsplit(request.path).path.replace("/resolve/main/", "/").replace(f"/resolve/{COMMIT}/", "/")[1:]
        if self.refusal or place not in self.files:
            status, code = self.refusal or (404, "EntryNotFound")
            _answer(request, status, {"X-Error-Code": code})
            return
        data = self.files[place]
        linked = {
            "X-Linked-Etag": f'"{self.sha256 or hashlib.sha256(data).hexdigest()}"',
            "X-Linked-Size": str(len(data)),
        }
        headers = {"X-Repo-Commit": COMMIT, "ETag": '"weak"', "Location": f"{_url(self._store)}/blob/{place}?signed=1"}
        _answer(request, 302, {**headers, **(linked if self.linked else {})})

    def send(self, request: BaseHTTPRequestHandler) -> None:
        """Send a file, or the rest of it."""
        if self.statuses:
            _answer(request, self.statuses.pop(0), {})
            return
        data = self.files[urlsplit(request.path).path.removeprefix("/blob/")] + self.surplus
        start = (
            int(request.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-")) if self.ranges else 0
        )
        if start >= len(data):
            _answer(request, 416, {"Content-Range": f"bytes */{len(data)}"})
            return
        request.send_response(206 if self.ranges else 200)
        request.send_header("Content-Length", str(len(data) - start))
        request.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        request.end_headers()
        self._stream(request, data[start:])

    def _stream(self, request: BaseHTTPRequestHandler, data: bytes) -> None:
        data = data[: self.cuts.pop(0)] if self.cuts else data
        with suppress(ConnectionError):  # whoever asked has gone
            for at in range(0, len(data), STEP):
                request.wfile.write(data[at : at + STEP])
                self.gate.wait()

    def _server(self, answer: object) -> ThreadingHTTPServer:
        hub = self

        class HubHandler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                hub.requests.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
                answer(self)  # type: ignore[operator]

            do_GET = do_HEAD

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), HubHandler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return server

    def close(self) -> None:
        self.gate.set()
        for server in (self._hub, self._store):
            server.shutdown()
            server.server_close()


def _url(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}"


def _answer(request: BaseHTTPRequestHandler, status: int, headers: dict[str, str]) -> None:
    request.send_response(status)
    for name, value in {"Content-Length": "0", **headers}.items():
        request.send_header(name, value)
    request.end_headers()


@contextmanager
def running() -> Iterator[Hub]:
    hub = Hub()
    try:
        yield hub
    finally:
        hub.close()
