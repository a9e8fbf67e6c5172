"""Routes about folders that are kept in step: what each is at, starting, stopping and forgetting one.

A client names a folder by an id, never by its path: which folders of this machine are read is decided where the server
is started (`recto serve --folder`, `RECTO_FOLDERS`) or `recto sync` is run, and not on a page.
"""

from fastapi import APIRouter, Request, Response

from recto.server.bodies import FolderRequest
from recto.server.deps import CurrentTenant
from recto.server.problems import Refused
from recto.server.tenants import Tenant
from recto.wire import Json

folders_api = APIRouter(prefix="/folders")


@folders_api.get("")
def list_folders(request: Request, tenant: CurrentTenant) -> list[Json]:
    """The folders that are kept in step with the library, by path, and what each is at; none in public mode."""
    return [] if request.app.state.tenants.public else tenant.folders.snapshot()


@folders_api.post("/{key}/start", status_code=204)
def start(key: str, request: Request, tenant: CurrentTenant) -> Response:
    """Keep a folder in step, also after the server is started again."""
    _owned(request, tenant).folders.start(key)
    return Response(status_code=204)


@folders_api.post("/{key}/stop", status_code=204)
def stop(key: str, request: Request, tenant: CurrentTenant) -> Response:
    """Leave a folder as it is, also after the server is started again, unless that names it."""
    _owned(request, tenant).folders.stop(key)
    return Response(status_code=204)


@folders_api.put("/{key}", status_code=204)
def decide(key: str, folder: FolderRequest, request: Request, tenant: CurrentTenant) -> Response:
    """Let documents go with their files from now on, or not."""
    _owned(request, tenant).folders.decide(key, folder.deletes)
    return Response(status_code=204)


@folders_api.delete("/{key}", status_code=204)
def forget(key: str, request: Request, tenant: CurrentTenant) -> Response:
    """Leave a folder for good; its documents stay, as if they had been added by hand."""
    _owned(request, tenant).folders.forget(key)
    return Response(status_code=204)


def _owned(request: Request, tenant: Tenant) -> Tenant:
    """Refuse visitors: the machine is not theirs."""
    if request.app.state.tenants.public:
        raise Refused(403, "public", "visitors cannot keep folders of this machine in step")
    return tenant
