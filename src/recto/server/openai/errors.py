"""Problems as OpenAI has them, whoever refuses: this API's own routes, the guard before them, or the framework."""

import json
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recto import wire
from recto.server.problems import TYPE
from recto.wire import Json

PREFIX = "/v1/"
CODES = {"token": "invalid_api_key"}  # where they have a name of their own for a kind


def error(status: int, kind: str, message: str, hint: str) -> Json:
    """An error's body."""
    family = "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request_error"
    told = f"{message} ({hint})" if hint else message
    kinds = {HTTPStatus.TOO_MANY_REQUESTS: "rate_limit_error", HTTPStatus.UNAUTHORIZED: "authentication_error"}
    code = CODES.get(kind, kind)
    return {"error": {"message": told, "type": kinds.get(HTTPStatus(status), family), "param": None, "code": code}}


def in_dialect(app: ASGIApp) -> ASGIApp:
    """The application, its problems in OpenAI's shape for clients of that API; one that is not understood is a 400."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        head: Message | None = None

        async def translated(message: Message) -> None:
            nonlocal head
            if message["type"] == "http.response.start" and Headers(scope=message).get("content-type") == TYPE:
                head = message
                return
            if head is None or not message["body"]:  # the answer to HEAD has none
                for part in (head, message):
                    if part is not None:
                        await send(part)
                return
            problem = json.loads(message["body"])  # problems come in one piece
            status = problem["status"] if problem["status"] != HTTPStatus.UNPROCESSABLE_ENTITY else 400
            body = wire.text(error(status, problem["title"], problem["detail"], problem["hint"])).encode()
            headers = MutableHeaders(scope=head)
            headers["content-type"], headers["content-length"] = "application/json", str(len(body))
            await send({**head, "status": status})
            await send({**message, "body": body})

        await app(scope, receive, translated if scope.get("path", "").startswith(PREFIX) else send)

    return serve
