"""What a router asks of a shard of its library; the library tells which of it may be seen."""

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from recto.server.deps import CurrentTenant
from recto.storage import LOOK_UP

shard_api = APIRouter(include_in_schema=False)


@shard_api.post(LOOK_UP)
async def look_up(request: Request, tenant: CurrentTenant) -> Response:
    """The answer to a look-up."""
    content = await run_in_threadpool(tenant.library.look_up, await request.body())
    return Response(content, media_type="application/octet-stream")
