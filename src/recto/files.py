"""From what a person names to files: folders walked, bytes hashed."""

import hashlib
import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from stat import S_ISDIR

from recto.errors import FileMissing, FileTooLarge
from recto.file_kinds import ENDINGS, ending_of

LARGEST = 500_000_000  # bytes: SQLite keeps at most 10**9 in one value, and half of that is room enough


def readable_files(
    paths: Sequence[Path], endings: Collection[str] = ENDINGS
) -> Iterator[tuple[Path, FileMissing | None]]:
    """Every file named, and below every folder named those with these endings, in order of name.

    Each with why it cannot be looked at, if so.
    """
    for path in paths:
        try:
            is_folder = S_ISDIR(path.stat().st_mode)
        except FileNotFoundError:
            yield path, FileMissing(f"{path}: there is no such file or folder", hint="check the spelling")
        except (OSError, ValueError) as error:
            yield path, FileMissing(f"{path}: it cannot be looked at ({error})", hint="ls -l FILE")
        else:
            yield from _files_below(path, endings) if is_folder else [(path, None)]


def _files_below(folder: Path, endings: Collection[str]) -> Iterator[tuple[Path, FileMissing | None]]:
    """The files below a folder. Links to folders are not followed: they may lead back."""
    errors: list[OSError] = []
    empty = True
    for parent, folders, names in os.walk(folder, onerror=errors.append):
        folders.sort()
        for name in sorted(names):
            if ending_of(name) in endings:
                empty = False
                yield Path(parent, name), None
    if empty and not errors:
        what = f"{folder}: there is no file in it that ends in {', '.join(endings)}"
        yield folder, FileMissing(what, hint="name another folder")
    for error in errors:
        problem = f"{error.filename}: the folder cannot be read ({error.strerror})"
        yield Path(error.filename), FileMissing(problem, hint="chmod u+rx FOLDER")


def fingerprint(path: Path) -> tuple[str, int]:
    """The SHA-256 of the file's bytes and their number. FileProblem if it cannot be read or is too large."""
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise FileTooLarge(
                f"{path}: it has {size / 1e6:.0f} MB, the limit is {LARGEST / 1e6:.0f} MB",
                hint="split it: qpdf --split-pages=200 IN.pdf OUT.pdf",
            )
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
    except OSError as error:
        raise FileMissing(f"{path}: the file cannot be read ({error.strerror})", hint="chmod u+r FILE") from error
    return digest.hexdigest(), size
