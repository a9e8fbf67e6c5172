"""Routes about documents that are removed and can be put back for a while, also after the server is started again."""

import time

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict

from recto import wire
from recto.library import UNDO_S, Library
from recto.server.bodies import Names
from recto.server.deps import CurrentTenant
from recto.wire import Json

removals_api = APIRouter(prefix="/removals")


class Leaving(BaseModel):
    """The documents that are to go, and the newer version, by its id, that takes their place in collections."""

    model_config = ConfigDict(extra="forbid")
    documents: Names
    successor: str = ""


@removals_api.get("")
def removals(tenant: CurrentTenant) -> list[Json]:
    """The documents that can be put back, in the order in which they were added, and for how many seconds."""
    return _entries(tenant.library)


@removals_api.post("")
def remove(body: Leaving, tenant: CurrentTenant) -> list[Json]:
    """Remove documents in one step: no question finds them any more. Which of them can be put back, and how long.

    The others are deleted: of a library on object storage all, and of a token's collections those that are in others.
    """
    tenant.searches.count()
    removed = tenant.library.remove_all(body.documents, undo_s=UNDO_S, successor=body.successor)
    tenant.pictures.delete()
    ids = {document.id for document in removed}
    return [entry for entry in _entries(tenant.library) if entry["id"] in ids]


@removals_api.delete("/{doc}")
def undo(doc: str, tenant: CurrentTenant) -> Json:
    """Put a document back as it was, by its id. Gone if its time is over."""
    tenant.searches.count()
    document = tenant.library.removals.undo(doc)
    tenant.library.catch_up()
    return wire.document_entry(document)


@removals_api.post("/{doc}/finish", status_code=204)
def finish(doc: str, tenant: CurrentTenant) -> Response:
    """Delete a removed document now, by its id: its bytes are overwritten, and nothing brings it back."""
    tenant.searches.count()
    tenant.library.removals.finish(doc)
    return Response(status_code=204)


def _entries(library: Library) -> list[Json]:
    now, names = time.time(), library.collections.of_documents()
    return [
        {
            **wire.document_entry(removal.document),
            "collections": names.get(removal.document.id, []),
            "undo_s": removal.until - now,
        }
        for removal in library.removals.all()
        if removal.until > now
    ]
