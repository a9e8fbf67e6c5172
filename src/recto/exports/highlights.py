"""A PDF of the cited pages, their quotes highlighted as viewers do it: the documents themselves stay untouched."""

from itertools import groupby
from pathlib import Path

from recto.errors import QuoteNotFound
from recto.exports.places import CitedAnswer, place_name
from recto.library import Library
from recto.pdf.read import Highlight, HighlightedFile, Reader
from recto.scratch import temporary_folder


def highlighted_pages(library: Library, answer: CitedAnswer, target: Path, *, password: str | None) -> None:
    """Write the pages that an answer cites, document by document, with a highlight and a note for each quote.

    QuoteNotFound if it cites none; PasswordNeeded, ChangeForbidden or DamagedPdf if a page cannot be copied.
    """
    if not answer.places:
        raise QuoteNotFound("the answer cites no page that could be highlighted", hint="recto ask without --export")
    order = {
        document: number for number, document in enumerate(dict.fromkeys(place.span.doc for place in answer.places))
    }
    places = sorted(answer.places, key=lambda place: order[place.span.doc])
    with temporary_folder("recto-export-", in_memory=bool(library.settings.key)) as folder, Reader(workers=1) as reader:
        files = []
        for doc, quotes in groupby(places, key=lambda place: place.span.doc):
            source, cited = Path(folder, f"{order[doc]}.pdf"), list(quotes)
            library.copy_source(doc, source)
            highlights = tuple(
                Highlight(page=place.span.page, rects=place.rects, note=f"{answer.question}\n{place_name(place)}")
                for place in cited
            )
            name = cited[0].document.name
            files.append(HighlightedFile(path=source, name=name, password=password, highlights=highlights))
        reader.excerpt(files, target)
