"""The picture of a page, with a quote marked on it."""

import io

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw

MOST_PIXELS = 30_000_000  # a strip of 1 x 1000 must not fill the memory
MARK = (255, 226, 84)  # multiplied with the page: ink stays black, paper turns yellow
MARGIN = 0.0015  # of the page's width around a mark


def draw(document: pdfium.PdfDocument, number: int, width: int) -> Image.Image:
    """Draw a page `width` pixels wide."""
    page = document[number]
    points_wide, points_high = page.get_size()
    scale = min(width / points_wide, (MOST_PIXELS / max(points_wide * points_high, 1)) ** 0.5)
    image: Image.Image = page.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")
    page.close()
    return image


def png(image: Image.Image, marks: list[list[float]]) -> NDArray[np.uint8]:
    """Mark boxes, in shares of the picture, and encode it as PNG; the bytes as an array."""
    if marks:
        layer = Image.new("RGB", image.size, "white")
        brush = ImageDraw.Draw(layer)
        margin = MARGIN * image.width
        for x0, y0, x1, y1 in marks:
            corners = x0 * image.width - margin, y0 * image.height - margin
            opposite = x1 * image.width + margin, y1 * image.height + margin
            brush.rectangle((*corners, *opposite), fill=MARK)
        image = ImageChops.multiply(image, layer)
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)  # level 1 is a third of the time for a fifth more bytes
    return np.frombuffer(file.getvalue(), np.uint8)
