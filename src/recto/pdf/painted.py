"""What of a page's text the page does not show: layers that are off, ink of the paper's colour, text under a bar.

The rendered page is the arbiter: text is painted where the page looks different without it. Rendering costs more than
reading, so it is done only for texts that something may hide, which PDFium's objects tell. What lies under or over a
scanned picture is the text that somebody recognised in it: it counts as painted where the picture holds ink.
"""

from collections import deque
from dataclasses import dataclass
from itertools import repeat

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from recto.pdf import objects as painting
from recto.pdf.binding import ADDRESS, INT, POINTER, bound
from recto.pdf.boxes import inside
from recto.pdf.characters import Characters
from recto.pdf.ink import Picture
from recto.pdf.objects import EDGE, IMAGE, TEXT, Bools, Objects
from recto.pdf.run import blank, stretches
from recto.pdf.suspects import Shapes, filled_shapes, overlap, suspects, under_scans
from recto.types import Floats

SMALLEST = 1.0  # points, of a character's box: what is smaller is read by no eye, and printed by few printers
VISIBLE = 8  # of 255: what differs by less, at the place where it differs most, is seen by nobody
PROBES = 5  # of the characters in a shape: a text that it covers has many of them
MOST_RENDERED = 6  # times that a page is rendered to tell texts apart that lie over each other
SPACE = 0x20  # code points up to here have no ink

_text_object = bound("FPDFText_GetTextObject", (POINTER, INT), ADDRESS)
_tight_box = bound("FPDFText_GetCharBox", (POINTER, INT, POINTER, POINTER, POINTER, POINTER))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Sheet:
    """A page and its characters as PDFium reads them, rotation off.

    `text`: the handle of PDFium's text; `codes` uint32 (n,); `index` int64 (n,), PDFium's own, negative where none;
    `boxes` float32 (n, 4), left, top, right, bottom in points; `layered`: whether the file has layers.
    """

    page: pdfium.PdfPage
    text: int
    codes: NDArray[np.uint32]
    index: NDArray[np.int64]
    boxes: Floats
    layered: bool


def shown(page: pdfium.PdfPage, text: int, characters: Characters, *, layered: bool) -> tuple[Characters, int]:
    """The characters that the page shows, and how many words have others; `text` is the handle of PDFium's text."""
    left, _, _, top = page.get_bbox()
    turned = np.array((1, -1, 1, -1), np.float32)
    boxes = characters.boxes * turned + np.array((left, top, left, top), np.float32)
    codes = characters.codes
    sheet = Sheet(page=page, text=text, codes=codes, index=characters.index, boxes=boxes, layered=layered)
    lost = _hidden(sheet)
    if not lost.any():
        return characters, 0
    words = np.unique(np.cumsum(blank(codes))[lost])
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
    objects = painting.of_page(sheet.page, layered=sheet.layered)
    shapes = filled_shapes(objects)
    doubts = suspects(sheet.page, objects, shapes, layered=sheet.layered)
    if flat.any() or doubts.any() or (objects.sampled and _buried(sheet, objects, shapes)):
        lost |= _unpainted(sheet, ink & ~lost, flat)
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
        owners = (_text_object(sheet.text, index) for index in sheet.index[probes].tolist())
        if any(later.get(owner, -1) < order for owner in owners if owner):
            return True
    return False


# --- the arbiter -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Places:
    """Characters in question: `owners` uint64 (r,), their text objects; `areas` float32 (r, 4), where their ink is.

    Areas are left, bottom, right, top in points.
    """

    owners: NDArray[np.uint64]
    areas: Floats

    def take(self, rows: Bools) -> "Places":
        """The characters of these rows."""
        return Places(owners=self.owners[rows], areas=self.areas[rows])


def _unpainted(sheet: Sheet, ink: Bools, flat: Bools) -> Bools:
    """Tell which characters of suspect texts leave the rendered page as it is without them."""
    objects = painting.of_page(sheet.page, layered=sheet.layered, whole=True)
    doubts = suspects(sheet.page, objects, filled_shapes(objects), layered=sheet.layered)
    rows = np.flatnonzero(ink)
    owners = np.zeros(len(ink), np.uint64)
    owners[rows] = np.fromiter(map(_text_object, repeat(sheet.text), sheet.index[rows].tolist()), np.uint64, len(rows))
    unseen = np.isin(owners, doubts.unseen)
    doubtful = (np.isin(owners, doubts.doubtful) | flat) & ~unseen & np.isin(owners, objects.handles)
    lost = np.zeros(len(ink), bool)
    if unseen.any():
        with painting.without(objects.handles[objects.kinds == TEXT].tolist()):
            picture = Picture.of(sheet.page)
        lost[unseen] = picture.contrast(_places(sheet, owners, unseen).areas) < VISIBLE
    if doubtful.any():
        lost[doubtful] = _without_ink(sheet, objects, _places(sheet, owners, doubtful), set(owners.tolist()))
    return _by_word(sheet.codes, ink, lost)


