"""Collections as OpenAI's vector stores: https://platform.openai.com/docs/api-reference/vector-stores."""

from itertools import chain, zip_longest
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from recto.library import Library
from recto.links import page_url
from recto.server import problems
from recto.server.deps import CurrentTenant
from recto.server.dify import score
from recto.server.problems import Refused
from recto.types import Collection, Hit
from recto.wire import Json

vector_stores_api = APIRouter(
    prefix="/v1/vector_stores", include_in_schema=False, default_response_class=problems.EscapedJson
)

Words = Annotated[str, Field(min_length=1, max_length=2000)]


class RankingOptions(BaseModel):
    """How near the question a passage is at least, from 0 to 1."""

    score_threshold: float | None = 0.0


class SearchRequest(BaseModel):
    """A search, as far as it is read; several questions are searched for one by one."""

    query: Words | Annotated[list[Words], Field(min_length=1, max_length=20)]
    max_num_results: Annotated[int, Field(ge=1, le=50)] = 10
    filters: Any = None
    ranking_options: RankingOptions | None = None


@vector_stores_api.get("")
def vector_stores(
    tenant: CurrentTenant,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    order: Literal["asc", "desc"] = "desc",
    after: str = "",
    before: str = "",
) -> Json:
    """The collections, those first that were made last; `after` and `before` are the ids at the edges of a page."""
    stores = sorted(tenant.library.collections.all(), key=lambda own: (own.created, own.id), reverse=order == "desc")
    ids = [own.id for own in stores]
    if after in ids:
        stores = stores[ids.index(after) + 1 :]
    elif before in ids:
        stores = stores[: ids.index(before)][-limit:]
    page = stores[:limit]
    return {
        "object": "list",
        "data": [vector_store(tenant.library, own) for own in page],
        "first_id": page[0].id if page else None,
        "last_id": page[-1].id if page else None,
        "has_more": len(stores) > limit,
    }


@vector_stores_api.get("/{name}")
def one_vector_store(name: str, tenant: CurrentTenant) -> Json:
    """One of them, by its id or its name."""
    return vector_store(tenant.library, tenant.library.collections.find(name))


@vector_stores_api.post("/{name}/search")
def search(name: str, body: SearchRequest, request: Request, tenant: CurrentTenant) -> Json:
    """The pages of a collection that match best, each by its best passage."""
    if body.filters is not None:
        raise Refused(400, "filters", "passages have no attributes to filter by", hint="name another vector store")
    questions = [body.query] if isinstance(body.query, str) else body.query
    part, found = tenant.library.within(name), []
    for question in questions:
        tenant.searches.count()
        found.append(part.search(question, k=body.max_num_results))
    hits = {(hit.document.id, hit.passage.span.page): hit for hit in filter(None, chain(*zip_longest(*found)))}
    least = (body.ranking_options and body.ranking_options.score_threshold) or 0.0
    base = str(request.base_url).rstrip("/")
    data = [result(hit, base) for hit in hits.values() if score(hit) >= least][: body.max_num_results]
    page = {"object": "vector_store.search_results.page", "search_query": questions, "data": data}
    return {**page, "has_more": False, "next_page": None}


def vector_store(library: Library, collection: Collection) -> Json:
    """A collection as clients show it."""
    documents = library.within(collection.id).documents()
    counts = dict.fromkeys(("in_progress", "failed", "cancelled"), 0)
    return {
        "id": collection.id,
        "object": "vector_store",
        "created_at": int(collection.created),
        "name": collection.name,
        "usage_bytes": sum(document.size for document in documents),
        "file_counts": {**counts, "completed": len(documents), "total": len(documents)},
        "status": "completed",
        "expires_after": None,
        "expires_at": None,
        "last_active_at": int(max([collection.created, *(document.added for document in documents)])),
        "metadata": {},
    }


def result(hit: Hit, base: str) -> Json:
    """A hit as clients read it; where it stands is among its attributes, which are flat."""
    span = hit.passage.span
    place = {
        "page": span.page + 1,
        "page_label": hit.label,
        "url": page_url(base, hit.document, span.page, (span.start, span.end)),
    }
    return {
        "file_id": hit.document.id,
        "filename": hit.document.name,
        "score": score(hit),
        "attributes": place,
        "content": [{"type": "text", "text": hit.passage.text}],
    }
