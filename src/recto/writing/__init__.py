"""A model writes under the quotes: evidence within its time, an announced wait, and every sentence checked."""

import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from functools import cache
from math import inf

from recto.answer.attaching import Likeness, answers, attacher
from recto.answer.prompt import INSTRUCTIONS, Excerpt, compose
from recto.answer.quoted import Evidence, QuotedAnswer
from recto.answer.writing import Cite, Draft, write
from recto.config import Settings
from recto.errors import (
    EngineClosed,
    EngineFailed,
    EngineProblem,
    EngineSlow,
    NothingWritten,
    PromptTooLong,
    RectoError,
    UsageProblem,
)
from recto.events import AskEvent, Expect, FellBack, Progress, Stage
from recto.generation import Load, Prompt
from recto.llm.engine import Engine
from recto.llm.fallback import Request, listen
from recto.llm.presets import worse_than_quotes
from recto.llm.speeds import Stopwatch
from recto.model_ref import QUOTE, Provider
from recto.queue import Ticket
from recto.runtime.background import Background
from recto.runtime.engines import LOOK_AGAIN_S, Engines
from recto.search.coverage import TermCoverage
from recto.stop import TICK_S, Stop, Stopped
from recto.storage import Store
from recto.text.analyse import term_ids
from recto.text.asked_kind import answers_kind
from recto.text.sanitize import Sanitizer
from recto.types import Document
from recto.writing.learning import learning
from recto.writing.whole import WholeReading as WholeReading
from recto.writing.whole import read_whole

MOST = 128  # tokens of an answer: three sentences, or a short list
PIECES = 3  # of evidence, each in its surroundings: more tell a small model no more, see docs/models.md
STOPPED = "stopped"
LATE, LATE_S = 1.5, 1.0  # of the announced first word, and beyond: announcements are seldom off by more
CANNOT = (EngineProblem, UsageProblem)  # what keeps a model from writing, and wrong settings
LOOKS = 6  # for a model that is to be loaded before anybody asks
AHEAD, WAKE, WARM = "recto-ahead", "recto-wake", "recto-warm"  # threads


@dataclass(frozen=True, slots=True, kw_only=True)
class WritingTask:
    """A question with what was found for it."""

    question: str
    quoted: QuotedAnswer
    documents: dict[str, Document]  # by id
    store: Store
    likeness: Likeness

    @property
    def best(self) -> Evidence:
        """The best quote that has the kind of thing that is asked for, else the best one."""
        pieces = self.quoted.evidence[:PIECES]
        return next((piece for piece in pieces if answers_kind(self.question, piece.quote.text)), pieces[0])

    @property
    def of_best_quote(self) -> Prompt:
        """The question with the best quote by itself; of a row no more than the cell that is asked for."""
        name = self.documents[self.best.quote.page.doc].name
        return compose(self.question, [Excerpt(name, self.best.asked_cell or self.best.quote.text)])

    def prompt(self, evidence: Sequence[Evidence], question: str) -> Prompt:
        """What a model reads; the question may still be empty."""
        excerpts: list[Excerpt] = []
        for piece in evidence:
            if not any(piece.text in excerpt.text for excerpt in excerpts):  # quotes may share their surroundings
                excerpts.append(Excerpt(self.documents[piece.quote.page.doc].name, piece.excerpt))
        return compose(question, excerpts)

    def cite(self, evidence: Sequence[Evidence]) -> Cite:
        """What attaches places in the evidence to written sentences."""

        @cache
        def coverage(sentence: str) -> TermCoverage:
            return TermCoverage.of(term_ids(sentence), self.store)

        return attacher(evidence, self.question, lambda sentence, text: coverage(sentence).share(text))


@dataclass(frozen=True, slots=True)
class WritingAttempt:
    """What a model is given to read for an answer, once."""

    prompt: Prompt
    evidence: Sequence[Evidence]
    load: Load


