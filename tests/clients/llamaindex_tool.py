import asyncio
import os

from client import IS_HTTP, PLACE, QUESTION, tell
from llama_index.tools.mcp import BasicMCPClient, McpToolSpec


async def main():
    args = {} if IS_HTTP else {"args": ["mcp"], "env": dict(os.environ)}
    client = BasicMCPClient(PLACE, timeout=60, **args)
    tools = {tool.metadata.name: tool for tool in await McpToolSpec(client).to_tool_list_async()}
    output = await tools["ask"].acall(question=QUESTION)
    tell("llama-index-tools-mcp", [output.content])


asyncio.run(main())
