"""`recto show`: the page's picture with the quote marked."""

import sys
from pathlib import Path

import click

from recto.cli.terminal import one_line, say
from recto.errors import PasswordNeeded
from recto.library import Library


def run(
    doc: str, number: int, quote: str | None, output: Path, *, width: int, password: str | None, home: Path | None
) -> int:
    """Write the picture and print its path."""
    with Library(home) as library:
        marks = library.rects(doc, number, quote) if quote else ()
        try:
            png = library.picture(doc, number, marks=marks, width=width, password=password)
        except PasswordNeeded:
            if password or not sys.stdin.isatty():
                raise
            asked = click.prompt(f"Password of {one_line(doc)}", hide_input=True, err=True)
            png = library.picture(doc, number, marks=marks, width=width, password=asked)
    output.write_bytes(png)
    say(str(output.absolute()))
    return 0
