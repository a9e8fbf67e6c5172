"""The application: routes over rooms. Everything that waits for the library runs in a thread."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

from anyio import CapacityLimiter
from fastapi import APIRouter, Cookie, FastAPI, Header, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import ASGIApp

from recto import DISTRIBUTION, links, wire
from recto.errors import LibraryBusy, LibraryClosed, LibraryDamaged, LibraryProblem
from recto.library import Library
from recto.server import localised, problems, ranges, stream
from recto.server.answers import AnswerService, explained
from recto.server.bodies import AskRequest, PrepareRequest
from recto.server.collection_routes import collections_api
from recto.server.deps import CurrentTenant, KnownTenant, asker
from recto.server.dialects import in_dialect
from recto.server.dify import dify_api
from recto.server.exporting import AT_ONCE, export_api
from recto.server.folder_routes import folders_api
from recto.server.guard import AccessGuard, AccessRules
from recto.server.history_routes import history_api
from recto.server.mcp.door import PATH as MCP
from recto.server.mcp.door import McpDoor
from recto.server.metrics import TYPE, Levels, Metrics
from recto.server.model_routes import models_api
from recto.server.near_routes import near_api
from recto.server.openai.routes import openai_api
from recto.server.openai.vector_stores import vector_stores_api
from recto.server.passwords import Password, plain
from recto.server.receiving import received
from recto.server.removal_routes import removals_api
from recto.server.shard_routes import shard_api
from recto.server.tenants import COOKIE, Tenant, Tenants
from recto.server.use_log import UseLog, UseLogFile, UseLogSettings
from recto.types import Condition
from recto.wire import Json

LONGEST_NAME = 255  # characters of a file's name: what file systems allow
POLL_S = 0.2  # between two looks at the uploads
SWEEP_S = 30.0
MISSING = "Recto-Missing"  # header
NO_LOG = UseLogSettings()

Responses = dict[int | str, dict[str, Any]]
Named = Annotated[list[str] | None, Query(max_length=1000)]  # documents, or collections
AcceptLanguage = Annotated[str, Header()]
PROBLEM = {"description": "A problem (RFC 9457)", "content": {problems.TYPE: {"schema": {"type": "object"}}}}
PICTURE: Responses = {200: {"description": "A PNG", "content": {"image/png": {}}}}
ERRORS: Responses = {"4XX": PROBLEM, "5XX": PROBLEM}
api = APIRouter(prefix="/api", responses=ERRORS, default_response_class=problems.EscapedJson)
api.include_router(models_api)
api.include_router(export_api)
api.include_router(collections_api)
api.include_router(folders_api)
api.include_router(history_api)
api.include_router(removals_api)
pages = APIRouter(include_in_schema=False)


def create(tenants: Tenants, rules: AccessRules, use_log: UseLogSettings = NO_LOG) -> ASGIApp:
    """The application for these tenants, behind its guard; with a log of use if there is a file for it."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(sweep()), asyncio.create_task(mcp.serve())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await run_in_threadpool(tenants.close)

    async def sweep() -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            await run_in_threadpool(tenants.sweep)

    app = FastAPI(title="recto", version=version(DISTRIBUTION), lifespan=lifespan, docs_url=None, redoc_url=None)
    metrics = Metrics()
    app.state.tenants, app.state.metrics = tenants, metrics
    app.state.answers = AnswerService(metrics, public=tenants.public)
    app.state.exports = CapacityLimiter(AT_ONCE)
    app.state.near = rules.near
    for router in (api, near_api, shard_api, openai_api, vector_stores_api, dify_api, pages):
        app.include_router(router)
    mcp = McpDoor(tenants, app.state.answers)
    app.router.routes.append(Route(MCP, mcp, include_in_schema=False))
    app.mount("/static", StaticFiles(directory=localised.STATIC), name="static")
    for kind, handler in problems.HANDLERS:
        app.add_exception_handler(kind, handler)
    guarded = in_dialect(AccessGuard(app, rules, metrics))
    return UseLog(guarded, UseLogFile(use_log.path), with_words=use_log.with_words) if use_log.path else guarded


