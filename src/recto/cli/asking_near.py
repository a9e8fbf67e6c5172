"""`recto ask` through a server of the same library that runs on this machine: it has everything loaded already."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from recto import config, near
from recto.cli.events_from_json import ask_event
from recto.config import Writing
from recto.events import AskEvent
from recto.near import PROOF, STATE, NearServer

ALIVE_S = 2.0  # to prove itself, which takes milliseconds: a server that is busier than that is no help
SILENCE_S = 60.0  # between two signs of life while it answers; it gives one every ten seconds
ASK = "/api/ask"
LOST = (OSError, HTTPException, ValueError, KeyError)  # it has ended, or is none of this version


class ServerLost(Exception):
    """The server ended, or refused, in the middle: who is asked instead answers from the beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearLibrary:
    """What the server says of its library, and the way to ask it."""

    server: NearServer
    recipient: str
    documents: int
    unencoded: int

    @classmethod
    def find(cls, home: Path | None, writing: Writing) -> "NearLibrary | None":
        """The server of this library, if one runs, proves to be it, and lets the same model write."""
        settings = config.load(home)
        server = near.find(settings.home)
        if server is None or settings.key:
            return None
        try:
            words = secrets.token_urlsafe(16)
            if _json(server, f"{PROOF}?{urlencode({'words': words})}")["proof"] != server.proof(words):
                return None
            state = _json(server, STATE, server.secret)
            if state["writing"] != server.proof(repr(astuple(writing))) or not state["documents"]:
                return None
            return cls(
                server=server,
                recipient=state["recipient"],
                documents=state["documents"],
                unencoded=state["unencoded"],
            )
        except LOST:
            return None

    def ask(self, body: dict[str, Any]) -> Iterator[tuple[AskEvent, int | None]]:
        """The events of an answer, the last with the turn that it was kept as.

        ServerLost if it does not come, or breaks off; leaving it stops the model.
        """
        connection = HTTPConnection(self.server.host, self.server.port, timeout=SILENCE_S)
        try:
            connection.request("POST", ASK, json.dumps(body), _headers(self.server.secret))
            response = connection.getresponse()
            if response.status != 200:
                raise ServerLost
            yield from _events(response)
        except LOST as error:
            raise ServerLost from error
        finally:
            connection.close()


def _events(response: HTTPResponse) -> Iterator[tuple[AskEvent, int | None]]:
    """The events until `done`; ServerLost if they end before it, or with an error: asked anew, it is told in full."""
    name = ""
    for line in response:
        field, _, value = line.decode().rstrip("\n").partition(": ")
        if field == "event":
            name = value
        elif field == "data" and name == "failed":
            raise ServerLost
        elif field == "data" and (event := ask_event(name, content := json.loads(value))):
            yield event, content.get("turn")
            if name == "done":
                return
    raise ServerLost


def _json(server: NearServer, path: str, secret: str = "") -> dict[str, Any]:
    connection = HTTPConnection(server.host, server.port, timeout=ALIVE_S)
    try:
        connection.request("GET", path, headers=_headers(secret))
        value = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    if not isinstance(value, dict):
        raise ValueError(path)
    return value


def _headers(secret: str) -> dict[str, str]:
    return {"Content-Type": "application/json", **({"Authorization": f"Bearer {secret}"} if secret else {})}
