"""The rendered page as the arbiter: text is painted where the page looks different without it."""

from dataclasses import dataclass

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from recto.pdf.boxes import inside
from recto.pdf.characters.measures import text_objects, tight_boxes
from recto.pdf.run import blank, distinct
from recto.pdf.visibility import objects as painting
from recto.pdf.visibility.ink import Picture
from recto.pdf.visibility.objects import IMAGE, TEXT, Bools, Objects, PageContent
from recto.pdf.visibility.suspects import filled_shapes, overlap, suspects, under_scans
from recto.types import Floats

VISIBLE = 8  # of 255: what differs by less, at the place where it differs most, is seen by nobody
MOST_RENDERED = 6  # times that a page is rendered to tell texts apart that lie over each other


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Sheet:
    """A page and its characters as PDFium reads them, rotation off.

    `text`: the handle of PDFium's text; `codes` uint32 (n,); `index` int64 (n,), PDFium's own, negative where none;
    `boxes` float32 (n, 4), left, top, right, bottom in points; `layered`: whether the file has layers.
    """

    page: pdfium.PdfPage
    content: PageContent
    text: int
    codes: NDArray[np.uint32]
    index: NDArray[np.int64]
    boxes: Floats
    layered: bool


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


def unpainted(sheet: Sheet, ink: Bools, flat: Bools) -> Bools:
    """Tell which characters of suspect texts leave the rendered page as it is without them."""
    objects = painting.unfolded(sheet.content, layered=sheet.layered, whole=True)
    doubts = suspects(sheet.page, objects, filled_shapes(objects), layered=sheet.layered)
    owners = np.zeros(len(ink), np.uint64)
    owners[ink] = text_objects(sheet.text, sheet.index[ink])
    invisible = np.isin(owners, doubts.unseen)
    doubtful = (np.isin(owners, doubts.doubtful) | flat) & ~invisible & np.isin(owners, objects.handles)
    lost = np.zeros(len(ink), bool)
    if invisible.any():
        with painting.without(objects.handles[objects.kinds == TEXT].tolist()):
            picture = Picture.of(sheet.page)
        lost[invisible] = picture.contrast(_places(sheet, owners, invisible).areas) < VISIBLE
    if doubtful.any():
        lost[doubtful] = _without_ink(sheet, objects, _places(sheet, owners, doubtful), owners)
    return _by_word(sheet.codes, ink, lost)


def _places(sheet: Sheet, owners: NDArray[np.uint64], characters: Bools) -> Places:
    """The characters with the boxes close around their ink."""
    rows = np.flatnonzero(characters)
    areas = tight_boxes(sheet.text, sheet.index[rows])
    boxes = sheet.boxes[rows][:, [0, 3, 2, 1]]
    wrong = (areas[:, 2:] <= areas[:, :2]).any(1)
    wrong |= (np.minimum(areas[:, 2:], boxes[:, 2:]) < np.maximum(areas[:, :2], boxes[:, :2])).any(1)  # as in forms
    areas[wrong] = boxes[wrong]
    return Places(owners=owners[rows], areas=areas)


def _without_ink(sheet: Sheet, objects: Objects, places: Places, read: NDArray[np.uint64]) -> Bools:
    """Tell the characters that leave the page as it is without them, and under a scan those where that has no ink.

    The page is rendered without them, those that overlap one after the other. `read` are the handles of all texts of
    which PDFium gave characters.
    """
    picture = Picture.of(sheet.page)
    handles, owner = np.unique(places.owners, return_inverse=True)
    texts = objects.take(objects.kinds == TEXT)
    boxes = painting.bounds(texts)
    row_of = {handle: row for row, handle in enumerate(texts.handles.tolist())}
    rows = np.array([row_of[handle] for handle in handles.tolist()])
    # PDFium gives characters that are drawn twice once: of the first text, be it the one that is seen or not.
    unread = ~np.isin(texts.handles, read)
    groups = _layers_of(boxes[rows])[owner]
    lost = np.ones(len(owner), bool)
    for group in range(int(groups.max()) + 1):
        members = groups == group
        own = distinct(owner[members])
        alike = unread & overlap(boxes, boxes[rows[own]]).any(1)
        with painting.without([*handles[own].tolist(), *texts.handles[alike].tolist()]):
            bare = Picture.of(sheet.page)
        lost[members] = picture.difference(bare, places.areas[members]) < VISIBLE
    images = objects.take(objects.kinds == IMAGE)
    if lost.any() and len(images.handles):
        order_of = dict(zip(objects.handles.tolist(), objects.order.tolist(), strict=True))
        order = np.array([order_of.get(handle, -1) for handle in places.owners.tolist()])
        under = (inside(places.areas, painting.bounds(images)) & under_scans(sheet.page, order, images)).any(1)
        lost &= ~(under & (picture.contrast(places.areas) >= VISIBLE))
    return lost


def _layers_of(boxes: Floats) -> NDArray[np.int64]:
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
    visible, invisible = (np.bincount(word[ink & ~marks & state], minlength=word[-1] + 1) for state in (~lost, lost))
    whole = (visible > 0) & (visible >= invisible)
    stay: Bools = whole[word] & ~digits
    return lost & ~stay
