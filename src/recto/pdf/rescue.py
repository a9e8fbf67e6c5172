"""The second reader, for files that PDFium cannot open: pdf_oxide repairs cut and overwritten files."""

import numpy as np
import pdf_oxide

from recto.pdf.layout import ReadPage, arrange
from recto.pdf.native import Glyphs


class Unreadable(Exception):
    """Not even the second reader can open it."""


def opened(path: str) -> tuple[pdf_oxide.PdfDocument, int]:
    """Open a damaged file; return it and its number of pages."""
    pdf_oxide.disable_logging()
    try:
        document = pdf_oxide.PdfDocument(path)
        pages = int(document.page_count())
    except (RuntimeError, OSError, ValueError) as error:
        raise Unreadable(str(error)) from error
    if not pages:
        raise Unreadable("no pages were found in it")
    return document, pages


def read(document: pdf_oxide.PdfDocument, number: int) -> ReadPage:
    """Read one page: its words, each character of which gets an equal share of the word's box."""
    try:
        words = document.extract_words(number)
        left, bottom, right, top = document.page_media_box(number)
    except (RuntimeError, OSError, ValueError) as error:
        raise Unreadable(str(error)) from error
    width, height = max(right - left, 1e-3), max(top - bottom, 1e-3)
    codes: list[int] = []
    boxes: list[tuple[float, float, float, float]] = []
    previous: float | None = None
    for word in words:
        x, y, w, h = word.bbox
        if codes:
            codes.append(10 if previous is not None and abs(previous - y) > h / 2 else 32)
            boxes.append((0, 0, 0, 0))
        previous = y
        box = ((x - left) / width, (top - y - h) / height, (x + w - left) / width, (top - y) / height)
        codes.extend(map(ord, word.text))
        boxes.extend([box] * len(word.text))
    glyphs = Glyphs(
        np.array(codes, np.uint32),
        np.array(boxes, np.float32).reshape(-1, 4),
        np.zeros(len(codes), np.int32),
        width,
        height,
    )
    return arrange(number, glyphs)
