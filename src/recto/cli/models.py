"""`recto models`: language models, listed, fetched, removed, measured and compared."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bar

from recto import config, wire
from recto.cli.terminal import note, one_line, say, say_json
from recto.config import Settings
from recto.evaluate import model_trials
from recto.evaluate.model_trials import Result, Trial
from recto.events import Progress
from recto.generation import Prefilled, Waking
from recto.library import models
from recto.library.models import PRESETS, USUAL_PROMPT, Choice, Entry, Speeds
from recto.stop import Stop

GB = 1e9
NAME_WIDTH = 32
HEADINGS = ("model", "first word", "in all", "tokens/s", "supported", "written")


def list_models(*, home: Path | None, as_json: bool) -> int:
    """Print what there is, and which one writes."""
    settings = config.load(home)
    for entry in models.list_models(settings):
        say_json(entry.as_json()) if as_json else _say_entry(entry)
    choice, why = models.explain_choice(settings)
    if as_json:
        say_json({"wanted": settings.writing.model, "writes": choice.as_json() if choice else None, "why": why})
    else:
        say(f"{settings.writing.model}: {_called(choice) if choice else 'quoted answers only'} ({one_line(why)})")
    return 0


def _called(choice: Choice) -> str:
    name = Path(choice.model).stem if Path(choice.model).is_absolute() else choice.model
    return one_line(f"{choice.provider}/{name}")


def _say_entry(entry: Entry) -> None:
    state = "installed" if entry.installed else "not here"
    say(f"{one_line(entry.name):<8} {one_line(entry.model)}, {entry.size / GB:.2f} GB, {state}")
    if entry.why:
        say(f"{'':<8} {entry.why}")
    if entry.licence:
        say(f"{'':<8} licence: {entry.licence}")


def pull(name: str, *, home: Path | None, as_json: bool) -> int:
    """Fetch a model, with a bar."""
    settings = config.load(home)
    if name in PRESETS and not as_json:
        note(f"{PRESETS[name].model}, licence: {PRESETS[name].licence}")
    last = None
    with _bar() as bar:
        for last in models.pulling(name, settings, Stop()):
            say_json(wire.progress(last)) if as_json else _move(bar, last)
    if not as_json:
        say(f"pulled: {one_line(name)}{f', {last.total / GB:.2f} GB' if last else ''}")
    return 0


def _bar() -> Bar:
    console = Console(stderr=True)
    columns = TextColumn("{task.description}", markup=False), BarColumn(20), DownloadColumn(), TransferSpeedColumn()
    return Bar(*columns, TimeRemainingColumn(), console=console, transient=True, disable=not console.is_terminal)


def _move(bar: Bar, progress: Progress) -> None:
    """Move the bar of this stage, or begin it; what was fetched earlier is not counted as speed."""
    label = f"{progress.stage} {one_line(progress.name)[:NAME_WIDTH]}"
    task = next((task for task in bar.tasks if task.description == label), None)
    if task is None:
        bar.add_task(label, total=progress.total, completed=progress.done)
    else:
        bar.update(task.id, completed=progress.done, total=progress.total)


def remove(name: str, *, home: Path | None, as_json: bool) -> int:
    """Delete a model and say what that freed."""
    freed = models.remove(name, config.load(home))
    if as_json:
        say_json({"removed": name, "freed": freed})
    else:
        say(f"removed: {one_line(name)}, {freed / GB:.2f} GB freed")
    return 0


def speed(name: str | None, *, home: Path | None, as_json: bool) -> int:
    """Measure a model and print its speeds."""
    settings = config.load(home)
    choice = models.resolve_model(name or settings.writing.model, settings)
    if not as_json:
        say(f"model        {_called(choice)}")
    for event in models.measuring(choice, settings, Stop()):
        match event:
            case Waking() | Prefilled():
                pass  # it takes some seconds
            case Speeds():
                say_json({"model": choice.as_json(), **_speeds(event)}) if as_json else _say_speeds(event, settings)
    return 0


def _speeds(found: Speeds) -> wire.Json:
    predicted = {"first_token_s": found.first_token_s(USUAL_PROMPT), "total_s": found.total_s(USUAL_PROMPT)}
    return {**asdict(found), "usual": {"read": USUAL_PROMPT, "write": found.answer, **predicted}}


def _say_speeds(found: Speeds, settings: Settings) -> None:
    target_s = settings.writing.first_token_s
    say(f"loading      {found.load_s:.1f} s")
    say(f"reading      {found.prefill:.0f} tokens/s, after {found.overhead_s:.2f} s")
    say(f"writing      {found.decode:.1f} tokens/s")
    say(f"first word   {found.first_token_s(USUAL_PROMPT):.1f} s expected, for {USUAL_PROMPT} tokens to read")
    say(f"in all       {found.total_s(USUAL_PROMPT):.1f} s expected, for {found.answer:.0f} tokens to write")
    say(f"evidence     {found.tokens_within(target_s)} tokens can be read within {target_s:g} s (RECTO_FIRST_TOKEN)")


def try_models(asked: Sequence[str], names: Sequence[str], *, home: Path | None, as_json: bool) -> int:
    """Ask each model the same questions; print how each did, and which one to take."""
    settings = config.load(home)
    names = list(names) or model_trials.candidates(settings)
    questions = list(asked) or model_trials.questions(settings)
    for question in questions:
        note(f"question: {one_line(question)}")
    trials: dict[str, list[Trial]] = {name: [] for name in names}
    for trial in model_trials.trying(names, questions, settings):
        trials[trial.model].append(trial)
        say_json(asdict(trial)) if as_json else _say_trial(trial)
    results = [model_trials.summed(name, trials[name]) for name in names]
    model, why = model_trials.recommended(results, settings.writing.first_token_s)
    if as_json:
        say_json({"results": [asdict(result) for result in results], "take": model, "why": why})
    else:
        _say_results(results)
        say(f"take {one_line(model)}: {why} (RECTO_MODEL={one_line(model)})")
    return 0


def _say_trial(trial: Trial) -> None:
    outcome = f"not written: {trial.notice}" if trial.total_s is None else f"{trial.total_s:.1f} s"
    note(f"{one_line(trial.model)}: {one_line(trial.question)}  {one_line(outcome)}")


def _say_results(results: Sequence[Result]) -> None:
    rows = [HEADINGS, *(_row(result) for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for row in rows:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    say("Seconds are medians, counted from when the model begins to read.")


def _row(result: Result) -> tuple[str, ...]:
    def shown(value: float | None, unit: str) -> str:
        return "-" if value is None else f"{value:.1f}{unit}"

    return (
        one_line(result.model),
        shown(result.first_token_s, " s"),
        shown(result.total_s, " s"),
        shown(result.tokens_per_s, ""),
        f"{result.supported} of {result.sentences}",
        f"{result.written} of {result.asked}",
    )
