"""A model writes under the quotes: evidence within its time, an announced wait, and every sentence checked."""

import threading
import time
from bisect import bisect_left
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import cache

from recto.answer.citing import Source, supporting
from recto.answer.prompt import SYSTEM, Excerpt, compose
from recto.answer.writing import Cite, write
from recto.config import Settings
from recto.errors import EngineClosed, EngineFailed, EngineProblem, EngineSlow, RectoError, UsageProblem
from recto.events import AskEvent, Cited, Expect, FellBack, Progress, Stage, Token, Unsupported
from recto.generation import Prompt
from recto.library.quoting import Evidence, QuotedAnswer
from recto.llm.engine import Engine, Turn
from recto.llm.fallback import Request, listen
from recto.llm.speeds import Stopwatch
from recto.model_ref import QUOTE
from recto.runtime.engines import LOOK_AGAIN_S, Engines
from recto.search.coverage import TermCoverage
from recto.stop import Stop, Stopped
from recto.storage import Store
from recto.text.analyse import term_ids
from recto.text.sanitize import Sanitizer
from recto.types import Answer, Citation, Document, Kind

MOST = 128  # tokens of an answer: three sentences, or a short list
STOPPED = "stopped"
CANNOT = (EngineProblem, UsageProblem)  # what keeps a model from writing, and wrong settings
TICK_S = 0.1
LOOKS = 6  # for a model that is to be loaded before anybody asks


@dataclass(frozen=True, slots=True)
class Task:
    """A question with what was found for it."""

    question: str
    quoted: QuotedAnswer
    documents: dict[str, Document]  # by id
    store: Store


@dataclass
class Account:
    """What was written, from the events."""

    engine: str = QUOTE
    text: str = ""
    citations: list[Citation] = field(default_factory=list)
    unsupported: list[str] = field(default_factory=list)
    notice: str = ""
    first_token: float | None = None  # on the monotonic clock

    def note(self, event: AskEvent) -> None:
        """Enter an event. What a model wrote before it failed is void."""
        match event:
            case Expect(engine):
                self.engine = engine
            case Token(text):
                self.text += text
                self.first_token = self.first_token or time.monotonic()
            case Cited(place):
                self.citations.append(place)
            case Unsupported(_, sentence):
                self.unsupported.append(sentence)
            case FellBack(why, engine, _):
                self.notice, self.engine = why, engine
            case _:
                pass  # the others say nothing about what was written

    def written(self, quoted: Answer, began: float) -> Answer:
        """The answer in a model's words, or, if none wrote one to its end, the quoted one."""
        if self.engine == QUOTE or self.first_token is None:
            return quoted
        return replace(
            quoted,
            kind=Kind.WRITTEN,
            text=self.text,
            citations=tuple(self.citations),
            engine=self.engine,
            unsupported=tuple(self.unsupported),
            first_token_s=self.first_token - began,
        )


