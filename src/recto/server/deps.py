"""What every route of the API is given first: the tenant who asks."""

from typing import Annotated

from fastapi import Depends, Header, Request

from recto.server.tenants import HEADER, Tenant, Tenants

Visitor = Annotated[str | None, Header(alias=HEADER, max_length=100)]


def current_tenant(request: Request, visitor: Visitor = None) -> Tenant:
    """The tenant of a request. Refused if a visitor's time is over."""
    tenants: Tenants = request.app.state.tenants
    return tenants.tenant(visitor)


CurrentTenant = Annotated[Tenant, Depends(current_tenant)]
