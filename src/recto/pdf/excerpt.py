"""Pages of PDFs copied into a new one, with highlights that every viewer knows as its own kind."""

import ctypes
from collections.abc import Sequence

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from recto.pdf.wire import Message

COLOR = (255, 226, 84, 255)  # that of the marks on a page's picture
AUTHOR = "recto"
GRID = 1_000_000  # parts of a page's width and height that PDFium is asked for: it takes whole numbers
MODIFY, COPY, ANNOTATE = 1 << 3, 1 << 4, 1 << 5  # bits of /P, ISO 32000-1 table 22


def forbidden(document: pdfium.PdfDocument) -> str:
    """What the owner of the document forbids that an excerpt needs, in words; empty if nothing."""
    permissions = pdfium_c.FPDF_GetDocPermissions(document)
    if not permissions & COPY:
        return "copying its content"
    return "" if permissions & (ANNOTATE | MODIFY) else "adding comments"


def append(excerpt: pdfium.PdfDocument, document: pdfium.PdfDocument, pages: Sequence[Message]) -> None:
    """Copy pages behind those of the excerpt. Each is `number`, and `highlights` with `boxes` and a `note`."""
    first = len(excerpt)
    excerpt.import_pages(document, [page["number"] for page in pages])
    for place, page in enumerate(pages, first):
        copy = excerpt[place]
        for mark in page["highlights"]:
            highlight(copy, mark["boxes"], mark["note"])
        copy.close()


def highlight(page: pdfium.PdfPage, boxes: Sequence[Sequence[float]], note: str) -> None:
    """Lay a highlight over boxes, which are shares of the displayed page."""
    annotation = pdfium_c.FPDFPage_CreateAnnot(page, pdfium_c.FPDF_ANNOT_HIGHLIGHT)
    corners = []
    for x0, y0, x1, y1 in boxes:
        # From the top left to the top right, then below: as the line is read, also on a page that is turned.
        quad = [page_point(page, *corner) for corner in ((x0, y0), (x1, y0), (x0, y1), (x1, y1))]
        corners += quad
        points = pdfium_c.FS_QUADPOINTSF(*(coordinate for corner in quad for coordinate in corner))
        pdfium_c.FPDFAnnot_AppendAttachmentPoints(annotation, points)
    across, up = zip(*corners, strict=True)
    pdfium_c.FPDFAnnot_SetRect(annotation, pdfium_c.FS_RECTF(min(across), max(up), max(across), min(up)))
    pdfium_c.FPDFAnnot_SetColor(annotation, pdfium_c.FPDFANNOT_COLORTYPE_Color, *COLOR)
    pdfium_c.FPDFAnnot_SetFlags(annotation, pdfium_c.FPDF_ANNOT_FLAG_PRINT)
    for key, text in ((b"T", AUTHOR), (b"Contents", note)):
        encoded = (text + "\0").encode("utf-16-le")
        pdfium_c.FPDFAnnot_SetStringValue(
            annotation, key, ctypes.cast(ctypes.create_string_buffer(encoded), pdfium_c.FPDF_WIDESTRING)
        )
    pdfium_c.FPDFPage_CloseAnnot(annotation)


def page_point(page: pdfium.PdfPage, x: float, y: float) -> tuple[float, float]:
    """A point of the displayed page, in shares of it from its top left, as the page's content counts."""
    across, up = ctypes.c_double(), ctypes.c_double()
    pdfium_c.FPDF_DeviceToPage(page, 0, 0, GRID, GRID, 0, round(x * GRID), round(y * GRID), across, up)
    return across.value, up.value
