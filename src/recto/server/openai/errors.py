"""Problems as OpenAI has them."""

from http import HTTPStatus

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
