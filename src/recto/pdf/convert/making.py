"""One file into a PDF, by its kind. Runs in a worker process: what a file does to a library ends that and no other."""

from pathlib import Path

from recto.file_kinds import FileKind
from recto.pdf.convert.blocks import NotConvertible

LARGEST_TEXT = 50_000_000  # bytes: mails carry attachments, and pages pictures


def make(path: Path, kind: FileKind, target: Path) -> str:
    """Write the PDF; what the person should know of it. NotConvertible says why there is none."""
    if kind is FileKind.PICTURE:
        from recto.pdf.convert import pictures

        pictures.convert(path, target)
        return ""
    from recto.pdf.convert import mail, markup, texts, typeset

    size = path.stat().st_size
    if size > LARGEST_TEXT:
        raise NotConvertible(f"it has {size / 1e6:.0f} MB, the limit for texts is {LARGEST_TEXT / 1e6:.0f} MB")
    data = path.read_bytes()
    match kind:
        case FileKind.MAIL:
            blocks = mail.blocks(data)
        case FileKind.HTML:
            blocks = markup.blocks(data)
        case FileKind.MARKDOWN:
            blocks = markup.blocks(texts.markdown_html(texts.decoded(data)))
        case _:
            blocks = texts.plain(texts.decoded(data))
    document, notice = typeset.pdf(blocks)
    target.write_bytes(document)
    return notice
