"""A log of use: who came, when, by which door, what became of it and how long it took. A JSON object a line."""

import json
import logging
import os
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recto import wire
from recto.errors import BadSetting
from recto.server.guard import ACCESS, OWNER
from recto.wire import Json

BYTES, FILES = 5_000_000, 3  # of one file, and so many older ones
READ = 65_536  # bytes of a request in which its question is looked for
DOORS = (("/api/", "api"), ("/v1/", "openai"), ("/mcp", "mcp"), ("/retrieval", "dify"), ("/metrics", "metrics"))
NAMELESS = ("/mcp", "/metrics")  # what answers without a route of FastAPI's, and before there is one
UNLOGGED = ("/static/", "/healthz", "/readyz")  # what a page and a watchdog ask for all the time


@dataclass(frozen=True, slots=True)
class UseLogSettings:
    """The file, if there is to be a log, and whether it holds the words of questions."""

    path: Path | None = None
    with_words: bool = False

    def check(self, *, encrypted: bool) -> None:
        """BadSetting if words of an encrypted library would reach the disk."""
        if self.path and self.with_words and encrypted:
            what = "the library is encrypted and the log of use is not, so it may hold no words of questions"
            raise BadSetting(what, hint="leave out --use-log-words")


class UseLogFile(RotatingFileHandler):
    """The file, which its owner alone may read. A full disk ends no request."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=BYTES, backupCount=FILES, encoding="utf-8")
        self.setFormatter(logging.Formatter("%(message)s"))

    def _open(self):  # type: ignore[no-untyped-def]  # noqa: ANN202 - as logging has it
        file = super()._open()
        os.chmod(self.baseFilename, 0o600)  # noqa: PTH101
        return file

    def handleError(self, record: logging.LogRecord) -> None:
        """Nothing: what cannot be written is lost."""


class UseLog:
    """Middleware around everything; the questions themselves are left out unless they are `with_words`."""

    def __init__(self, app: ASGIApp, file: logging.Handler, *, with_words: bool) -> None:
        self._app, self._file, self._with_words = app, file, with_words

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, and log it once the answer has gone out."""
        path = scope.get("path", "")
        if scope["type"] == "lifespan":
            with closing(self._file):
                await self._app(scope, receive, send)
            return
        if path.startswith(UNLOGGED):
            await self._app(scope, receive, send)
            return
        began, status, body = time.monotonic(), 0, b""

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        async def reading() -> Message:
            nonlocal body
            message = await receive()
            if self._with_words and len(body) < READ:
                body += message.get("body", b"")
            return message

        try:
            await self._app(scope, reading, noting)
        finally:
            value = entry(scope, status, time.monotonic() - began)
            if self._with_words and (question := asked(body, scope["query_string"])):
                value["question"] = question
            self._file.handle(logging.makeLogRecord({"msg": "%s", "args": (wire.text(value),)}))


def entry(scope: Scope, status: int, seconds: float) -> Json:
    """A line: of addresses their pattern, as the names of documents are words, too."""
    path = scope["path"]
    return {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "who": getattr(scope.get(ACCESS), "name", None) or scope.get(OWNER, "nobody"),
        "door": next((name for start, name in DOORS if path.startswith(start)), "page"),
        "request": f"{scope['method']} {pattern(scope)}".rstrip(),
        "status": status,
        "seconds": round(seconds, 3),
    }


def pattern(scope: Scope) -> str:
    """The address without what is somebody's own; empty if it is none of ours, or its asker did not come in."""
    if scope["path"] in NAMELESS:
        return str(scope["path"])
    inner = getattr(scope.get("route"), "path", "").split("/")  # of a router in another one, without that one's prefix
    outer = scope["path"].split("/")
    return "/".join([*outer[: len(outer) - len(inner) + 1], *inner[1:]]) if inner[1:] else ""


def asked(body: bytes, query: bytes) -> str:
    """The question of a request, whatever the door; empty if it has none."""
    try:
        value = json.loads(body or b"null")
    except ValueError:
        value = None
    match value:
        case {"question": str(text)} | {"query": str(text)} | {"input": str(text)}:
            return text
        case {"params": {"arguments": {"question": str(text)} | {"query": str(text)}}}:
            return text
        case {"messages": [*_, {"content": str(text)}]}:
            return text
        case _:
            return parse_qs(query.decode("latin-1")).get("q", [""])[0]
