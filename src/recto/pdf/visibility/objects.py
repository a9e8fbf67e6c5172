"""What a page's content paints, object by object: PDFium's raw interface to texts, paths, pictures and forms.

PDFium is not thread-safe: only the worker processes import this module.
"""

import ctypes
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from typing import NamedTuple, Self

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from recto.pdf.binding import (
    ADDRESS,
    INT,
    POINTER,
    as_pointer,
    bound,
    object_bounds,
    object_matrix,
    text_mode,
    unconverted,
    written,
)
from recto.pdf.boxes import moved
from recto.types import Floats

TEXT, PATH, IMAGE, SHADING, FORM = 1, 2, 3, 4, 5  # FPDF_PAGEOBJ_
PATTERN = 0xBF  # red, green and blue that PDFium says where a pattern fills
Bools = NDArray[np.bool_]
FAR = 1e6  # points: no page reaches there
# Bytes a dot: a page of text in one bit a dot takes .001 to .006, a blank one .0001; other scans .05 and more, and a
# blank JPEG .018.
LEAST_BITONAL, LEAST_DATA = 0.0008, 0.03
BITONAL = (b"JBIG2Decode", b"CCITTFaxDecode")
DEEPEST = 8  # forms within forms
LAYER = "OC"  # the name of marked content that belongs to a layer
# A page drawn letter by letter has thousands of objects, and asking each costs a microsecond: a quarter of the
# reading time. Of such a page the first and last objects are asked, where other programs add theirs, and some between.
EDGE, BETWEEN = 60, 80

_object_count = bound("FPDFPage_CountObjects", (POINTER,))
_object = unconverted("FPDFPage_GetObject", ADDRESS)
_form_count = bound("FPDFFormObj_CountObjects", (POINTER,))
_form_object = bound("FPDFFormObj_GetObject", (POINTER, ctypes.c_ulong), ADDRESS)
_kind = bound("FPDFPageObj_GetType", (POINTER,))
_fill_colour = unconverted("FPDFPageObj_GetFillColor")
_stroke_width = unconverted("FPDFPageObj_GetStrokeWidth")
_draw_mode = unconverted("FPDFPath_GetDrawMode")
_transparent = bound("FPDFPageObj_HasTransparency", (POINTER,))
_mark_count = bound("FPDFPageObj_CountMarks", (POINTER,))
_mark = bound("FPDFPageObj_GetMark", (POINTER, ctypes.c_ulong), ADDRESS)
_mark_name = bound("FPDFPageObjMark_GetName", (POINTER, POINTER, ctypes.c_ulong, POINTER))
_clip = bound("FPDFPageObj_GetClipPath", (POINTER,), ADDRESS)
_clip_count = bound("FPDFClipPath_CountPaths", (POINTER,))
_clip_segments = bound("FPDFClipPath_CountPathSegments", (POINTER, INT))
_clip_segment = bound("FPDFClipPath_GetPathSegment", (POINTER, INT, INT), ADDRESS)
_segment_point = bound("FPDFPathSegment_GetPoint", (POINTER,) * 3)
_image_size = bound("FPDFImageObj_GetImagePixelSize", (POINTER,) * 3)
_image_data = bound("FPDFImageObj_GetImageDataRaw", (POINTER, POINTER, ctypes.c_ulong))
_filter_count = bound("FPDFImageObj_GetImageFilterCount", (POINTER,))
_filter = bound("FPDFImageObj_GetImageFilter", (POINTER, INT, POINTER, ctypes.c_ulong))
_activate = bound("FPDFPageObj_SetIsActive", (POINTER, INT))


