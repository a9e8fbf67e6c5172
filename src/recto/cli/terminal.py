"""What every command prints with. Document text is data: nothing in it may reach the terminal as a command."""

import json
import sys

import click

from recto.errors import RectoError
from recto.wire import Json


def safe(text: str) -> str:
    """The text without control characters: a PDF must not move the cursor or change colours."""
    return "".join(char if char.isprintable() or char == "\n" else " " for char in text)


def one_line(text: str) -> str:
    """The text on one line."""
    return " ".join(safe(text).split())


def say(text: str) -> None:
    """Print a line of the answer."""
    click.echo(text)


def say_json(value: Json) -> None:
    """Print one JSON object on one line."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """Print a line beside the answer."""
    click.echo(text, err=True)


def complain(error: RectoError) -> None:
    """Print an error and the command that mends it."""
    note(f"error: {one_line(error.message)}")
    if error.hint:
        note(f"  mend: {one_line(error.hint)}")
