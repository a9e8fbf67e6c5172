"""What `recto ask` on the same machine asks first: whether this is its library's server, and what to know of it."""

import hmac
from dataclasses import astuple
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request

from recto.near import PROOF, STATE, NearServer
from recto.server import problems
from recto.server.deps import CurrentTenant
from recto.server.problems import Refused
from recto.wire import Json

near_api = APIRouter(include_in_schema=False, default_response_class=problems.EscapedJson)


def near_server(request: Request) -> NearServer:
    """What this server said of itself in the library's folder. Refused if it said nothing."""
    server: NearServer | None = request.app.state.near
    if server is None:
        raise Refused(404, "not_found", "this server is found by its address alone")
    return server


@near_api.get(PROOF)
def proof(request: Request, words: Annotated[str, Query(max_length=200)]) -> Json:
    """Whether this is the server that wrote the file: what it makes of words that nobody could foresee."""
    return {"proof": near_server(request).proof(words)}


@near_api.get(STATE)
def state(request: Request, tenant: CurrentTenant, authorization: Annotated[str, Header(max_length=200)] = "") -> Json:
    """What `recto ask` says before an answer, and a mark of who writes: another setting is another answer."""
    server, library = near_server(request), tenant.library
    if not hmac.compare_digest(authorization.encode(), f"Bearer {server.secret}".encode()):
        raise Refused(401, "token", "this is for those who can read the library's folder")
    return {
        "recipient": library.recipient,
        "documents": len(library.documents()),
        "unencoded": len(library.unencoded()),
        "writing": server.proof(repr(astuple(library.settings.writing))),
    }
