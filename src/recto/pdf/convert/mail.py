"""From an e-mail to blocks: who wrote to whom, about what and when; then what was written, and what was attached."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from recto.pdf.convert import markup
from recto.pdf.convert.blocks import Block, BlockKind, NotConvertible, Style, StyledText
from recto.pdf.convert.texts import decoded, plain, visible

HEADERS = ("From", "To", "Cc", "Date", "Subject")


def blocks(data: bytes) -> list[Block]:
    """The headers that a reader is shown, the text (HTML if there is no plain one), the names of attachments."""
    message = message_from_bytes(data, policy=default)
    assert isinstance(message, EmailMessage)
    headers = [(name, visible(str(message[name]))) for name in HEADERS if message[name]]
    if not headers:
        raise NotConvertible("it has none of the headers of an e-mail")
    lines = [_labelled(name, value) for name, value in headers]
    names = [visible(part.get_filename() or part.get_content_type()) for part in message.iter_attachments()]
    attached = [Block(kind=BlockKind.RULE), _labelled("Attachments", ", ".join(names))] if names else []
    return [*lines, Block(kind=BlockKind.RULE), *_body(message), *attached]


def _body(message: EmailMessage) -> list[Block]:
    """What was written: the plain text unless it is empty, as HTML repeats it."""
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        if part is not None:
            payload = part.get_payload(decode=True)
            text = decoded(payload if isinstance(payload, bytes) else b"", str(part.get_content_charset() or ""))
            written = plain(text) if kind == "plain" else markup.blocks(text)
            if written:
                return written
    return []


def _labelled(label: str, words: str) -> Block:
    return Block(kind=BlockKind.PARAGRAPH, runs=(StyledText(Style.BOLD, f"{label}: "), StyledText(Style.PLAIN, words)))
