"""Dify's external knowledge: https://docs.dify.ai/en/guides/knowledge-base/external-knowledge-api."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from recto import wire
from recto.errors import UnknownCollection, UnknownDocument
from recto.library import Library
from recto.links import page_url
from recto.server import problems
from recto.server.deps import CurrentTenant
from recto.types import Hit
from recto.wire import Json

PATH = "/retrieval"
EVERYTHING = "recto"  # the knowledge that is all documents; any other is a collection, or one document
CODES = {"token": 1002, "unknown_document": 2001, "unknown_collection": 2001}  # Dify's own, for what it knows
dify_api = APIRouter(include_in_schema=False, default_response_class=problems.EscapedJson)


class RetrievalSetting(BaseModel):
    """How many passages, and how near the question at least."""

    top_k: Annotated[int, Field(ge=1, le=100)] = 5
    score_threshold: float | None = 0.0


class RetrievalRequest(BaseModel):
    """A request, as far as it is read."""

    knowledge_id: str = EVERYTHING
    query: Annotated[str, Field(min_length=1, max_length=2000)]
    retrieval_setting: RetrievalSetting = RetrievalSetting()


@dify_api.post(PATH)
def retrieve(body: RetrievalRequest, request: Request, tenant: CurrentTenant) -> Json:
    """The pages that match best, each by its best passage."""
    tenant.searches.count()
    library, docs = knowledge(tenant.library, body.knowledge_id)
    hits = library.search(body.query, k=body.retrieval_setting.top_k, docs=docs)
    least, base = body.retrieval_setting.score_threshold or 0.0, str(request.base_url).rstrip("/")
    return {"records": [record(hit, base) for hit in hits if score(hit) >= least]}


def knowledge(library: Library, name: str) -> tuple[Library, Sequence[str]]:
    """The part of a library that is called so, and the documents of it. UnknownCollection if nothing is."""
    if name in ("", EVERYTHING):
        return library, ()
    try:
        return library.within(name), ()
    except UnknownCollection:
        with suppress(UnknownDocument):
            return library, (library.document(name).id,)
        raise


def score(hit: Hit) -> float:
    """The cosine of question and passage: the one of a hit's figures that has the scale of Dify's, from 0 to 1."""
    return min(1.0, max(0.0, hit.cosine or 0.0))


def record(hit: Hit, base: str) -> Json:
    """A hit as Dify has it."""
    span = hit.passage.span
    url = page_url(base, hit.document, span.page, (span.start, span.end))
    metadata = {"document_id": hit.document.id, "page": span.page + 1, "page_label": hit.label, "url": url}
    return {
        "content": hit.passage.text,
        "score": score(hit),
        "title": f"{hit.document.name} p. {span.page + 1}",
        "metadata": {**metadata, "boxes": wire.boxes(hit.rects)},
    }


def error(status: int, kind: str, message: str, hint: str) -> Json:
    """An error's body."""
    return {"error_code": CODES.get(kind, status), "error_msg": f"{message} ({hint})" if hint else message}
