"""Strips of text, a line or a word each, read by a recogniser of PP-OCR on onnxruntime."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recto.pdf.recognition.int8 import quantised
from recto.pdf.recognition.memory import hold_freed
from recto.pdf.recognition.reading import Picture
from recto.types import Floats

if TYPE_CHECKING:
    import onnxruntime

SILENT = 4  # onnxruntime's own log: fatal errors only, the rest arrives as exceptions
HEIGHT = 48  # dots of a strip, that the recogniser was trained with
NARROWEST = 320  # dots: a strip is filled up to it with grey, as in training
STEP = 8  # dots that a column of the result stands for
UPRIGHT = 1.5  # times as high as wide: a strip that runs down the picture
MARGIN = 0.05  # of a strip's height, added above and below: lower letters, and so fewer columns
ALPHABET = "character"  # in the model's metadata: the letters, one a line
BLANK = 0  # the class for no letter, before those of the letters; behind them is that of the space


class Strip(NamedTuple):
    """What a strip says: its characters, the confidence of each, 0 to 1, and its middle as a share of the width."""

    text: str
    confidences: Floats
    middles: Floats


class Recogniser:
    """The model, with its large products in int8."""

    def __init__(self, model: Path) -> None:
        self._session = session(quantised(model.read_bytes()))
        letters = self._session.get_modelmeta().custom_metadata_map[ALPHABET].splitlines()
        self._alphabet = np.array(["", *letters, " "])
        self._input = self._session.get_inputs()[0].name

    def read(self, picture: Picture, quad: NDArray[np.float64]) -> Strip:
        """Read the part of a grey picture within corners (4, 2), in dots, clockwise from where the text begins."""
        dots = _dots(picture, quad)
        width = max(dots.shape[1], NARROWEST)
        filled = np.zeros((1, 3, HEIGHT, width), np.float32)
        filled[..., : dots.shape[1]] = dots / np.float32(127.5) - 1
        scores = self._session.run(None, {self._input: filled})[0][0]
        classes = scores.argmax(1)
        rows = np.flatnonzero((classes != BLANK) & (np.diff(classes, prepend=BLANK) != 0))
        letters, scores = self._alphabet[classes[rows]].tolist(), scores[rows]
        at = np.arange(len(rows)), classes[rows]
        best = scores[at]
        scores[at] = -np.inf
        # Softmax of the likeliest two: of all 18,000 it differs by .0001, which would take a fifth of the time.
        confidences = 1 / (1 + np.exp(scores.max(1) - best))
        middles = (rows + 0.5) * STEP / dots.shape[1]
        return Strip("".join(letters), confidences, np.minimum(middles, 1).astype(np.float32))


def session(model: bytes) -> "onnxruntime.InferenceSession":
    """A model ready to run on one core."""
    import onnxruntime

    hold_freed()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = SILENT
    options.intra_op_num_threads = 1
    options.enable_mem_pattern = False  # kept for each width of a strip, and no two have the same
    options.enable_cpu_mem_arena = False  # which is never given back
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def level_quad(quad: NDArray[np.float64]) -> NDArray[np.float64]:
    """The corners of a strip from where its text begins: one that runs down the picture is read from its foot up."""
    across, down = (float(np.linalg.norm(quad[0] - quad[corner])) for corner in (1, 3))
    return np.roll(quad, -1, axis=0) if down >= UPRIGHT * across else quad


def _dots(picture: Picture, quad: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The strip made level, `HEIGHT` dots high."""
    rise = (quad[[3, 2]] - quad[[0, 1]]) * MARGIN
    corners = np.concatenate((quad[:2] - rise, quad[2:] + rise[::-1]))
    across, down = (float(np.linalg.norm(corners[0] - corners[corner])) for corner in (1, 3))
    width = max(round(across * HEIGHT / max(down, 1.0)), 1)
    left, top = np.floor(corners.min(0)).astype(int).tolist()
    right, bottom = np.ceil(corners.max(0)).astype(int).tolist()
    rows, columns = picture.shape
    room = ((max(-top, 0), max(bottom - rows, 0)), (max(-left, 0), max(right - columns, 0)))
    part = np.pad(picture[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)], room, mode="edge")
    order = (corners - (left, top))[[0, 3, 2, 1]].ravel().tolist()  # upper left, lower left, lower right, upper right
    image = Image.fromarray(part)
    return np.asarray(image.transform((width, HEIGHT), Image.Transform.QUAD, order, Image.Resampling.BILINEAR))
