"""The server that the SDK runs, for any transport; what needs the library is imported at the first call."""

import base64
import json
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ContentBlock,
    ImageContent,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)
from pydantic import ValidationError

from recto import DISTRIBUTION
from recto.server.mcp.catalogue import TOOLS, ToolEntry
from recto.server.mcp.opening import FRESH_MS, INSTRUCTIONS

if TYPE_CHECKING:
    from recto.server.mcp.results import Result
    from recto.server.mcp.tools import Caller, Report

PLACES = "recto/places"  # the key of the boxes in `_meta`, which models do not see
LONGEST_WORDS = 500  # characters of a message about arguments

Context = ServerRequestContext[Any, Any]
FindCaller = Callable[[object], Awaitable["Caller"]]  # of the request, None over stdio
# The SDK warns of each request that is none; the client is told, too.
logging.getLogger("mcp").setLevel(logging.ERROR)


def service(find_caller: FindCaller) -> Server[Any]:
    """The server of recto's tools. `find_caller` says for each call whose library it is about."""
    entries = {entry.name: entry for entry in TOOLS}
    listed = ListToolsResult(tools=[described(entry) for entry in TOOLS])

    async def list_tools(_: Context, __: PaginatedRequestParams | None) -> ListToolsResult:
        return listed

    async def call_tool(context: Context, params: CallToolRequestParams) -> CallToolResult:
        entry = entries.get(params.name)
        if entry is None:
            return _failed(f"There is no tool called {params.name[:80]!r}. There are: {', '.join(entries)}.")
        given = {name: value for name, value in (params.arguments or {}).items() if value is not None}
        try:
            arguments = entry.arguments.model_validate(given)
        except ValidationError as error:
            return _failed(unfit(entry, error))
        tools = await to_thread.run_sync(import_module, "recto.server.mcp.tools")
        outcome = await tools.call(entry.name, arguments, partial(find_caller, context.request), _reporter(context))
        return _failed(outcome) if isinstance(outcome, str) else _succeeded(outcome)

    return Server(
        "recto",
        version=version(DISTRIBUTION),
        title="recto",
        instructions=INSTRUCTIONS,
        cache_hints={"tools/list": CacheHint(FRESH_MS, "public"), "server/discover": CacheHint(FRESH_MS, "public")},
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def described(entry: ToolEntry) -> Tool:
    """A tool as clients list it: Codex refuses one without annotations, Claude Code runs it alone."""
    return Tool(
        name=entry.name,
        title=entry.title,
        description=entry.description,
        input_schema=entry.arguments.model_json_schema(),
        output_schema=entry.output,
        annotations=ToolAnnotations(
            title=entry.title, read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
        ),
    )


def _reporter(context: Context) -> "Report":
    """What reports progress: a growing number, as the protocol wants it, and words."""
    count = 0

    async def report(words: str) -> None:
        nonlocal count
        count += 1
        await context.session.report_progress(count, message=words)

    return report


def _succeeded(result: "Result") -> CallToolResult:
    text = result.text
    content: list[ContentBlock] = [TextContent(text=text)]
    if result.picture:
        content.append(ImageContent(data=base64.b64encode(result.picture).decode(), mime_type="image/png"))
    return CallToolResult(
        content=content,
        structured_content=json.loads(text),
        _meta={PLACES: result.places} if result.places else None,
    )


def _failed(words: str) -> CallToolResult:
    """An error as words alone: a structure would be shown in their place, or held against the schema.

    What is not printable is escaped, as in results: names of files are anybody's, and clients show errors in terminals.
    """
    shown = "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in words)
    return CallToolResult(content=[TextContent(text=shown)], is_error=True)


def unfit(entry: ToolEntry, error: ValidationError) -> str:
    """What of the arguments is not as it should be; values are not repeated."""
    faults = (f"{'.'.join(map(str, fault['loc']))[:80]}: {fault['msg']}" for fault in error.errors())
    words = "; ".join(faults)[:LONGEST_WORDS]
    return f"{entry.name} cannot be called so: {words}. It takes: {', '.join(entry.arguments.model_fields)}."
