"""The second reader, for files that PDFium cannot open: pdf_oxide repairs cut and overwritten files."""

import io

import numpy as np
import pdf_oxide
from PIL import Image

from recto.pdf.layout import ReadPage, Unreadable, arrange
from recto.pdf.native import Glyphs, turned

TALLEST = 4  # times its width: how high a picture may become


def open_document(path: str, password: str | None) -> tuple[pdf_oxide.PdfDocument, int]:
    """Open a damaged file, or one whose encryption PDFium refuses; return it and its number of pages."""
    pdf_oxide.disable_logging()
    try:
        document = pdf_oxide.PdfDocument(path)
        if not document.authenticate(password or ""):  # its pages would be empty
            raise Unreadable("the password does not open it")
        pages = int(document.page_count())
    except (RuntimeError, OSError, ValueError) as error:
        raise Unreadable(str(error)) from error
    if not pages:
        raise Unreadable("no pages were found in it")
    return document, pages


Box = tuple[float, float, float, float]  # in points


def read(document: pdf_oxide.PdfDocument, number: int) -> ReadPage:
    """Read one page: its words, each character of which gets its word's box."""
    try:
        words = [(word.text, word.bbox) for word in document.extract_words(number)]
        left, bottom, right, top = document.page_media_box(number)
        turns = document.page_rotation(number) // 90 % 4
    except (RuntimeError, OSError, ValueError) as error:
        raise Unreadable(str(error)) from error
    width, height = max(right - left, 1e-3), max(top - bottom, 1e-3)
    codes: list[int] = []
    points: list[Box] = []  # left, top, right, bottom; words have left, bottom, width, height
    previous = words[0][1][1] if words else 0.0
    for text, (x, y, w, h) in words:
        if codes:
            codes.append(ord("\n") if abs(previous - y) > h / 2 else ord(" "))
            points.append((x, y, x, y))
        previous = y
        codes += map(ord, text)
        points += [(x, y + h, x + w, y)] * len(text)
    shares = (np.array(points, np.float64).reshape(-1, 4) - [left, top, left, top]) / [width, -height, width, -height]
    boxes = turned(shares.astype(np.float32), turns)
    if turns % 2:
        width, height = height, width
    characters = Glyphs(
        codes=np.array(codes, np.uint32),
        boxes=boxes,
        weights=np.zeros(len(codes), np.int32),
        traits=np.zeros(len(codes), np.uint8),
        width=width,
        height=height,
    )
    return arrange(number, characters)


def draw(document: pdf_oxide.PdfDocument, number: int, width: int) -> Image.Image:
    """Draw a page about `width` pixels wide."""
    try:
        data = document.render_page_fit(number, width, TALLEST * width)
    except (RuntimeError, OSError, ValueError) as error:
        raise Unreadable(str(error)) from error
    return Image.open(io.BytesIO(data)).convert("RGB")
