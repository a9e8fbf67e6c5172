import asyncio
import os

from client import IS_HTTP, PLACE, QUESTION, tell
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamablehttp_client


async def main():
    command = StdioServerParameters(command=PLACE, args=["mcp"], env=dict(os.environ))
    async with (
        streamablehttp_client(PLACE) if IS_HTTP else stdio_client(command) as streams,
        ClientSession(streams[0], streams[1]) as session,
    ):
        await session.initialize()
        await session.list_tools()
        result = await session.call_tool("ask", {"question": QUESTION})
        await session.call_tool("page", {"document": "pumps.pdf", "number": 1})
    tell("mcp", [item.text for item in result.content])


asyncio.run(main())
