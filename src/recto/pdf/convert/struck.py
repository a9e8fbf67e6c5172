"""Struck-out words of a made PDF told to whoever reads it: Typst draws the line, and has only links for annotations."""

import ctypes
import io
import re

import pypdfium2 as pdfium
import pypdfium2.raw as raw

_MADE_NOW = re.compile(rb"(?<=<)[0-9A-F]{32}(?=>\]>>\s+startxref\s+\d+\s+%%EOF\s*\Z)")  # an id by the time of saving


def annotated(data: bytes) -> bytes:
    """The PDF with an annotation StrikeOut in the place of every link: the layout puts one on each struck line.

    They show nothing of their own, as the line is drawn already.
    """
    with pdfium.PdfDocument(data) as document:
        for page in document:
            for number in reversed(range(raw.FPDFPage_GetAnnotCount(page))):
                link, place = raw.FPDFPage_GetAnnot(page, number), raw.FS_RECTF()
                raw.FPDFAnnot_GetRect(link, ctypes.byref(place))
                raw.FPDFPage_CloseAnnot(link)
                raw.FPDFPage_RemoveAnnot(page, number)
                strike = raw.FPDFPage_CreateAnnot(page, raw.FPDF_ANNOT_STRIKEOUT)
                left, bottom, right, top = place.left, place.bottom, place.right, place.top
                corners = raw.FS_QUADPOINTSF(left, top, right, top, left, bottom, right, bottom)
                raw.FPDFAnnot_SetRect(strike, ctypes.byref(place))
                raw.FPDFAnnot_AppendAttachmentPoints(strike, ctypes.byref(corners))
                raw.FPDFAnnot_SetColor(strike, raw.FPDFANNOT_COLORTYPE_Color, 0, 0, 0, 0)
                raw.FPDFPage_CloseAnnot(strike)
            page.close()
        buffer = io.BytesIO()
        document.save(buffer)
    return _MADE_NOW.sub(bytes(16).hex().encode(), buffer.getvalue())
