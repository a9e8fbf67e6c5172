"""What a PDF holds beside its pages: attached files, and forms whose content is XML.

Only the worker processes import PDFium; the others ask them.
"""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw
from numpy.typing import NDArray

from recto.pdf.annotations import pdfium_text

MOST = 1000  # attached files that are named
MOST_PAGES = 500  # that are looked at for attached files: each is to be loaded
LARGEST = 100_000_000  # bytes of an attached PDF
ENDING, MEDIA_TYPE = ".pdf", "application/pdf"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that is attached to a PDF, by its number there; `is_pdf` as its name or type says."""

    number: int
    name: str
    is_pdf: bool


class AttachedFiles:
    """The files that are attached to a document itself, and if `on_pages`, those that lie on its pages as symbols."""

    def __init__(self, document: pdfium.PdfDocument, *, on_pages: bool) -> None:
        count = min(raw.FPDFDoc_GetAttachmentCount(document), MOST)
        own = [raw.FPDFDoc_GetAttachment(document, number) for number in range(count)]
        pinned = pinned_files(document) if on_pages else ()
        by_place = {ctypes.cast(handle, ctypes.c_void_p).value: handle for handle in [*own, *pinned] if handle}
        self._handles = list(by_place.values())[:MOST]

    def listed(self) -> list[Attachment]:
        """What each is called."""
        files = []
        for number, handle in enumerate(self._handles):
            written = pdfium_text(partial(raw.FPDFAttachment_GetName, handle)).replace("\\", "/")
            name = "".join(c for c in PurePosixPath(written).name if c.isprintable()) or f"file {number + 1}"
            media_type = pdfium_text(partial(raw.FPDFAttachment_GetSubtype, handle))
            is_pdf = name.lower().endswith(ENDING) or media_type == MEDIA_TYPE
            files.append(Attachment(number, name, is_pdf))
        return files

    def content(self, number: int) -> NDArray[np.uint8]:
        """The bytes of a file. ValueError if it cannot be read or is too large."""
        handle, size = self._handles[number], ctypes.c_ulong()
        if not raw.FPDFAttachment_GetFile(handle, None, 0, size) or not size.value:
            raise ValueError("the attached file cannot be read")
        if size.value > LARGEST:
            raise ValueError(f"it has {size.value / 1e6:.0f} MB, the limit is {LARGEST / 1e6:.0f} MB")
        data = np.zeros(size.value, np.uint8)
        raw.FPDFAttachment_GetFile(handle, data.ctypes.data, data.size, size)
        return data


def pinned_files(document: pdfium.PdfDocument) -> Iterator[raw.FPDF_ATTACHMENT]:
    """The files that lie on the first pages as symbols."""
    for number in range(min(len(document), MOST_PAGES)):
        page = document[number]
        for index in range(min(raw.FPDFPage_GetAnnotCount(page), MOST)):
            annotation = raw.FPDFPage_GetAnnot(page, index)
            if raw.FPDFAnnot_GetSubtype(annotation) == raw.FPDF_ANNOT_FILEATTACHMENT:
                yield raw.FPDFAnnot_GetFileAttachment(annotation)
            raw.FPDFPage_CloseAnnot(annotation)
        page.close()


def holds_xml_form(document: pdfium.PdfDocument) -> bool:
    """Whether the content is an XML form (XFA), for which the pages are but filler: no field lies on the first."""
    kind = raw.FPDF_GetFormType(document)
    if kind != raw.FORMTYPE_XFA_FOREGROUND:
        return bool(kind == raw.FORMTYPE_XFA_FULL)
    page = document[0]
    annotations = [raw.FPDFPage_GetAnnot(page, index) for index in range(raw.FPDFPage_GetAnnotCount(page))]
    kinds = {raw.FPDFAnnot_GetSubtype(annotation) for annotation in annotations}
    for annotation in annotations:
        raw.FPDFPage_CloseAnnot(annotation)
    page.close()
    return raw.FPDF_ANNOT_WIDGET not in kinds
