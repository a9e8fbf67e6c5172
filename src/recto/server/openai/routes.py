"""The routes: a question out of a conversation, the library's events in a client's own shape."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect

from recto.errors import RectoError
from recto.library import Library
from recto.server import problems, stream
from recto.server.answers import AnswerService
from recto.server.deps import CurrentTenant, asker
from recto.server.openai.chat import Chat
from recto.server.openai.errors import error as openai_error
from recto.server.openai.reply import Piece, Reply
from recto.server.openai.requests import (
    MODELS,
    RECTO,
    ChatRequest,
    Conversation,
    ResponsesRequest,
    check_model,
    conversation,
)
from recto.server.openai.responses import Responses
from recto.server.tenants import Tenant
from recto.wire import Json

Pieces = AsyncGenerator[Sequence[Piece], None]
LOOK_S = 0.2  # after which it is noticed at the latest that a client has gone

openai_api = APIRouter(prefix="/v1", include_in_schema=False, default_response_class=problems.EscapedJson)


@openai_api.get("/models")
def models(_: CurrentTenant) -> Json:
    """What can be asked."""
    return {"object": "list", "data": [model(name) for name in MODELS]}


@openai_api.get("/models/{name}")
def model(name: str) -> Json:
    """One of them."""
    check_model(name)
    return {"id": name, "object": "model", "created": 0, "owned_by": "recto"}


@openai_api.post("/chat/completions")
async def chat(body: ChatRequest, request: Request, tenant: CurrentTenant) -> Response:
    """Answer the last question of a conversation."""
    check_model(body.model)
    talk, reply = conversation(body.messages), Reply(base=_base(request), streamed=bool(body.stream))
    usage = bool(body.stream_options and body.stream_options.include_usage)
    pieces = await _pieces(request, tenant, talk, reply, writes=body.model == RECTO)
    return await _response(
        request, Chat(body.model, talk.question, reply, usage=usage), pieces, streamed=reply.streamed
    )


@openai_api.post("/responses")
async def responses(body: ResponsesRequest, request: Request, tenant: CurrentTenant) -> Response:
    """The same in the other shape."""
    check_model(body.model)
    talk, reply = conversation(body.messages), Reply(base=_base(request), streamed=bool(body.stream))
    pieces = await _pieces(request, tenant, talk, reply, writes=body.model == RECTO)
    shape = Responses(body.model, talk.question, reply, metadata=body.metadata)
    return await _response(request, shape, pieces, streamed=reply.streamed)


def _base(request: Request) -> str:
    """Where this server is, as the client has it."""
    return str(request.base_url).rstrip("/")


async def _pieces(request: Request, tenant: Tenant, talk: Conversation, reply: Reply, *, writes: bool) -> Pieces:
    """The pieces of an answer, as they come. Refused as `/api/ask` refuses."""
    if talk.said is not None:
        return _said(reply, talk.said)
    tenant.questions.count()
    service: AnswerService = request.app.state.answers
    history = await asyncio.to_thread(Library.as_searched, talk.earlier)
    who = asker(request)
    asking = await service.begin(tenant, talk.question, asker=who, history=history, writes=writes)

    async def pieces() -> Pieces:
        async with aclosing(service.events(asking, asker=who)) as batches:
            async for batch in batches:
                yield [piece for event in batch for piece in reply.add(event)]

    return pieces()


async def _said(reply: Reply, text: str) -> Pieces:
    yield [reply.say(text)]


async def _response(request: Request, shape: Chat | Responses, pieces: Pieces, *, streamed: bool) -> Response:
    """An answer as it comes, or whole; whoever hangs up stops it either way."""
    if streamed:
        return stream.response(frames(request.app.state.answers, shape, pieces))
    collecting = asyncio.create_task(_drained(pieces))
    while not (await asyncio.wait({collecting}, timeout=LOOK_S))[0]:
        if await request.is_disconnected():
            collecting.cancel()
            raise ClientDisconnect
    collecting.result()
    return problems.EscapedJson(shape.whole())


async def _drained(pieces: Pieces) -> None:
    async with aclosing(pieces):
        async for _ in pieces:
            pass


async def frames(service: AnswerService, shape: Chat | Responses, pieces: Pieces) -> AsyncGenerator[str, None]:
    """The events of an answer in a client's shape, also of one that ends in the middle."""
    yield shape.begun()
    try:
        async with aclosing(pieces):
            async for batch in pieces:
                yield "".join(shape.frame(piece) for piece in joined(batch)) or stream.BEAT
    except RectoError as error:
        problem = service.problem(error)
        yield shape.failed(openai_error(problems.status_of(error), problem.kind, problem.message, problem.hint))
    else:
        yield shape.ended()


def joined(pieces: Sequence[Piece]) -> list[Piece]:
    """The same pieces with neighbouring texts in one."""
    merged: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        else:
            merged.append(piece)
    return merged
