"""One file into a PDF, by its kind. Runs in a worker process: what a file does to a library ends that and no other."""

from pathlib import Path

from recto.file_kinds import FileKind
from recto.pdf.convert.blocks import Block

LARGEST_TEXT = 50_000_000  # bytes: mails carry attachments, and pages pictures


def make(path: Path, kind: FileKind, target: Path) -> str:
    """Write the PDF; what the person should know of it. NotConvertible says why there is none."""
    if kind is FileKind.PICTURE:
        from recto.pdf.convert import pictures

        pictures.convert(path, target)
        return ""
    from recto.pdf.convert import typeset

    made, notice = typeset.pdf(_blocks(path, kind))
    target.write_bytes(made)
    return notice


def _blocks(path: Path, kind: FileKind) -> list[Block]:
    """The blocks of a text."""
    from recto.pdf.convert import mail, markup, texts
    from recto.pdf.convert.blocks import NotConvertible

    size = path.stat().st_size
    if size > LARGEST_TEXT:
        raise NotConvertible(f"it has {size / 1e6:.0f} MB, the limit for texts is {LARGEST_TEXT / 1e6:.0f} MB")
    data = path.read_bytes()
    match kind:
        case FileKind.MAIL:
            return mail.blocks(data)
        case FileKind.HTML:
            return markup.blocks(data)
        case FileKind.MARKDOWN:
            return markup.blocks(texts.markdown_html(texts.decoded(data)))
        case _:
            return texts.plain(texts.decoded(data))
