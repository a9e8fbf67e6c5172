"""Clients of the Model Context Protocol: the SDK's own, and what stands below them on the wire."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx2
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

Json = dict[str, Any]
T = TypeVar("T")
ACCEPT = {"accept": "application/json, text/event-stream"}
OLD = "2025-06-18"


def over_http(port: int, act: Callable[[Client], Awaitable[T]], mode: str = "auto") -> T:
    """What a client of the SDK gets from `/mcp`; `legacy` is one of before 2026-07-28."""

    async def scene() -> T:
        async with Client(f"http://127.0.0.1:{port}/mcp", mode=mode) as client:
            return await act(client)

    return asyncio.run(scene())


def over_stdio(home: Path, act: Callable[[Client], Awaitable[T]], mode: str = "auto", program: str = "") -> T:
    """What a client of the SDK gets from `recto mcp`, started as a module or as this program."""
    start = [program] if program else [sys.executable, "-m", "recto"]
    command = StdioServerParameters(
        command=start[0], args=[*start[1:], "mcp", "--home", str(home)], env={"RECTO_MODEL": "quote"}
    )

    async def scene() -> T:
        async with Client(stdio_client(command), mode=mode) as client:
            return await act(client)

    return asyncio.run(scene())


def message(method: str, params: Json | None = None, number: int | str = 1) -> Json:
    """A request as it goes over the wire."""
    return {"jsonrpc": "2.0", "id": number, "method": method, **({"params": params} if params is not None else {})}


def initialize(version: str = OLD, number: int = 1) -> Json:
    """The first request of a client of before 2026-07-28."""
    about = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}}
    return message("initialize", about, number)


def posted(http: httpx2.Client, body: Json, **headers: str) -> Json:
    """The answer to a request over HTTP, streamed or not."""
    response = http.post("/mcp", json=body, headers={**ACCEPT, **headers})
    assert response.status_code in (200, 400, 404), response.text
    text = response.text
    if response.headers["content-type"].startswith("text/event-stream"):
        text = [line for line in text.splitlines() if line.startswith("data:")][-1].removeprefix("data:")
    answer: Json = json.loads(text)
    return answer
