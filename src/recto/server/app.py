"""The application: routes over rooms. Everything that waits for the library runs in a thread."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
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
from starlette.types import ASGIApp

from recto import wire
from recto.errors import FileTooLarge, NotAPdf, RectoError
from recto.server import problems, stream
from recto.server.asking import Desk, explained
from recto.server.bodies import Asked, Typed
from recto.server.entrance import House, InRoom
from recto.server.guard import Guard, Rules
from recto.server.machine import machine
from recto.server.metrics import Metrics
from recto.server.visitors import Room
from recto.wire import Json

STATIC = Path(__file__).parent / "static"
HEAD = 1024  # bytes in which the mark of a PDF must stand
MARK = b"%PDF-"
LONGEST_NAME = 200  # characters of a file's name
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
    app = FastAPI(title="recto", version=version("recto"), lifespan=_lifespan, docs_url=None, redoc_url=None)
    app.state.house, app.state.desk, app.state.metrics = house, Desk(), Metrics()
    app.state.began = time.monotonic()
    app.include_router(api)
    app.include_router(_pages())
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_exception_handler(RectoError, problems.of_recto)
    app.add_exception_handler(problems.Refused, problems.of_refusal)
    app.add_exception_handler(OSError, problems.of_system)
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
    await run_in_threadpool(room.check_room)
    path = await _received(request, room)
    return room.intake.put(Path(name).name or "document.pdf", path, plain(password)).as_json()


def plain(password: str | None) -> str | None:
    """The password of a header; an empty one is none."""
    return unquote(password) if password else None


async def _received(request: Request, room: Room) -> Path:
    """Write the body to disk, no more of it than may come; refuse what is no PDF at its first bytes."""
    limit = room.quota.megabytes * 1_000_000
    too_large = FileTooLarge(f"the file is larger than {room.quota.megabytes} MB", hint="split it: qpdf --split-pages")
    if int(request.headers.get("content-length") or 0) > limit:
        raise too_large
    room.folder.mkdir(parents=True, exist_ok=True)
    head, size = b"", 0
    with ExitStack() as undo:
        file = undo.enter_context(
            tempfile.NamedTemporaryFile(dir=room.folder, prefix="upload-", suffix=".pdf", delete=False)
        )
        path = Path(file.name)
        undo.callback(path.unlink, missing_ok=True)
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
        file.close()
        undo.pop_all()  # it came whole: it stays
    return path


@api.get("/uploads")
def uploads(room: InRoom) -> list[Json]:
    """Files on their way in, and what became of them."""
    return room.intake.snapshot()


@api.get("/uploads/events", response_class=StreamingResponse, responses=stream.EVENTS)
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
    hits = [wire.hit(hit) for hit in room.library.search(q, k=k, docs=doc or ())]
    return explained(hits, q)


@api.get("/examples")
def examples(room: InRoom, doc: Annotated[list[str] | None, Query()] = None) -> list[str]:
    """Questions to begin with, from the documents' own headings."""
    return room.library.examples(docs=doc or ())


@api.post("/ask", response_class=StreamingResponse, responses=stream.EVENTS)
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
