"""Which files recto reads, and how it tells one kind from another: by what a file holds, and for texts by its name."""

import re
from enum import StrEnum
from pathlib import PurePath

HEAD = 1024  # bytes that decide; the mark of a PDF may stand anywhere in them
PDF_MARK = b"%PDF-"


class FileKind(StrEnum):
    """What a file is, as far as reading it goes. All but a PDF are made into one."""

    PDF = "pdf"
    PICTURE = "picture"
    MARKDOWN = "markdown"
    TEXT = "text"
    HTML = "html"
    MAIL = "mail"
    OFFICE = "office"


ENDINGS = {
    ".pdf": FileKind.PDF,
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".heic", ".heif"), FileKind.PICTURE),
    **dict.fromkeys((".md", ".markdown"), FileKind.MARKDOWN),
    ".txt": FileKind.TEXT,
    **dict.fromkeys((".html", ".htm", ".xhtml"), FileKind.HTML),
    ".eml": FileKind.MAIL,
    **dict.fromkeys(
        (".docx", ".doc", ".pptx", ".ppt", ".xlsx", ".xls", ".odt", ".odp", ".ods", ".rtf"),
        FileKind.OFFICE,
    ),
}
_TEXTS = {FileKind.MARKDOWN, FileKind.TEXT, FileKind.HTML, FileKind.MAIL}
_PICTURE = re.compile(
    rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|II[*+]\0|MM\0[*+]|RIFF....WEBP"
    rb"|....ftyp(?:heic|heix|heim|heis|hevc|hevx|mif1|msf1)",
    re.DOTALL,
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Word, Excel and PowerPoint until 2003
_ZIP = b"PK\x03\x04"
_RTF = b"{\\rtf"
_OFFICE_ENTRY = re.compile(rb"\[Content_Types\]\.xml|mimetypeapplication/vnd\.oasis\.opendocument")
_UNICODE_16 = (b"\xff\xfe", b"\xfe\xff")
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_HTML = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.DOTALL)
_HEADER = re.compile(rb"(?:^[!-9;-~]+:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*){2}", re.MULTILINE)
_OF_MAIL = re.compile(rb"^(?:from|received|return-path|delivered-to|message-id|mime-version):", re.I | re.MULTILINE)


def ending_of(name: str) -> str:
    """The ending of a file's name in lower case, with its dot; empty if recto knows no such files."""
    ending = PurePath(name).suffix.lower()
    return ending if ending in ENDINGS else ""


def kind_of(head: bytes, name: str) -> FileKind | None:
    """The kind of the file of this name that begins with `head` (HEAD bytes); None if recto cannot read it.

    What has a mark is what the mark says, whatever its name. A text has none: its name has to say that it is one, or
    its first lines that it is HTML or an e-mail; but a text that is called a PDF, say, is none that recto could read.
    """
    claimed = ENDINGS.get(ending_of(name))
    if head.lstrip().startswith(PDF_MARK):
        return FileKind.PDF
    if _PICTURE.match(head):
        return FileKind.PICTURE
    if head.startswith((_OLE, _RTF)) or (
        head.startswith(_ZIP) and (claimed is FileKind.OFFICE or _OFFICE_ENTRY.search(head))
    ):
        return FileKind.OFFICE
    if claimed in _TEXTS and is_text(head):
        return _text_kind(head, claimed)
    if PDF_MARK in head:
        return FileKind.PDF
    return _text_kind(head, None) if claimed is None and is_text(head) else None


def is_text(head: bytes) -> bool:
    """Whether bytes may be the beginning of a text, in whatever encoding."""
    return bool(head) and (head.startswith(_UNICODE_16) or not _BINARY.search(head))


def _text_kind(head: bytes, claimed: FileKind | None) -> FileKind | None:
    """What a text is: Markdown where its name says so, as that holds anything; else what it begins with."""
    if claimed is FileKind.MARKDOWN:
        return claimed
    text = head.removeprefix(b"\xef\xbb\xbf")
    if _HTML.match(text):
        return FileKind.HTML
    if _HEADER.match(text) and _OF_MAIL.search(text):
        return FileKind.MAIL
    return FileKind.TEXT if claimed is FileKind.MAIL else claimed
