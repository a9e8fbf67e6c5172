"""The application: routes over rooms. Everything that waits for the library runs in a thread."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, FastAPI, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp

from recto import DISTRIBUTION, wire
from recto.errors import RectoError
from recto.server import problems, stream
from recto.server.answers import Desk, explained
from recto.server.bodies import Asked, Typed
from recto.server.deps import House, InRoom
from recto.server.guard import Guard, Rules
from recto.server.metrics import TYPE, Levels, Metrics
from recto.server.model_routes import machine
from recto.server.queue import Line
from recto.server.receiving import received
from recto.server.tenants import Room
from recto.wire import Json

STATIC = Path(__file__).parent / "static"
LONGEST_NAME = 255  # characters of a file's name: what file systems allow
POLL_S = 0.2  # between two looks at the uploads
SWEEP_S = 30.0

Responses = dict[int | str, dict[str, Any]]
Password = Annotated[
    str | None,
    Header(alias="X-Pdf-Password", max_length=1500, description="percent-encoded: headers hold no other text"),
]
PROBLEM = {"description": "A problem (RFC 9457)", "content": {problems.TYPE: {"schema": {"type": "object"}}}}
PICTURE: Responses = {200: {"description": "A PNG", "content": {"image/png": {}}}}
api = APIRouter(prefix="/api", responses={"4XX": PROBLEM, "5XX": PROBLEM})
api.include_router(machine)


def create(house: House, rules: Rules) -> ASGIApp:
    """The application for a house, behind its guard."""
    app = FastAPI(title="recto", version=version(DISTRIBUTION), lifespan=_lifespan, docs_url=None, redoc_url=None)
    metrics = Metrics()
    app.state.house, app.state.desk, app.state.metrics = house, Desk(metrics), metrics
    app.include_router(api)
    app.include_router(_pages())
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_exception_handler(RectoError, problems.of_recto)
    app.add_exception_handler(problems.Refused, problems.of_refusal)
    app.add_exception_handler(ClientDisconnect, problems.of_nobody)
    app.add_exception_handler(OSError, problems.of_system)
    app.add_exception_handler(RequestValidationError, problems.of_validation)
    app.add_exception_handler(HTTPException, problems.of_http)
    return Guard(app, rules, metrics)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    sweeping = asyncio.create_task(_sweep(app.state.house))
    try:
        yield
    finally:
        sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await sweeping
        await run_in_threadpool(app.state.house.close)


async def _sweep(house: House) -> None:
    while True:
        await asyncio.sleep(SWEEP_S)
        await run_in_threadpool(house.sweep)


# --- who one is, and what this server is -----------------------------------------------------------------------------
@api.post("/visitors")
def enter(request: Request) -> Json:
    """Begin a session: in public mode with a library of one's own, deleted when it was left alone."""
    return {"visitor": request.app.state.house.enter(), "public": request.app.state.house.public}


# --- documents -------------------------------------------------------------------------------------------------------
@api.get("/documents")
def documents(room: InRoom) -> list[Json]:
    """All documents, in the order in which they were added."""
    return [wire.listed(document) for document in room.library.documents()]


@api.post("/documents", status_code=202, openapi_extra={"requestBody": {"content": {"application/pdf": {}}}})
async def upload(
    request: Request,
    room: InRoom,
    name: Annotated[str, Query(min_length=1, max_length=LONGEST_NAME)],
    password: Password = None,
) -> Json:
    """Upload a PDF as the body. It is added in the background: see the uploads."""
    left = await run_in_threadpool(room.reserve)
    try:
        path = await received(request, room, left)
        request.app.state.metrics.uploads += 1
        return room.intake.put(Path(name).name or "document.pdf", path, plain(password)).as_json()
    finally:
        room.release()


def plain(password: str | None) -> str | None:
    """The password of a header; an empty one is none."""
    return unquote(password) if password else None


@api.get("/uploads")
def uploads(room: InRoom) -> list[Json]:
    """Files on their way in, and what became of them."""
    return room.intake.snapshot()


@api.get("/uploads/events", response_class=StreamingResponse, responses=stream.EVENTS)
async def upload_events(room: InRoom) -> StreamingResponse:
    """The same whenever it changes, as server-sent events."""
    return stream.response(_changes(room))


async def _changes(room: Room) -> AsyncGenerator[str, None]:
    before: list[Json] | None = None
    quiet = 0.0
    while not room.over:
        now = room.intake.snapshot()
        if now != before:
            before, quiet = now, 0.0
            yield stream.frame("uploads", {"uploads": now})
        elif quiet >= stream.BEAT_S:
            quiet = 0.0
            yield stream.BEAT
        quiet += POLL_S
        await asyncio.sleep(POLL_S)


