"""What a page shows that is no text: its pictures, and outlines that may be letters."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw
from numpy.typing import NDArray

from recto.pdf.binding import ADDRESS, INT, POINTER, as_pointer, bound, object_bounds, object_matrix, text_mode, written
from recto.pdf.boxes import around, moved
from recto.pdf.visibility.objects import FORM, IMAGE, PATH, TEXT, PageContent
from recto.types import FULL, Flag, Floats, UInt16s

DEPTH = 4  # forms within forms
MOST_FORMS = 64  # of a level
MOST_PICTURES = 64  # of a page: hatches and gradients come as thousands of tiny ones
OUTLINES = 400  # segments of a page's paths: some 30 letters drawn as outlines; a ruled table has fewer
SHAPES = 60  # closed lines in them: some 40 letters; the buttons and bullets of a form have two each
THIN = 1.5  # points: paths less high or wide are rules and the dots of leaders
MOST_SEGMENTS = 20_000  # of which the kind is asked, half a microsecond each
COUNTED = 500  # path objects whose segments are counted
FEW = 400  # characters of a page: more is text, whatever is drawn beside it

COVERED = 0.5  # of the page: a picture this large is the page
WRITTEN = 0.1  # of a picture under the page's own words: an OCR layer or a background. A page of text has .2 to .4
DRAWN_OVER = 0.03  # of the page under its own words: a line or two beside outlines
LEAST = (0.1, 0.015)  # of the page's width and height: smaller pictures hold no sentence
LEAST_AREA = 0.015  # of the page, likewise: most logos
TOUCHING = 0.003  # of the page between strips of one picture
WHOLE: Floats = np.array([[0, 0, 1, 1]], np.float32)
NO_REGIONS: Floats = np.zeros((0, 4), np.float32)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PagePictures:
    """The pictures of a page: `boxes` float32 (n, 4), shares of the displayed page, largest first.

    `layered`: invisible text lies over them, so somebody has recognised them already. `outlined`: paths as many as
    letters make are drawn.
    """

    boxes: Floats = field(default_factory=lambda: NO_REGIONS)
    layered: bool = False
    outlined: bool = False


NO_PICTURES = PagePictures()


def regions(pictures: PagePictures, flag: Flag, words: UInt16s) -> Floats:
    """The parts of a page that recognition may read more from than its text says: float32 (n, 4), WHOLE for a scan.

    `words` are the boxes of the page's own words, as in `Page`.
    """
    shows = len(pictures.boxes) > 0 or pictures.outlined
    if flag is Flag.GARBLED or (flag is Flag.EMPTY and shows):
        return WHOLE
    if pictures.layered or not shows:
        return NO_REGIONS
    boxes = (words / FULL).astype(np.float32)
    under = _area(boxes).sum()
    if pictures.outlined and under < DRAWN_OVER:
        return WHOLE
    low = np.maximum(boxes[:, :2], pictures.boxes[:, None, :2])
    high = np.minimum(boxes[:, 2:], pictures.boxes[:, None, 2:])
    under_words = np.prod(np.maximum(high - low, 0), axis=2).sum(axis=1)
    bare = under_words < WRITTEN * np.maximum(_area(pictures.boxes), 1e-6)
    joined = _joined(pictures.boxes[bare])
    if _area(joined).sum() >= COVERED:
        return WHOLE
    across, down = joined[:, 2] - joined[:, 0], joined[:, 3] - joined[:, 1]
    return joined[(across >= LEAST[0]) & (down >= LEAST[1]) & (across * down >= LEAST_AREA)]


def _area(boxes: Floats) -> NDArray[np.float32]:
    area: NDArray[np.float32] = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return area


def _joined(boxes: Floats) -> Floats:
    """PagePictures that touch as one: scanners cut pages into strips."""
    separate: list[Floats] = []
    for box in boxes:
        touching = [near for near in separate if _touch(near, box)]
        separate = [near for near in separate if not _touch(near, box)]
        separate.append(around(np.array([*touching, box])))
    return np.array(separate, np.float32).reshape(-1, 4)


def _touch(first: Floats, second: Floats) -> bool:
    gaps = np.maximum(first[:2], second[:2]) - np.minimum(first[2:], second[2:])
    return bool((gaps <= TOUCHING).all())


# --- from the file ---------------------------------------------------------------------------------------------------
Matrix = NDArray[np.float64]  # (3, 2): a point (x, y, 1) times it
IDENTITY: Matrix = np.array([[1, 0], [0, 1], [0, 0]], np.float64)


_segments = bound("FPDFPath_CountSegments", (POINTER,))
_segment = bound("FPDFPath_GetPathSegment", (POINTER, INT), ADDRESS)
_segment_kind = bound("FPDFPathSegment_GetType", (POINTER,))


def pictures(page: pdfium.PdfPage, content: PageContent, characters: int) -> PagePictures:
    """What a page of so many characters shows beside them, its rotation off; outlines only beside little text."""
    if IMAGE not in content.kinds and FORM not in content.kinds and (characters >= FEW or PATH not in content.kinds):
        return NO_PICTURES
    levels = [(content, IDENTITY)]
    boxes: list[NDArray[np.float64]] = []
    texts: list[int] = []
    paths: list[tuple[int, Matrix]] = []
    for _ in range(DEPTH):
        forms = []
        for objects, matrix in levels:
            boxes += [_bounds(image, matrix) for image in objects.of_kind(IMAGE)]
            texts += objects.of_kind(TEXT)
            paths += [(path, matrix) for path in objects.of_kind(PATH)]
            forms += [(form, _matrix(form, matrix)) for form in objects.of_kind(FORM)]
        levels = [(PageContent.of_form(form), matrix) for form, matrix in forms[:MOST_FORMS]]
    boxes = sorted(boxes, key=lambda box: (box[0] - box[2]) * (box[3] - box[1]))[:MOST_PICTURES]
    outlined = characters < FEW and _outlined(paths[:COUNTED])
    left, bottom, right, top = page.get_bbox()
    points = np.array(boxes, np.float64).reshape(-1, 4)[:, [0, 3, 2, 1]] - [left, top, left, top]
    shares = points / np.tile((max(right - left, 1e-3), -max(top - bottom, 1e-3)), 2)
    invisible = list(map(text_mode, texts)).count(raw.FPDF_TEXTRENDERMODE_INVISIBLE) if boxes else 0
    layered = invisible > 0 and 2 * invisible >= len(texts)  # more invisible than visible: recognised by somebody
    return PagePictures(boxes=np.clip(shares, 0, 1).astype(np.float32), layered=layered, outlined=outlined)


def _outlined(paths: Sequence[tuple[int, Matrix]]) -> bool:
    """Whether these paths, each in the space of its matrix, are as many closed lines as letters make."""
    lengths = [max(_segments(path), 0) for path, _ in paths]
    if sum(lengths) < OUTLINES:
        return False
    sides = np.array([np.subtract(*np.split(_bounds(path, matrix), 2)) for path, matrix in paths])
    broad = (np.abs(sides) >= THIN).all(1)
    segments = (
        _segment(path, index)
        for (path, _), length, shape in zip(paths, lengths, broad.tolist(), strict=True)
        if shape
        for index in range(length)
    )
    kinds = list(map(_segment_kind, islice(segments, MOST_SEGMENTS)))
    return len(kinds) >= OUTLINES and kinds.count(raw.FPDF_SEGMENT_MOVETO) >= SHAPES


def _matrix(form: int, outer: Matrix) -> Matrix:
    """The matrix from a form's space to the page's, given that of what it stands in."""
    matrix = np.zeros((1, 6), np.float32)
    if not any(written(object_matrix, ([as_pointer(form)],), matrix)):
        return outer
    return np.column_stack((matrix.reshape(3, 2), [0, 0, 1])) @ outer


def _bounds(handle: int, matrix: Matrix) -> NDArray[np.float64]:
    sides = np.zeros((1, 4), np.float32)
    written(object_bounds, ([as_pointer(handle)],), sides, out_values=4)
    box: NDArray[np.float64] = moved(sides, matrix)[0]
    return box
