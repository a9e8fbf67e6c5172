"""Which texts of a page something may hide: what its objects tell without rendering it.

PDFium is not thread-safe: only the worker processes import this module.
"""

from dataclasses import dataclass

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from recto.pdf.boxes import inside
from recto.pdf.visibility import objects as painting
from recto.pdf.visibility.objects import IMAGE, PATH, SHADING, TEXT, Bools, Objects
from recto.types import Floats

FAINT = 26  # of 255 alpha: a tenth; black ink on white paper leaves less than the eye tells
LIGHT = 225  # of 255, in each of red, green and blue: may not be told from white paper
NEAR = 30  # of 255, in each of red, green and blue: two colours that may not be told apart
THIN = 2.0  # points: a rule, which covers no text
OVERLAP = 0.4  # of a text's smaller side, for a shape to cover some of it or lie under it
OPAQUE = 255
SCAN = 0.5  # of the page: a picture this large that is painted over text is a scan, and the text its OCR
FILLED, FILLED_STROKED, INVISIBLE, CLIPPING = 0, 2, 3, 7  # render modes of text


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Shapes:
    """What fills an area: `objects`, `boxes` float32 (m, 4), `colours` (m, 4), `plain` (m,): whether of one colour."""

    objects: Objects
    boxes: Floats
    colours: NDArray[np.int32]
    plain: Bools

    def take(self, rows: Bools) -> "Shapes":
        """The shapes of these rows."""
        return Shapes(
            objects=self.objects.take(rows),
            boxes=self.boxes[rows],
            colours=self.colours[rows],
            plain=self.plain[rows],
        )


def filled_shapes(objects: Objects) -> Shapes:
    """The shapes that are no mere rules."""
    rows = np.flatnonzero((objects.kinds >= PATH) & (objects.kinds <= SHADING))
    shapes = objects.take(rows)
    boxes = painting.bounds(shapes)
    large = np.minimum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]) > THIN
    if not large.any():
        shapes, boxes = shapes.take(rows[:0]), boxes[:0]
        return Shapes(objects=shapes, boxes=boxes, colours=np.zeros((0, 4), np.int32), plain=large[:0])
    shapes, boxes = shapes.take(large), boxes[large]
    path = shapes.kinds == PATH
    filled, broad = ~path, ~path
    filled[path], broad[path] = painting.fills(shapes.take(path), THIN)
    plain = (filled & path)[broad]
    shapes, boxes = shapes.take(broad), boxes[broad]
    colours = np.full((len(plain), 4), 255, np.int32)
    colours[plain], plain[plain] = painting.colours(shapes.take(plain))
    return Shapes(objects=shapes, boxes=boxes, colours=colours, plain=plain)


def _without_contrast(texts: Objects, colours: NDArray[np.uint32], shapes: Shapes) -> Bools:
    """Tell the texts that a shape covers, or that have about the colour of what they stand on."""
    light: Bools = colours[:, :3].min(1) >= LIGHT
    if not len(shapes.boxes) or not len(light):
        return light
    if not light.any():
        may = _may_hide(texts, colours, shapes)
        if not may.any():
            return light
        shapes = shapes if may.all() else shapes.take(may)
    boxes = painting.bounds(texts)
    together = overlap(boxes, shapes.boxes)
    below = shapes.objects.order < texts.order[:, None]
    covered = (together & ~below & (shapes.colours[:, 3] > FAINT)).any(1)
    ground = together & below
    distance = np.abs(colours[:, None, :3].astype(np.int32) - shapes.colours[:, :3]).max(2)
    like = (ground & ((distance <= NEAR) | ~shapes.plain)).any(1)
    top = np.where(ground, np.arange(len(shapes.boxes)), -1).max(1)
    opaque = shapes.plain[top] & (shapes.colours[top, 3] == OPAQUE) & (top >= 0)
    within = (shapes.boxes[top] - boxes) * (1, 1, -1, -1) <= 1  # but for a point
    clear = opaque & within.all(1) & (distance[np.arange(len(boxes)), top] > NEAR)
    doubtful: Bools = covered | (~clear & (light | like))
    return doubtful


