"""What every command prints with. Document text is data: nothing in it may reach the terminal as a command."""

import os
import sys
from collections.abc import Sequence
from enum import IntEnum
from itertools import groupby
from shutil import get_terminal_size
from textwrap import indent
from typing import TYPE_CHECKING

import click

from recto import wire
from recto.cli.messages import t
from recto.errors import RectoError
from recto.links import one_line
from recto.wire import Json

if TYPE_CHECKING:
    from rich.status import Status

REFRESH = 4  # a second: the cores are for the model
NARROW = 60  # columns; with fewer, what surrounds a quote would push the next one off the screen
INDENT = "    "
# What terminals that know links call themselves, in TERM_PROGRAM, in TERM, or by a variable of their own.
LINKING_PROGRAMS = ("iTerm.app", "WezTerm", "vscode", "Hyper", "ghostty", "Tabby", "zed")
LINKING_TERMINALS = ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm", "contour")
LINKING_SIGNS = ("VTE_VERSION", "WT_SESSION", "KONSOLE_VERSION", "KITTY_WINDOW_ID", "FORCE_HYPERLINK")


_plain = False


def use_plain() -> None:
    """Print as into a pipe from now on, also on a terminal: no styles, no links, lines as the pages have them."""
    global _plain
    _plain = True


def on_terminal() -> bool:
    """Whether standard output is a terminal that is to look like one."""
    return sys.stdout.isatty() and not _plain


def has_styles() -> bool:
    """Whether it shows bold and dim."""
    return on_terminal() and os.environ.get("TERM") != "dumb" and "NO_COLOR" not in os.environ


class Look(IntEnum):
    """How much a piece of a text matters."""

    AROUND = 0
    QUOTED = 1
    ASKED = 2  # a cell of a quoted row that the question asks for


Piece = tuple[str, Look]


def safe(text: str) -> str:
    """The text without control characters: a PDF must not move the cursor or change colours."""
    return "".join(char if char.isprintable() or char == "\n" else " " for char in text)


def counted(count: int, noun: str) -> str:
    """So many of something."""
    return f"{count} {noun}{'s'[: count != 1]}"


def say(text: str) -> None:
    """Print a line of the answer."""
    click.echo(safe(text))


def say_linked(before: str, text: str, address: str, after: str) -> None:
    """Print a line of which a part is a link (OSC 8), where there is an address and the terminal knows links."""
    link = f"\x1b]8;;{address}\x1b\\{safe(text)}\x1b]8;;\x1b\\" if address and knows_links() else safe(text)
    click.echo(f"{safe(before)}{link}{safe(after)}")


def knows_links() -> bool:
    """Whether standard output is a terminal that shows links; one that does not may show their codes."""
    environ = os.environ.get
    named = environ("TERM_PROGRAM", "") in LINKING_PROGRAMS or environ("TERM", "").startswith(LINKING_TERMINALS)
    return on_terminal() and (named or any(environ(name) for name in LINKING_SIGNS))


def say_marked(pieces: Sequence[Piece]) -> None:
    """Print a text, what is quoted in bold, the rest dimmed and asked cells underlined.

    A quote by itself is as bold as its cells alone. Without styles what stands around is indented, line by line.
    """
    if len(pieces) > 1 and has_styles():
        bold = Look.QUOTED if any(look is Look.AROUND for _, look in pieces) else Look.ASKED
        styled = (
            click.style(
                safe(text),
                bold=look >= bold or None,
                dim=look is Look.AROUND or None,
                underline=look is Look.ASKED or None,
            )
            for text, look in pieces
        )
        click.echo("".join(styled))
        return
    for is_around, group in groupby(pieces, key=lambda piece: piece[1] is Look.AROUND):
        text = "".join(text for text, _ in group)
        if text.strip():
            say(indent(safe(text).strip(), INDENT) if is_around else text)


def is_narrow() -> bool:
    """Whether answers are read on a terminal with few columns."""
    return on_terminal() and get_terminal_size().columns < NARROW


def wrapped(text: str) -> str:
    """The text with line ends in the place of spaces, where it would not fit the terminal; no character moves."""
    width = get_terminal_size().columns - (0 if has_styles() else len(INDENT))
    lines = []
    for line in text.split("\n"):
        start = 0
        while len(line) - start > width and (at := line.rfind(" ", start + 1, start + width + 1)) > 0:
            line = f"{line[:at]}\n{line[at + 1 :]}"
            start = at + 1
        lines.append(line)
    return "\n".join(lines)


def say_piece(text: str) -> None:
    """Print a piece of a line, at once."""
    click.echo(safe(text), nl=False)


def say_json(value: Json) -> None:
    """Print one JSON object on one line."""
    sys.stdout.write(wire.text(value) + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """Print a line beside the answer."""
    click.echo(safe(text), err=True)


def begin_line() -> None:
    """Leave no half-drawn progress before the shell's prompt."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def ask_password(name: str) -> str:
    """Ask for the password of a PDF."""
    password: str = click.prompt(t("password", name=one_line(name)), hide_input=True, err=True)
    return password


def complain(error: RectoError) -> None:
    """Print an error and the command that mends it."""
    note(t("error", message=one_line(error.message)))
    if error.hint:
        note(t("mend", hint=one_line(error.hint)))


class StatusLine:
    """A line on standard error that goes away again; none if nobody watches."""

    def __init__(self) -> None:
        self._status: Status | None = None

    def show(self, text: str) -> None:
        """Show this line instead of the one before."""
        if not sys.stderr.isatty():
            return
        from rich.console import Console
        from rich.status import Status
        from rich.text import Text

        line = Text(one_line(text))
        if self._status is None:
            self._status = Status(line, console=Console(stderr=True), refresh_per_second=REFRESH)
            self._status.start()
        else:
            self._status.update(line)

    def clear(self) -> None:
        """Take the line away."""
        if self._status is not None:
            self._status.stop()
            self._status = None
