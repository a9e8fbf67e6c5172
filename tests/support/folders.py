"""Small files for folders that are kept in step, each written as if that was long ago."""

import itertools
import os
from pathlib import Path

from support.pdfs import text_pdf

LONG_AGO = 1_700_000_000  # seconds since 1970
SUBJECTS = ["weir", "mill", "lock", "sluice"]  # of the files that a library is filled with
_clock = itertools.count(LONG_AGO)


def page(number: int) -> bytes:
    """A document of one page, each number another one of the same size."""
    return text_pdf(f"Report {number:04}\nThe pump of hall {number:04} moves {1000 + number} litres a minute.")


def write(path: Path, content: bytes) -> Path:
    """Write a file as if that was long ago, and at another time than any file before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return touch(path)


def touch(path: Path) -> Path:
    moment = next(_clock)
    os.utime(path, (moment, moment))
    return path