@api.delete("/uploads/{key}", status_code=204)
def forget(key: str, room: InRoom) -> Response:
    """Forget what became of a file; one that is still on its way stays."""
    room.intake.forget(key)
    return Response(status_code=204)


@api.get("/documents/{doc}")
def one_document(doc: str, room: InRoom) -> Json:
    """A document, with how many of its pages came to their text in which way."""
    document = room.library.document(doc)
    flags = room.library.flags(document.id)
    return {**wire.listed(document), "page_flags": {flag.value: count for flag, count in flags.items()}}


@api.delete("/documents/{doc}", status_code=204)
def remove(doc: str, room: InRoom) -> Response:
    """Forget a document everywhere."""
    room.library.remove(doc)
    room.pictures.forget()
    return Response(status_code=204)


@api.get("/documents/{doc}/pages/{number}")
def page(doc: str, number: int, room: InRoom) -> Json:
    """A page's text and the boxes of its words; pages count from 1."""
    return wire.page(room.library.page(doc, number - 1))


@api.get("/documents/{doc}/pages/{number}/picture", response_class=Response, responses=PICTURE)
def picture(
    doc: str,
    number: int,
    room: InRoom,
    width: Annotated[int, Query(ge=100, le=2400)] = 1200,
    password: Password = None,
) -> Response:
    """A page's clean picture as PNG."""
    data = room.pictures.get(doc, number - 1, width, plain(password))
    kept = "no-store" if password else "private, max-age=3600"
    return Response(data, media_type="image/png", headers={"Cache-Control": kept})


@api.get("/documents/{doc}/pages/{number}/boxes")
def boxes(doc: str, number: int, room: InRoom, start: int, end: int) -> Json:
    """The characters `start:end` of a page's text, and their boxes: what a link to a citation names."""
    found = room.library.page(doc, number - 1)
    return {"quote": found.text[start:end], "boxes": wire.boxes(found.rects(start, end))}


# --- asking ----------------------------------------------------------------------------------------------------------
@api.get("/search")
def search(
    room: InRoom,
    q: Annotated[str, Query(min_length=1, max_length=2000)],
    k: Annotated[int, Query(ge=1, le=100)] = 10,
    doc: Annotated[list[str] | None, Query()] = None,
) -> list[Json]:
    """The pages that match best."""
    room.count_search()
    hits = [wire.hit(hit) for hit in room.library.search(q, k=k, docs=doc or ())]
    return explained(hits, q)


@api.get("/examples")
def examples(room: InRoom, doc: Annotated[list[str] | None, Query()] = None) -> list[str]:
    """Questions to begin with, from the documents' own headings."""
    return room.library.examples(docs=doc or ())


@api.post("/ask", response_class=StreamingResponse, responses=stream.EVENTS)
async def ask(asked: Asked, request: Request, room: InRoom) -> StreamingResponse:
    """Answer as server-sent events: `begun` with an id that stops it, the library's events, `done` last.

    While others are answered, `queued` says now and then how many of those are to end before (`ahead`, exact, first
    come first served) and in about how many seconds that will be (`eta_s`, null while nothing is known).
    """
    room.count_question()
    return stream.response(await request.app.state.desk.answer(room, asked))


@api.post("/ask/{key}/stop", status_code=204)
def stop(key: str, request: Request) -> Response:
    """Stop an answer; what it has said stays said."""
    request.app.state.desk.stop(key)
    return Response(status_code=204)


@api.post("/prepare", status_code=204)
def prepare(typed: Typed, room: InRoom) -> Response:
    """Find and read evidence while a question is being typed."""
    room.count_search()
    room.library.prepare(typed.question, docs=typed.documents, history=typed.history)
    return Response(status_code=204)


# --- the page, and what watches over the process ---------------------------------------------------------------------
def _pages() -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    @router.get("/d/{doc}")
    def index() -> FileResponse:
        return FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})

    @router.get("/healthz")
    def healthy() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    @router.get("/readyz")
    def ready() -> JSONResponse:
        return JSONResponse({"status": "ready"})

    @router.get("/metrics")
    async def metrics(request: Request) -> PlainTextResponse:
        now = await run_in_threadpool(_levels, request.app.state.house, request.app.state.desk.line)
        return PlainTextResponse(request.app.state.metrics.text(now), media_type=TYPE)

    return router


def _levels(house: House, line: Line) -> Levels:
    rooms = house.rooms()
    documents = sum(len(room.library.documents()) for room in rooms)
    return Levels(line.served, line.waiting, sum(len(room.intake.coming()) for room in rooms), documents, len(rooms))
