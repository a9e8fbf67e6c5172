"""A file opened as a PDF: itself, or one that is made of it and goes again once it was kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from recto.errors import NotAPdf
from recto.file_kinds import HEAD, FileKind, kind_of
from recto.pdf.convert import office
from recto.pdf.read import Reader, Source
from recto.scratch import temporary_folder

MAKE = "print or export it as a PDF first"


@contextmanager
def as_pdf(reader: Reader, path: Path, name: str, password: str | None, *, in_memory: bool = False) -> Iterator[Source]:
    """Open what is called `name` and lies at `path`. FileProblem if it cannot be read, or be made into a PDF.

    The PDF that is made of it lies `in_memory` if it must not reach the disk.
    """
    kind = checked_kind(path, name)
    if kind is FileKind.PDF:
        yield reader.open(path, password)
        return
    with temporary_folder("recto-made-", in_memory=in_memory) as folder:
        made_pdf, notice = Path(folder, "made.pdf"), ""
        if kind is FileKind.OFFICE:
            office.convert(path, name, made_pdf)
        else:
            notice = reader.convert(path, kind, made_pdf)
        yield replace(reader.open(made_pdf), original=path, notice=notice)


def checked_kind(path: Path, name: str) -> FileKind:
    """What the file is, by its first bytes and its name. NotAPdf if it is empty, or nothing that recto reads."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise NotAPdf(f"{path}: the file is empty (0 bytes)", hint="download or copy it again")
    kind = kind_of(head, name)
    if kind is None:
        what = f"no %PDF- mark in its first {HEAD} bytes, and no other kind of file that recto reads"
        raise NotAPdf(f"{path}: this is no PDF: {what}", hint=MAKE)
    return kind
