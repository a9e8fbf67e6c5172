"""Errors as HTTP answers: problem details (RFC 9457), with the kind and the mending command of recto's own errors."""

import errno
from collections.abc import Callable
from http import HTTPStatus

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Match, Mount

from recto import errors, wire
from recto.errors import (
    AccessDenied,
    BadName,
    BadQuestion,
    DiskFull,
    EmptyCollection,
    EngineMissing,
    EngineProblem,
    FileTooLarge,
    FolderProblem,
    LibraryBusy,
    LibraryClosed,
    LibraryFull,
    LibraryReadOnly,
    ModelMissing,
    NameTaken,
    NotAPdf,
    PasswordNeeded,
    QuoteNotFound,
    RectoError,
    UnknownCollection,
    UnknownDocument,
    UnknownFolder,
    UnknownTurn,
    UsageProblem,
)
from recto.types import Problem

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # the last where a limit on files stands in for the disk's
FORBIDDEN = (errno.EROFS, errno.EACCES, errno.EPERM)
TYPE = "application/problem+json"
METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")  # HEAD is answered wherever GET is
# The first class that an error belongs to decides.
STATUS: tuple[tuple[type[RectoError], int], ...] = (
    (UnknownDocument, 404),
    (UnknownCollection, 404),
    (EmptyCollection, 409),
    (NameTaken, 409),
    (BadName, 422),
    (AccessDenied, 403),
    (UnknownTurn, 404),
    (QuoteNotFound, 404),
    (UnknownFolder, 404),
    (FolderProblem, 409),
    (ModelMissing, 404),
    (FileTooLarge, 413),
    (LibraryFull, 409),
    (LibraryClosed, 410),
    (NotAPdf, 415),
    (PasswordNeeded, 422),
    (BadQuestion, 422),
    (UsageProblem, 400),
    (LibraryBusy, 503),
    (EngineMissing, 503),
    (EngineProblem, 502),
    (LibraryReadOnly, 403),
    (DiskFull, 507),
)
INTERNAL = {
    error.kind: error
    for error in vars(errors).values()
    if isinstance(error, type) and issubclass(error, RectoError) and error.internal
}


class Refused(HTTPException):
    """A request that HTTP itself turns down: who asks, how often, or how much."""

    def __init__(self, status: int, kind: str, message: str, *, hint: str = "", retry_s: int | None = None) -> None:
        super().__init__(status, message)
        self.kind, self.hint, self.retry_s = kind, hint, retry_s


def status_of(error: RectoError) -> int:
    """The HTTP status of an error."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


class EscapedJson(JSONResponse):
    """JSON in which what is not printable is escaped: a client may print it."""

    def render(self, content: object) -> bytes:
        """The body."""
        return wire.text(content).encode()


def answer(status: int, kind: str, message: str, hint: str = "", *, retry_s: int | None = None) -> JSONResponse:
    """A problem as a response."""
    body = {"type": f"urn:recto:{kind}", "title": kind, "status": status, "detail": message, "hint": hint}
    headers = {"Retry-After": str(retry_s)} if retry_s is not None else {}
    return EscapedJson(body, status, headers=headers, media_type=TYPE)


def redacted(problem: Problem, *, public: bool) -> Problem:
    """A problem as whoever asks may read it: in public mode nothing that only the owner of this machine should."""
    error = INTERNAL.get(problem.kind)
    return Problem(problem.kind, error.outline(), "") if public and error else problem


def problem_of(error: RectoError, *, public: bool) -> Problem:
    """An error as whoever asks may read it."""
    return redacted(Problem(error.kind, error.message, error.hint), public=public)


def of_recto(request: Request, error: Exception) -> JSONResponse:
    """Show one of recto's errors."""
    assert isinstance(error, RectoError)
    problem = problem_of(error, public=request.app.state.tenants.public)
    return answer(status_of(error), problem.kind, problem.message, problem.hint)


def of_refusal(_: Request, error: Exception) -> JSONResponse:
    """Show a refusal."""
    assert isinstance(error, Refused)
    return answer(error.status_code, error.kind, error.detail, error.hint, retry_s=error.retry_s)


def of_system(_: Request, error: Exception) -> JSONResponse:
    """Show what the system refuses; people can mend a full disk, and a folder that may not be written."""
    assert isinstance(error, OSError)
    full, forbidden = error.errno in FULL, error.errno in FORBIDDEN
    status, kind = (507, DiskFull.kind) if full else (403, LibraryReadOnly.kind) if forbidden else (500, "system")
    return answer(status, kind, error.strerror or type(error).__name__, LibraryReadOnly.cure if forbidden else "")


def of_validation(_: Request, error: Exception) -> JSONResponse:
    """Show what of a request is not as the API wants it; what was sent is not repeated."""
    assert isinstance(error, RequestValidationError)
    faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
    return answer(422, "bad_request", faults, "read /openapi.json")


def of_nobody(_: Request, error: Exception) -> JSONResponse:
    """Show that the client went before its request was whole, to whoever watches: the client does not see it."""
    assert isinstance(error, ClientDisconnect)
    return answer(400, "cut_off", "the client went before its request was whole")


def of_http(request: Request, error: Exception) -> JSONResponse:
    """Show what the framework refuses: no such address, no such method."""
    assert isinstance(error, HTTPException)
    response = answer(error.status_code, "http", str(error.detail) or HTTPStatus(error.status_code).phrase)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        # All of the address: the framework names the methods of one route alone, and none of a file's.
        routes = [route for route in request.app.routes if not isinstance(route, Mount)]
        scopes = {method: {**request.scope, "method": method} for method in METHODS}
        allowed = {name for name in METHODS for route in routes if route.matches(scopes[name])[0] is Match.FULL}
        methods = allowed | {"HEAD"} if "GET" in allowed else allowed or {"GET", "HEAD"}
        response.headers["Allow"] = ", ".join(sorted(methods))
    return response


HANDLERS: tuple[tuple[type[Exception], Callable[[Request, Exception], JSONResponse]], ...] = (
    (RectoError, of_recto),
    (Refused, of_refusal),
    (ClientDisconnect, of_nobody),
    (OSError, of_system),
    (RequestValidationError, of_validation),
    (HTTPException, of_http),
)
