"""From a generator in a thread to server-sent events: no faster than the client reads, and ended when it goes."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from queue import Full, Queue
from typing import Any, Generic, TypeVar

from starlette.responses import StreamingResponse
from starlette.types import Send

from recto import wire
from recto.errors import RectoError
from recto.server.edge import reporting
from recto.wire import Json

T = TypeVar("T")

WAITING = 64  # events between the library and the client; a full queue makes the library wait
LOOK_S = 0.2  # after which a generator that waits for room looks whether the client has gone
FLUSH_S = 0.04  # at least between two pieces of text: as often as a film's pictures
BEAT = ": still here\n\n"  # a comment, which clients pass over
BEAT_S = 10.0  # of silence, after which a comment shows proxies that somebody is there
EVENTS: dict[int | str, dict[str, Any]] = {  # for the description of the API
    200: {"description": "Server-sent events", "content": {"text/event-stream": {}}}
}
HEADERS = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class _End:
    """What comes after the last event: the error that ended it, if one did."""

    error: RectoError | None


class Bridge(Generic[T]):
    """Runs a generator in a thread of its own and hands its events over to the event loop."""

    def __init__(
        self,
        events: Callable[[], Iterator[T]],
        stop: Callable[[], None],
        *,
        is_paced: Callable[[T], bool] = lambda _: True,
    ) -> None:
        """What comes within FLUSH_S of an event that `is_paced` is handed over together; all others come at once."""
        self._events, self._stop, self._is_paced = events, stop, is_paced
        self._loop = asyncio.get_running_loop()
        self._queue: Queue[T | _End] = Queue(WAITING)
        self._arrival = asyncio.Event()
        self._listening = False  # whether the event loop wants to be woken; between two pieces it sleeps anyway
        self._abandoned = threading.Event()  # by the client
        threading.Thread(target=self._run, name="recto-stream", daemon=True).start()

    def _run(self) -> None:
        errors: list[RectoError] = []
        with reporting(errors.append):
            events = self._events()
            try:
                for event in events:
                    self._put(event)
                    if self._abandoned.is_set():
                        break
            finally:
                if isinstance(events, Generator):
                    events.close()
        self._put(_End(errors[0] if errors else None))

    def _put(self, event: T | _End) -> None:
        """Wait until there is room; nobody waits for a client that has gone."""
        while not self._abandoned.is_set():
            with suppress(Full):
                self._queue.put(event, timeout=LOOK_S)
                break
        if self._listening:
            self._listening = False
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._arrival.set)

    async def batches(self) -> AsyncGenerator[list[T], None]:
        """Events as they come, those together that came together; an empty list after a silence.

        Raises the error that ended the events, once all of them were handed over.
        """
        try:
            while True:
                self._arrival.clear()
                self._listening = True  # before the look: what is put after it wakes the loop
                if self._queue.empty():
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._arrival.wait(), BEAT_S)
                self._listening = False
                batch: list[T] = []
                end: _End | None = None
                while not self._queue.empty():
                    item = self._queue.get_nowait()
                    if isinstance(item, _End):
                        end = item
                    else:
                        batch.append(item)
                yield batch
                if end is not None and end.error is not None:
                    raise end.error
                if end is not None:
                    return
                if any(map(self._is_paced, batch)):
                    await asyncio.sleep(FLUSH_S)
        finally:
            self._abandoned.set()
            self._stop()


class _EventResponse(StreamingResponse):
    """Ends its frames as soon as the client has gone, or was cut off: others wait for its turn."""

    def __init__(self, frames: AsyncGenerator[str, None]) -> None:
        super().__init__(frames, media_type="text/event-stream", headers=HEADERS)
        self._frames = frames

    async def stream_response(self, send: Send) -> None:
        """Send the frames, each as soon as there is room for it."""
        async with aclosing(self._frames):
            await super().stream_response(send)


def response(frames: AsyncGenerator[str, None]) -> StreamingResponse:
    """Server-sent events as a response."""
    return _EventResponse(frames)


def frame(name: str, data: Json) -> str:
    """One event."""
    return f"event: {name}\ndata: {wire.text(data)}\n\n"
