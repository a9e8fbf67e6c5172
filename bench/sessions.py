"""People at a page, without their browsers: each asks over its own connection and notes when the first word came."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import httpx2
from bench.generator import MARK

LIMIT_S = 120


@dataclass(frozen=True, slots=True)
class Reply:
    """Seconds after the question; without a `first_s` no word came."""

    first_s: float
    total_s: float


Ask = Callable[[str, str], Awaitable[Reply]]


def many(ask: Ask, url: str, questions: Sequence[str], within_s: float) -> list[Reply]:
    """Ask each question in a session of its own, the sessions beginning evenly within so many seconds."""

    async def ask_later(number: int, question: str) -> Reply:
        await asyncio.sleep(within_s * number / len(questions))
        return await ask(url, question)

    async def replies() -> list[Reply]:
        async with asyncio.timeout(LIMIT_S):
            return await asyncio.gather(*(ask_later(number, question) for number, question in enumerate(questions)))

    return asyncio.run(replies())


def one_by_one(ask: Ask, url: str, questions: Sequence[str]) -> list[Reply]:
    """Ask each question in a session of its own, each when the answer before is whole."""
    return [reply for question in questions for reply in many(ask, url, [question], 0)]


async def of_recto(url: str, question: str) -> Reply:
    """By the API that recto's page uses; connecting is not counted."""
    # Without certificates, whose reading takes each client 20 ms, and all others wait for it.
    async with httpx2.AsyncClient(base_url=url, timeout=LIMIT_S, verify=False) as http:
        await http.get("/readyz")
        start, first = time.monotonic(), 0.0
        async with http.stream("POST", "/api/ask", json={"question": question}) as answer:
            async for line in answer.aiter_lines():
                if line == "event: token" and not first:
                    first = time.monotonic() - start
                # What comes after the words is a verdict on them, which have no support: they are of no matter here.
                if not first and line.startswith("data: ") and (problem := json.loads(line[6:]).get("why")):
                    raise SystemExit(f"recto fell back: {problem}")
    return _reply(first, time.monotonic() - start)


async def of_streamlit(url: str, question: str) -> Reply:
    """By the messages that Streamlit's page exchanges with its server; connecting is not counted."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from websockets.asyncio.client import connect

    ask = BackMsg()
    ask.rerun_script.query_string = f"question={quote(question)}"
    address = f"ws://{urlsplit(url).netloc}/_stcore/stream"
    async with connect(address, origin=url, subprotocols=["streamlit"], max_size=None) as socket:
        start, first = time.monotonic(), 0.0
        await socket.send(ask.SerializeToString())
        async for data in socket:
            message = ForwardMsg.FromString(data)
            if not first and MARK in message.delta.new_element.markdown.body:
                first = time.monotonic() - start
            if message.WhichOneof("type") == "script_finished":
                break
    return _reply(first, time.monotonic() - start)


def _reply(first: float, total: float) -> Reply:
    if not first:
        raise SystemExit("an answer came without a written word")
    return Reply(first, total)
