"""Language models: what one is asked, what it says, and the Protocol that all engines implement."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model reads, in the order in which engines keep it: of a next prompt, only what differs is read again."""

    system: str
    evidence: str
    question: str

    @property
    def messages(self) -> list[dict[str, str]]:
        """The chat: the system's part, then the evidence and, last, the question."""
        user = f"{self.evidence}\n\n{self.question}"
        return [{"role": "system", "content": self.system}, {"role": "user", "content": user}]


@dataclass(frozen=True, slots=True)
class Load:
    """Tokens of a prompt, the chat template's included, and how many of them the engine holds already."""

    total: int
    cached: int

    @property
    def new(self) -> int:
        """Those that are to be read; an engine reads the last one in any case."""
        return max(1, self.total - self.cached)


@dataclass(frozen=True, slots=True)
class Waking:
    """The engine loads the model. A sign of life."""

    elapsed_s: float


@dataclass(frozen=True, slots=True)
class Prefilled:
    """Tokens of the prompt read so far, of those that were not read before."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the answer, never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The end, always the last piece: tokens as the engine counted them, None where it does not say."""

    prompt: int | None
    cached: int | None
    answer: int | None
    cut: bool  # by the limit, not by the model


Piece = Waking | Prefilled | Text | Finished


class Stopped(Exception):
    """Somebody pulled the brake; nobody waits for the rest."""


class Stop:
    """A brake that any thread may pull, once."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._actions: list[Callable[[], None]] = []

    @property
    def pulled(self) -> bool:
        """Whether it was pulled."""
        return self._event.is_set()

    def pull(self) -> None:
        """Stop whatever runs under this brake."""
        with self._lock:
            self._event.set()
            actions = list(self._actions)
        for action in actions:
            action()

    def wait(self, seconds: float) -> bool:
        """Wait, at most so long, until it is pulled, and tell whether it was."""
        return self._event.wait(seconds)

    def check(self) -> None:
        """Raise Stopped if it was pulled."""
        if self.pulled:
            raise Stopped

    @contextmanager
    def doing(self, action: Callable[[], None]) -> Iterator[None]:
        """While the block runs, pulling the brake calls this; at once if it is pulled already."""
        with self._lock:
            self._actions.append(action)
        try:
            if self.pulled:
                action()
            yield
        finally:
            with self._lock:
                self._actions.remove(action)


class LLM(Protocol):
    """A language model somewhere. Errors are EngineProblems."""

    @property
    def name(self) -> str:
        """Engine and model, as an answer names its writer: `llama.cpp/SmolLM2-135M-Instruct.Q4_1`."""

    @property
    def fingerprint(self) -> str:
        """What its speed depends on: engine, model, threads. Measured speeds are kept under this key."""

    def weigh(self, prompt: Prompt, /) -> Load:
        """Count a prompt's tokens: exactly where the engine can count, else by what it counted before."""

    def stream(self, prompt: Prompt, /, *, most: int, stop: Stop) -> Iterator[Piece]:
        """Answer in at most so many tokens, greedily. With `most=0` the prompt is read, and nothing written.

        A stream that ends without Finished is a failure and raises EngineFailed. Pulling `stop` ends it with Stopped
        and frees the engine's cores within a second.
        """

    def close(self) -> None:
        """Let go of what it holds."""
