"""What reads pictures of text, and what it makes of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from recto.types import Floats

Picture = NDArray[np.uint8]  # (rows, columns), grey levels


class OcrWord(NamedTuple):
    """A word of a picture: the number of its line, its box in dots, and a confidence from 0 to 1."""

    text: str
    line: int
    box: tuple[float, float, float, float]  # left, top, right, bottom
    confidence: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Reading:
    """The words of a picture in reading order. `lines` int64 (n,): the line of each, not decreasing.

    `boxes` float32 (n, 4): x0, y0, x1, y1 in dots from the top left; `confidences` float32 (n,): 0 to 1.
    """

    texts: list[str]
    lines: NDArray[np.int64]
    boxes: Floats
    confidences: Floats

    @classmethod
    def of(cls, words: Sequence[OcrWord]) -> Self:
        """The reading of these words."""
        return cls(
            texts=[word.text for word in words],
            lines=np.array([word.line for word in words], np.int64),
            boxes=np.array([word.box for word in words], np.float32).reshape(-1, 4),
            confidences=np.array([word.confidence for word in words], np.float32),
        )

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """How many characters each word has."""
        return np.array([len(text) for text in self.texts], np.int64)

    @property
    def strength(self) -> float:
        """The characters that may be trusted: what two readings of one picture are compared by."""
        return float((self.confidences * self.lengths).sum())

    @property
    def confidence(self) -> float:
        """The mean over the characters, 0 where there are none."""
        return self.strength / max(int(self.lengths.sum()), 1)

    def take(self, rows: NDArray[np.bool_]) -> "Reading":
        """The words for which `rows` holds."""
        texts = [text for text, keep in zip(self.texts, rows.tolist(), strict=True) if keep]
        return Reading(texts=texts, lines=self.lines[rows], boxes=self.boxes[rows], confidences=self.confidences[rows])


class OcrEngine(Protocol):
    """Reads pictures; one for each page. TimeoutError, OSError or ValueError if it fails."""

    def read(self, picture: Picture) -> Reading:
        """Read a picture whose lines are level."""
        ...

    def turns(self, picture: Picture) -> tuple[int, ...]:
        """By how many degrees clockwise the picture may have to be turned, the likeliest first."""
        ...
