"""Answers as server-sent events: so many at once, the others wait in line; ended when the client goes."""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace

from recto import wire
from recto.errors import RectoError
from recto.events import AskEvent, Asking, Done, FellBack, Found, Progress, Stage, Token
from recto.keeping import EventStream, KeptAsking
from recto.library import CORE, Library
from recto.queue import Place, Queue, Ticket
from recto.server.bodies import AskRequest
from recto.server.metrics import Metrics
from recto.server.problems import Refused, problem_of
from recto.server.stream import BEAT, Bridge, frame
from recto.server.tenants import Tenant
from recto.types import Problem
from recto.wire import Json

AT_ONCE = 32  # answers under way: one in writing on this machine, all of them if a hosted model writes
IN_LINE = 64  # questions of one asker that may wait for those
IN_LINES = 256  # of all askers
TELL_S = 1.0  # between two events about the place of a question that waits
LOOK_S = 0.05  # after which its turn is noticed at the latest


class AnswerService:
    """All answers under way. An id is as good as a secret: only who asked knows it."""

    def __init__(self, metrics: Metrics, *, public: bool) -> None:
        """In public mode nothing is told about this machine."""
        self.queue = Queue(AT_ONCE)
        self._metrics, self._public = metrics, public
        self._under_way: dict[str, EventStream] = {}

    def stop(self, key: str) -> None:
        """Stop an answer, from any thread; what it has said stays said."""
        if asking := self._under_way.get(key):  # in one step: it may end meanwhile
            asking.stop()

    async def begin(
        self,
        tenant: Tenant,
        question: str,
        *,
        asker: str = "",
        docs: Sequence[str] = (),
        collections: Sequence[str] = (),
        history: Sequence[str] = (),
        writes: bool = True,
        each: bool = False,
        whole: bool = False,
    ) -> Asking:
        """Ask the tenant's library, or collections of it. Refused if too many questions wait already.

        Raises what `Library.within` and `Library.ask` raise.
        """
        for waiting, most in ((self.queue.waiting_of(asker), IN_LINE), (self.queue.waiting, IN_LINES)):
            if waiting >= most:
                raise Refused(503, "busy", f"{waiting} questions are waiting already", retry_s=5)
        part = await asyncio.to_thread(tenant.library.asked_by(asker).within, *collections)
        read = whole and not self._public  # minutes of a model, in which nobody else is answered
        return await asyncio.to_thread(
            part.ask, question, docs=docs, history=history, writes=writes, each=each, whole=read
        )

    async def events(self, asking: EventStream, *, asker: str = "") -> AsyncGenerator[Sequence[Place | AskEvent], None]:
        """Its place in the line now and then, then the library's events, as whoever asked may read them.

        Those together that came together; none after a silence. Raises the error that ended them.
        """
        notice = Notice(public=self._public)
        with self.queue.joined(asker) as ticket:
            async for place in places(self.queue, ticket):
                yield [place]
            # The first word must not wait for what came with the quotes.
            bridge = Bridge(lambda: iter(asking), asking.stop, is_paced=lambda event: isinstance(event, Token))
            async with aclosing(bridge.batches()) as batches:
                async for batch in batches:
                    self._metrics.count_events(batch)
                    yield [notice.redacted(event) for event in merged(batch)]

    def problem(self, error: RectoError) -> Problem:
        """An error that ended an answer, as whoever asked may read it."""
        return problem_of(error, public=self._public)

    async def answer(self, tenant: Tenant, request: AskRequest, *, asker: str) -> AsyncGenerator[str, None]:
        """The frames of an answer: its id, its place in the line, the events of the library, or an error."""
        asking = await self.begin(
            tenant,
            request.question,
            asker=asker,
            docs=request.documents,
            collections=request.collections,
            history=request.history,
            writes=request.writes,
            each=request.each,
            whole=request.whole,
        )
        if not request.keep:
            return self._frames(asking, asker)
        kept = KeptAsking(asking, tenant.library.history, request.question, conversation=request.conversation)
        return self._frames(kept, asker)

    async def _frames(self, asking: EventStream, asker: str) -> AsyncGenerator[str, None]:
        key = secrets.token_urlsafe(12)
        self._under_way[key] = asking
        try:
            yield frame("begun", {"ask": key})
            async with aclosing(self.events(asking, asker=asker)) as batches:
                async for batch in batches:
                    values = [
                        {**event_json(event), **(numbers(asking) if isinstance(event, Done) else {})} for event in batch
                    ]
                    yield "".join(frame(value["event"], value) for value in values) or BEAT
        except RectoError as error:
            yield frame("failed", {**wire.problem(self.problem(error)), **numbers(asking)})
        finally:
            del self._under_way[key]


def numbers(asking: EventStream) -> Json:
    """The numbers that the history has for an answer that ended and for its conversation; null if it is not kept."""
    turn = asking.turn if isinstance(asking, KeptAsking) else None
    return {"turn": turn and turn.id, "conversation": turn and turn.conversation}


class Notice:
    """Why a model did not write, as whoever asked may read it; one is kept for each answer."""

    def __init__(self, *, public: bool) -> None:
        self._public = public
        self._why: str | None = None

    def redacted(self, event: AskEvent) -> AskEvent:
        """The event; to visitors only what kind of problem a model had: the rest is about the owner's machine."""
        match event:
            case FellBack(problem=error) if self._public:
                event = replace(event, why=error.outline() if error else event.why, detail="")
                self._why = event.why
            case Done(answer) if self._why is not None:
                event = Done(replace(answer, notice=self._why, detail=""))
            case _:
                pass
        return event


async def places(queue: Queue, ticket: Ticket) -> AsyncIterator[Place]:
    """The place, now and then, until the turn comes."""
    while place := queue.place(ticket):
        yield place
        until = time.monotonic() + TELL_S
        while not ticket.turn.is_set() and time.monotonic() < until:
            await asyncio.sleep(LOOK_S)


def event_json(event: Place | AskEvent) -> Json:
    """An event as JSON; with hits comes what of the question each of them says."""
    match event:
        case Place(ahead, eta_s):  # how many answers are to end before, and in about how many seconds
            return {"event": "queued", "ahead": ahead, "eta_s": eta_s}
        case Progress(stage=Stage.WAITING, name=name, total=ahead, eta_s=eta_s) if name == CORE:
            return event_json(Place(ahead, eta_s))
        case Found():
            value = wire.event(event)
            return {**value, "hits": explained(value["hits"], event.searched_for)}
        case _:
            return wire.event(event)


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
