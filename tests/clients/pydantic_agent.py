import asyncio
import os

from client import IS_HTTP, PLACE, QUESTION, Model, tell
from pydantic_ai import Agent
from pydantic_ai.mcp import MCPToolset, StdioTransport
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider


async def main():
    model = Model()
    server = MCPToolset(PLACE if IS_HTTP else StdioTransport(command=PLACE, args=["mcp"], env=dict(os.environ)))
    provider = OpenAIProvider(base_url=model.url, api_key="none")
    agent = Agent(OpenAIChatModel("m", provider=provider), toolsets=[server])
    async with agent:
        await agent.run(QUESTION)
    tell("pydantic-ai-slim", model.told)


asyncio.run(main())
