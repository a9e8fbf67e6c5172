"""Answers as server-sent events: so many at once, the others wait in line; ended when the client goes."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, field

from recto import wire
from recto.errors import RectoError
from recto.events import AskEvent, Found, Token
from recto.library import Asking, Library
from recto.server.bodies import Asked
from recto.server.metrics import Metrics
from recto.server.problems import Refused, told
from recto.server.queue import Line
from recto.server.stream import BEAT, Bridge, frame
from recto.server.tenants import Room
from recto.wire import Json

AT_ONCE = 32  # answers under way: one in writing on this machine, all of them if a hosted model writes
IN_LINE = 64  # questions that may wait for those


@dataclass
class Desk:
    """All answers under way. An id is as good as a secret: only who asked knows it."""

    metrics: Metrics
    line: Line = field(default_factory=lambda: Line(AT_ONCE))
    under_way: dict[str, Asking] = field(default_factory=dict)

    def stop(self, key: str) -> None:
        """Stop an answer; what it has said stays said."""
        if key in self.under_way:
            self.under_way[key].stop()

    async def answer(self, room: Room, asked: Asked) -> AsyncGenerator[str, None]:
        """The frames of an answer: its id, its place in the line, the events of the library, or an error."""
        if self.line.waiting >= IN_LINE:
            raise Refused(503, "busy", f"{self.line.waiting} questions are waiting already", retry_s=5)
        asking = await asyncio.to_thread(room.library.ask, asked.question, docs=asked.documents, history=asked.history)
        return self._frames(asking, visitors=room.library.settings.writing.visitors)

    async def _frames(self, asking: Asking, *, visitors: bool) -> AsyncGenerator[str, None]:
        key = secrets.token_urlsafe(12)
        self.under_way[key] = asking
        try:
            with self.line.joined() as ticket:
                yield frame("begun", {"ask": key})
                async for place in self.line.places(ticket):
                    yield frame("queued", asdict(place))
                async with aclosing(Bridge(lambda: iter(asking), asking.stop).batches()) as batches:
                    async for batch in batches:
                        self.metrics.heard(batch)
                        yield "".join(frame(one["event"], one) for one in map(_shown, merged(batch))) or BEAT
        except RectoError as error:
            yield frame("failed", told(error, visitors=visitors))
        finally:
            del self.under_way[key]


def _shown(event: AskEvent) -> Json:
    """An event as JSON; with hits comes what of the question each of them says."""
    value = wire.event(event)
    return {**value, "hits": explained(value["hits"], event.searched_for)} if isinstance(event, Found) else value


def explained(hits: Sequence[Json], question: str) -> list[Json]:
    """The hits, each with the character ranges of its text that match the question."""
    return [{**hit, "matched": Library.matched(question, hit["text"])} for hit in hits]


def merged(events: Sequence[AskEvent]) -> list[AskEvent]:
    """The same events with neighbouring pieces of text joined."""
    joined: list[AskEvent] = []
    for event in events:
        if isinstance(event, Token) and joined and isinstance(joined[-1], Token):
            joined[-1] = Token(joined[-1].text + event.text)
        else:
            joined.append(event)
    return joined
