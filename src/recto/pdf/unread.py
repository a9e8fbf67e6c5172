"""What of a file is not read though it belongs to its content, and what people can do about it."""

from collections.abc import Iterator, Sequence

from recto.pdf.attachments import Attachment
from recto.pdf.layout import ReadPage
from recto.pdf.read import PageResult, Source
from recto.pdf.recognition.engines import OcrEngines
from recto.types import Problem

DEEPEST = 2  # files that are attached to attached files are read so far down
MOST = 20  # PDFs attached to one file that are read
MOST_LISTED = 5  # attached files listed in a message before it says how many more
LISTED_PAGES = 8  # likewise
FONTS = "install a font that has them (apt-get install fonts-noto-core fonts-noto-cjk)"


def readable_attachments(source: Source, depth: int) -> list[Attachment]:
    """The attached PDFs of a file that are read, which itself lies so deep in other files."""
    return [file for file in source.attachments if file.is_pdf][: MOST if depth < DEEPEST else 0]


def unread_content(source: Source, depth: int) -> Iterator[Problem]:
    """What the person should know about content that no page shows, and that is not read."""
    if source.notice:
        path = source.original or source.path
        yield Problem("missing_signs", f"{path}: {source.notice}", f"{FONTS}; then recto add --reread FILE")
    if source.xml_form:
        message = f"{source.path}: its content is an XML form (XFA), which cannot be read; its pages are only filler"
        yield Problem("xml_form", message, "print it to PDF from Adobe Reader, and recto add that")
    readable = readable_attachments(source, depth)
    left_out = [file.name for file in source.attachments if file not in readable]
    if not left_out:
        return
    more = f" and {len(left_out) - MOST_LISTED} more" if len(left_out) > MOST_LISTED else ""
    message = (
        f"{source.path}: attached files were not read: {', '.join(left_out[:MOST_LISTED])}{more}; "
        f"only PDFs are, up to {MOST} a file and {DEEPEST} deep"
    )
    yield Problem("attachments", message, "save them from a PDF viewer, print them to PDF, and recto add those")


def lost_pages(source: Source, results: Sequence[PageResult]) -> Iterator[Problem]:
    """What the person should know about pages that cannot be read."""
    path = source.original or source.path
    lost = [result for result in results if result.lost]
    if lost:
        pages = _page_list([result.read for result in lost])
        message = f"{path}: {pages} of {len(results)} could not be read; the first {lost[0].lost}"
        yield Problem("lost_pages", message, "repair it first: qpdf IN.pdf OUT.pdf")


def unread_scans(source: Source, unread: Sequence[ReadPage], engines: OcrEngines) -> Iterator[Problem]:
    """What the person should know about scans that were not recognised, or not in all of their languages."""
    scans = [read for read in unread if read.scan]
    if scans and engines.lack:
        pages = f"{_page_list(scans)} of {source.pages}"
        message = f"{source.original or source.path}: {pages} hold pictures of text, and {engines.lack}"
        yield Problem("no_ocr", message, f"{engines.mend}; then recto add --reread FILE")


def scans_left_out(source: Source, unread: Sequence[ReadPage], engines: OcrEngines) -> Iterator[Problem]:
    """What the list of documents should say where whoever added a file wanted no scans read."""
    scans = [read for read in unread if read.scan]
    if scans and not (engines.names or engines.lack):
        message = f"{_page_list(scans)} of {source.pages} hold pictures of text, and reading them was off"
        yield Problem("no_ocr", message, "recto add --reread --ocr auto FILE")


def _page_list(reads: Sequence[ReadPage]) -> str:
    numbers = [str(read.page.number + 1) for read in reads[:LISTED_PAGES]]
    more = f" and {len(reads) - LISTED_PAGES} more" if len(reads) > LISTED_PAGES else ""
    return f"{len(reads)} page{'s'[: len(reads) > 1]} ({', '.join(numbers)}{more})"
