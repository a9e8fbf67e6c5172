"""Answers to take along: a route that writes what the page shows to a file, from the library's own words."""

import os
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, BinaryIO

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask
from starlette.responses import StreamingResponse

from recto.errors import QuoteNotFound
from recto.exports import CitedAnswer, ExportForm, Section, export
from recto.library import Library
from recto.scratch import temporary_folder
from recto.server import ranges
from recto.server.bodies import Names, Question
from recto.server.deps import CurrentTenant
from recto.server.passwords import Password, plain
from recto.types import Citation, Span

export_api = APIRouter()
PLACES = 100  # of one answer: more than a page shows
AT_ONCE = 2  # exports that are written; the others wait: one to a PDF starts a process, and copies documents


MEDIA = {
    ExportForm.PDF: "application/pdf",
    ExportForm.MARKDOWN: "text/markdown",
    ExportForm.TEXT: "text/plain",
    ExportForm.CSV: "text/csv",
    ExportForm.CSL: "application/vnd.citationstyles.csl+json",
    ExportForm.BIBTEX: "application/x-bibtex",
}
FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {media: {} for media in MEDIA.values()}}
}


class CitedPlace(BaseModel):
    """Characters of a page of a document, pages counted from 1."""

    model_config = ConfigDict(extra="forbid")
    document: Annotated[str, Field(max_length=300)]
    page: Annotated[int, Field(ge=1)]
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]


class ExportedSection(BaseModel):
    """What stands above the next few places, such as the name of their document."""

    model_config = ConfigDict(extra="forbid")
    heading: Annotated[str, Field(max_length=500)]
    places: Annotated[int, Field(ge=0, le=PLACES)]


class ExportRequest(BaseModel):
    """A question, what was written to it, and the places that are cited, the first of them in sections, if any."""

    model_config = ConfigDict(extra="forbid")
    form: ExportForm
    question: Question
    text: Annotated[str, Field(max_length=20_000)] = ""
    places: Annotated[list[CitedPlace], Field(min_length=1, max_length=PLACES)]
    sections: Annotated[list[ExportedSection], Field(max_length=PLACES)] = []
    collections: Names = []


@export_api.post("/export", response_class=Response, responses=FILE)
async def export_answer(
    answer: ExportRequest, request: Request, tenant: CurrentTenant, password: Password = None
) -> Response:
    """An answer as a file: the cited pages with highlights (`pdf`), words, a table of the quotes, or references."""
    tenant.searches.count()
    library = await to_thread.run_sync(lambda: tenant.library.within(*answer.collections))
    base = str(request.base_url).rstrip("/")
    work = partial(written, library, answer, plain(password), base)
    file = await to_thread.run_sync(work, limiter=request.app.state.exports)  # who waits takes nobody's thread
    size = file.seek(0, os.SEEK_END)
    headers = {
        "Content-Disposition": f"attachment; filename=answer.{answer.form}",
        "Cache-Control": "no-store",
        "Content-Length": str(size),
    }
    end = BackgroundTask(file.close)
    return StreamingResponse(
        ranges.pieces(file, range(size)), media_type=MEDIA[answer.form], headers=headers, background=end
    )


def written(library: Library, answer: ExportRequest, password: str | None, base: str) -> BinaryIO:
    """The file, open, to be read and closed: whoever takes it slowly has none of it in memory."""
    places = iter([citation(library, place) for place in answer.places])
    sections = [Section(own.heading, list(islice(places, own.places))) for own in answer.sections]
    sections.append(Section("", list(places)))
    cited = CitedAnswer(question=answer.question, text=answer.text, sections=sections, base=base)
    with temporary_folder("recto-export-", in_memory=bool(library.settings.key)) as folder:
        target = Path(folder, f"answer.{answer.form}")
        export(library, cited, target, password=password)
        return target.open("rb")


def citation(library: Library, place: CitedPlace) -> Citation:
    """What stands at a place. QuoteNotFound if nothing does."""
    document = library.document(place.document)
    page = library.page(document.id, place.page - 1)
    quote = page.text[place.start : place.end]
    if not quote.strip():
        what = f"page {place.page} of {document.name} holds no words at {place.start}-{place.end}"
        raise QuoteNotFound(what, hint="ask again: the document may have changed")
    rects = page.rects(place.start, place.end)
    span = Span(document.id, page.number, place.start, place.end)
    return Citation(at=0, span=span, document=document, quote=quote, rects=rects, label=page.label)
