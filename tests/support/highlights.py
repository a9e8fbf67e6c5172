"""A quote on a page that is turned and cropped, and where a reader of PDFs shows what is highlighted."""

import numpy as np
from PIL import Image

from recto.types import Citation
from support.pdfs import Sheet

QUESTION = "How many litres does the pump of hall 3 move?"
QUOTE = "The pump of hall 3 moves 111 litres a minute."
TOLERANCE = 0.01  # of the page's width or height


def turned(turn: int) -> Sheet:
    """The page, turned by so many degrees."""
    return Sheet([(150, 500, 14, QUOTE)], media=(0, 0, 600, 700), crop=(40, 60, 560, 640), rotate=turn)


def corners(place: Citation) -> np.ndarray:
    """The corners of all boxes of a quote, in shares of the page."""
    sides = np.array([rect.as_list() for rect in place.rects])
    return np.concatenate([sides[:, :2].min(0), sides[:, 2:].max(0)])


def marked(picture: Image.Image) -> np.ndarray:
    """The corners of all that is yellow, in shares of the page."""
    red, green, blue = np.asarray(picture.convert("RGB"), np.int16).transpose(2, 0, 1)
    rows, columns = np.nonzero((red > 200) & (green > 170) & (blue < 150))
    height, width = red.shape
    return np.array(
        [columns.min() / width, rows.min() / height, (columns.max() + 1) / width, (rows.max() + 1) / height]
    )
