"""A PDF of the cited pages, their quotes highlighted as viewers do it: the documents themselves stay untouched."""

from pathlib import Path

from recto.errors import QuoteNotFound
from recto.exports.places import CitedAnswer, cited_page
from recto.library import Library
from recto.pdf.read import Highlight, HighlightedFile, Reader
from recto.scratch import temporary_folder
from recto.types import Citation


def highlighted_pages(library: Library, answer: CitedAnswer, *, password: str | None) -> bytes:
    """A PDF of the pages that an answer cites, document by document, with a highlight and a note for each quote.

    QuoteNotFound if it cites none; PasswordNeeded, ChangeForbidden or DamagedPdf if a page cannot be copied.
    """
    if not answer.places:
        raise QuoteNotFound("the answer cites no page that could be highlighted", hint="recto ask without --export")
    places: dict[str, list[Citation]] = {}  # by document
    for place in answer.places:
        places.setdefault(place.span.doc, []).append(place)
    with temporary_folder("recto-export-", in_memory=bool(library.settings.key)) as folder, Reader(workers=1) as reader:
        files = []
        for number, (doc, quotes) in enumerate(places.items()):
            source, name = Path(folder, f"{number}.pdf"), quotes[0].document.name
            library.copy_source(doc, source)
            highlights = tuple(
                Highlight(page=quote.span.page, rects=quote.rects, note=f"{answer.question}\n{cited_page(quote)}")
                for quote in quotes
            )
            files.append(HighlightedFile(path=source, name=name, password=password, highlights=highlights))
        return reader.excerpt(files)
