"""`recto add`: files in, one outcome a line, a bar on standard error meanwhile."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from itertools import chain
from pathlib import Path

import click

from recto import wire
from recto.cli import documents, encoders
from recto.cli.bars import following
from recto.cli.messages import t
from recto.cli.terminal import ask_password, note, say, say_json
from recto.errors import PasswordNeeded
from recto.library import NOTHING_GOES_IN, Library
from recto.library.adding import OTHER_VERSION, AddOptions
from recto.links import one_line
from recto.types import Added, AddStatus, Flag


def run(
    paths: Sequence[Path],
    options: AddOptions,
    collections: Sequence[str],
    *,
    home: Path | None,
    wait: bool,
    as_json: bool,
) -> int:
    """Add files, and put them into collections; 1 if any of them failed."""
    counts: Counter[AddStatus] = Counter()
    with Library(home) as library, library.hurried() if wait else nullcontext():
        try:
            for outcome in chain.from_iterable(_add(library, path, options, collections) for path in paths):
                counts[outcome.status] += 1
                say_json(wire.added(outcome)) if as_json else say_outcome(outcome)
                kinds = {problem.kind for problem in outcome.problems}
                if OTHER_VERSION in kinds and sys.stdin.isatty():
                    namesakes = [past.id for past in library.documents() if past.name == outcome.document.name]
                    older = [doc for doc in namesakes if doc != outcome.document.id]
                    if older and click.confirm(t("add.forget_older"), err=True):
                        documents.forget(library, [older[-1]], successor=outcome.document.id)
                if kinds & NOTHING_GOES_IN:
                    note(t("add.stopped"))
                    return 1
        except KeyboardInterrupt:
            done = ", ".join(f"{counts[status]} {t(f'status.{status}')}" for status in AddStatus)
            note(t("add.interrupted", done=done))
            raise
        if wait:
            encoders.encode_added(library)
    return int(counts[AddStatus.FAILED] > 0)


def _add(library: Library, path: Path, options: AddOptions, collections: Sequence[str]) -> Iterator[Added]:
    """Add a file or folder, with a bar; ask for the password of an encrypted file if there is somebody to ask."""
    events = library.adding(
        path,
        password=options.password,
        reread=options.reread,
        replace=options.replace,
        hidden=options.hidden,
        ocr=options.ocr,
        collections=collections,
    )
    may_ask = not options.password and sys.stdin.isatty() and not path.is_dir()
    for outcome in following(events):
        if may_ask and outcome.problem and outcome.problem.kind == PasswordNeeded.kind:
            yield from _add(library, path, replace(options, password=ask_password(path.name)), collections)
            return
        yield outcome
        may_ask = False  # what follows is attached to the file


def say_outcome(outcome: Added) -> None:
    """Say what became of a file, and what mends its problems."""
    name = one_line(outcome.document.name)
    if outcome.status is not AddStatus.FAILED:
        say(t("add.outcome", status=t(f"status.{outcome.status}"), name=name, content=content_words(outcome)))
    note_problems(outcome)


def content_words(outcome: Added) -> str:
    """What was read of a file."""
    flags = ", ".join(f"{n} {t(f'flag.{flag}')}" for flag, n in outcome.flags.items() if n and flag is not Flag.TEXT)
    pages = f"{t('count.page', n=outcome.document.pages)}{f' ({flags})' if flags else ''}"
    if outcome.unrecognised:
        pages += t("add.unrecognised", n=outcome.unrecognised)
    if outcome.uncertain:
        pages += t("add.uncertain", n=outcome.uncertain)
    return f"{pages}, {t('count.passage', n=outcome.passages)}, {outcome.seconds:.1f} s"


def note_problems(outcome: Added) -> None:
    """Say what went wrong with a file, and what mends it."""
    name = one_line(outcome.document.name)
    if outcome.hidden and outcome.status is not AddStatus.RECOGNISED:
        note(t("add.hidden", n=outcome.hidden, name=name))
    for problem in outcome.problems:
        note(f"{t(f'status.{outcome.status}')}: {one_line(problem.message)}")
        note(t("mend", hint=one_line(problem.hint)))
