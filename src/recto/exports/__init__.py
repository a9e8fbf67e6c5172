"""Answers to take along: written to a file, in the form that its name asks for."""

import os
import tempfile
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from recto.errors import BadSetting
from recto.exports.bibliography import bibtex, csl_json
from recto.exports.highlights import highlighted_pages
from recto.exports.places import CitedAnswer as CitedAnswer
from recto.exports.places import Section as Section
from recto.exports.quotes import csv_table, markdown, plain_text
from recto.library import Library


class ExportForm(StrEnum):
    """What the file is, as its name ends."""

    PDF = "pdf"
    MARKDOWN = "md"
    TEXT = "txt"
    CSV = "csv"
    CSL = "json"
    BIBTEX = "bib"


TEXTS: dict[ExportForm, Callable[[Library, CitedAnswer], str]] = {
    ExportForm.MARKDOWN: markdown,
    ExportForm.TEXT: plain_text,
    ExportForm.CSV: csv_table,
    ExportForm.CSL: csl_json,
    ExportForm.BIBTEX: bibtex,
}


def form_of(target: Path) -> ExportForm:
    """What the file is to be. BadSetting if its name asks for no form that there is, or its folder is not there."""
    ending = target.suffix.lower().removeprefix(".")
    if ending not in list(ExportForm):
        *endings, last = (f".{form}" for form in ExportForm)
        raise BadSetting(
            f"{target}: no answer is written as {target.suffix or 'a file without an ending'}",
            hint=f"end the name in {', '.join(endings)} or {last}",
        )
    folder = target.absolute().parent
    if not folder.is_dir():
        raise BadSetting(f"{target}: there is no folder {folder}", hint=f"mkdir -p '{folder}'")
    return ExportForm(ending)


def export(library: Library, answer: CitedAnswer, target: Path, *, password: str | None = None) -> None:
    """Write an answer and its quotes to a file, whole or not at all; one of this name is replaced.

    `.pdf` holds the cited pages with the quotes highlighted, `.md` and `.txt` the words, `.csv` the quotes with their
    boxes, `.json` (CSL) and `.bib` the documents with their pages. BadSetting for another ending, OSError if the file
    cannot be written, and for a PDF PasswordNeeded, ChangeForbidden or DamagedPdf.
    """
    write = TEXTS.get(form_of(target))
    data = write(library, answer).encode() if write else highlighted_pages(library, answer, password=password)
    try:
        with tempfile.TemporaryDirectory(prefix=".recto-", dir=target.absolute().parent) as folder:
            draft = Path(folder, "answer")
            draft.write_bytes(data)
            os.replace(draft, target)  # noqa: PTH105 - in one step, whatever lies there
    except OSError as error:  # of a draft that nobody knows, or of no file
        raise OSError(error.errno, error.strerror, str(target)) from error
