"""Counting for engines that cannot be asked: tokens of a prompt by its bytes, pieces of an answer against its limit."""

from collections.abc import Iterator
from math import ceil

from recto.generation import Finished, Load, Prompt, Text

BYTES = 3.5  # of UTF-8 a token, until the engine has counted: English has some 4.5, tables of figures below 3
PLAUSIBLE = (1.0, 8.0)  # bytes a token; outside of it an engine did not count the whole prompt


class Scales:
    """Weighs prompts by their bytes, with the ratio learned from what the engine counted."""

    def __init__(self) -> None:
        self._ratio = BYTES
        self._held = b""

    def weigh(self, prompt: Prompt) -> Load:
        """Tokens of the prompt, and of what it has in common with the prompt read last."""
        said = _bytes(prompt)
        return Load(self._tokens(said), self._tokens(_shared(said, self._held)))

    def begun(self, prompt: Prompt) -> None:
        """The engine reads this now: of the prompt before, what both have in common stays."""
        self._held = _shared(_bytes(prompt), self._held)

    def read(self, prompt: Prompt) -> None:
        """The engine has read all of this."""
        self._held = _bytes(prompt)

    def counted(self, prompt: Prompt, tokens: int) -> None:
        """Learn from the engine's own count of this whole prompt."""
        low, high = PLAUSIBLE
        if tokens and low <= (ratio := len(_bytes(prompt)) / tokens) <= high:
            self._ratio = ratio

    def _tokens(self, said: bytes) -> int:
        return ceil(len(said) / self._ratio)


def _bytes(prompt: Prompt) -> bytes:
    return "\n".join(message["content"] for message in prompt.messages).encode("utf-8", "replace")


def _shared(these: bytes, those: bytes) -> bytes:
    """What both begin with."""
    parted = (at for at, (one, other) in enumerate(zip(these, those, strict=False)) if one != other)
    return these[: next(parted, min(len(these), len(those)))]


def limited(said: Iterator[str | Finished], most: int) -> Iterator[Text | Finished]:
    """Pass an answer on, and cut it if it has more pieces than it may have tokens. Thoughts come as empty pieces."""
    for before, piece in enumerate(said):
        if isinstance(piece, Finished):
            yield piece
            return
        if before == most:
            yield Finished(None, None, None, cut=True)
            return
        if piece:
            yield Text(piece)
