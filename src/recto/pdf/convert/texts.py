"""From the bytes of a text to its blocks: decoding, plain text, Markdown."""

import re

from recto.pdf.convert.blocks import Block, BlockKind, Style, StyledText

_BOMS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufeff\u200b-\u200f\u202a-\u202e\u2060-\u2069]")
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_ALIGNED = re.compile(r"\S(?: {2,}|\t)\s*\S")  # columns that only a fixed width keeps below each other


def decoded(data: bytes, charset: str = "") -> str:
    """The text, by its byte order mark, the charset that was declared, UTF-8, or else Windows-1252."""
    for mark, encoding in _BOMS.items():
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    for encoding in (charset, "utf-8"):
        try:
            return data.decode(encoding or "utf-8")
        except (LookupError, ValueError):
            continue
    return data.decode("cp1252", "replace")


def visible(text: str) -> str:
    """The text without what has no ink: control and direction characters."""
    return _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def plain(text: str) -> list[Block]:
    """The paragraphs of a plain text, line by line; in a fixed width if it holds columns."""
    lines = visible(text).expandtabs(8).replace("\f", "\n")
    if _ALIGNED.search(text):
        return [Block(kind=BlockKind.LINES, runs=(StyledText(Style.CODE, lines.strip("\n")),))] if lines.strip() else []
    paragraphs = (paragraph.strip("\n") for paragraph in re.split(r"\n\s*\n", lines))
    return [
        Block(kind=BlockKind.PARAGRAPH, runs=(StyledText(Style.PLAIN, paragraph.rstrip()),))
        for paragraph in paragraphs
        if paragraph.strip()
    ]


def markdown_html(text: str) -> str:
    """Markdown with GitHub's tables and footnotes as HTML; HTML inside it stays, and is read as data like the rest."""
    from markdown_it import MarkdownIt

    from recto.pdf.convert import notes

    fenced = _FRONT_MATTER.sub(r"```\n\1\n```\n", text.replace("\r\n", "\n"))  # its dashes would make a heading of it
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    notes.enable(reader, frozenset(notes.NOTE.findall(fenced)))
    return str(reader.render(fenced))
