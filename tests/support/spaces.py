"""As much of the Hugging Face hub on loopback as making a Space needs; it keeps what it is given."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SPACE = "somebody/papers"
TOKEN = "hf_a_token_that_may_write"


class Spaces:
    """What it was given, by kind."""

    def __init__(self) -> None:
        self.created: dict[str, Any] = {}
        self.variables: dict[str, str] = {}
        self.secrets: dict[str, str] = {}
        self.volumes: list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        self.other_paths: list[str] = []  # what else was asked for
        self.is_free = False  # whether the account has no paid plan
        hub = self

        class SpacesHandler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                allowed = self.headers.get("Authorization") == f"Bearer {TOKEN}"
                status, answer = hub.answer(self.path, body) if allowed else (401, {"error": "Invalid token"})
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_PUT = do_POST

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), SpacesHandler)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, path: str, body: bytes) -> tuple[int, Any]:
        """Do what a request asks."""
        api = f"/api/spaces/{SPACE}"
        if path == "/api/repos/create" and self.is_free:
            return 402, {"error": "Static Spaces are free, this one requires a subscription"}
        if path == "/api/repos/create":
            self.created = json.loads(body)
            return 200, {"url": f"{self.url}/spaces/{SPACE}", "name": SPACE}
        if path == "/api/validate-yaml":
            return 200, {"errors": [], "warnings": []}
        if path in (f"{api}/variables", f"{api}/secrets"):
            variable = json.loads(body)
            variables = self.variables if path.endswith("variables") else self.secrets
            variables[variable["key"]] = variable["value"]
            return 200, {}
        if path == f"{api}/volumes":
            self.volumes = json.loads(body)["volumes"]
            return 200, {}
        if path.startswith(f"{api}/preupload/"):
            files = json.loads(body)["files"]
            return 200, {
                "files": [{"path": file["path"], "uploadMode": "regular", "shouldIgnore": False} for file in files]
            }
        if path.startswith(f"{api}/commit/"):
            return 200, self._commit(body)
        self.other_paths.append(path)
        return 404, {"error": f"no such address: {path}"}

    def _commit(self, body: bytes) -> dict[str, Any]:
        for line in map(json.loads, body.splitlines()):
            if line["key"] == "file":
                self.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
        return {"success": True, "commitOid": "0" * 40, "commitUrl": f"{self.url}/spaces/{SPACE}/commit/{'0' * 40}"}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def running() -> Iterator[Spaces]:
    """The hub, while the block runs."""
    hub = Spaces()
    try:
        yield hub
    finally:
        hub.close()
