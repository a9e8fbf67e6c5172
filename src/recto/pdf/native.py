"""PDFium's raw text interface: the characters of a page, each with its box on the page as displayed.

PDFium is not thread-safe: only the worker processes import this module.
"""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw
from numpy.typing import NDArray

from recto.pdf.annotations import Annotation, Role, annotations
from recto.pdf.boxes import each_row, inside, rotated, turns_to_read
from recto.pdf.characters import WORD_GAP, Characters
from recto.pdf.characters.actual_text import placed
from recto.pdf.characters.bullets import LEAST, bulleted, small_squares
from recto.pdf.characters.code_points import SPACE, code_points
from recto.pdf.characters.corrections import corrected
from recto.pdf.characters.font_height import with_font_height
from recto.pdf.characters.in_forms import out_of_forms
from recto.pdf.characters.measures import Measures, loose_boxes, text_objects, weights
from recto.pdf.characters.syllables import whole
from recto.pdf.overlay import OverlayText, overlaid
from recto.pdf.run import NEWLINE, blank
from recto.pdf.visibility import painted
from recto.pdf.visibility.objects import FORM, PATH, Objects, PageContent, bounds, unfolded
from recto.pdf.visibility.pictures import NO_PICTURES, PagePictures, pictures
from recto.pdf.visibility.tick_boxes import SIGNS, squares, tick_boxes
from recto.types import Floats, TraitKind

TRAITS = tuple(TraitKind)  # the bits of a character, lowest first
MOST_PATHS = 400  # that are looked at: to ask for the place of each takes a microsecond
ZERO_WIDTH = 0x200B  # a space of no width; some fonts' maps say so of their own space
LONGEST_LABEL = 20  # characters: a longer one is a title


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Glyphs:
    """The characters of a page in content order.

    `codes` uint32 (n,) code points; `boxes` float32 (n, 4), shares of the displayed page, top-left origin, not yet
    clipped; `weights` int32 (n,), the font weight where a line starts, else 0; `traits` uint8 (n,), bits of `TRAITS`.
    `width`, `height`: points, as displayed; `label` as printed, if it is not the page's number; `hidden`: words left
    out because the page hides them; `pictures`: what the page shows beside its characters.
    """

    codes: NDArray[np.uint32]
    boxes: Floats
    weights: NDArray[np.int32]
    traits: NDArray[np.uint8]
    width: float
    height: float
    label: str = ""
    hidden: int = 0
    pictures: PagePictures = NO_PICTURES


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class UprightPage:
    """A page with its rotation off and what lies above its content drawn into it; `turns` are its quarter turns."""

    page: pdfium.PdfPage
    turns: int
    annotations: Sequence[Annotation]
    flattened: bool  # whether its last object is what the annotations show


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The part of a page that is displayed, in points, and by how many quarter turns clockwise it is turned."""

    left: float
    top: float
    width: float
    height: float
    turns: int

    @classmethod
    def of(cls, sheet: UprightPage) -> Self:
        """What is displayed of a page; a page without extent has a hair's breadth of it."""
        left, bottom, right, top = sheet.page.get_bbox()
        width, height = max(right - left, 1e-3), max(top - bottom, 1e-3)
        return cls(left=left, top=top, width=width, height=height, turns=sheet.turns)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as displayed, in points."""
        return (self.height, self.width) if self.turns % 2 else (self.width, self.height)

    def placed(self, points: Floats) -> Floats:
        """Boxes (n, 4) in the file's points, two x at 0 and 2, two y at 1 and 3, from the upright page's top left."""
        x0, y0, x1, y1 = points.T
        x0, x1, y0, y1 = *(x - np.float32(self.left) for x in (x0, x1)), *(np.float32(self.top) - y for y in (y0, y1))
        return np.column_stack((np.minimum(x0, x1), np.minimum(y0, y1), np.maximum(x0, x1), np.maximum(y0, y1)))

    def in_file(self, boxes: Floats) -> Floats:
        """Boxes (n, 4) from the upright page's top left in the file's points: the way back from `placed`."""
        x0, y0, x1, y1 = boxes.T
        columns = (x0 + self.left, self.top - y1, x1 + self.left, self.top - y0)
        return np.column_stack(columns).astype(np.float32)

    def shares(self, boxes: Floats) -> Floats:
        """Boxes (n, 4) from the upright page's top left as shares of the page as displayed."""
        size = np.array((self.width, self.height, self.width, self.height), np.float32)
        return turned((boxes / each_row(size, len(boxes))).astype(np.float32), self.turns)


