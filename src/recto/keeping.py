"""A question under way that is kept as it ends: answered, stopped, or failed with what had come until then."""

import time
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

from recto.errors import RectoError
from recto.events import Abstained, AskEvent, Cited, Done, Expect, FellBack, Found, Quoted, Token
from recto.model_ref import QUOTE
from recto.storage import History
from recto.types import Answer, Certainty, Citation, Hit, Kind, Problem, Turn, TurnState

FOLLOWED = 5  # questions before it that a follow-up may take terms from
_CERTAINTIES = {certainty.kind: certainty for certainty in Certainty}


class EventStream(Protocol):
    """The events of one question, and the brake."""

    def __iter__(self) -> Iterator[AskEvent]:
        """The events; Done is last."""

    def stop(self) -> None:
        """Stop the model."""


@dataclass(kw_only=True)
class Thread:
    """A conversation under way: the number that the history has for it, and its last questions as searched."""

    id: int = 0  # 0: none of it is kept so far
    searched: deque[str] = field(default_factory=lambda: deque(maxlen=FOLLOWED))

    @classmethod
    def last(cls, history: History) -> "Thread":
        """The last one of the history, to go on with; a new one if there is none."""
        for newest in history.turns(limit=1):
            turns = history.turns(conversation=newest.conversation, limit=FOLLOWED)
            searched = (turn.searched_for for turn in reversed(turns) if turn.searched_for)
            return cls(id=newest.conversation, searched=deque(searched, maxlen=FOLLOWED))
        return cls()

    def clear(self) -> None:
        """Begin a new one."""
        self.id = 0
        self.searched.clear()


class KeptAsking:
    """The same events. Once the last one comes, or will not come any more, `turn` is what was kept, None if nothing."""

    def __init__(self, asking: EventStream, history: History, question: str, *, conversation: int = 0) -> None:
        """Keep it as the next turn of a conversation, or without one that is there as the first of its own."""
        self._asking, self._history = asking, history
        self._draft = TurnDraft(question=question, conversation=conversation)
        self.turn: Turn | None = None

    def stop(self) -> None:
        """Stop the model, from any thread; the quoted answer comes as the last event."""
        self._asking.stop()

    def __iter__(self) -> Generator[AskEvent, None, None]:
        draft = self._draft
        try:
            for event in self._asking:
                draft.add(event)
                if isinstance(event, Done):  # before whoever waits for it hears of it, and goes
                    self._keep(TurnState.STOPPED if draft.stopped else TurnState.ANSWERED)
                yield event
        except RectoError as error:
            self._keep(TurnState.FAILED, Problem(error.kind, error.message, error.hint))
            raise
        except (GeneratorExit, KeyboardInterrupt):
            if draft.whole is None:
                self._keep(TurnState.STOPPED)
            raise

    def _keep(self, state: TurnState, problem: Problem | None = None) -> None:
        self.turn = self._history.keep(self._draft.turn(state, problem))


@dataclass(kw_only=True)
class TurnDraft:
    """What has come of an answer so far."""

    question: str
    conversation: int = 0
    asked: float = field(default_factory=time.time)
    searched_for: str = ""
    quoted: Answer | None = None
    engine: str = QUOTE
    text: str = ""
    citations: list[Citation] = field(default_factory=list)
    stopped: bool = False
    whole: Answer | None = None

    def add(self, event: AskEvent) -> None:
        """Enter an event. What a model wrote before it failed is void."""
        match event:
            case Found(_, searched_for):
                self.searched_for = searched_for
            case Quoted(citations, kind):
                self.quoted = self._quoted(kind, citations)
            case Abstained(nearest):
                self.quoted = self._quoted(Kind.ABSTAINED, (), nearest)
            case Expect(engine):
                self.engine = engine
            case Token(text):
                self.text += text
            case Cited(citation):
                self.citations.append(citation)
            case FellBack(_, engine, problem):
                self.stopped = problem is None
                if problem:
                    self.engine, self.text, self.citations = engine, "", []
            case Done(answer):
                self.whole = answer
            case _:
                pass  # how far it is, and what has no support in words that are not whole

    def _quoted(self, kind: Kind, quotes: tuple[Citation, ...], nearest: tuple[Hit, ...] = ()) -> Answer:
        text = ""
        for citation in quotes:
            text = text.ljust(citation.at - len(citation.quote), "\n") + citation.quote
        search_s = time.time() - self.asked
        return Answer(
            kind=kind,
            certainty=_CERTAINTIES.get(kind, Certainty.REFUSED),
            text=text,
            citations=quotes,
            nearest=nearest,
            engine=QUOTE,
            search_s=search_s,
            total_s=search_s,
            quotes=quotes,
            searched_for=self.searched_for,
        )

    def turn(self, state: TurnState, problem: Problem | None = None) -> Turn:
        """What is kept, before it has a number."""
        answer = self.whole or self.quoted
        if answer and self.text and not self.whole:
            places = tuple(self.citations)
            answer = replace(answer, kind=Kind.WRITTEN, text=self.text, citations=places, engine=self.engine)
        return Turn(
            id=0,
            conversation=self.conversation,
            asked=self.asked,
            question=self.question,
            searched_for=self.searched_for,
            state=state,
            kind=answer.kind if answer else None,
            answer=answer,
            problem=problem,
        )
