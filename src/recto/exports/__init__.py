"""Answers to take along: written to a file, in the form that its name asks for."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from recto.errors import BadSetting
from recto.exports.bibliography import bibtex, csl_json
from recto.exports.highlights import highlighted_pages
from recto.exports.places import CitedAnswer as CitedAnswer
from recto.exports.quotes import csv_table, markdown, plain_text
from recto.library import Library

TEXTS: dict[str, Callable[[Library, CitedAnswer], str]] = {
    ".md": markdown,
    ".txt": plain_text,
    ".csv": csv_table,
    ".json": csl_json,
    ".bib": bibtex,
}
PDF = ".pdf"


def check_target(target: Path) -> None:
    """BadSetting if the name of the file asks for no form that there is, or its folder is not there."""
    forms = [PDF, *TEXTS]
    if target.suffix.lower() not in forms:
        raise BadSetting(
            f"{target}: no answer is written as {target.suffix or 'a file without an ending'}",
            hint=f"end the name in {', '.join(forms[:-1])} or {forms[-1]}",
        )
    folder = target.absolute().parent
    if not folder.is_dir():
        raise BadSetting(f"{target}: there is no folder {folder}", hint=f"mkdir -p '{folder}'")


def export(library: Library, answer: CitedAnswer, target: Path, *, password: str | None = None) -> None:
    """Write an answer and its quotes to a file, whole or not at all; one of this name is replaced.

    `.pdf` holds the cited pages with the quotes highlighted, `.md` and `.txt` the words, `.csv` the quotes with their
    boxes, `.json` (CSL) and `.bib` the documents with their pages. BadSetting for another ending, OSError if the file
    cannot be written, and for a PDF PasswordNeeded, ChangeForbidden or DamagedPdf.
    """
    check_target(target)
    write = TEXTS.get(target.suffix.lower())
    with tempfile.TemporaryDirectory(prefix=".recto-", dir=target.absolute().parent) as folder:
        draft = Path(folder, "answer")
        if write is None:
            highlighted_pages(library, answer, draft, password=password)
        else:
            draft.write_text(write(library, answer), encoding="utf-8")
        os.replace(draft, target)  # noqa: PTH105 - in one step, whatever lies there