class PageContent(NamedTuple):
    """The objects of a page or a form as they are painted, its forms as one each: PDFium's pointers, and the kinds."""

    handles: list[int]
    kinds: list[int]

    @classmethod
    def of_page(cls, page: pdfium.PdfPage) -> Self:
        """What a page paints."""
        handle = ctypes.cast(page.raw, ctypes.c_void_p).value or 0
        return cls._of(map(_object, repeat(as_pointer(handle)), range(_object_count(handle))))

    @classmethod
    def of_form(cls, handle: int) -> Self:
        """What a form paints."""
        return cls._of(map(_form_object, repeat(handle), range(_form_count(handle))))

    @classmethod
    def _of(cls, members: Iterator[int]) -> Self:
        handles = list(members)
        return cls(handles, list(map(_kind, handles)))

    def of_kind(self, kind: int) -> list[int]:
        """The handles of one kind."""
        return [handle for handle, its in zip(self.handles, self.kinds, strict=True) if its == kind]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Objects:
    """Objects in the order in which they are painted; those of a form stand in its place.

    `handles`: PDFium's pointers; `kinds` int32 (n,); `order` int64 (n,), rises as they are painted; `veiled` bool (n,),
    inside a form that may be transparent or off; `spaces` int64 (n,): the space they are placed in, among `matrices`,
    from there to the page, the first of which is the page's own; `sampled`: whether the page has more objects.
    """

    handles: NDArray[np.uint64]
    kinds: NDArray[np.int32]
    order: NDArray[np.int64]
    veiled: Bools
    spaces: NDArray[np.int64]
    matrices: Sequence[NDArray[np.float64]]
    sampled: bool = False

    def take(self, rows: NDArray[np.int64] | Bools) -> "Objects":
        """The objects of these rows."""
        return Objects(
            handles=self.handles[rows],
            kinds=self.kinds[rows],
            order=self.order[rows],
            veiled=self.veiled[rows],
            spaces=self.spaces[rows],
            matrices=self.matrices,
        )


def unfolded(content: PageContent, *, layered: bool, whole: bool = False) -> Objects:
    """The objects of a page: of thousands a sample, unless `whole`. In a layered file any form may be off."""
    handles, kinds = content
    count = len(handles)
    sampled = count > 2 * EDGE + BETWEEN and not whole
    order = np.arange(count)
    if sampled:
        between = np.linspace(EDGE, count - EDGE, BETWEEN, endpoint=False).astype(np.int64)
        order = np.concatenate((order[:EDGE], between, order[-EDGE:]))
        handles, kinds = ([values[row] for row in order.tolist()] for values in content)
    folded = Unfolding(layered=layered)
    if FORM in kinds:
        folded.add(handles, kinds, space=0, veil=False)
        handles, kinds = folded.handles, folded.kinds
        order = np.arange(len(handles))
    return Objects(
        handles=np.array(handles, np.uint64),
        kinds=np.array(kinds, np.int32),
        order=order,
        veiled=np.array(folded.veiled, bool) if folded.veiled else np.zeros(len(order), bool),
        spaces=np.array(folded.spaces, np.int64) if folded.spaces else np.zeros(len(order), np.int64),
        matrices=folded.matrices,
        sampled=sampled,
    )


class Unfolding:
    """Lists of the objects that are no forms, and of those that forms hold."""

    def __init__(self, *, layered: bool) -> None:
        self.handles: list[int] = []
        self.kinds: list[int] = []
        self.veiled: list[bool] = []
        self.spaces: list[int] = []
        self.matrices = [np.eye(3)]
        self._layered = layered

    def add(self, handles: Sequence[int], kinds: Sequence[int], *, space: int, veil: bool, depth: int = 0) -> None:
        """Take these objects in, which stand in this space; forms unfolded."""
        for handle, kind in zip(handles, kinds, strict=True):
            if kind != FORM:
                self.handles.append(handle)
                self.kinds.append(kind)
                self.veiled.append(veil)
                self.spaces.append(space)
            elif depth < DEEPEST:
                inside = PageContent.of_form(handle)
                values = np.zeros((1, 6), np.float32)
                written(object_matrix, ([as_pointer(handle)],), values)  # for points written as rows (x, y, 1)
                self.matrices.append(np.column_stack((values.reshape(3, 2), (0, 0, 1))) @ self.matrices[space])
                veils = veil or self._layered or bool(_transparent(handle))
                own = len(self.matrices) - 1
                self.add(*inside, space=own, veil=veils, depth=depth + 1)


def ordinary(texts: Objects) -> bool:
    """Whether all of these texts are filled, neither blended nor masked, and drawn through no path."""
    handles = texts.handles.tolist()
    if any(map(text_mode, handles)) or any(map(_transparent, handles)):
        return False
    return max(map(_clip_count, map(_clip, handles)), default=0) <= 0


def bounds(objects: Objects) -> Floats:
    """Left, bottom, right, top of each object on the page, in points."""
    boxes = np.zeros((len(objects.handles), 4), np.float32)
    written(object_bounds, (map(as_pointer, objects.handles.tolist()),), boxes, out_values=4)
    return _on_page(boxes, objects)


