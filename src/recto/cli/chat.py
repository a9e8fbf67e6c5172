"""`recto ask` without a question: one after the other, each in the light of the last few."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path

import click

from recto.cli.ask import AskOptions, answer, begun, disclose
from recto.cli.hits import say_unencoded
from recto.cli.terminal import complain, counted, note, say
from recto.config import Writing
from recto.errors import BadQuestion, RectoError
from recto.keeping import Thread
from recto.library import Library
from recto.links import one_line

PROMPT = "? "
HELP = """Ask a question, or follow one up: "and in 2022?"
  :new   begin a new conversation
  :quit  end, as Ctrl-D does
  :help  this
Ctrl-C stops the answer at hand."""


def run(options: AskOptions, *, home: Path | None, writing: Writing) -> int:
    """Answer questions until the input ends. From a pipe, one a line; the exit code is then the greatest of them."""
    typed = sys.stdin.isatty()
    codes = []
    with Library(home, writing=writing, create=False) as library:
        part = library.within(*options.collections)
        disclose(library.recipient)
        say_unencoded(part)
        thread = begun(library, options)
        if typed:
            note(f"{counted(len(part.documents()), 'document')}. :help says what can be typed here, Ctrl-D ends.")
        piped = (line.decode("utf-8", "replace").strip() for line in sys.stdin.buffer)
        for line in filter(None, _typed_lines() if typed else piped):
            if line == ":quit":
                break
            if not typed and options.form in ("text", "brief"):
                say(f"{PROMPT}{one_line(line)}\n")
            try:
                codes.append(_respond(library, line, options, thread))
            except KeyboardInterrupt:
                if not typed:
                    raise
                note("stopped")
    if typed:
        return 0
    if not codes:
        raise BadQuestion("there is no question, and none comes in by standard input", hint='recto ask "What is ...?"')
    return max(codes)


def _typed_lines() -> Iterator[str]:
    """The lines that somebody types, until Ctrl-D."""
    with suppress(ImportError):  # Windows has none; the lines are then edited as the terminal can
        import_module("readline")
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # a key that sends no UTF-8 must not end the conversation
    while True:
        try:
            if sys.stdout.isatty():
                line = input(PROMPT)
            else:  # what is printed goes to a file or a program, which wants answers only
                click.echo(PROMPT, nl=False, err=True)
                line = sys.stdin.readline()
                if not line:
                    raise EOFError
        except KeyboardInterrupt:
            note("")
        except EOFError:
            note("")
            return
        else:
            yield line.strip()


def _respond(library: Library, line: str, options: AskOptions, thread: Thread) -> int:
    """Answer a line or do what it commands; the exit code that it alone would have."""
    match line:
        case ":new":
            thread.clear()
            note("A new conversation: what follows takes nothing from the questions so far.")
        case ":help":
            note(HELP)
        case _ if line.startswith(":"):
            note(f"{one_line(line)} means nothing here; :help says what does.")
        case _:
            try:
                return answer(library, line, options, thread)
            except RectoError as error:
                complain(error)
                return error.exit_code
    return 0
