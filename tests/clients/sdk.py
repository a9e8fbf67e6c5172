import asyncio
import os

from client import IS_HTTP, PLACE, QUESTION, tell
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client


async def main():
    place = PLACE if IS_HTTP else stdio_client(StdioServerParameters(command=PLACE, args=["mcp"], env=dict(os.environ)))
    async with Client(place) as client:
        await client.list_tools()
        result = await client.call_tool("ask", {"question": QUESTION})
    tell("mcp", [item.text for item in result.content])


asyncio.run(main())
