"""Problems in the shape that a door's clients know, whoever refuses: a route, the guard before it, the framework."""

import json
from collections.abc import Callable
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recto import wire
from recto.server import dify
from recto.server.openai import errors as openai
from recto.server.problems import TYPE
from recto.wire import Json

Shape = Callable[[int, str, str, str], Json]  # of a status, a kind, a message and a hint
SHAPES: dict[str, Shape] = {openai.PREFIX: openai.error, dify.PATH: dify.error}


def in_dialect(app: ASGIApp) -> ASGIApp:
    """The application, its problems as clients of the address want them; what is not understood is a 400 there."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        shape = next((shape for prefix, shape in SHAPES.items() if path.startswith(prefix)), None)
        await app(scope, receive, send if shape is None else translated(send, shape))

    return serve


def translated(send: Send, shape: Shape) -> Send:
    """Send problems in another shape; they come in one piece."""
    head: Message | None = None

    async def send_translated(message: Message) -> None:
        nonlocal head
        if message["type"] == "http.response.start" and Headers(scope=message).get("content-type") == TYPE:
            head = message
        elif head is None:
            await send(message)
        else:
            status, body = in_shape(message["body"], head["status"], shape)
            headers = MutableHeaders(scope=head)
            headers["content-type"] = "application/json"
            if body:  # the answer to HEAD has none
                headers["content-length"] = str(len(body))
            await send({**head, "status": status})
            await send({**message, "body": body})

    return send_translated


def in_shape(body: bytes, status: int, shape: Shape) -> tuple[int, bytes]:
    """The status and the body of a problem in another shape."""
    told = HTTPStatus.BAD_REQUEST if status == HTTPStatus.UNPROCESSABLE_ENTITY else status
    if not body:
        return told, body
    problem = json.loads(body)
    return told, wire.text(shape(told, problem["title"], problem["detail"], problem["hint"])).encode()