@dataclass(frozen=True, slots=True, eq=False)
class DrawnShapes:
    """The paths of a page, also those in forms, and their boxes from the upright page's top left."""

    paths: Objects
    boxes: Floats

    @classmethod
    def of(cls, content: PageContent, frame: Frame) -> Self:
        """Those of a page; none of one with very many, which are a drawing's."""
        kinds = np.array(content.kinds, np.int32)
        rows = np.flatnonzero((kinds == PATH) | (kinds == FORM)).tolist()
        rows = rows if len(rows) <= MOST_PATHS else []
        some = PageContent([content.handles[row] for row in rows], [content.kinds[row] for row in rows])
        objects = unfolded(some, layered=False, whole=True)
        paths = objects.take(objects.kinds == PATH)
        paths = paths if len(paths.handles) <= MOST_PATHS else paths.take(np.zeros(0, np.int64))
        return cls(paths, frame.placed(bounds(paths)))

    def bullets(self, characters: Characters) -> Floats:
        """The boxes of those that may be bullets."""
        if len(self.boxes) < LEAST or not characters.ink.size:
            return self.boxes[:0]
        heights = characters.ink_boxes[:, 3] - characters.ink_boxes[:, 1]
        return small_squares(self.boxes, float(heights.max()))

    def told(
        self, characters: Characters, frame: Frame, annotations: Sequence[Annotation]
    ) -> tuple[Characters, list[Annotation]]:
        """The characters with bullets and without the letters in boxes to tick; and these as marks of a form."""
        characters = bulleted(characters, self.bullets(characters))
        if not squares(self.boxes).any():
            return characters, []
        signs = np.isin(characters.ink_codes, SIGNS)
        turns = turns_to_read(characters.ink_boxes)
        ink = rotated(characters.ink_boxes, turns)
        boxes, marked = tick_boxes(self.paths, rotated(self.boxes, turns), ink, characters.ink_codes)
        boxes = rotated(boxes, -turns)
        fields = [frame.placed(np.array(field.boxes, np.float32)) for field in annotations if field.role is Role.MARK]
        own = ~inside(boxes, np.concatenate(fields)).any(1) if fields else np.ones(len(boxes), bool)
        boxes, marked = boxes[own], marked[own]
        letters = characters.ink[signs][inside(characters.ink_boxes[signs], boxes).any(1)]
        ticks = [
            Annotation(role=Role.MARK, boxes=(tuple(box),), checked=checked)
            for box, checked in zip(frame.in_file(boxes).tolist(), marked.tolist(), strict=True)
        ]
        return without_letters(characters, letters), ticks


def without_letters(characters: Characters, rows: NDArray[np.int64]) -> Characters:
    """The characters without those of these rows, the lines that have no other ink, and the space behind one."""
    lost = np.zeros(len(characters.codes), bool)
    lost[rows] = True
    ends = characters.codes == NEWLINE
    line = np.cumsum(ends) - ends
    left = np.bincount(line, ~lost & ~blank(characters.codes), minlength=1)
    emptied = np.bincount(line, lost, minlength=1) > left * len(lost)
    lost[1:] |= lost[:-1] & (characters.codes[1:] == SPACE)
    return characters.without(lost | emptied[line])


def upright(document: pdfium.PdfDocument, number: int) -> UprightPage:
    """Load a page, its forms and annotations flattened in, its rotation off."""
    page = document[number]
    above = annotations(document, page)  # flattening costs a second load, and links, which have no ink, are not in here
    flattened = bool(above) and raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS
    if flattened:
        page.close()
        page = document[number]  # text sees what was flattened only after a new load
    turns = raw.FPDFPage_GetRotation(page)
    if turns:
        raw.FPDFPage_SetRotation(page, 0)  # else PDFium splits words on turned pages
    return UprightPage(page=page, turns=turns % 4, annotations=above, flattened=flattened)


def glyphs(document: pdfium.PdfDocument, number: int, *, layered: bool = True, hidden: bool = False) -> Glyphs:
    """Read the characters of a page with their boxes: those that the page shows, and if `hidden`, the others as well.

    `layered`: whether the file has layers, any of which may be off.
    """
    sheet = upright(document, number)
    page, frame, content = sheet.page, Frame.of(sheet), PageContent.of_page(sheet.page)
    text = raw.FPDFText_LoadPage(page)
    try:
        handle = ctypes.cast(text, ctypes.c_void_p).value or 0
        characters, hidden_words = _characters(page, handle, raw.FPDFText_CountChars(text), frame), 0
        if handle and not hidden:
            characters, hidden_words = painted.visible(page, content, handle, characters, layered=layered)
        characters = placed(page, text, corrected(characters, Measures.of(handle)), (frame.left, frame.top))
        characters, marks = DrawnShapes.of(content, frame).told(characters, frame, sheet.annotations)
        line_weights = weights(handle, characters)
        appearance = _annotation_characters(page, handle, characters, flattened=sheet.flattened)
        page_pictures = pictures(page, content, len(characters.codes))
    finally:
        raw.FPDFText_ClosePage(text)
        raw.FPDFPage_SetRotation(page, sheet.turns)  # the open document would keep it off for whoever draws the page
        page.close()
    width, height = frame.size
    page_glyphs = Glyphs(
        codes=characters.codes,
        boxes=frame.shares(characters.boxes),
        weights=line_weights,
        traits=np.zeros(len(characters.codes), np.uint8),
        width=width,
        height=height,
        label=printed_label(document, number),
        hidden=hidden_words,
        pictures=replace(page_pictures, boxes=turned(page_pictures.boxes, sheet.turns)),
    )
    return annotated(page_glyphs, [*sheet.annotations, *marks], appearance, frame)


