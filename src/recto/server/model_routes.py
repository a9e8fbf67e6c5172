"""Routes about this machine: what writes here and how fast, choosing another model, fetching one."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from recto import wire
from recto.errors import AccessDenied, ModelMissing, RectoError
from recto.library import models
from recto.model_ref import AUTO, QUOTE
from recto.server import problems, stream
from recto.server.bodies import ModelRequest
from recto.server.deps import CurrentTenant
from recto.server.tenants import Tenant
from recto.stop import Stop
from recto.wire import Json

models_api = APIRouter()


@models_api.get("/state")
def state(request: Request, tenant: CurrentTenant) -> Json:
    """Which model writes here, how fast it is, and what the limits are."""
    choice, why = tenant.library.current_model()
    writer = choice and {
        "home": choice.provider,
        "model": Path(choice.model).stem,
        "leaves_machine": choice.hosted,
    }
    speeds, quota, public = tenant.library.speeds, tenant.quota, request.app.state.tenants.public
    return {
        "version": request.app.version,
        "public": public,
        "undo": tenant.library.removals.offered,  # whether what is removed can be put back for a while
        "writer": writer,
        "why": "the owner of this server decides" if public else why,
        "speeds": speeds and asdict(speeds),
        "limits": {
            "megabytes": quota.megabytes,
            "total_megabytes": quota.total_megabytes,
            "documents": quota.documents,
            "pages": quota.pages,
            "questions_a_minute": quota.questions_a_minute,
            "searches_a_minute": quota.searches_a_minute,
        },
    }


@models_api.get("/models")
def list_models(tenant: CurrentTenant) -> list[Json]:
    """The models that are here or have a name."""
    return [entry.as_json() for entry in models.list_models(tenant.library.settings)]


@models_api.put("/models/writing", status_code=204)
def choose(model: ModelRequest, request: Request, tenant: CurrentTenant) -> Response:
    """Let another model write, after a restart, too. `quote` for none, `auto` for the best that is here.

    Only what `/api/models` lists has a name here: a path would tell which files this machine holds.
    """
    _check_owner(request, tenant)
    if model.name not in (AUTO, QUOTE, *(entry.name for entry in models.list_models(tenant.library.settings))):
        raise ModelMissing(f"{model.name!r} is not among the models of this server", hint="GET /api/models lists them")
    tenant.library.write_with(model.name)
    return Response(status_code=204)


@models_api.post("/models/pull", response_class=StreamingResponse, responses=stream.EVENTS)
def pull(model: ModelRequest, request: Request, tenant: CurrentTenant) -> StreamingResponse:
    """Fetch a model, saying how far it is, as server-sent events; it stops when the client goes."""
    _check_owner(request, tenant)
    brake = Stop()

    async def frames() -> AsyncGenerator[str, None]:
        bridge = stream.Bridge(lambda: models.pulling(model.name, tenant.library.settings, brake), brake.pull)
        try:
            async with aclosing(bridge.batches()) as batches:
                async for batch in batches:
                    newest = batch[-1:]
                    yield "".join(stream.frame("progress", wire.progress(event)) for event in newest) or stream.BEAT
        except RectoError as error:
            yield stream.frame("failed", wire.problem(problems.problem_of(error, public=False)))
        else:
            yield stream.frame("done", {"name": model.name})

    return stream.response(frames())


def _check_owner(request: Request, tenant: Tenant) -> None:
    """Refuse visitors, and who sees a part of the library: the machine is not theirs."""
    if request.app.state.tenants.public:
        raise problems.Refused(403, "public", "visitors cannot change which model writes here")
    if tenant.library.is_part:
        raise AccessDenied("this token cannot change which model writes here", hint="ask the owner of the server")
