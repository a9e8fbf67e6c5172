"""`/mcp` of the server: Streamable HTTP without sessions, so that a restart matters to nobody."""

import asyncio
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from recto.server import problems
from recto.server.answers import AnswerService
from recto.server.deps import asker
from recto.server.guard import ACCESS
from recto.server.tenants import HEADER, Tenants

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from recto.server.mcp.tools import Caller

PATH = "/mcp"


class McpDoor:
    """An application for one address. The SDK, which takes as long to import as all else, is so by the first request.

    Who may come in, from which page and with how long a body, the guard around the server decides for all addresses.
    """

    def __init__(self, tenants: Tenants, answers: AnswerService) -> None:
        self._tenants, self._answers = tenants, answers
        self._needed = asyncio.Event()
        self._manager: asyncio.Future[StreamableHTTPSessionManager] | None = None

    async def serve(self) -> None:
        """Serve until cancelled; the task that the server's lifespan has for it."""
        self._manager = asyncio.get_running_loop().create_future()
        await self._needed.wait()
        try:
            manager: StreamableHTTPSessionManager = await run_in_threadpool(self._load)
        except Exception as error:
            self._manager.set_exception(error)
            raise
        async with manager.run():
            self._manager.set_result(manager)
            await asyncio.Event().wait()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request. There is no stream for what comes by itself: nothing does, and it would stay open."""
        if scope["method"] == "GET":
            refusal = problems.answer(405, "http", "nothing is sent here by itself", "send requests by POST")
            refusal.headers["Allow"] = "POST"
            await refusal(scope, receive, send)
            return
        assert self._manager is not None, "the server's lifespan has not begun"
        self._needed.set()
        manager = await asyncio.shield(self._manager)
        await manager.handle_request(scope, receive, send)

    def _load(self) -> "StreamableHTTPSessionManager":
        manager = import_module("mcp.server.streamable_http_manager").StreamableHTTPSessionManager
        service = import_module("recto.server.mcp.service").service
        # No JSON in place of streams: progress would be lost, on which some clients wait.
        return manager(app=service(self._caller), stateless=True)  # type: ignore[no-any-return]

    async def _caller(self, request: object) -> "Caller":
        assert isinstance(request, Request)
        caller = import_module("recto.server.mcp.tools").Caller
        find = partial(self._tenants.tenant, request.headers.get(HEADER), request.scope.get(ACCESS))
        return caller(  # type: ignore[no-any-return]
            tenant=await run_in_threadpool(find),
            answers=self._answers,
            base=str(request.base_url).rstrip("/"),
            asker=asker(request),
            public=self._tenants.public,
        )
