"""What of a file is not read though it belongs to its content, and what people can do about it."""

from recto.pdf.elsewhere import Attachment
from recto.pdf.read import Source
from recto.types import Problem

DEEPEST = 2  # files that are attached to attached files are read so far down
MOST = 20  # PDFs attached to one file that are read
NAMED = 5  # attached files listed in a message before it says how many more


def readable_attachments(source: Source, depth: int) -> list[Attachment]:
    """The attached PDFs of a file that are read, which itself lies so deep in other files."""
    return [file for file in source.attachments if file.is_pdf][: MOST if depth < DEEPEST else 0]


def unread_content(source: Source, depth: int) -> Problem | None:
    """What the person should know about content that no page shows, and that is not read."""
    if source.xml_form:
        message = f"{source.path}: its content is an XML form (XFA), which cannot be read; its pages are only filler"
        return Problem("xml_form", message, "print it to PDF from Adobe Reader, and recto add that")
    readable = readable_attachments(source, depth)
    left_out = [file.name for file in source.attachments if file not in readable]
    if not left_out:
        return None
    more = f" and {len(left_out) - NAMED} more" if len(left_out) > NAMED else ""
    message = (
        f"{source.path}: attached files were not read: {', '.join(left_out[:NAMED])}{more}; "
        f"only PDFs are, up to {MOST} a file and {DEEPEST} deep"
    )
    return Problem("attachments", message, "save them from a PDF viewer, print them to PDF, and recto add those")
