"""What lies on a page above its content: fields of forms, comments, and words that are struck out."""

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import partial

import pypdfium2 as pdfium
import pypdfium2.raw as raw

MOST = 2000  # annotations of a page that are looked at
LONGEST = 4000  # characters of a field or a comment: more is an attached text
HIDDEN = raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW
PASSWORD = 1 << 13  # flag of a text field whose value is shown as dots (ISO 32000-1, 12.7.4.3)
TYPEWRITER = "FreeTextTypeWriter"  # how people fill in a form that has no fields

Box = tuple[float, float, float, float]  # left, bottom, right, top, in points of the page


class Role(Enum):
    """What an annotation is to a reader."""

    VALUE = "value"  # of a field: belongs beside its label
    MARK = "mark"  # a check box or a radio button
    COMMENT = "comment"
    STRIKE = "strike"
    OTHER = "other"  # a stamp, a drawing, a button: what it shows is text of the page


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One annotation. `text` is a field's value or a comment's words; `boxes` are its quads, or where it lies."""

    role: Role
    boxes: tuple[Box, ...]
    text: str = ""
    author: str = ""  # of a comment
    checked: bool = False
    selected: tuple[str, ...] = ()  # options of a list of which all are shown


MARKED_UP = {raw.FPDF_ANNOT_HIGHLIGHT, raw.FPDF_ANNOT_UNDERLINE, raw.FPDF_ANNOT_SQUIGGLY, raw.FPDF_ANNOT_STRIKEOUT}
REMARKS = MARKED_UP | {raw.FPDF_ANNOT_TEXT, raw.FPDF_ANNOT_FREETEXT, raw.FPDF_ANNOT_CARET}
MARKS = {raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON}
VALUES = {raw.FPDF_FORMFIELD_TEXTFIELD, raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX}


def annotations(document: pdfium.PdfDocument, page: pdfium.PdfPage) -> list[Annotation]:
    """The annotations of a page that are shown, but links. To be read before flattening, which takes them away."""
    visible: list[Annotation] = []
    for index in range(min(raw.FPDFPage_GetAnnotCount(page), MOST)):
        handle = raw.FPDFPage_GetAnnot(page, index)
        kind = raw.FPDFAnnot_GetSubtype(handle)
        flags = raw.FPDFAnnot_GetFlags(handle)
        if flags & HIDDEN:
            raw.FPDFAnnot_SetFlags(handle, flags | raw.FPDF_ANNOT_FLAG_HIDDEN)  # else flattening would paint some
        elif kind not in (raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP):
            visible += _read(document, handle, kind)
        raw.FPDFPage_CloseAnnot(handle)
    return visible


def _read(document: pdfium.PdfDocument, handle: object, kind: int) -> Iterator[Annotation]:
    rectangle = raw.FS_RECTF()
    raw.FPDFAnnot_GetRect(handle, rectangle)
    (left, right), (bottom, top) = sorted((rectangle.left, rectangle.right)), sorted((rectangle.bottom, rectangle.top))
    box = left, bottom, right, top
    if kind == raw.FPDF_ANNOT_WIDGET:
        yield _field(document.formenv, handle, box)
        return
    if kind == raw.FPDF_ANNOT_STRIKEOUT:
        yield Annotation(role=Role.STRIKE, boxes=tuple(_quads(handle)) or (box,))
    if kind not in REMARKS:
        yield Annotation(role=Role.OTHER, boxes=(box,))
    elif kind == raw.FPDF_ANNOT_FREETEXT and _string(handle, "IT") == TYPEWRITER:
        yield Annotation(role=Role.VALUE, boxes=(box,), text=_string(handle, "Contents"))
    elif (words := _string(handle, "Contents")) and not _string(handle, "StateModel"):  # a review's state says nothing
        author = "" if kind == raw.FPDF_ANNOT_FREETEXT else " ".join(_string(handle, "T").split())
        yield Annotation(role=Role.COMMENT, boxes=(box,), text=words, author=author)


def _field(form: pdfium.PdfFormEnv | None, handle: object, box: Box) -> Annotation:
    kind = raw.FPDFAnnot_GetFormFieldType(form, handle) if form else raw.FPDF_FORMFIELD_UNKNOWN
    if kind in MARKS:
        return Annotation(role=Role.MARK, boxes=(box,), checked=bool(raw.FPDFAnnot_IsChecked(form, handle)))
    if kind not in VALUES:
        return Annotation(role=Role.OTHER, boxes=(box,))
    secret = kind == raw.FPDF_FORMFIELD_TEXTFIELD and raw.FPDFAnnot_GetFormFieldFlags(form, handle) & PASSWORD
    value = "" if secret else pdfium_text(partial(raw.FPDFAnnot_GetFormFieldValue, form, handle))
    options = range(raw.FPDFAnnot_GetOptionCount(form, handle)) if kind == raw.FPDF_FORMFIELD_LISTBOX else ()
    labels = (
        pdfium_text(partial(raw.FPDFAnnot_GetOptionLabel, form, handle, option))
        for option in options
        if raw.FPDFAnnot_IsOptionSelected(form, handle, option)
    )
    return Annotation(role=Role.VALUE, boxes=(box,), text=value, selected=tuple(filter(None, labels)))


def _quads(handle: object) -> Iterator[Box]:
    points = raw.FS_QUADPOINTSF()
    for index in range(min(raw.FPDFAnnot_CountAttachmentPoints(handle), MOST)):
        if raw.FPDFAnnot_GetAttachmentPoints(handle, index, points):
            x = points.x1, points.x2, points.x3, points.x4
            y = points.y1, points.y2, points.y3, points.y4
            yield min(x), min(y), max(x), max(y)


def _string(handle: object, key: str) -> str:
    return pdfium_text(partial(raw.FPDFAnnot_GetStringValue, handle, key.encode()))


def pdfium_text(read: Callable[[object, int], int]) -> str:
    """What PDFium writes as UTF-16 into a buffer, when it is told the buffer's size in bytes."""
    size = min(read(None, 0), 2 * LONGEST)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(read(None, 0))
    read(ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), len(buffer))
    text = buffer.raw[:size].decode("utf-16-le", "replace").partition("\0")[0]
    return "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip())
