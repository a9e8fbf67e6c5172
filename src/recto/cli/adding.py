"""`recto add`: files in, one outcome a line, a bar on standard error meanwhile."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import assert_never

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.text import Text

from recto import wire
from recto.cli.terminal import complain, note, one_line, say, say_json
from recto.errors import EncoderProblem, PasswordNeeded
from recto.events import Progress
from recto.library import Library
from recto.library.adding import FAILED, OTHER_VERSION, Wishes
from recto.types import Added, Flag

UNITS = {"reading": "pages", "ocr": "pages", "encoding": "passages"}
NAME_WIDTH = 32


class Speed(TextColumn):
    """Units per second, as measured."""

    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: Task) -> Text:
        """Show the speed of the task's stage."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.{int(speed < 10)}f} {task.fields['unit']}/s" if speed else "")


class Bars:
    """One bar for each stage of each file."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._tasks: dict[tuple[str, str], TaskID] = {}

    def show(self, progress: Progress) -> None:
        """Move the bar of this stage and file."""
        key = progress.stage, progress.name
        if key not in self._tasks:
            label = f"{progress.stage} {one_line(progress.name)[:NAME_WIDTH]}"
            self._tasks[key] = self._bar.add_task(label, total=progress.total, unit=UNITS[progress.stage])
        self._bar.update(self._tasks[key], completed=progress.done)


@contextmanager
def _bars() -> Iterator[Bars]:
    columns = (TextColumn("{task.description}", markup=False), BarColumn(20), MofNCompleteColumn(), Speed())
    console = Console(stderr=True)
    with Bar(*columns, TimeRemainingColumn(), console=console, transient=True, disable=not console.is_terminal) as bar:
        yield Bars(bar)


def run(paths: Sequence[Path], wishes: Wishes, *, home: Path | None, wait: bool, as_json: bool) -> int:
    """Add files; 1 if any of them failed."""
    with Library(home) as library:
        outcomes = _add_all(library, paths, wishes, as_json=as_json)
        if wait:
            _wait(library)
    return int(any(outcome.status == FAILED for outcome in outcomes))


def _add_all(library: Library, paths: Sequence[Path], wishes: Wishes, *, as_json: bool) -> list[Added]:
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


def _add(library: Library, path: Path, wishes: Wishes) -> list[Added]:
    outcomes = []
    with _bars() as bars:
        for event in library.adding(path, password=wishes.password, reread=wishes.reread, replace=wishes.replace):
            match event:
                case Progress():
                    bars.show(event)
                case Added():
                    outcomes.append(event)
                case _:
                    assert_never(event)
    return outcomes


def _encrypted(outcomes: list[Added]) -> bool:
    return len(outcomes) == 1 and outcomes[0].problem is not None and outcomes[0].problem.kind == PasswordNeeded.kind


def _say(outcome: Added) -> None:
    name = one_line(outcome.document.name)
    if outcome.status != FAILED:
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
        with _bars() as bars:
            for progress in library.encoding():
                bars.show(progress)
    except EncoderProblem as problem:
        note("Searchable by words only:")
        complain(problem)
    except KeyboardInterrupt:
        note("Searchable by words; the rest is encoded at the next add.")
