"""`recto add`: files in, one outcome a line, a bar on standard error meanwhile."""

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import click

from recto import wire
from recto.cli.bars import collect
from recto.cli.terminal import ask_password, complain, note, one_line, say, say_json
from recto.errors import EncoderProblem, PasswordNeeded
from recto.library import Library
from recto.library.adding import OTHER_VERSION, AddOptions
from recto.types import Added, AddStatus, Flag


def run(paths: Sequence[Path], options: AddOptions, *, home: Path | None, wait: bool, as_json: bool) -> int:
    """Add files; 1 if any of them failed."""
    failed = False
    with Library(home) as library, library.hurried() if wait else nullcontext():
        for path in paths:
            for outcome in _add(library, path, options):
                say_json(wire.added(outcome)) if as_json else _say_outcome(outcome)
                failed |= outcome.status is AddStatus.FAILED
                if OTHER_VERSION in [problem.kind for problem in outcome.problems] and sys.stdin.isatty():
                    same_name = [past for past in library.documents() if past.name == outcome.document.name]
                    older = [past for past in same_name if past.id != outcome.document.id]
                    if older and click.confirm("Forget the older version?", err=True):
                        library.remove(older[-1].id)
        if wait:
            try:
                collect(library.encoding())
            except EncoderProblem as problem:  # words can be searched without vectors
                note("Searchable by words only:")
                complain(problem)
            except KeyboardInterrupt:
                note("Searchable by words; the rest is encoded at the next add.")
    return int(failed)


def _add(library: Library, path: Path, options: AddOptions) -> list[Added]:
    """Add a file or folder, with a bar; ask for the password of an encrypted file if there is somebody to ask."""
    events = library.adding(
        path,
        password=options.password,
        reread=options.reread,
        replace=options.replace,
        hidden=options.hidden,
        ocr=options.ocr,
    )
    outcomes = collect(events)
    problems = [outcome.problem.kind for outcome in outcomes if outcome.problem]
    encrypted = len(outcomes) == 1 and problems == [PasswordNeeded.kind]
    if encrypted and not options.password and sys.stdin.isatty():
        return _add(library, path, replace(options, password=ask_password(path.name)))
    return outcomes


def _say_outcome(outcome: Added) -> None:
    name = one_line(outcome.document.name)
    if outcome.status is not AddStatus.FAILED:
        flags = ", ".join(f"{n} {flag}" for flag, n in outcome.flags.items() if n and flag is not Flag.TEXT)
        pages = f"{outcome.document.pages} pages{f' ({flags})' if flags else ''}"
        if outcome.uncertain:
            pages += f", {outcome.uncertain} recognised word{'s'[: outcome.uncertain > 1]} uncertain"
        say(f"{outcome.status}: {name}: {pages}, {outcome.passages} passages, {outcome.seconds:.1f} s")
    if outcome.hidden:
        words = f"{outcome.hidden} word{'s'[: outcome.hidden > 1]} of hidden text left out"
        note(f"{name}: {words}; `recto add --reread --hidden` reads {'them' if outcome.hidden > 1 else 'it'}")
    for problem in outcome.problems:
        note(f"{outcome.status}: {one_line(problem.message)}")
        note(f"  mend: {one_line(problem.hint)}")
