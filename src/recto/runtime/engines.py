"""The engines of a process, chosen when they are first needed."""

import threading
import time
from contextlib import suppress
from dataclasses import dataclass

from recto.answer.prompt import SYSTEM
from recto.config import Settings
from recto.errors import EngineProblem, UsageProblem
from recto.generation import Prompt
from recto.llm.choose import Choice, build_llm, choose_model, choose_standby, explain
from recto.llm.engine import Engine
from recto.llm.lifetime import closed_problem
from recto.llm.speeds import SpeedBook, Speeds
from recto.model_ref import Auto

LOOK_AGAIN_S = 10.0  # for a model where there was none: it may have been pulled meanwhile
PRIME = Prompt(SYSTEM, "", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnginePair:
    """The engine that writes and the one that stands by, as found when somebody last looked for them."""

    choice: Choice | None
    first: Engine | None
    standby: Engine | None  # it may speak for a slow or dead one
    problem: EngineProblem | UsageProblem | None  # why there is no model, where one is wanted
    looked_at: float  # on the monotonic clock

    def close(self) -> None:
        """Let go of the models."""
        for engine in (self.first, self.standby):
            if engine:
                engine.close()


class Engines:
    """The engines of a process, chosen when they are first needed; libraries beside each other share them."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self._book = settings, SpeedBook(settings.home)
        self._lock = threading.Lock()  # over looking for a model and exchanging it, which may take seconds
        self._engines: EnginePair | None = None
        self._closed = False

    def first(self) -> Engine | None:
        """The model that writes, None if none does. EngineProblem if the one that is named cannot be had."""
        selection = self._look()
        if selection.problem:
            raise selection.problem.with_traceback(None)
        return selection.first

    def current(self) -> tuple[Choice | None, str]:
        """The model that writes and why that one does, or why none does.

        This looks around only where the next question would: if nobody has, or where there was none some time ago.
        """
        selection = self._look()
        why = selection.problem.message if selection.problem else explain(selection.choice, self.settings)
        return selection.choice if selection.first else None, why

    @property
    def standby(self) -> Engine | None:
        """The engine that may speak for a slow or dead one, if there is any, once somebody has asked for the first."""
        return self._engines.standby if self._engines and not self._closed else None

    @property
    def awake(self) -> bool:
        """Whether the model that writes is loaded."""
        first = self._engines.first if self._engines else None
        return first is not None and first.awake

    @property
    def speeds(self) -> Speeds | None:
        """How fast the model that writes is; None if it is not loaded."""
        first = self._engines.first if self._engines else None
        return first.speeds if first is not None and first.awake else None

    def choose(self, settings: Settings) -> None:
        """Let another model write; what the one before is writing ends. EngineProblem if it cannot be had."""
        from recto.llm.ollama import Ollama

        selection = self._select(settings)
        if selection.problem and settings.writing.reference != Auto():  # that means: whatever there is, or nothing
            selection.close()
            raise selection.problem
        with self._lock:
            previous, self._engines, self.settings = self._engines, selection, settings
        if previous:
            previous.close()
            llm = previous.first.llm if previous.first else None
            if isinstance(llm, Ollama) and llm.model != (selection.choice and selection.choice.model):
                llm.unload()  # or Ollama would keep it in memory for good
        self._check_open()

    def close(self) -> None:
        """Let go of the models for good."""
        self._closed = True
        if self._engines:
            self._engines.close()

    def _look(self) -> EnginePair:
        """What was found last; where there was no model some time ago, what is there now.

        Why there is none is remembered, too: looking may take seconds, once. EngineClosed after the end.
        """
        with self._lock:
            selection = self._engines
            stale = selection is None or time.monotonic() - selection.looked_at > LOOK_AGAIN_S
            if not self._closed and stale and not (selection and selection.first):
                selection = self._engines = self._select(self.settings, selection.standby if selection else None)
        self._check_open()
        assert selection is not None
        return selection

    def _check_open(self) -> None:
        """EngineClosed, and nothing left behind by whoever was still looking, once this is closed."""
        if self._closed:
            self.close()
            raise closed_problem("the language model")

    def _select(self, settings: Settings, standby: Engine | None = None) -> EnginePair:
        """Look for a model that writes and, unless there is one, for another that stands by."""
        choice = first = problem = None
        try:
            if choice := choose_model(settings):
                first = self._engine(choice, settings)
        except (EngineProblem, UsageProblem) as error:
            problem = error
        with suppress(EngineProblem, UsageProblem):
            if standby is None and (second := choose_standby(settings, choice)):
                standby = self._engine(second, settings)
        return EnginePair(choice=choice, first=first, standby=standby, problem=problem, looked_at=time.monotonic())

    def _engine(self, choice: Choice, settings: Settings) -> Engine:
        return Engine(build_llm(choice, settings), self._book, PRIME, hosted=choice.hosted)
