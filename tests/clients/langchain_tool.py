import asyncio
import os

from client import IS_HTTP, PLACE, QUESTION, tell
from langchain_mcp_adapters.client import MultiServerMCPClient


async def main():
    stdio = {"transport": "stdio", "command": PLACE, "args": ["mcp"], "env": dict(os.environ)}
    client = MultiServerMCPClient({"recto": {"transport": "streamable_http", "url": PLACE} if IS_HTTP else stdio})
    tools = {tool.name: tool for tool in await client.get_tools()}
    call = {"type": "tool_call", "id": "1", "name": "ask", "args": {"question": QUESTION}}
    message = await tools["ask"].ainvoke(call)
    texts = [message.content] if isinstance(message.content, str) else [block["text"] for block in message.content]
    tell("langchain-mcp-adapters", texts)


asyncio.run(main())
