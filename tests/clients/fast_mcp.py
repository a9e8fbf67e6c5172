import asyncio
import os

from client import IS_HTTP, PLACE, QUESTION, tell
from fastmcp import Client


async def main():
    stdio = {"mcpServers": {"recto": {"command": PLACE, "args": ["mcp"], "env": dict(os.environ)}}}
    async with Client(PLACE if IS_HTTP else stdio) as client:
        result = await client.call_tool("ask", {"question": QUESTION})
    tell("fastmcp", [item.text for item in result.content])


asyncio.run(main())