def _may_hide(texts: Objects, colours: NDArray[np.uint32], shapes: Shapes) -> Bools:
    """Tell the shapes that are painted after some text, or have about the colour of some."""
    may: Bools = ~shapes.plain | (shapes.objects.order > texts.order.min(initial=0))
    if not may.all():
        for colour in set(map(tuple, colours[:, :3].tolist())):
            may |= np.abs(shapes.colours[:, :3] - colour).max(1) <= NEAR
    return may


@dataclass(frozen=True, slots=True, eq=False)
class Suspects:
    """Handles of texts, uint64: `unseen` paint nothing, `doubtful` may be covered, off or without contrast."""

    unseen: NDArray[np.uint64]
    doubtful: NDArray[np.uint64]

    def any(self) -> bool:
        """Tell whether there are some."""
        return len(self.unseen) + len(self.doubtful) > 0


def suspects(page: pdfium.PdfPage, objects: Objects, shapes: Shapes, *, layered: bool) -> Suspects:
    """The texts of a page that something may hide."""
    texts = objects.take(objects.kinds == TEXT)
    colours, plain = painting.colours(texts)
    opaque = plain.all() and colours[:, 3].min(initial=OPAQUE) > FAINT
    if opaque and not layered and not texts.veiled.any() and painting.ordinary(texts):
        return Suspects(texts.handles[:0], texts.handles[_without_contrast(texts, colours, shapes)])
    modes = painting.modes(texts)
    unseen = (modes == INVISIBLE) | (modes == CLIPPING) | (plain & (colours[:, 3] <= FAINT))
    doubtful = texts.veiled | ~plain | ((modes != FILLED) & (modes != FILLED_STROKED))
    if layered:
        doubtful |= painting.in_layers(texts)
    doubtful |= painting.transparent(texts)
    doubtful |= _clipped_away(texts)
    doubtful |= _without_contrast(texts, colours, shapes)
    if (unseen | doubtful).any():
        images, boxes = objects.take(objects.kinds == IMAGE), painting.bounds(texts)
        on_ink = inside(boxes, painting.bounds(images)) & painting.scanned(images)
        # On a picture that surely holds ink what paints nothing was recognised in it, and so was what lies under it.
        recognised = (on_ink & (unseen[:, None] | under_scans(page, texts.order, images))).any(1)
        unseen, doubtful = unseen & ~recognised, doubtful & ~recognised
    return Suspects(texts.handles[unseen], texts.handles[doubtful & ~unseen])


def under_scans(page: pdfium.PdfPage, order: NDArray[np.int64], images: Objects) -> Bools:
    """Tell for what is painted at each place in the order and for each picture whether that is a scan over it."""
    boxes = painting.bounds(images)
    wide, high = page.get_size()
    large = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]) >= SCAN * wide * high
    scans: Bools = large & (images.order > order[:, None])
    return scans


def _clipped_away(texts: Objects) -> Bools:
    """Tell the texts of which some lies outside the paths through which they are drawn."""
    cut = painting.clipped(texts)
    if cut.any():
        rows = np.flatnonzero(cut)
        boxes, clips = painting.bounds(texts.take(rows)), painting.clips(texts.take(rows))
        slack = THIN + OVERLAP * np.minimum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])[:, None]
        cut[rows] = ((boxes[:, :2] < clips[:, :2] - slack) | (boxes[:, 2:] > clips[:, 2:] + slack)).any(1)
    return cut


def overlap(texts: Floats, shapes: Floats) -> Bools:
    """Tell for each text and shape whether they share more than an edge: (n, m)."""
    across, down = (
        np.minimum(texts[:, None, side + 2], shapes[:, side + 2]) - np.maximum(texts[:, None, side], shapes[:, side])
        for side in (0, 1)
    )
    least = OVERLAP * np.minimum(texts[:, 2] - texts[:, 0], texts[:, 3] - texts[:, 1])
    smaller = np.minimum(across, down)
    shared: Bools = (smaller > 0) & (smaller >= least[:, None])
    return shared
