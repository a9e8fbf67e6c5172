import asyncio
import os

from agents import Agent, OpenAIChatCompletionsModel, Runner, set_tracing_disabled
from agents.mcp import MCPServerStdio, MCPServerStreamableHttp
from client import IS_HTTP, PLACE, QUESTION, Model, tell
from openai import AsyncOpenAI


async def main():
    set_tracing_disabled(True)
    model = Model()
    stdio = {"command": PLACE, "args": ["mcp"], "env": dict(os.environ)}
    kind, where = (MCPServerStreamableHttp, {"url": PLACE}) if IS_HTTP else (MCPServerStdio, stdio)
    async with kind(params=where, client_session_timeout_seconds=60) as server:
        client = AsyncOpenAI(base_url=model.url, api_key="none")
        agent = Agent(name="a", model=OpenAIChatCompletionsModel("m", client), mcp_servers=[server])
        await Runner.run(agent, QUESTION)
    tell("openai-agents", model.told)


asyncio.run(main())