def _on_page(boxes: Floats, objects: Objects) -> Floats:
    """The boxes around what the objects' matrices make of their boxes."""
    for space in range(1, len(objects.matrices)):
        rows = objects.spaces == space
        if rows.any():
            boxes[rows] = moved(boxes[rows], objects.matrices[space])
    return boxes


def colours(objects: Objects) -> tuple[NDArray[np.uint32], Bools]:
    """The colour that each object is filled with: red, green, blue, alpha, 0 to 255; and whether it is one colour."""
    values = np.zeros((len(objects.handles), 4), np.uint32)
    plain = np.array(written(_fill_colour, (map(as_pointer, objects.handles.tolist()),), values, out_values=4), bool)
    return values, plain & (values[:, :3] != PATTERN).any(1)


def modes(objects: Objects) -> NDArray[np.int32]:
    """The render mode of each text (ISO 32000-2, table 104): 3 is invisible, 7 only clips."""
    return np.array(list(map(text_mode, objects.handles.tolist())), np.int32)


def fills(objects: Objects, width: float) -> tuple[Bools, Bools]:
    """Tell the paths that are filled, and those that are filled or stroked broader than a width in points."""
    values = np.zeros((len(objects.handles), 2), np.int32)
    written(_draw_mode, (map(as_pointer, objects.handles.tolist()),), values, out_values=2)
    filled, broad = values[:, 0] != 0, values[:, 0] != 0
    stroked = np.flatnonzero(~filled & (values[:, 1] != 0))
    widths = np.zeros((len(stroked), 1), np.float32)
    written(_stroke_width, (map(as_pointer, objects.handles[stroked].tolist()),), widths)
    broad[stroked] = widths[:, 0] > width
    return filled, broad


def transparent(objects: Objects) -> Bools:
    """Tell what is blended or masked."""
    return np.array(list(map(_transparent, objects.handles.tolist())), bool)


def in_layers(objects: Objects) -> Bools:
    """Tell what is marked as part of a layer."""
    name, length = ctypes.create_string_buffer(8), ctypes.c_ulong()
    belongs = np.zeros(len(objects.handles), bool)
    for row, handle in enumerate(objects.handles.tolist()):
        for index in range(_mark_count(handle)):
            mark = _mark(handle, index)
            fits = _mark_name(mark, ctypes.addressof(name), len(name), ctypes.addressof(length))
            if fits and name.raw[: min(length.value, len(name))].decode("utf-16-le", "replace").rstrip("\0") == LAYER:
                belongs[row] = True
    return belongs


def clipped(objects: Objects) -> Bools:
    """Tell what is drawn through a path."""
    paths = map(_clip, objects.handles.tolist())
    return np.array([count > 0 for count in map(_clip_count, paths)], bool)


def clips(objects: Objects) -> Floats:
    """The box of the paths through which each object is drawn: left, bottom, right, top on the page, in points."""
    boxes = np.tile(np.array((-FAR, -FAR, FAR, FAR), np.float32), (len(objects.handles), 1))
    for box, path in zip(boxes, map(_clip, objects.handles.tolist()), strict=True):
        for i in range(_clip_count(path)):
            points = np.zeros((max(_clip_segments(path, i), 1), 2), np.float32)
            for j, point in enumerate(points):
                address = point.ctypes.data
                _segment_point(_clip_segment(path, i, j), address, address + points.itemsize)
            box[:2] = np.maximum(box[:2], points.min(0))
            box[2:] = np.minimum(box[2:], points.max(0))
    return _on_page(boxes, objects)


@contextmanager
def without(handles: Sequence[int]) -> Iterator[None]:
    """Have PDFium leave these objects out of what it paints meanwhile."""
    for on in (0, 1):
        deque(map(_activate, handles, repeat(on)), maxlen=0)
        if not on:
            yield


def scanned(objects: Objects) -> Bools:
    """Tell the pictures that are surely more than one colour: their data are larger than those of blank paper."""
    holds_ink = np.zeros(len(objects.handles), bool)
    for row, handle in enumerate(objects.handles.tolist()):
        width, height, name = ctypes.c_uint(), ctypes.c_uint(), ctypes.create_string_buffer(32)
        _image_size(handle, ctypes.addressof(width), ctypes.addressof(height))
        filters = set()
        for index in range(_filter_count(handle)):
            _filter(handle, index, ctypes.addressof(name), len(name))
            filters.add(name.value)
        least = LEAST_BITONAL if filters & set(BITONAL) else LEAST_DATA
        holds_ink[row] = _image_data(handle, 0, 0) > least * width.value * height.value > 0
    return holds_ink
