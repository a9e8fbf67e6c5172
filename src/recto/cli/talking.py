"""`recto ask` without a question: one after the other, each in the light of the last few. Nothing of it is kept."""

import sys
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path

import click

from recto.cli.asking import Wish, answer, disclose
from recto.cli.terminal import complain, note, one_line, say
from recto.config import Writing
from recto.errors import BadQuestion, RectoError
from recto.library import Library

REMEMBERED = 5  # questions
PROMPT = "? "
HELP = """Ask a question, or follow one up: "and in 2022?"
  :new   forget the questions so far
  :quit  end, as Ctrl-D does
  :help  this
Ctrl-C stops the answer at hand."""


def run(wish: Wish, *, home: Path | None, writing: Writing) -> int:
    """Answer questions until the input ends. From a pipe, one a line; the exit code is then the greatest of them."""
    with Library(home, writing=writing) as library:
        disclose(library)
        if sys.stdin.isatty():
            _talk(library, wish)
            return 0
        return _answer_all(library, wish)


def _talk(library: Library, wish: Wish) -> None:
    history: deque[str] = deque(maxlen=REMEMBERED)
    note(f"{len(library.documents())} documents. :help says what can be typed here, Ctrl-D ends.")
    for line in filter(None, _typed()):
        if line == ":quit":
            return
        try:
            _heed(library, line, wish, history)
        except KeyboardInterrupt:
            note("stopped")


def _typed() -> Iterator[str]:
    """The lines that somebody types, until Ctrl-D."""
    with suppress(ImportError):  # Windows has none; the lines are then edited as the terminal can
        import_module("readline")
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # a key that sends no UTF-8 must not end the conversation
    while True:
        try:
            line = _line()
        except KeyboardInterrupt:
            note("")
        except EOFError:
            note("")
            return
        else:
            yield line.strip()


def _line() -> str:
    if sys.stdout.isatty():
        return input(PROMPT)
    click.echo(PROMPT, nl=False, err=True)  # what is printed goes to a file or a program, which wants answers only
    if line := sys.stdin.readline():
        return line
    raise EOFError


def _answer_all(library: Library, wish: Wish) -> int:
    history: deque[str] = deque(maxlen=REMEMBERED)
    codes = []
    for line in filter(None, (said.decode("utf-8", "replace").strip() for said in sys.stdin.buffer)):
        if line == ":quit":
            break
        if wish.form == "text":
            say(f"{PROMPT}{one_line(line)}\n")
        codes.append(_heed(library, line, wish, history))
    if not codes:
        raise BadQuestion("there is no question, and none comes in by standard input", hint='recto ask "What is ...?"')
    return max(codes)


def _heed(library: Library, line: str, wish: Wish, history: deque[str]) -> int:
    """Answer a line or do what it commands; the exit code that it alone would have."""
    if line.startswith(":"):
        _obey(line, history)
        return 0
    try:
        return answer(library, line, wish, history)
    except RectoError as error:
        complain(error)
        return error.exit_code


def _obey(command: str, history: deque[str]) -> None:
    if command == ":new":
        history.clear()
        note("The questions so far are forgotten.")
    elif command == ":help":
        note(HELP)
    else:
        note(f"{one_line(command)} means nothing here; :help says what does.")