def _places(sheet: Sheet, owners: NDArray[np.uint64], characters: Bools) -> Places:
    """The characters with the boxes close around their ink."""
    rows = np.flatnonzero(characters)
    tight = np.zeros((len(rows), 4), np.float64)  # left, right, bottom, top
    starts = tight.ctypes.data + tight.strides[0] * np.arange(len(rows))
    columns = [(starts + tight.itemsize * column).tolist() for column in range(4)]
    deque(map(_tight_box, repeat(sheet.text), sheet.index[rows].tolist(), *columns), maxlen=0)
    areas = tight[:, [0, 2, 1, 3]].astype(np.float32)
    empty = (areas[:, 2] <= areas[:, 0]) | (areas[:, 3] <= areas[:, 1])
    areas[empty] = sheet.boxes[rows[empty]][:, [0, 3, 2, 1]]
    return Places(owners=owners[rows], areas=areas)


def _without_ink(sheet: Sheet, objects: Objects, places: Places, read: set[int]) -> Bools:
    """Tell the characters that leave the page as it is without them, and under a scan those where that has no ink.

    `read` are the handles of all texts of which PDFium gave characters.
    """
    picture = Picture.of(sheet.page)
    lost = ~_inked(sheet, picture, objects, places, read=read)
    images = objects.take(objects.kinds == IMAGE)
    if lost.any() and len(images.handles):
        order_of = dict(zip(objects.handles.tolist(), objects.order.tolist(), strict=True))
        order = np.array([order_of.get(owner, -1) for owner in places.owners.tolist()])
        under = (inside(places.areas, painting.bounds(images)) & under_scans(sheet.page, order, images)).any(1)
        lost &= ~(under & (picture.contrast(places.areas) >= VISIBLE))
    return lost


def _inked(sheet: Sheet, picture: Picture, objects: Objects, places: Places, *, read: set[int]) -> Bools:
    """Tell the characters that make ink: the page is rendered without them, those that overlap one after the other."""
    handles, owner = np.unique(places.owners, return_inverse=True)
    texts = objects.take(objects.kinds == TEXT)
    boxes = painting.bounds(texts)
    row_of = {handle: row for row, handle in enumerate(texts.handles.tolist())}
    rows = np.array([row_of[handle] for handle in handles.tolist()])
    # PDFium gives characters that are drawn twice once: of the first text, be it the one that is seen or not.
    unread = np.array([handle not in read for handle in texts.handles.tolist()], bool)
    groups = _apart(boxes[rows])[owner]
    inked = np.zeros(len(owner), bool)
    for group in range(int(groups.max()) + 1):
        members = groups == group
        alike = unread & overlap(boxes, boxes[rows[np.unique(owner[members])]]).any(1)
        with painting.without([*handles[np.unique(owner[members])].tolist(), *texts.handles[alike].tolist()]):
            bare = Picture.of(sheet.page)
        inked[members] |= picture.difference(bare, places.areas[members]) >= VISIBLE
    return inked


def _apart(boxes: Floats) -> NDArray[np.int64]:
    """A group for each box, so that those of one group do not overlap; the last group takes what is too much."""
    groups = np.zeros(len(boxes), np.int64)
    inner = boxes + np.array((1, 1, -1, -1)) * ((boxes[:, 3] - boxes[:, 1]) / 8)[:, None]
    for row in range(1, len(boxes)):
        low = np.maximum(inner[:row, :2], inner[row, :2])
        touching = groups[:row][(np.minimum(inner[:row, 2:], inner[row, 2:]) > low).all(1)]
        free = np.setdiff1d(np.arange(MOST_RENDERED), touching)
        groups[row] = free[0] if len(free) else MOST_RENDERED - 1
    return groups


def _by_word(codes: NDArray[np.uint32], ink: Bools, lost: Bools) -> Bools:
    """The lost characters, but for those of words that are seen for the most part.

    A comma has little ink, and who sees "orth America" at the page's edge reads the word. Digits are not made up for.
    """
    if not lost.any():
        return lost
    word = np.cumsum(blank(codes))
    marks = np.array([not chr(code).isalnum() for code in codes.tolist()], bool)
    digits = (codes >= ord("0")) & (codes <= ord("9"))
    seen, unseen = (np.bincount(word[ink & ~marks & state], minlength=word[-1] + 1) for state in (~lost, lost))
    whole = (seen > 0) & (seen >= unseen)
    stay: Bools = whole[word] & ~digits
    return lost & ~stay
