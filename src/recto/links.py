"""Names and addresses of places in documents: addresses in recto's own page, and in the PDF itself.

A client shows them as they are, so that they begin with what people know: `/policy.pdf/12?id=3fa9c1b2e0d4&at=100-190`
is page 12 of policy.pdf, the characters 100 to 190 of its text marked. The id is in all of them: another document of
that name may come at any time, and whoever has one is not shown that one.
"""

from pathlib import Path
from urllib.parse import quote

from recto.types import Document

ID_DIGITS = 12  # of a document's 64: 48 bits
WHOLE = 8  # words of a quote that a link to the PDF names one by one; of a longer one the ends
ENDS = 4  # words of each of those


def one_line(text: str) -> str:
    """A document's words on one line, without characters that a program could take for commands."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def place_name(document: Document, page: int, label: str) -> str:
    """A page of a document, counted from 0, as people call it, and what the document calls it."""
    return f"{one_line(document.name)}, page {page + 1}{printed(label)}"


def printed(label: str) -> str:
    """What a document calls a page, behind its number."""
    return f", printed {one_line(label)}" if label else ""


def page_url(base: str, document: Document, page: int, words: tuple[int, int] | None = None) -> str:
    """Where recto's page shows a page, counted from 0, the characters `words` of its text marked.

    `base` is where the server is, without a slash at its end; empty for an address within it.
    """
    about = f"id={document.id[:ID_DIGITS]}" + (f"&at={words[0]}-{words[1]}" if words else "")
    path = f"/{quote(document.name, safe='', errors='replace')}/{page + 1}"
    if not is_page(f"/{document.name}/{page + 1}"):  # such as "metrics", which is another address
        path, about = f"/d/{document.id[:ID_DIGITS]}", f"page={page + 1}&{about}"
    return f"{base}{path}?{about}"


def is_page(path: str) -> bool:
    """Whether a path, decoded, is that of a page of a document: its name has an ending, as no other address here.

    Asked of every request before anybody shows a token, so that a long path may cost no more than its length.
    """
    slash, _, rest = path.partition("/")
    name, _, page = rest.partition("/")
    visible = name.lstrip(".")
    return not slash and "." in visible[:-1] and page.isascii() and page.isdecimal()


def pdf_url(base: str, document: Document, page: int, words: str = "") -> str:
    """Where the PDF itself is, open at a page, counted from 0; Chromium marks the words there, others do not."""
    return f"{base}/api/documents/{document.id}/pdf{_place(page, words)}"


def file_url(path: Path, page: int) -> str:
    """A file where it lies on this machine; a PDF open at a page, counted from 0."""
    return path.absolute().as_uri() + (_place(page, "") if path.suffix.lower() == ".pdf" else "")


def _place(page: int, text: str) -> str:
    """The fragment of a PDF's address: a page (RFC 8118), and a text on it (WICG's text fragments)."""
    words = text.split()
    ends = [words] if len(words) <= WHOLE else [words[:ENDS], words[-ENDS:]]
    marked = ",".join(quote(" ".join(run), safe="").replace("-", "%2D") for run in ends)
    return f"#page={page + 1}" + (f":~:text={marked}" if marked else "")