# --- who one is, and what this server is -----------------------------------------------------------------------------
@api.post("/visitors")
def enter(
    request: Request, response: Response, former: Annotated[str | None, Cookie(alias=COOKIE, max_length=100)] = None
) -> Json:
    """Begin a session: in public mode with a library of one's own, deleted when it was left alone.

    A cookie tells what session a browser has, to this address alone: all of its tabs have the same.
    """
    tenants: Tenants = request.app.state.tenants
    visitor = tenants.enter(former, request.client.host if request.client else "")
    if visitor:
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, visitor, path="/api/visitors", secure=secure, httponly=True, samesite="strict")
    return {"visitor": visitor, "public": tenants.public}


# --- documents -------------------------------------------------------------------------------------------------------
@api.get("/totals")
def totals(tenant: CurrentTenant) -> Json:
    """What the library holds in all, how much of it waits or went wrong, and the bytes that it takes on this disk."""
    conditions = tenant.library.conditions()
    return {
        "documents": len(conditions),
        "pages": sum(own.document.pages for own in conditions),
        "passages": sum(own.passages for own in conditions),
        "unencoded_passages": sum(own.unencoded for own in conditions),
        "troubled": sum(bool(own.problems) for own in conditions),
        "bytes": sum(own.size for own in conditions) if tenant.library.is_part else tenant.library.disk_use,
    }


@api.get("/documents")
def documents(request: Request, tenant: CurrentTenant, collection: Named = None) -> list[Json]:
    """All documents, or those of collections, in the order in which they were added: how each stands, and where it is.

    How it stands: what is wrong with it and what mends that, how its pages came to their text, how many words are
    hidden, how many passages it has and how many of these have no vectors, and the bytes that it takes.
    """
    names, public = tenant.library.collections.of_documents(), request.app.state.tenants.public
    return [
        {**condition_entry(own, public=public), "collections": names.get(own.document.id, [])}
        for own in tenant.library.within(*collection or ()).conditions()
    ]


def condition_entry(condition: Condition, *, public: bool) -> Json:
    """A document and how it stands, as whoever asks may read it."""
    told = tuple(problems.redacted(own, public=public) for own in condition.problems)
    return {**wire.document_entry(condition.document), **wire.condition(replace(condition, problems=told))}


@api.post("/documents", status_code=202, openapi_extra={"requestBody": {"content": {"application/pdf": {}, "*/*": {}}}})
async def upload(
    request: Request,
    tenant: CurrentTenant,
    name: Annotated[str, Query(min_length=1, max_length=LONGEST_NAME)],
    password: Password = None,
    collection: Named = None,
) -> Json:
    """Upload a file as the body: a PDF, or what one can be made of. It is added in the background: see the uploads.

    Once it is added it is in the collections that are named.
    """
    ids = await run_in_threadpool(destinations, tenant, collection or ())
    free = await run_in_threadpool(tenant.reserve)
    try:
        path = await received(request, tenant, name=name, free=free)
        request.app.state.metrics.uploads += 1
        called = Path(name).name or "document.pdf"
        upload = await run_in_threadpool(tenant.accept, called, path, plain(password), ids)
        return upload.as_json()
    finally:
        tenant.release()


def destinations(tenant: Tenant, collections: Sequence[str]) -> list[str]:
    """The ids of the collections that a file is to go into. UnknownCollection; LibraryProblem if it cannot go in."""
    tenant.library.check_writable()
    return [tenant.library.collections.find(name).id for name in collections]


@api.get("/uploads")
def uploads(tenant: KnownTenant) -> list[Json]:
    """Files on their way in, and what became of them."""
    return tenant.uploads.snapshot()


@api.get("/uploads/events", response_class=StreamingResponse, responses=stream.EVENTS)
async def upload_events(tenant: KnownTenant) -> StreamingResponse:
    """The same whenever it changes, as server-sent events."""
    return stream.response(changes(tenant))


