"""Routes about collections: named sets of documents, listed, made, renamed, filled and deleted."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from recto import wire
from recto.server.bodies import Names
from recto.server.deps import CurrentTenant
from recto.wire import Json

collections_api = APIRouter(prefix="/collections")
Name = Annotated[str, Field(max_length=1000)]  # the library says how long one may be, and why it may not be called so


class NewCollection(BaseModel):
    """What it is to be called, and which documents are in it from the start."""

    model_config = ConfigDict(extra="forbid")
    name: Name
    documents: Names = []


class Renaming(BaseModel):
    """What it is to be called from now on."""

    model_config = ConfigDict(extra="forbid")
    name: Name


class Filling(BaseModel):
    """Documents that come into a collection, and others that leave it."""

    model_config = ConfigDict(extra="forbid")
    add: Names = []
    discard: Names = []


@collections_api.get("")
def collections(tenant: CurrentTenant) -> list[Json]:
    """All collections, by name, with how many documents are in each."""
    return [wire.collection(collection) for collection in tenant.library.collections.all()]


@collections_api.post("", status_code=201)
def create(body: NewCollection, tenant: CurrentTenant) -> Json:
    """Make a collection. Its id stays when it is renamed; either names it in addresses."""
    tenant.searches.count()
    tenant.own()
    ids = [tenant.library.document(name).id for name in body.documents]
    return wire.collection(tenant.library.collections.create(body.name, ids))


@collections_api.get("/{name}")
def one_collection(name: str, tenant: CurrentTenant) -> Json:
    """A collection, with the ids of its documents."""
    collection = tenant.library.collections.find(name)
    docs = [document.id for document in tenant.library.within(collection.id).documents()]
    return {**wire.collection(collection), "members": docs}


@collections_api.patch("/{name}")
def rename(name: str, body: Renaming, tenant: CurrentTenant) -> Json:
    """Call it otherwise."""
    tenant.searches.count()
    return wire.collection(tenant.library.collections.rename(name, body.name))


@collections_api.post("/{name}/documents")
def fill(name: str, body: Filling, tenant: CurrentTenant) -> Json:
    """Put documents of the library in, and take others out, which stay in the library."""
    tenant.searches.count()
    library = tenant.library
    added, discarded = ([library.document(doc).id for doc in docs] for docs in (body.add, body.discard))
    id = library.collections.find(name).id
    library.collections.add(id, added)
    return wire.collection(library.collections.discard(id, discarded))


@collections_api.delete("/{name}", status_code=204)
def delete(name: str, tenant: CurrentTenant) -> Response:
    """Delete a collection; its documents stay in the library."""
    tenant.searches.count()
    tenant.library.collections.delete(name)
    return Response(status_code=204)
