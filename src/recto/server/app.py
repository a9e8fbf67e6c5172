"""The application: routes over rooms. Everything that waits for the library runs in a thread."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from recto import wire
from recto.errors import FileTooLarge, NotAPdf, RectoError
from recto.library import models
from recto.server import problems, stream
from recto.server.asking import Desk
from recto.server.bodies import Asked, Typed
from recto.server.guard import Guard, Rules
from recto.server.metrics import Metrics
from recto.server.visitors import HEADER, Private, Public, Room
from recto.wire import Json

STATIC = Path(__file__).parent / "static"
HEAD = 1024  # bytes in which the mark of a PDF must stand
MARK = b"%PDF-"
LONGEST_NAME = 200  # characters of a file's name
POLL_S = 0.2  # between two looks at the uploads
SWEEP_S = 30.0

House = Private | Public
Responses = dict[int | str, dict[str, Any]]
Visitor = Annotated[str | None, Header(alias=HEADER, max_length=100)]
Password = Annotated[str | None, Header(alias="X-Pdf-Password", max_length=500)]
PROBLEM = {"description": "A problem (RFC 9457)", "content": {problems.TYPE: {"schema": {"type": "object"}}}}
EVENTS: Responses = {200: {"description": "Server-sent events", "content": {"text/event-stream": {}}}}
PICTURE: Responses = {200: {"description": "A PNG", "content": {"image/png": {}}}}
api = APIRouter(prefix="/api", responses={"4XX": PROBLEM, "5XX": PROBLEM})


def create(house: House, rules: Rules) -> ASGIApp:
    """The application for a house, behind its guard."""
    app = FastAPI(title="recto", version=version("recto"), lifespan=_lifespan, docs_url=None, redoc_url=None)
    app.state.house, app.state.desk, app.state.metrics = house, Desk(), Metrics()
    app.state.began = time.monotonic()
    app.include_router(api)
    app.include_router(_pages())
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_exception_handler(RectoError, problems.of_recto)
    app.add_exception_handler(problems.Refused, problems.of_refusal)
    app.add_exception_handler(RequestValidationError, problems.of_validation)
    app.add_exception_handler(HTTPException, problems.of_http)
    return Guard(app, rules)


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


def _room(request: Request, visitor: Visitor = None) -> Room:
    house: House = request.app.state.house
    return house.room(visitor)


InRoom = Annotated[Room, Depends(_room)]


# --- who one is, and what this server is -----------------------------------------------------------------------------
@api.post("/visitors")
def enter(request: Request) -> Json:
    """Begin a session: in public mode with a library of one's own, deleted when it was left alone."""
    return {"visitor": request.app.state.house.enter(), "public": request.app.state.house.public}


@api.get("/state")
def state(request: Request, room: InRoom) -> Json:
    """Which model writes here, and what the limits are."""
    chosen, why = models.chosen(room.library.settings)
    quota = room.quota
    return {
        "version": request.app.version,
        "public": request.app.state.house.public,
        "writer": chosen and {"home": chosen.home, "model": Path(chosen.model).stem, "leaves_machine": chosen.hosted},
        "why": why,
        "limits": {"megabytes": quota.megabytes, "documents": quota.documents, "pages": quota.pages},
    }


@api.get("/models")
def list_models(room: InRoom) -> list[Json]:
    """The models that are here or have a name."""
    return [asdict(entry) for entry in models.listed(room.library.settings)]


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
    await run_in_threadpool(room.check_room)
    path = await _received(request, room)
    return room.intake.put(Path(name).name or "document.pdf", path, password).as_json()


async def _received(request: Request, room: Room) -> Path:
    """Write the body to disk, no more of it than may come; refuse what is no PDF at its first bytes."""
    limit = room.quota.megabytes * 1_000_000
    too_large = FileTooLarge(f"the file is larger than {room.quota.megabytes} MB", hint="split it: qpdf --split-pages")
    if int(request.headers.get("content-length") or 0) > limit:
        raise too_large
    room.folder.mkdir(parents=True, exist_ok=True)
    head, size = b"", 0
    with tempfile.NamedTemporaryFile(dir=room.folder, prefix="upload-", suffix=".pdf", delete=False) as file:
        path = Path(file.name)
        try:
            async for chunk in request.stream():
                size += len(chunk)
                if size > limit:
                    raise too_large
                if len(head) < HEAD:
                    head += chunk[: HEAD - len(head)]
                    if len(head) == HEAD and MARK not in head:
                        raise NotAPdf(f"this is no PDF: no {MARK.decode()} mark in its first {HEAD} bytes")
                await run_in_threadpool(file.write, chunk)
            if MARK not in head:
                raise NotAPdf(f"this is no PDF ({size} bytes)" if size else "the file is empty (0 bytes)")
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return path


@api.get("/uploads")
def uploads(room: InRoom) -> list[Json]:
    """Files on their way in, and what became of them."""
    return room.intake.snapshot()


@api.get("/uploads/events", response_class=StreamingResponse, responses=EVENTS)
async def upload_events(room: InRoom) -> StreamingResponse:
    """The same whenever it changes, as server-sent events."""
    return stream.response(_changes(room))


async def _changes(room: Room) -> AsyncIterator[str]:
    before: list[Json] | None = None
    quiet = 0.0
    while True:
        now = room.intake.snapshot()
        if now != before:
            before, quiet = now, 0.0
            yield stream.frame("uploads", {"uploads": now})
        elif quiet >= stream.BEAT_S:
            quiet = 0.0
            yield stream.beat()
        quiet += POLL_S
        await asyncio.sleep(POLL_S)


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
    data = room.pictures.get(doc, number - 1, width, password)
    return Response(data, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})


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
    return [wire.hit(hit) for hit in room.library.search(q, k=k, docs=doc or ())]


@api.post("/ask", response_class=StreamingResponse, responses=EVENTS)
async def ask(asked: Asked, request: Request, room: InRoom) -> StreamingResponse:
    """Answer as server-sent events: `begun` with an id that stops it, the library's events, `done` last."""
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
    def metrics(request: Request) -> PlainTextResponse:
        desk = request.app.state.desk
        text = request.app.state.metrics.text(len(desk.under_way), desk.waiting)
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4")

    return router
