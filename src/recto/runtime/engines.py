"""The engines of a process, chosen when they are first needed."""

import threading
import time
from contextlib import suppress

from recto.answer.prompt import SYSTEM
from recto.config import Settings
from recto.errors import (
    EngineProblem,
    UsageProblem,
)
from recto.generation import Prompt
from recto.llm.choose import Choice, build_llm, choose_model, distant_model, local_model, may_ask_remote
from recto.llm.engine import Engine
from recto.llm.speeds import SpeedBook, Speeds

LOOK_AGAIN_S = 10.0  # for a model where there was none: it may have been pulled meanwhile
PRIME = Prompt(SYSTEM, "", "")


def standby(settings: Settings, book: SpeedBook, chosen: Choice | None) -> Engine | None:
    """The engine that may speak for a slow or dead one, if there is any.

    For one of this machine that is a remote one, if that is allowed; for a remote one, what this machine has.
    """
    with suppress(EngineProblem, UsageProblem):
        if chosen and chosen.hosted:
            other = local_model(settings)
        else:
            other = distant_model(settings) if may_ask_remote(settings) else None
        return Engine(build_llm(other, settings), book, PRIME, hosted=other.hosted) if other else None
    return None


class Engines:
    """The engines of a process, chosen when they are first needed; libraries beside each other share them."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self._book = settings, SpeedBook(settings.home)
        self._lock = threading.Lock()
        self._looked: float | None = None
        self._missing: EngineProblem | UsageProblem | None = None  # why there was no model when one was looked for
        self._first: Engine | None = None
        self.standby: Engine | None = None

    def first(self) -> Engine | None:
        """The model that writes, None if none does. EngineProblem if the one that is named cannot be had."""
        with self._lock:
            if self._first is None and (self._looked is None or time.monotonic() - self._looked > LOOK_AGAIN_S):
                self._look()
            if self._missing:
                raise self._missing.with_traceback(None)
            return self._first

    def _look(self) -> None:
        """Look for a model, and remember why there is none: looking may take seconds, once."""
        self._missing = chosen = None
        try:
            if chosen := choose_model(self.settings):
                self._first = self._engine(chosen, self.settings)
        except (EngineProblem, UsageProblem) as problem:
            self._missing = problem
        self.standby = self.standby or standby(self.settings, self._book, chosen)
        self._looked = time.monotonic()

    def _engine(self, chosen: Choice, settings: Settings) -> Engine:
        return Engine(build_llm(chosen, settings), self._book, PRIME, hosted=chosen.hosted)

    @property
    def awake(self) -> bool:
        """Whether the model that writes is loaded."""
        return self._first is not None and self._first.awake

    @property
    def speeds(self) -> Speeds | None:
        """How fast the model that writes is; None if it is not loaded."""
        first = self._first
        return first.speeds if first is not None and first.awake else None

    def choose(self, settings: Settings) -> None:
        """Let another model write; what the one before is writing ends. EngineProblem if it cannot be had."""
        chosen = choose_model(settings)
        found = self._engine(chosen, settings) if chosen else None
        with self._lock:
            before, self._first = self._first, found
            self.settings, self._looked, self._missing = settings, time.monotonic(), None
        if before is not None:
            before.llm.close()

    def close(self) -> None:
        """Let go of the models."""
        for engine in (self._first, self.standby):
            if engine:
                engine.llm.close()
