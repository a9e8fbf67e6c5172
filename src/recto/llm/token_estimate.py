"""Counting for engines that cannot be asked: tokens of a prompt by its bytes, pieces of an answer against its limit."""

from collections.abc import Iterator, Sequence
from math import ceil

from recto.generation import Finished, Load, Prompt, Text

BYTES = 3.5  # of UTF-8 a token, until the engine has counted: English has some 4.5, tables of figures below 3
PLAUSIBLE = (1.0, 8.0)  # bytes a token; outside of it an engine did not count the whole prompt


class TokenEstimates:
    """Estimates prompts by their bytes, with the ratio learned from what the engine counted."""

    def __init__(self) -> None:
        self._ratio = BYTES
        self._cached = b""  # what the engine holds of the prompts before

    def weigh(self, prompt: Prompt) -> Load:
        """Tokens of the prompt, and of what it has in common with the prompt read last."""
        text = _utf8(prompt)
        cached = common_prefix_length(text, self._cached)
        return Load(ceil(len(text) / self._ratio), ceil(cached / self._ratio))

    def begin(self, prompt: Prompt) -> None:
        """The engine reads this now: of the prompt before, what both have in common stays."""
        self._cached = self._cached[: common_prefix_length(_utf8(prompt), self._cached)]

    def complete(self, prompt: Prompt) -> None:
        """The engine has read all of this."""
        self._cached = _utf8(prompt)

    def learn(self, prompt: Prompt, tokens: int) -> None:
        """Learn from the engine's own count of this whole prompt."""
        low, high = PLAUSIBLE
        if tokens and low <= (ratio := len(_utf8(prompt)) / tokens) <= high:
            self._ratio = ratio


def _utf8(prompt: Prompt) -> bytes:
    return "\n".join(message["content"] for message in prompt.messages).encode("utf-8", "replace")


def common_prefix_length(first: Sequence[int], second: Sequence[int]) -> int:
    """How many tokens, or bytes, two prompts have in common before they part."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((length for length, (left, right) in pairs if left != right), min(len(first), len(second)))


def limited(pieces: Iterator[str | Finished], limit: int) -> Iterator[Text | Finished]:
    """Pass an answer on, and cut it if it has more pieces than it may have tokens. Thoughts come as empty pieces."""
    for count, piece in enumerate(pieces):
        if isinstance(piece, Finished):
            yield piece
            return
        if count == limit:
            yield Finished(cut=True)
            return
        if piece:
            yield Text(piece)