class Writer:
    """The language models of a library, chosen and loaded when they are first needed."""

    def __init__(self, settings: Settings, engines: Engines) -> None:
        self._settings, self._engines = settings, engines
        self._patience_s = settings.writing.patience_s
        self._kept: tuple[Evidence, ...] = ()  # the evidence that was read ahead last
        self._ahead, self._closed = Stop(), Stop()

    def close(self) -> None:
        """Stop what runs."""
        self._ahead.pull()
        self._closed.pull()

    def engine(self) -> Engine | None:
        """The model that writes, None if none does. EngineProblem if the one that is named cannot be had."""
        return self._engines.first()

    def begin(self, stop: Stop) -> None:
        """Load the model in the background while the documents are searched, until the question is left alone."""
        if not self._engines.awake:
            threading.Thread(target=self._wake, args=(stop,), name="recto-wake", daemon=True).start()

    def _wake(self, stop: Stop) -> None:
        with self._closed.doing(stop.pull), suppress(*CANNOT, Stopped):  # the answer will say so
            if engine := self.engine():
                for _ in engine.wake(self._patience_s, stop):
                    pass

    def warm(self) -> None:
        """Load the model in the background before anybody asks; for a while, also one that is not there yet."""
        threading.Thread(target=self._warm, name="recto-warm", daemon=True).start()

    def _warm(self) -> None:
        for _ in range(LOOKS):
            self._wake(Stop())
            if self._engines.awake or self._closed.wait(LOOK_AGAIN_S):
                return

    # --- ahead of the question ---------------------------------------------------------------------------------------
    def forestall(self) -> Stop:
        """End the reading ahead at hand; the brake of the next one."""
        self._ahead.pull()
        self._ahead = Stop()
        return self._ahead

    def read_ahead(self, task: Task, stop: Stop) -> None:
        """Let the model read the evidence while the question is still being typed. Problems wait for the answer."""
        with suppress(*CANNOT, Stopped):
            engine = self.engine()
            if engine is None or engine.hosted or engine.turns.busy:
                return
            for _ in engine.wake(self._patience_s, self._closed):  # not for this question alone
                pass
            evidence = self._evidence(engine, task)
            stop.check()
            self._kept = evidence
            for _ in engine.llm.stream(_prompt(task, evidence, ""), most=0, stop=stop):
                pass

    # --- answering ---------------------------------------------------------------------------------------------------
    def answer(self, task: Task, stop: Stop) -> Iterator[AskEvent]:
        """Write an answer. If it cannot be done a FellBack says why, and the quoted answer stands."""
        for event in self._answering(task, stop):
            yield self._discreet(event) if isinstance(event, FellBack) else event

    def _discreet(self, event: FellBack) -> FellBack:
        """To visitors only what kind of problem it was: the rest is the owner's, who has a log."""
        hidden = event.problem if self._settings.writing.visitors else None
        return replace(event, why=hidden.outline()) if hidden else event

    def _answering(self, task: Task, stop: Stop) -> Iterator[AskEvent]:
        self._ahead.pull()
        with self._closed.doing(stop.pull):
            try:
                while engine := (yield from self._present()):
                    if (yield from self._in_turn(engine, task, stop)):
                        break
            except CANNOT as problem:
                yield FellBack(_said(problem), QUOTE, type(problem))
            except Stopped:
                yield FellBack(STOPPED, QUOTE)

    def _present(self) -> Generator[FellBack, None, Engine | None]:
        try:
            return self.engine()
        except CANNOT as problem:
            return (yield from self._instead(problem, None))

    def _instead(self, problem: RectoError, engine: Engine | None) -> Generator[FellBack, None, Engine]:
        """The engine that stands by. Raises the problem if there is none."""
        if self._engines.standby is None or self._engines.standby is engine:
            raise problem
        yield FellBack(_said(problem), self._engines.standby.llm.name, type(problem))
        return self._engines.standby

    def _in_turn(self, engine: Engine, task: Task, stop: Stop) -> Generator[AskEvent, None, bool]:
        """Write when it is the question's turn; False if another model was chosen before."""
        turn = engine.turns.join()
        try:
            try:
                able = yield from self._ready(engine, turn, stop)
            except EngineClosed:
                return False
            yield from self._write(able, task, turn, stop)
            return True
        finally:
            engine.turns.leave(turn)

    def _ready(self, engine: Engine, turn: Turn, stop: Stop) -> Generator[AskEvent, None, Engine]:
        """Wait for the turn, and have the model loaded; the one that stands by, if that fails."""
        while ahead := engine.turns.ahead(turn):
            wait_s = engine.wait_s(ahead, self._settings.writing.first_token_s)
            yield Progress(Stage.WAITING, engine.llm.name, 0, len(ahead), wait_s)
            if stop.wait(TICK_S):
                raise Stopped
        try:
            yield from self._woken(engine, stop)
        except EngineClosed:
            raise
        except EngineProblem as problem:
            engine = yield from self._instead(problem, engine)
            yield from self._woken(engine, stop)
        return engine

    def _woken(self, engine: Engine, stop: Stop) -> Iterator[Progress]:
        """Have the model loaded and measured. EngineSlow if that takes longer than the patience."""
        began, limit = time.monotonic(), self._patience_s
        for progress in engine.wake(limit, stop):
            yield progress
            if time.monotonic() - began > limit:
                raise EngineSlow(
                    f"{engine.llm.name} is not ready after {limit:g} s", hint=f"recto ask --patience {limit * 4:.0f}"
                )

    def _write(self, engine: Engine, task: Task, turn: Turn, stop: Stop) -> Iterator[AskEvent]:
        evidence = self._evidence(engine, task)
        prompt = _prompt(task, evidence, task.question)
        load, speeds = engine.llm.weigh(prompt), engine.speeds
        first_token_s, total_s = speeds.first_token_s(load.new), speeds.total_s(load.new)
        turn.ends = time.monotonic() + total_s
        yield Expect(engine.llm.name, first_token_s, total_s)
        second = self._engines.standby.llm if self._engines.standby and self._engines.standby is not engine else None
        watch = Stopwatch(load)
        request = Request(
            prompt=prompt, most=MOST, patience_s=self._patience_s, expected_s=first_token_s, see=watch.see
        )
        if first_token_s > self._patience_s:
            engine.hope()
        with engine.working(), closing(listen(engine.llm, second, request, stop)) as heard:
            sanitizer = Sanitizer(SYSTEM, prompt.evidence)
            for event in write(heard, sanitizer, _cite(task, evidence), engine=engine.llm.name):
                if isinstance(event, FellBack):
                    engine.failed(EngineFailed(event.why), watch.elapsed_s)
                yield event
        if watch.whole:
            engine.learn(speeds.corrected(watch.timing()))

    def _evidence(self, engine: Engine, task: Task) -> tuple[Evidence, ...]:
        """What the model can read in time, at least one quote; what it has read already, if the quotes are in it."""
        best, kept = task.quoted.evidence, self._kept
        budget = engine.speeds.tokens_within(self._settings.writing.first_token_s)

        def too_long(count: int) -> bool:
            return engine.llm.weigh(_prompt(task, _ordered(best[:count]), task.question)).new > budget

        chosen = best[: 1 + bisect_left(range(2, len(best) + 1), True, key=too_long)]
        known = all(one.quote.sheet.doc in task.documents for one in kept)
        quoted = {one.key for one in chosen[: task.quoted.shown]}
        return kept if known and {one.key for one in kept} >= quoted else _ordered(chosen)


def _said(problem: RectoError) -> str:
    return f"{problem.message} ({problem.hint})" if problem.hint else problem.message


def _ordered(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """As they stand in the documents: questions with the same evidence then share the beginning of their prompts."""
    return tuple(sorted(evidence, key=lambda one: one.key))


def _prompt(task: Task, evidence: Sequence[Evidence], question: str) -> Prompt:
    quotes = [one.quote for one in evidence]
    return compose(question, [Excerpt(task.documents[q.sheet.doc].name, q.text) for q in quotes])


def _cite(task: Task, evidence: Sequence[Evidence]) -> Cite:
    """Attach places to written sentences."""
    sources = [Source(one.quote.text, one.about) for one in evidence]

    @cache
    def coverage(sentence: str) -> TermCoverage:
        return TermCoverage.of(term_ids(sentence), task.store)

    def overlap(sentence: str, text: str) -> float:
        return coverage(sentence).share(text)

    def cite(sentence: str, at: int) -> list[Citation]:
        found = supporting(sentence, sources, overlap)
        return [replace(place, at=at) for index in found for place in evidence[index].citations]

    return cite
