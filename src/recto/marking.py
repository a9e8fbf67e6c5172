"""A written answer as it streams, its marks where they stand: for clients that cannot go back in what they showed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from recto.events import Cited, Token, Unsupported

CLOSERS = 5  # characters that end a sentence, when it is seen only by what follows that it does

_END = re.compile(
    r"""[.!?:;\u2026\u3002\uff01\uff1f\u061f\u0964]["'\u201d\u2019)\]]*(?=\s)|(?<=[\u3002\uff01\uff1f])|(?=\n)"""
)


@dataclass(kw_only=True)
class MarkedText:
    """Text and marks in their order. A sentence's marks come when the next one has begun: that beginning waits."""

    text: str = ""
    shown: int = 0  # characters

    def add(self, event: Token | Cited | Unsupported) -> Iterator[str | Cited | Unsupported]:
        """What has waited, and of new text what still belongs to the sentence at hand; or that one's mark."""
        match event:
            case Token(text):
                yield from self._to(len(self.text))
                self.text += text
                ends = (match.end() for match in _END.finditer(self.text, max(0, self.shown - CLOSERS)))
                yield from self._to(next((end for end in ends if end >= self.shown), len(self.text)))
            case Cited(citation):
                yield from self._to(citation.at)
                yield event
            case Unsupported(at):
                yield from self._to(at)
                yield event
            case _:
                assert_never(event)

    def end(self) -> Iterator[str]:
        """What has waited."""
        yield from self._to(len(self.text))

    def sentence_start(self, end: int) -> int:
        """Where the sentence begins that ends there."""
        ends = [match.end() for match in _END.finditer(self.text, 0, end) if match.end() < end - CLOSERS]
        start = max(ends, default=0)
        return start + len(self.text[start:end]) - len(self.text[start:end].lstrip())

    def _to(self, at: int) -> Iterator[str]:
        if at > self.shown:
            start, self.shown = self.shown, at
            yield self.text[start:at]
