"""The places that an answer rests on, and what people call them."""

from recto.types import Answer, Citation


def cited_places(answer: Answer) -> list[Citation]:
    """The quotes and citations of an answer, each place once, in the order in which they are shown."""
    return list({place.span: place for place in (*answer.quotes, *answer.citations)}.values())


def place_name(citation: Citation) -> str:
    """Where a quote stands: the file, its page, and what the document calls that page."""
    printed = f", printed {words(citation.label)}" if citation.label else ""
    return f"{words(citation.document.name)}, page {citation.span.page + 1}{printed}"


def words(text: str) -> str:
    """A document's words on one line, without characters that a program could take for commands."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
