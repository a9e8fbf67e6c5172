"""Language models: the Protocol that all engines implement."""

from collections.abc import Iterator
from typing import Protocol

from recto.generation import Load, Piece, Prompt
from recto.stop import Stop


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
        """Let go of what it holds, for good: streams end with EngineClosed, those under way and those to come."""
