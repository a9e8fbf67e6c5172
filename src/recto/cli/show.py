"""`recto show`: the page's picture with the quote marked."""

import sys
from pathlib import Path

from recto.cli.terminal import ask_password, say
from recto.errors import PasswordNeeded
from recto.library import Library


def run(
    doc: str, number: int, quote: str | None, output: Path, *, width: int, password: str | None, home: Path | None
) -> int:
    """Write the picture of a page, counted from 0, and print its path."""
    with Library(home, create=False) as library:
        marks = library.rects(doc, number, quote) if quote else ()
        try:
            png = library.picture(doc, number, marks=marks, width=width, password=password)
        except PasswordNeeded:
            if password or not sys.stdin.isatty():
                raise
            png = library.picture(doc, number, marks=marks, width=width, password=ask_password(doc))
    output.write_bytes(png)
    say(str(output.absolute()))
    return 0
