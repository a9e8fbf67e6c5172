"""`recto add`: files in, one outcome a line, a bar on standard error meanwhile."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import assert_never

import click

from recto import wire
from recto.cli.bars import bars
from recto.cli.terminal import complain, note, one_line, say, say_json
from recto.errors import EncoderProblem, PasswordNeeded
from recto.events import Progress
from recto.library import Library
from recto.library.adding import OTHER_VERSION, AddOptions
from recto.types import Added, AddStatus, Flag


def run(paths: Sequence[Path], wishes: AddOptions, *, home: Path | None, wait: bool, as_json: bool) -> int:
    """Add files; 1 if any of them failed."""
    with Library(home) as library:
        outcomes = _add_all(library, paths, wishes, as_json=as_json)
        if wait:
            _wait(library)
    return int(any(outcome.status is AddStatus.FAILED for outcome in outcomes))


def _add_all(library: Library, paths: Sequence[Path], wishes: AddOptions, *, as_json: bool) -> list[Added]:
    outcomes: list[Added] = []
    for path in paths:
        found = _add(library, path, wishes)
        if _encrypted(found) and not wishes.password and sys.stdin.isatty():
            asked = click.prompt(f"Password of {one_line(path.name)}", hide_input=True, err=True)
            found = _add(library, path, replace(wishes, password=asked))
        for outcome in found:
            if as_json:
                say_json(wire.added(outcome))
            else:
                _say(outcome)
            _offer(library, outcome)
        outcomes += found
    return outcomes


def _add(library: Library, path: Path, wishes: AddOptions) -> list[Added]:
    outcomes = []
    with bars() as shown:
        for event in library.adding(path, password=wishes.password, reread=wishes.reread, replace=wishes.replace):
            match event:
                case Progress():
                    shown.show(event)
                case Added():
                    outcomes.append(event)
                case _:
                    assert_never(event)
    return outcomes


def _encrypted(outcomes: list[Added]) -> bool:
    return len(outcomes) == 1 and outcomes[0].problem is not None and outcomes[0].problem.kind == PasswordNeeded.kind


def _say(outcome: Added) -> None:
    name = one_line(outcome.document.name)
    if outcome.status is not AddStatus.FAILED:
        flags = ", ".join(f"{n} {flag}" for flag, n in outcome.flags.items() if n and flag is not Flag.TEXT)
        pages = f"{outcome.document.pages} pages{f' ({flags})' if flags else ''}"
        say(f"{outcome.status}: {name}: {pages}, {outcome.passages} passages, {outcome.seconds:.1f} s")
    if outcome.problem:
        note(f"{outcome.status}: {one_line(outcome.problem.message)}")
        note(f"  mend: {one_line(outcome.problem.hint)}")


def _offer(library: Library, outcome: Added) -> None:
    """Offer to forget the older version of the same file, if there is somebody to ask."""
    if outcome.problem is None or outcome.problem.kind != OTHER_VERSION or not sys.stdin.isatty():
        return
    older = [d for d in library.documents() if d.name == outcome.document.name and d.id != outcome.document.id]
    if older and click.confirm("Forget the older version?", err=True):
        library.remove(older[-1].id)


def _wait(library: Library) -> None:
    """Wait for the vectors. Words can be searched without them, so their failure is a notice."""
    try:
        with bars() as shown:
            for progress in library.encoding():
                shown.show(progress)
    except EncoderProblem as problem:
        note("Searchable by words only:")
        complain(problem)
    except KeyboardInterrupt:
        note("Searchable by words; the rest is encoded at the next add.")
