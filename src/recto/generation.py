"""An answer as a language model gives it: the prompt, what it costs to read, and the pieces that come back."""

from dataclasses import dataclass


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
class Delayed:
    """Nothing came for longer than was announced, of an engine that others ask, too. No sign of life."""


@dataclass(frozen=True, slots=True)
class Prefilled:
    """Tokens of the prompt read so far, of those that were not read before."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the answer, never empty."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The end, always the last piece: tokens as the engine counted them, None where it does not say."""

    prompt: int | None = None
    cached: int | None = None
    answer: int | None = None
    cut: bool  # by the limit, not by the model


Piece = Waking | Delayed | Prefilled | Text | Finished
