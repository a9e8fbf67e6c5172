"""Bars of progress on standard error, with speed and time left."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar, assert_never

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.text import Text

from recto.events import Progress, Stage
from recto.links import one_line

T = TypeVar("T")

NAME_WIDTH = 32  # columns
BAR_WIDTH = 20  # columns


class SpeedColumn(TextColumn):
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
        self._tasks: dict[tuple[Stage, str], TaskID] = {}

    def show(self, progress: Progress) -> None:
        """Move the bar of this stage and file; what was done before it was begun does not count as speed."""
        key = progress.stage, progress.name
        total, done = progress.total, progress.done
        if key not in self._tasks:
            label = f"{progress.stage} {one_line(progress.name)[:NAME_WIDTH]}"
            self._tasks[key] = self._bar.add_task(label, total=total, completed=done, unit=unit(progress.stage))
        self._bar.update(self._tasks[key], total=total, completed=done)


def unit(stage: Stage) -> str:
    """What a stage counts."""
    match stage:
        case Stage.READING | Stage.OCR | Stage.DRAWING | Stage.SUMMARISING:
            return "pages"
        case Stage.ENCODING:
            return "passages"
        case Stage.ASKING:
            return "questions"
        case Stage.PULLING | Stage.CHECKING:
            return "bytes"
        case Stage.WAITING:
            return "answers"
        case Stage.LOADING | Stage.MEASURING:
            return "s"
        case Stage.PREFILL:
            return "tokens"
        case _:
            assert_never(stage)


@contextmanager
def bars(*columns: ProgressColumn) -> Iterator[Bars]:
    """Bars on standard error while the block runs, none if nobody watches; the columns say how much and how fast."""
    console = Console(stderr=True)
    with Bar(
        TextColumn("{task.description}", markup=False),
        BarColumn(BAR_WIDTH),
        *(columns or (MofNCompleteColumn(), SpeedColumn())),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        yield Bars(bar)


def following(events: Iterable[Progress | T]) -> Iterator[T]:
    """Show progress as bars, and hand on at once what else comes: no bar stands there while it is printed."""
    waiting = iter(events)
    while True:
        with bars() as progress_bars:
            for event in waiting:
                if not isinstance(event, Progress):
                    break
                progress_bars.show(event)
            else:
                return
        yield event


def collect(events: Iterable[Progress | T]) -> list[T]:
    """Show progress as bars, and return what else comes."""
    return list(following(events))
