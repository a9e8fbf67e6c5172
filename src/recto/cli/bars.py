"""Bars of progress on standard error, with speed and time left."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.text import Text

from recto.cli.terminal import one_line
from recto.events import Progress

UNITS = {"reading": "pages", "ocr": "pages", "encoding": "passages", "asking": "questions", "drawing": "pages"}
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
def bars() -> Iterator[Bars]:
    """Bars on standard error while the block runs, none if nobody watches."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(20), MofNCompleteColumn(), Speed())
    console = Console(stderr=True)
    with Bar(*columns, TimeRemainingColumn(), console=console, transient=True, disable=not console.is_terminal) as bar:
        yield Bars(bar)
