"""The words of a page by where they stand: upright, in lines, and each line in stretches of words that run on."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, starmap
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from recto.normalize import Float64s
from recto.types import FULL, Page

WORD_SPACE = 0.55  # of a word's height: no space between two words of a sentence is so wide, not even a justified one
FAR = 0.9  # of a word's height: what parts two columns for certain
LEVEL = 0.35  # of a word's height that the middles of two words on one line may differ
TALL = 1.5  # times as high as wide: a word of three letters or more that is turned by 90 degrees

SIGN_APART = 0.4  # of a word's height: a currency sign so far behind a word belongs to the figure behind it

_SIGN = re.compile(r"(?:[$€£¥₹(]|US\$)+")
_END_SIGN = re.compile(r"[%)‰]+")
_FIGURE_START = re.compile(r"[(\[+−–—-]*\.?\d|[—–-]$")
_LEADERS = re.compile(r"[.·…_]{3,}|[.·]")  # dots that lead to a figure are no cell

Interval = tuple[float, float]


class PlacedWord(NamedTuple):
    """A word, or the part of it on one line, with its box in points; `number` is its row among the page's spans."""

    number: int
    text: str
    x0: float
    y0: float
    x1: float
    y1: float

    def begins_stretch(self, before: "PlacedWord", after: "PlacedWord | None", height: float) -> bool:
        """Whether it does, apart from the word before; a sign, a bracket or "%" stays with its figure, however far."""
        space = self.x0 - before.x1
        if _SIGN.fullmatch(self.text):
            return bool(after and _FIGURE_START.match(after.text)) or space >= WORD_SPACE * height
        return space >= WORD_SPACE * height and not self.is_signed(before)

    def is_signed(self, before: "PlacedWord") -> bool:
        """Whether the word before is the sign of this figure, or this the sign behind that one."""
        figure = _SIGN.fullmatch(before.text) and _FIGURE_START.match(self.text)
        return bool(figure or _END_SIGN.fullmatch(self.text))


class Stretch(NamedTuple):
    """Words of one line that run on; its left end is that of its figure, which a currency sign may stand far before."""

    words: tuple[PlacedWord, ...]
    x0: float
    x1: float

    @classmethod
    def of(cls, words: Sequence[PlacedWord]) -> "Stretch":
        """A stretch of these words."""
        first = words[0].x0
        if _SIGN.fullmatch(words[0].text):
            first = next((word.x0 for word in words if not _SIGN.fullmatch(word.text)), first)
        return cls(tuple(words), first, max([word.x1 for word in words]))


@dataclass(frozen=True, kw_only=True)
class Line:
    """Words side by side, from left to right, in stretches."""

    stretches: tuple[Stretch, ...]
    top: float
    bottom: float
    height: float  # of its words, the middle one

    @classmethod
    def of(cls, words: Sequence[PlacedWord]) -> "Line":
        """A line of these words."""
        words = sorted(words, key=attrgetter("x0"))
        usual = sorted(words, key=lambda word: word.y1 - word.y0)[len(words) // 2]
        height = usual.y1 - usual.y0
        apart = SIGN_APART * height
        starts = [
            number
            for number, (before, word) in enumerate(pairwise(words), start=1)
            if word.x0 - before.x1 >= apart
            and word.begins_stretch(before, words[number + 1] if number + 1 < len(words) else None, height)
        ]
        return cls(
            stretches=tuple(Stretch.of(words[start:end]) for start, end in pairwise([0, *starts, len(words)])),
            top=usual.y0,
            bottom=usual.y1,
            height=height,
        )

    @cached_property
    def words(self) -> list[PlacedWord]:
        """All of them, from left to right."""
        return [word for stretch in self.stretches for word in stretch.words]

    @cached_property
    def text(self) -> str:
        """Its words as they stand."""
        return " ".join(word.text for word in self.words)

    @property
    def x0(self) -> float:
        """Its left end."""
        return self.stretches[0].x0

    @property
    def x1(self) -> float:
        """Its right end."""
        return self.stretches[-1].x1

    @cached_property
    def parted(self) -> bool:
        """Whether it has words of two columns for certain."""
        return any(right.x0 - left.x1 >= FAR * self.height for left, right in pairwise(self.stretches))


def upright(page: Page) -> list[PlacedWord]:
    """The words of a page in points, turned so that most of them stand upright; leaders are left out."""
    boxes = page.boxes.astype(np.float64) / FULL * [page.width, page.height, page.width, page.height]
    texts = [page.text[start:end] for start, end in page.spans.tolist()]
    turned = turned_upright(boxes, np.array([len(text) for text in texts]), page.width, page.height)
    leaders = set(filter(_LEADERS.fullmatch, set(texts)))
    words = starmap(PlacedWord, zip(range(len(texts)), texts, *turned.T.tolist(), strict=True))
    return [word for word in words if word.text not in leaders] if leaders else list(words)


def turned_upright(
    boxes: Float64s, lengths: np.ndarray[tuple[int], np.dtype[np.int64]], width: float, height: float
) -> Float64s:
    """The boxes of a page whose lines run up or down turned to run to the right; as they are on other pages."""
    x0, y0, x1, y1 = boxes.T
    long = lengths >= 3
    tall = long & (y1 - y0 > TALL * (x1 - x0))
    if 2 * tall.sum() <= long.sum() or not tall.any():
        return boxes
    beside = np.flatnonzero(np.abs(x0[1:] - x0[:-1]) < x1[:-1] - x0[:-1])
    down = np.median((y0[1:] - y0[:-1])[beside]) > 0 if beside.size else False
    if down:
        return np.column_stack((y0, width - x1, y1, width - x0))
    return np.column_stack((height - y1, x0, height - y0, x1))


def lines(words: Sequence[PlacedWord]) -> list[Line]:
    """Words in lines, from the top: those whose middles are level."""
    groups: list[list[PlacedWord]] = []
    level = -math.inf
    for word in sorted(words, key=lambda word: word.y0 + word.y1):
        _, _, _, top, _, bottom = word
        middle = (top + bottom) / 2
        if middle - level > LEVEL * (bottom - top):
            groups.append([])
            level = middle
        groups[-1].append(word)
    return [Line.of(group) for group in groups]


def median(values: Sequence[float]) -> float:
    """The middle one, or the mean of the two in the middle: of few values in a tenth of the time that numpy takes."""
    ordered, middle = sorted(values), len(values) // 2
    return ordered[middle] if len(values) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
