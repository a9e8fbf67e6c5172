"""A language model's server for benchmarks: so many tokens, one every 10 ms, in the words of the OpenAI protocol.

    uvicorn bench.generator:app        (its address: http://HOST:PORT/v1; PUT /tokens/N says how many)

Tokens keep to the clock: one that was sent late makes none of the others late.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from itertools import count, islice

from fastapi import FastAPI
from starlette.responses import StreamingResponse

EVERY_S = 0.01
MARK = "Evidently"  # how every answer begins, and no document
SENTENCE = ("step", "{}", "of", "the", "validation", "plan", "shows", "what", "the", "software", "does.")


app = FastAPI(docs_url=None, openapi_url=None)


@app.put("/tokens/{tokens}")
def limit(tokens: int) -> None:
    """How many tokens the answers have from now on."""
    app.state.tokens = tokens


@app.get("/v1/models")
def models() -> dict[str, object]:
    """Its only model."""
    return {"data": [{"id": "clock"}]}


@app.post("/v1/chat/completions")
def complete() -> StreamingResponse:
    """Write, whatever was asked."""
    return StreamingResponse(_chunks(app.state.tokens), media_type="text/event-stream")


async def _chunks(tokens: int) -> AsyncIterator[str]:
    start = time.monotonic()
    for number, word in enumerate(islice(_words(), tokens), start=1):
        await asyncio.sleep(start + number * EVERY_S - time.monotonic())
        yield _chunk({"content": word}, None)
    yield _chunk({}, "stop") + "data: [DONE]\n\n"


def _words() -> Iterator[str]:
    """No sentence twice: a model that repeats itself is stopped."""
    yield f" {MARK}"
    for number in count(1):
        yield from (f" {word.format(number)}" for word in SENTENCE)


def _chunk(delta: dict[str, str], reason: str | None) -> str:
    return f"data: {json.dumps({'choices': [{'index': 0, 'delta': delta, 'finish_reason': reason}]})}\n\n"
