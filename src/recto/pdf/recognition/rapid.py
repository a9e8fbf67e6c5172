"""RapidOCR, which reads pictures of text without a system package: PP-OCRv6 models that its wheel carries."""

import importlib.util
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recto.pdf.boxes import level
from recto.pdf.recognition.detector import Detector
from recto.pdf.recognition.reading import OcrWord, Picture, Reading
from recto.pdf.recognition.strips import Recogniser, Strip, level_quad

PACKAGE = "rapidocr"
INSTALL = "pip install 'recto-pdf[ocr]'"
DETECTION, RECOGNITION = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
QUARTER = 0.5  # share of the boxes that are higher than wide: from here on the picture lies on its side
WORD = re.compile(r"\S+")
LEVEL_SHARE = 0.5  # of the lower of two boxes: those that overlap by more are on one line


def available() -> bool:
    """Whether RapidOCR is installed together with its models."""
    return all(model(name).is_file() for name in (DETECTION, RECOGNITION))


def model(name: str) -> Path:
    """Where a model of RapidOCR's wheel is; a path that is none where it is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    folders = spec.submodule_search_locations if spec else None
    return Path(*(folders or [""])[:1], "models", name)


@cache
def _detector() -> Detector:
    return Detector(model(DETECTION))


@cache
def _recogniser() -> Recogniser:
    return Recogniser(model(RECOGNITION))


class Rapid:
    """The models, loaded once a process, for one page: `until` is the moment, by the monotonic clock, to give up at."""

    def __init__(self, until: float) -> None:
        self._until = until

    def read(self, picture: Picture) -> Reading:
        """Read a grey picture whose lines are level; nothing if it lies on its side. ValueError if RapidOCR fails."""
        quads = _quads(picture)
        if _on_its_side(quads):
            return Reading.of([])
        words: list[OcrWord] = []
        for line, quad in zip(_lines(quads), quads, strict=True):
            if time.monotonic() > self._until:
                raise TimeoutError("RapidOCR took too long")
            level = level_quad(quad)
            words += _words(line, _strip(picture, level), level)
        return Reading.of(words)

    def turns(self, picture: Picture) -> tuple[int, ...]:
        """By how many degrees clockwise the picture may have to be turned, the likeliest first.

        Lines are found whichever way they run: a picture without any need not be turned at all.
        """
        quads = _quads(picture)
        if not len(quads):
            return ()
        return (90, 270) if _on_its_side(quads) else (0, 180)

    def text(self, picture: Picture) -> tuple[str, float]:
        """Read the picture of one word, or of a few on one line: its text and how sure that is."""
        height, width = picture.shape
        corners = np.array(((0, 0), (width, 0), (width, height), (0, height)), np.float64)
        strip = _strip(picture, corners)
        return strip.text, float(strip.confidences.mean()) if strip.text else 0.0


def _quads(picture: Picture) -> NDArray[np.float64]:
    """The corners of the strips of text, (n, 4, 2) in dots, clockwise from the upper left. ValueError if that fails."""
    with _failing():
        return _detector().quads(picture)


def _strip(picture: Picture, quad: NDArray[np.float64]) -> Strip:
    with _failing():
        return _recogniser().read(picture, quad)


@contextmanager
def _failing() -> Iterator[None]:
    """Say what the models raise, which is of many types, as ValueError."""
    try:
        yield
    except Exception as error:
        raise ValueError(f"RapidOCR failed: {error}") from error


def _on_its_side(quads: NDArray[np.float64]) -> bool:
    """Whether most strips run down the picture, or there are none."""
    sizes = np.ptp(quads, axis=1)
    return not len(quads) or bool(np.mean(sizes[:, 1] > sizes[:, 0]) > QUARTER)


def _lines(quads: NDArray[np.float64]) -> list[int]:
    """The number of the line of each box (n, 4, 2); boxes side by side are on one, as the cells of a row are."""
    boxes = np.column_stack((quads.min(1), quads.max(1)))
    heights = boxes[:, 3] - boxes[:, 1]
    onward = boxes[1:, 0] >= boxes[:-1, 2] - np.minimum(heights[1:], heights[:-1])
    starts = ~level(boxes[:-1], boxes[1:], LEVEL_SHARE) | ~onward
    return [0, *np.cumsum(starts).tolist()]


def _words(line: int, strip: Strip, quad: NDArray[np.float64]) -> Iterator[OcrWord]:
    """The words of a strip, each with half a letter's room around the middles of its first letter and its last."""
    spans = [match.span() for match in WORD.finditer(strip.text)]
    letters = [
        (strip.middles[end - 1] - strip.middles[start]) / (end - 1 - start) for start, end in spans if end - 1 > start
    ]
    half = float(np.mean(letters)) / 2 if letters else 0.5 / max(len(strip.text), 1)
    for start, end in spans:
        sides = np.clip((strip.middles[start] - half, strip.middles[end - 1] + half), 0, 1)
        points = [quad[a] + side * (quad[b] - quad[a]) for a, b in ((0, 1), (3, 2)) for side in sides]
        box = (*np.min(points, axis=0), *np.max(points, axis=0))
        yield OcrWord(strip.text[start:end], line, box, float(strip.confidences[start:end].mean()))
