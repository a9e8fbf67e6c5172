"""Hits in words, and what to say when there are none."""

from recto.cli.terminal import note, one_line, safe, say
from recto.library import Library
from recto.types import Citation, Document, Hit

NOTHING_FOUND = 3  # exit code: the documents do not say it
TEASER = 200  # characters of a hit, and of a quote in the list below a written answer


def say_hit(hit: Hit) -> None:
    """Print a hit: where it is, why it stands at its rank, and how it begins."""
    place = place_name(hit.document, hit.passage.span.page)
    say(f"{hit.rank}. {place}  [{hit.score:.2f} = {hit.keyword:.2f} words + {hit.semantic:.2f} meaning]")
    say(f"   {teaser(hit.passage.text)}\n")


def say_citation(citation: Citation) -> None:
    """Print the documents' own words, and where they stand."""
    say(safe(citation.quote))
    say(f"    -- {place_name(citation.document, citation.span.page)}\n")


def place_name(document: Document, page: int) -> str:
    """A page of a document, counted from 0, as people call it."""
    return f"{one_line(document.name)}, page {page + 1}"


def teaser(text: str) -> str:
    """How a text begins, on one line."""
    line = one_line(text)
    return f"{line[:TEASER]}{'...' if len(line) > TEASER else ''}"


def explain_nothing(library: Library) -> None:
    """Say why nothing was found, and what mends that."""
    if library.documents():
        note("Nothing in these documents matches.")
    else:
        note(f"The library in {library.settings.home} is empty.")
        note("  mend: recto add FILE-OR-FOLDER")
