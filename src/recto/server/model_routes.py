"""Routes about this machine: what writes here and how fast, choosing another model, fetching one."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from recto import wire
from recto.errors import RectoError
from recto.library import models
from recto.server import problems, stream
from recto.server.bodies import Named
from recto.server.deps import InRoom
from recto.stop import Stop
from recto.wire import Json

machine = APIRouter()


@machine.get("/state")
def state(request: Request, room: InRoom) -> Json:
    """Which model writes here, how fast it is, and what the limits are."""
    choice, why = room.library.current_model()
    speeds, quota, public = room.library.speeds, room.quota, request.app.state.house.public
    return {
        "version": request.app.version,
        "public": public,
        "writer": choice
        and {"home": choice.provider, "model": Path(choice.model).stem, "leaves_machine": choice.hosted},
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


@machine.get("/models")
def list_models(room: InRoom) -> list[Json]:
    """The models that are here or have a name."""
    return [entry.as_json() for entry in models.list_models(room.library.settings)]


@machine.put("/models/writing", status_code=204)
def choose(wanted: Named, request: Request, room: InRoom) -> Response:
    """Let another model write, after a restart, too. `quote` for none, `auto` for the best that is here."""
    _own(request)
    room.library.write_with(wanted.name)
    return Response(status_code=204)


@machine.post("/models/pull", response_class=StreamingResponse, responses=stream.EVENTS)
def pull(wanted: Named, request: Request, room: InRoom) -> StreamingResponse:
    """Fetch a model, saying how far it is, as server-sent events; it stops when the client goes."""
    _own(request)
    return stream.response(_pulling(wanted.name, room))


async def _pulling(name: str, room: InRoom) -> AsyncGenerator[str, None]:
    stop = Stop()
    try:
        bridge = stream.Bridge(lambda: models.pulling(name, room.library.settings, stop), stop.pull)
        async with aclosing(bridge.batches()) as batches:
            async for batch in batches:
                yield "".join(stream.frame("progress", wire.progress(one)) for one in batch[-1:]) or stream.BEAT
    except RectoError as error:
        yield stream.frame("failed", problems.told(error, visitors=False))
    else:
        yield stream.frame("done", {"name": name})


def _own(request: Request) -> None:
    """Refuse visitors: the machine is not theirs."""
    if request.app.state.house.public:
        raise problems.Refused(403, "public", "visitors cannot change which model writes here")
