"""Scans that lie askew, on their side or upside down: turned until they read well, and boxes turned back."""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from recto.pdf.recognition.reading import OcrEngine, Picture, Reading
from recto.types import Floats

SURE = 0.8  # mean confidence: upright pages have .94 or more, those upside down .4
UNREAD = 0.5  # share of the ink outside of all words: a reading that fell apart, or a photograph
STEP = 4  # dots of the picture a dot of the small one in which the skew is measured
STEEPEST, PRECISION = 8.0, 0.25  # degrees
LEVEL = 1.0  # degrees: less does not disturb the engines
NEAR = 3  # dots around a dot: a square of 7 x 7
SPECK = 11  # dots of ink in it: the full stop of small print has 16
SPECKLED = 0.2  # of the ink
MOST_INK = 200_000  # dots of the small picture that are looked at


@dataclass(frozen=True, slots=True, eq=False)
class Upright:
    """A reading of a picture that was turned clockwise by `degrees`, and the size of the turned picture in dots."""

    reading: Reading
    degrees: float
    size: tuple[int, int]  # across, down

    def turned_back(self, boxes: NDArray[np.float64], width: int, height: int) -> NDArray[np.float64]:
        """Boxes (n, 4) of the turned picture in the one as it was, `width` by `height` dots: those that hold them."""
        x0, y0, x1, y1 = boxes.T
        corners = np.stack((np.stack((x0, y0)), np.stack((x1, y0)), np.stack((x0, y1)), np.stack((x1, y1))))
        centre, middle = np.array(self.size)[:, None] / 2, np.array((width, height))[:, None] / 2
        angle = np.deg2rad(self.degrees)
        back = np.array(((np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))))
        points = back @ (corners - centre) + middle
        return np.concatenate((points.min(0), points.max(0))).T


def read_upright(picture: Picture, engine: OcrEngine) -> Upright:
    """Read a picture, its lines made level; where that goes badly, without specks and upside down or on its side, too.

    Raises as `OcrEngine.read` does for the first reading; the best one counts.
    """
    level, lean = _levelled(picture)
    best = Upright(engine.read(level), lean, level.shape[::-1])
    sure = best.reading.confidence >= SURE
    if sure and unread(level, best.reading.boxes) < UNREAD:
        return best
    clean = without_specks(picture)
    speckled = clean is not picture
    if sure and not speckled:
        return best
    level, lean = _levelled(clean) if speckled else (level, lean)
    with suppress(TimeoutError):
        for degrees in engine.turns(level):
            if degrees or speckled:
                upright = turned(level, degrees)
                attempt = Upright(engine.read(upright), lean + degrees, upright.shape[::-1])
                best = max(best, attempt, key=lambda upright: upright.reading.strength)
            if best.reading.confidence >= SURE:
                break
    return best


def _levelled(picture: Picture) -> tuple[Picture, float]:
    """The picture with level lines, and by how many degrees clockwise it was turned for that."""
    lean = -skew(picture)
    return (turned(picture, lean), lean) if abs(lean) >= LEVEL else (picture, 0.0)


def turned(picture: Picture, degrees: float) -> Picture:
    """The picture turned clockwise, on paper of its own colour, large enough to hold it all."""
    if not degrees:
        return picture
    paper = int(np.median(picture[::STEP, ::STEP]))
    image = Image.fromarray(picture).rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=paper)
    return np.asarray(image)


def without_specks(picture: Picture) -> Picture:
    """The picture without dots too small for a letter's: grey paper in a picture of black and white is full of them."""
    ink = _ink(picture)
    near = np.asarray(Image.fromarray(ink.astype(np.uint8) * 255).filter(ImageFilter.BoxBlur(NEAR)))
    specks = near < SPECK * 255 / (2 * NEAR + 1) ** 2
    if np.count_nonzero(ink & specks) < SPECKLED * np.count_nonzero(ink):
        return picture
    return np.where(specks, np.percentile(picture, 50).astype(np.uint8), picture)


def skew(picture: Picture) -> float:
    """By how many degrees clockwise the lines of a picture are turned, whether they run across or down it."""
    ink = _ink(picture[::STEP, ::STEP])
    rows, columns = np.nonzero(ink)
    every = max(len(rows) // MOST_INK, 1)
    rows, columns = rows[::every].astype(np.float32), columns[::every].astype(np.float32)
    if not len(rows):
        return 0.0
    angles = np.arange(-STEEPEST, STEEPEST + PRECISION, PRECISION)
    slopes = np.tan(np.deg2rad(angles)).astype(np.float32)
    across = [_sharpness(rows - columns * slope) for slope in slopes]
    down = [_sharpness(columns + rows * slope) for slope in slopes]
    best = across if max(across) >= max(down) else down
    return float(angles[int(np.argmax(best))])


def _sharpness(heights: NDArray[np.float32]) -> float:
    """How unevenly ink falls on lines: most where the lines are level."""
    counts = np.bincount((heights - heights.min()).astype(np.int64))
    return float((np.diff(counts.astype(np.float64)) ** 2).sum())


def _ink(picture: Picture) -> NDArray[np.bool_]:
    """The dots that are nearer to the darkest than to the paper."""
    dark, paper = np.percentile(picture, (0.5, 50))
    darker: NDArray[np.bool_] = picture < (float(dark) + float(paper)) / 2
    return darker


def unread(picture: Picture, boxes: Floats) -> float:
    """The share of the ink that lies in none of the words' boxes, float32 (n, 4) in dots."""
    ink = _ink(picture[::STEP, ::STEP])
    total = int(np.count_nonzero(ink))
    for x0, y0, x1, y1 in (boxes / STEP).astype(np.int64).tolist():
        ink[y0 : y1 + 1, x0 : x1 + 1] = False
    return int(np.count_nonzero(ink)) / max(total, 1)
