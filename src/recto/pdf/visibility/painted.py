"""What of a page's text the page does not show: layers that are off, ink of the paper's colour, text under a bar.

The rendered page is the arbiter: text is painted where the page looks different without it. Rendering costs more than
reading, so it is done only for texts that something may hide, which PDFium's objects tell. What lies under or over a
scanned picture is the text that somebody recognised in it: it counts as painted where the picture holds ink.
"""

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from recto.pdf.boxes import each_row
from recto.pdf.characters import Characters
from recto.pdf.characters.measures import text_objects
from recto.pdf.run import blank, distinct, stretches
from recto.pdf.visibility import objects as painting
from recto.pdf.visibility.arbiter import Sheet, unpainted
from recto.pdf.visibility.objects import EDGE, Bools, Objects, PageContent
from recto.pdf.visibility.suspects import Shapes, filled_shapes, suspects

SMALLEST = 1.0  # points, of a character's box: what is smaller is read by no eye, and printed by few printers
PROBES = 5  # of the characters in a shape: a text that it covers has many of them
SPACE = 0x20  # code points up to here have no ink


def visible(
    page: pdfium.PdfPage, content: PageContent, text: int, characters: Characters, *, layered: bool
) -> tuple[Characters, int]:
    """The characters that the page shows, and how many words have others; `text` is the handle of PDFium's text."""
    left, _, _, top = page.get_bbox()
    codes, count = characters.codes, len(characters.codes)
    boxes = characters.boxes * each_row(np.array((1, -1, 1, -1), np.float32), count)
    boxes += each_row(np.array((left, top, left, top), np.float32), count)
    sheet = Sheet(
        page=page, content=content, text=text, codes=codes, index=characters.index, boxes=boxes, layered=layered
    )
    lost = _hidden(sheet)
    if not lost.any():
        return characters, 0
    words = distinct(np.cumsum(blank(codes), dtype=np.int64)[lost])
    return characters.take(np.flatnonzero(_spaced_once(codes, lost))), len(words)


def _hidden(sheet: Sheet) -> Bools:
    """Tell the characters that the page does not show, white space apart."""
    ink = (sheet.codes > SPACE) & (sheet.index >= 0)
    left, top, right, bottom = sheet.boxes.T
    wide, high = right - left, top - bottom
    lost: Bools = ink & (np.maximum(wide, high) < SMALLEST)
    flat = ink & (np.minimum(wide, high) <= 0)
    if flat.any():
        flat &= ~blank(sheet.codes)
        lost &= ~flat
    x, y = left + right, top + bottom  # twice the middle
    x0, y0, x1, y1 = (2 * edge for edge in sheet.page.get_bbox())
    lost |= ink & ~flat & ((x < x0) | (x > x1) | (y < y0) | (y > y1))
    objects = painting.unfolded(sheet.content, layered=sheet.layered)
    shapes = filled_shapes(objects)
    doubts = suspects(sheet.page, objects, shapes, layered=sheet.layered)
    if flat.any() or doubts.any() or (objects.sampled and _buried(sheet, objects, shapes)):
        lost |= unpainted(sheet, ink & ~lost, flat)
    return lost


def _spaced_once(codes: NDArray[np.uint32], lost: Bools) -> Bools:
    """Tell the characters that stay: without those that are lost, and with one stretch of white space for two."""
    stay = ~lost
    white = blank(codes)
    for start, end in stretches(lost | white).tolist():
        if lost[start:end].any():
            first = start + int(np.argmax(lost[start:end]))
            if end == len(codes):
                stay[start:] = False
            elif first > start or start == 0:
                stay[first:end] = False  # the white space before it is enough
    return stay


def _buried(sheet: Sheet, objects: Objects, shapes: Shapes) -> bool:
    """Tell of a sample whether one of the last shapes covers characters of a text that was painted before those."""
    last = shapes.objects.order >= objects.order[-EDGE:][0]
    later = dict(zip(objects.handles[-EDGE:].tolist(), objects.order[-EDGE:].tolist(), strict=True))
    x, y = (sheet.boxes[:, 0] + sheet.boxes[:, 2]) / 2, (sheet.boxes[:, 1] + sheet.boxes[:, 3]) / 2
    for order, box in zip(shapes.objects.order[last].tolist(), shapes.boxes[last], strict=True):
        inside = np.flatnonzero((x > box[0]) & (x < box[2]) & (y > box[1]) & (y < box[3]) & (sheet.index >= 0))
        probes = inside[np.linspace(0, len(inside) - 1, PROBES).astype(np.int64)] if len(inside) else inside
        owners = text_objects(sheet.text, sheet.index[probes]).tolist()
        if any(later.get(owner, -1) < order for owner in owners if owner):
            return True
    return False