async def changes(tenant: Tenant) -> AsyncGenerator[str, None]:
    """The uploads as events whenever they change, until the tenant's time is over."""
    before: list[Json] | None = None
    quiet_s = 0.0
    while not tenant.over:
        now = tenant.uploads.snapshot()
        if now != before:
            before, quiet_s = now, 0.0
            yield stream.frame("uploads", {"uploads": now})
        elif quiet_s >= stream.BEAT_S:
            quiet_s = 0.0
            yield stream.BEAT
        quiet_s += POLL_S
        await asyncio.sleep(POLL_S)


@api.delete("/uploads/{key}", status_code=204)
def forget(key: str, tenant: KnownTenant) -> Response:
    """Forget what became of a file; one that is still on its way stays."""
    tenant.uploads.forget(key)
    return Response(status_code=204)


@api.get("/documents/{doc}")
def one_document(doc: str, request: Request, tenant: CurrentTenant) -> Json:
    """A document and how it stands, as the list of all has it."""
    document = tenant.library.document(doc)
    conditions = (own for own in tenant.library.conditions() if own.document.id == document.id)
    return next(condition_entry(own, public=request.app.state.tenants.public) for own in conditions)


@api.post("/documents/{doc}/reread", status_code=202)
def reread(doc: str, tenant: CurrentTenant, hidden: bool = False, password: Password = None) -> Json:
    """Read a document again from its own bytes, in the background: see the uploads.

    With `hidden` also the text that its pages do not show. It mends what was missing then: OCR, or a font.
    """
    tenant.searches.count()
    tenant.library.check_writable()
    return tenant.uploads.put_again(tenant.library.document(doc), plain(password), hidden=hidden).as_json()


@api.delete("/documents/{doc}", status_code=204)
def remove(doc: str, tenant: CurrentTenant) -> Response:
    """Forget a document everywhere."""
    tenant.library.remove(doc)
    tenant.pictures.delete()
    return Response(status_code=204)


@api.get("/documents/{doc}/pdf", response_class=Response, responses=ranges.PDF)
def pdf(
    doc: str, tenant: CurrentTenant, range_header: ranges.Ranged = None, if_range: ranges.IfRange = None
) -> Response:
    """The PDF itself, or the bytes of it that `Range` names; of another kind of file the PDF that was made of it."""
    document = tenant.library.document(doc)
    return ranges.response(tenant.library.open_pdf(document.id), document, range_header=range_header, if_range=if_range)


@api.get("/documents/{doc}/pages/{number}")
def page_text(doc: str, number: int, tenant: CurrentTenant) -> Json:
    """A page's text and the boxes of its words; pages count from 1."""
    return wire.page(tenant.library.page(doc, number - 1))


@api.get("/documents/{doc}/pages/{number}/picture", response_class=Response, responses=PICTURE)
def picture(
    doc: str,
    number: int,
    tenant: CurrentTenant,
    width: Annotated[int, Query(ge=100, le=2400)] = 1200,
    password: Password = None,
) -> Response:
    """A page's clean picture as PNG."""
    data = tenant.pictures.get(doc, number - 1, width, plain(password))
    caching = "no-store" if password else "private, max-age=3600"
    return Response(data, media_type="image/png", headers={"Cache-Control": caching})


@api.get("/documents/{doc}/pages/{number}/boxes")
def boxes(doc: str, number: int, tenant: CurrentTenant, start: int, end: int) -> Json:
    """The characters `start:end` of a page's text, and their boxes: what a link to a citation names."""
    page = tenant.library.page(doc, number - 1)
    return {"quote": page.text[start:end], "boxes": wire.boxes(page.rects(start, end))}


# --- asking ----------------------------------------------------------------------------------------------------------
@api.get("/search")
def search(
    tenant: CurrentTenant,
    response: Response,
    q: Annotated[str, Query(min_length=1, max_length=2000)],
    k: Annotated[int, Query(ge=1, le=100)] = 10,
    doc: Named = None,
    collection: Named = None,
) -> list[Json]:
    """The pages that match best. The header `Recto-Missing` names shards that did not answer, each in its place."""
    tenant.searches.count()
    began = time.monotonic()
    hits = [wire.hit(hit) for hit in tenant.library.within(*collection or ()).search(q, k=k, docs=doc or ())]
    if missing := tenant.library.missing(began):
        response.headers[MISSING] = " ".join(missing)
    return explained(hits, q)