def _characters(page: raw.FPDF_PAGE, handle: int, count: int, frame: Frame) -> Characters:
    """The characters of a text page, and their boxes from the upright page's top left."""
    codes, index = code_points(handle, max(count, 0))
    boxes, inked = np.zeros((len(codes), 4), np.float32), codes > SPACE
    own = index[inked]
    loose = loose_boxes(handle, own)
    boxes[inked] = frame.placed(with_font_height(handle, codes[inked], own, loose, out_of_forms(handle, own, loose)))
    wide = (codes == ZERO_WIDTH) & (boxes[:, 2] - boxes[:, 0] > WORD_GAP[0] * (boxes[:, 3] - boxes[:, 1]))
    codes[wide], boxes[wide] = SPACE, 0
    return whole(page, handle, Characters(codes, boxes, index), (frame.left, frame.top))


def printed_label(document: pdfium.PdfDocument, number: int) -> str:
    """The page's label if it is another than its number, else nothing (ISO 32000-1, 12.4.2)."""
    label = "".join(c for c in " ".join(document.get_page_label(number).split()) if c.isprintable())
    return "" if label == str(number + 1) or len(label) > LONGEST_LABEL else label


def annotated(
    content: Glyphs, annotations: Sequence[Annotation], appearance: NDArray[np.bool_], frame: Frame
) -> Glyphs:
    """The characters with what annotations say of them, and what these show where it belongs."""
    if not annotations:
        return content
    places = [frame.shares(frame.placed(np.array(annotation.boxes, np.float32))) for annotation in annotations]
    quads = [
        quad
        for annotation, boxes in zip(annotations, places, strict=True)
        if annotation.role is Role.STRIKE
        for quad in boxes
    ]
    struck = content.boxes.any(1) & inside(content.boxes, quads).any(1)
    content.traits[struck] |= 1 << TRAITS.index(TraitKind.STRUCK)
    lying = [(annotation, boxes[0]) for annotation, boxes in zip(annotations, places, strict=True)]
    characters = overlaid_upright(content, appearance, lying)
    new = characters.rows < 0
    own_weights, traits = content.weights[characters.rows], content.traits[characters.rows]
    own_weights[new], traits[new] = 0, 0
    traits[characters.comment] |= 1 << TRAITS.index(TraitKind.COMMENT)
    return replace(content, codes=characters.codes, boxes=characters.boxes, weights=own_weights, traits=traits)


def overlaid_upright(
    content: Glyphs, appearance: NDArray[np.bool_], annotations: Sequence[tuple[Annotation, Floats]]
) -> OverlayText:
    """What `overlaid` makes of a page whose text may run to any side, as it would if the text ran to the right."""
    size = np.array((content.width, content.height), np.float32)
    boxed = content.boxes[:, 2] > content.boxes[:, 0]
    turns = turns_to_read(content.boxes[boxed] * np.tile(size, 2))
    wide, high = (size[::-1] if turns % 2 else size).tolist()
    places = [(annotation, turned(box[None], turns)[0]) for annotation, box in annotations]
    text = overlaid(content.codes, turned(content.boxes, turns) * boxed[:, None], appearance, places, (wide, high))
    return replace(text, boxes=turned(text.boxes, -turns % 4) * (text.boxes[:, 2] > text.boxes[:, 0])[:, None])


def _annotation_characters(
    page: pdfium.PdfPage, handle: int, characters: Characters, *, flattened: bool
) -> NDArray[np.bool_]:
    """Tell the characters of a flattened page that its annotations show: those of its last object."""
    if not flattened:
        return np.zeros(len(characters.codes), bool)
    texts, stack = set(), [raw.FPDFPage_GetObject(page, raw.FPDFPage_CountObjects(page) - 1)]
    while stack:
        thing = stack.pop()
        if raw.FPDFPageObj_GetType(thing) == raw.FPDF_PAGEOBJ_FORM:
            stack += [raw.FPDFFormObj_GetObject(thing, i) for i in range(raw.FPDFFormObj_CountObjects(thing))]
        else:
            texts.add(ctypes.cast(thing, ctypes.c_void_p).value)
    return np.isin(text_objects(handle, characters.index), np.array(list(filter(None, texts)), np.uint64))


def turned(boxes: Floats, turns: int) -> Floats:
    """Turn boxes by quarter turns clockwise, as the page is displayed."""
    if not turns:
        return boxes.astype(np.float32)
    x0, y0, x1, y1 = boxes.T
    columns = {
        1: (1 - y1, x0, 1 - y0, x1),
        2: (1 - x1, 1 - y1, 1 - x0, 1 - y0),
        3: (y0, 1 - x1, y1, 1 - x0),
    }[turns]
    return np.column_stack(columns).astype(np.float32)