class AnswerWriter:
    """Writes answers with the language models of a library, which are chosen and loaded when they are first needed."""

    def __init__(self, settings: Settings, engines: Engines) -> None:
        self._settings, self._engines = settings.writing, engines
        self._background = Background()
        self._closed = Stop()
        self._lock = threading.Lock()  # over the reading ahead at hand and what it brought
        self._reading = Stop()
        self._read_evidence: tuple[Evidence, ...] = ()

    def close(self) -> None:
        """Stop what runs."""
        self.forestall()
        self._closed.pull()

    def join(self) -> None:
        """Wait until nothing more is read ahead."""
        self._background.join(AHEAD)

    def engine(self) -> Engine | None:
        """The model that writes, None if none does. EngineProblem if the one that is named cannot be had."""
        return self._engines.first()

    def begin(self, stop: Stop) -> None:
        """Load the model in the background while the documents are searched, until the question is left alone."""
        if not self._engines.awake:
            self._background.start(WAKE, lambda: self._wake(stop))

    def warm(self) -> None:
        """Load the model in the background before anybody asks; for a while, also one that is not there yet."""

        def look() -> None:
            for _ in range(LOOKS):
                self._background.attempt(WARM, lambda: self._wake(Stop()))
                if self._engines.awake or self._closed.wait(LOOK_AGAIN_S):
                    return

        self._background.start(WARM, look)

    def _wake(self, stop: Stop) -> None:
        with self._closed.doing(stop.pull), suppress(*CANNOT, Stopped):  # the answer will say so
            if engine := self.engine():
                for _ in engine.wake(self._settings.patience_s, stop):
                    pass

    # --- ahead of the question ---------------------------------------------------------------------------------------
    def forestall(self) -> Stop:
        """End the reading ahead at hand; the brake of the next one."""
        with self._lock:
            self._reading.pull()
            self._reading = Stop()
            return self._reading

    def read_ahead(self, find: Callable[[], WritingTask], stop: Stop) -> None:
        """Find evidence in the background, and let the model read it while the question is still being typed."""

        def read() -> None:
            with suppress(*CANNOT, Stopped):  # the answer will say so
                stop.check()
                task = find()
                stop.check()
                engine = self.engine() if task.quoted.evidence else None
                if engine is None or engine.hosted or engine.turns.served:
                    return
                for _ in engine.wake(self._settings.patience_s, self._closed):  # not for this question alone
                    pass
                evidence = self._evidence(engine, task)
                with self._lock:
                    stop.check()
                    self._read_evidence = evidence
                for _ in engine.llm.stream(task.prompt(evidence, ""), most=0, stop=stop):
                    pass

        self._background.start(AHEAD, read)

    # --- answering ---------------------------------------------------------------------------------------------------
    def write(self, task: WritingTask, stop: Stop) -> Iterator[AskEvent]:
        """Wait in line, wake the model, announce the time, stream, and learn from the time it took.

        If it cannot be done a FellBack says why, and the quoted answer stands.
        """
        yield from self._with_engine(lambda engine, ticket: self._answer(engine, ticket, task, stop), stop)

    def read(self, reading: WholeReading, stop: Stop) -> Iterator[AskEvent]:
        """Let the model read whole documents and write a sentence or two of each part; what came stays if it stops.

        If it cannot be done a FellBack says why, and the quoted answer stands.
        """

        def write(engine: Engine, ticket: Ticket) -> Iterator[AskEvent]:
            return read_whole(engine, ticket, reading, stop, patience_s=self._settings.patience_s)

        yield from self._with_engine(write, stop)

    def _with_engine(self, answer: Callable[[Engine, Ticket], Iterator[AskEvent]], stop: Stop) -> Iterator[AskEvent]:
        """Answer with the engine in its turn, or say in a FellBack why that cannot be done."""
        self.forestall()
        with self._closed.doing(stop.pull), ExitStack() as line:
            try:
                if not (turn := (yield from self._engine_in_turn(line, stop))):
                    return
                yield from answer(*turn)
            except CANNOT as problem:
                yield _fell_back(problem, QUOTE)
            except Stopped:
                yield FellBack(STOPPED, QUOTE)

    def _answer(self, engine: Engine, ticket: Ticket, task: WritingTask, stop: Stop) -> Iterator[AskEvent]:
        """Announce the time and stream; with half the passages if they are more than the model takes.

        A weak model whose answer is void is asked once more, with the best quote by itself; at once where that is a
        row of which a cell is asked for.
        """
        evidence = self._evidence(engine, task)
        is_cell = _is_weak(engine) and bool(task.best.asked_cell)
        prompt = task.of_best_quote if is_cell else task.prompt(evidence, task.question)
        load = engine.llm.weigh(prompt)
        yield self._expected(engine, ticket, load)
        while True:
            try:
                yield from self._stream(engine, task, WritingAttempt(prompt, evidence, load), stop)
                return
            except PromptTooLong:
                evidence = task.quoted.evidence[: len(evidence) // 2]
                shorter = task.prompt(evidence, task.question)
                if not evidence or prompt == shorter:  # quotes that share their surroundings
                    raise
                prompt, load = shorter, engine.llm.weigh(shorter)
            except NothingWritten as problem:
                if not _is_weak(engine) or prompt == task.of_best_quote:
                    raise
                prompt, load = task.of_best_quote, engine.llm.weigh(task.of_best_quote)
                yield _fell_back(problem, engine.llm.name)
                yield self._expected(engine, ticket, load)

    @staticmethod
    def _expected(engine: Engine, ticket: Ticket, load: Load) -> Expect:
        """What is announced of an answer that begins now."""
        speeds = engine.speeds
        ticket.ends = time.monotonic() + speeds.total_s(load.new)
        return Expect(engine.llm.name, speeds.first_token_s(load.new), speeds.total_s(load.new))

    def _stream(self, engine: Engine, task: WritingTask, attempt: WritingAttempt, stop: Stop) -> Iterator[AskEvent]:
        """Stream, and learn from the time that it took."""
        prompt, load, patience_s = attempt.prompt, attempt.load, self._settings.patience_s
        speeds = engine.speeds
        first_s = speeds.first_token_s(load.new)
        if first_s > patience_s:
            engine.hope()
        standby, watch = self._standby(engine), Stopwatch(load)
        late_s = first_s * LATE + LATE_S if engine.llm.name.startswith(Provider.OLLAMA) else inf
        request = Request(
            prompt=prompt, most=MOST, patience_s=patience_s, expected_s=first_s, late_s=late_s, see=watch.see
        )
        sources = task.quoted.evidence[:PIECES] if _is_weak(engine) else attempt.evidence
        pieces = listen(engine.llm, standby.llm if standby else None, request, stop)
        with learning(engine, speeds, watch), engine.working(), closing(pieces):
            draft = Draft(
                Sanitizer(INSTRUCTIONS, prompt.evidence),
                task.cite(sources),
                lambda places: answers(places, sources[0], task.likeness),
            )
            for event in write(pieces, draft, engine=engine.llm.name):
                if isinstance(event, FellBack):
                    engine.failed(EngineFailed(event.why), watch.elapsed_s)
                yield event

    def _engine_in_turn(
        self, line: ExitStack, stop: Stop
    ) -> Generator[FellBack | Progress, None, tuple[Engine, Ticket] | None]:
        """The engine that writes, loaded, with its place, once its turn has come; else the one that stands by."""
        engine = None
        try:
            while engine := self.engine():
                try:
                    return engine, (yield from self._turn(engine, line, stop))
                except EngineClosed:  # another model was chosen meanwhile
                    line.close()
            return None
        except CANNOT as problem:
            standby = self._standby(engine)
            if standby is None:
                raise
            yield _fell_back(problem, standby.llm.name)
            line.close()
            return standby, (yield from self._turn(standby, line, stop))

    def _standby(self, engine: Engine | None) -> Engine | None:
        """The engine that may speak for this one."""
        standby = self._engines.standby
        return None if standby is engine else standby

    def _turn(self, engine: Engine, line: ExitStack, stop: Stop) -> Generator[FellBack | Progress, None, Ticket]:
        """Wait in line for an engine, then until it is loaded and measured; EngineSlow if that is beyond the patience.

        The turn ends with `line`. What went wrong in the background is told here. EngineClosed if another was chosen.
        """
        ticket = line.enter_context(engine.turns.joined())
        if problem := self._background.take_problem():
            yield _fell_back(problem, engine.llm.name)
        while place := engine.place(ticket, self._settings.first_token_s):
            yield Progress(stage=Stage.WAITING, name=engine.llm.name, done=0, total=place.ahead, eta_s=place.eta_s)
            ticket.turn.wait(TICK_S)
            stop.check()
        began, patience_s = time.monotonic(), self._settings.patience_s
        for progress in engine.wake(patience_s, stop):
            yield progress
            if time.monotonic() - began > patience_s:
                hint = f"recto ask --patience {patience_s * 4:.0f}"
                raise EngineSlow(f"{engine.llm.name} is not ready after {patience_s:g} s", hint=hint)
        return ticket

    def _evidence(self, engine: Engine, task: WritingTask) -> tuple[Evidence, ...]:
        """What the model can read in time, best first; what it has read already, if what is quoted is in it."""
        best = (task.best,) if _is_weak(engine) else task.quoted.evidence[:PIECES]
        read = self._read_evidence
        budget = engine.speeds.tokens_within(self._settings.first_token_s)

        def too_long(count: int) -> bool:
            return engine.llm.weigh(task.prompt(best[:count], task.question)).new > budget

        count = 1 + bisect_left(range(2, len(best) + 1), True, key=too_long)
        quoted = {piece.key for piece in best[: min(count, task.quoted.shown)]}
        is_known = all(piece.quote.page.doc in task.documents for piece in read)
        return read if is_known and {piece.key for piece in read} >= quoted else best[:count]


def _is_weak(engine: Engine) -> bool:
    """Whether more than one quote misleads a model more often than it helps, as measured: see docs/models.md."""
    return worse_than_quotes(engine.llm.name)


def _fell_back(problem: RectoError, engine: str) -> FellBack:
    why = f"{problem.message} ({problem.hint})" if problem.hint else problem.message
    return FellBack(why, engine, type(problem), problem.detail)