@api.get("/examples")
def examples(tenant: CurrentTenant, doc: Named = None, collection: Named = None) -> list[str]:
    """Questions to begin with, from the documents' own headings."""
    return tenant.library.within(*collection or ()).examples(docs=doc or ())


@api.post("/ask", response_class=StreamingResponse, responses=stream.EVENTS)
async def ask(question: AskRequest, request: Request, tenant: CurrentTenant) -> StreamingResponse:
    """Answer as server-sent events: `begun` with an id that stops it, the library's events, `done` last.

    While others are answered, `queued` says now and then how many of those are to end before (`ahead`, exact, first
    come first served) and in about how many seconds that will be (`eta_s`, null while nothing is known).
    """
    tenant.questions.count()
    return stream.response(await request.app.state.answers.answer(tenant, question, asker=asker(request)))


@api.post("/ask/{key}/stop", status_code=204)
def stop(key: str, request: Request) -> Response:
    """Stop an answer; what it has said stays said."""
    request.app.state.answers.stop(key)
    return Response(status_code=204)


@api.post("/prepare", status_code=204)
def prepare(draft: PrepareRequest, tenant: CurrentTenant) -> Response:
    """Find and read evidence while a question is being draft."""
    tenant.searches.count()
    part = tenant.library.within(*draft.collections)
    part.prepare(draft.question, docs=draft.documents, history=draft.history)
    return Response(status_code=204)


# --- the page, and what watches over the process ---------------------------------------------------------------------
@pages.get("/")
@pages.get("/d/{doc}")
def index(accept_language: AcceptLanguage = "") -> HTMLResponse:
    """The page in a language that the browser likes, also under the addresses of documents."""
    language = localised.preferred(accept_language)
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Language", "Content-Language": language}
    return HTMLResponse(localised.page(language), headers=headers)


@pages.get("/{name}/{number:int}")
def place(name: str, number: int, accept_language: AcceptLanguage = "") -> HTMLResponse:
    """The page, under the address of a place: it asks itself which document that is."""
    if not links.is_page(f"/{name}/{number}"):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return index(accept_language)


@pages.get("/healthz")
async def healthy() -> JSONResponse:
    """Whether the process lives; asked of no thread, for which it would have to wait."""
    return JSONResponse({"status": "ok"})


@pages.get("/readyz")
def ready(request: Request) -> JSONResponse:
    """Whether it answers questions, from a library that is still where it was."""
    tenants = request.app.state.tenants
    trouble = "" if tenants.public else unready(tenants.tenant(None).library)  # visitors' libraries come and go
    return JSONResponse({"status": trouble or "ready"}, 503 if trouble else 200)


def unready(library: Library) -> str:
    """The kind of problem that keeps a library from answering, empty if there is none."""
    try:
        library.documents()
    except LibraryProblem as problem:  # no shard answers, say
        return problem.kind
    try:
        library.check_writable()
    except (LibraryDamaged, LibraryClosed, LibraryBusy) as problem:
        return problem.kind
    except LibraryProblem:
        pass  # it can be read
    return ""


@pages.get("/metrics")
async def metrics(request: Request) -> PlainTextResponse:
    """What it counts, for Prometheus."""
    tenants = request.app.state.tenants.tenants()
    levels = Levels(
        under_way=request.app.state.answers.queue.served,
        waiting=request.app.state.answers.queue.waiting,
        uploads=sum(len(tenant.uploads.pending()) for tenant in tenants),
        documents=await run_in_threadpool(lambda: sum(tenant.document_count() for tenant in tenants)),
        libraries=len(tenants),
    )
    return PlainTextResponse(request.app.state.metrics.text(levels), media_type=TYPE)
