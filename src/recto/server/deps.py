"""What every route of the API is given first: the tenant who asks."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Header, Request
from starlette.concurrency import run_in_threadpool

from recto.server.connections import network
from recto.server.guard import ACCESS
from recto.server.tenants import HEADER, Tenant, Tenants

Visitor = Annotated[str | None, Header(alias=HEADER, max_length=100)]


async def known_tenant(request: Request, visitor: Visitor = None) -> Tenant:
    """The tenant of a request, whose library may sleep. Refused if a visitor's time is over."""
    tenants: Tenants = request.app.state.tenants
    if access := request.scope.get(ACCESS):
        return await run_in_threadpool(tenants.tenant, visitor, access)
    return tenants.tenant(visitor)


KnownTenant = Annotated[Tenant, Depends(known_tenant)]


def asker(request: Request) -> str:
    """Who asks: one household or machine, whose questions wait for each other before they hold up others."""
    return network(request.client.host) if request.client else ""


def current_tenant(tenant: KnownTenant) -> Iterator[Tenant]:
    """The same, whose library stays open until the answer has gone out."""
    with tenant.awake():
        yield tenant


CurrentTenant = Annotated[Tenant, Depends(current_tenant)]
