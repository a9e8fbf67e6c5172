"""`recto models`: language models, listed, fetched, removed, measured and compared."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.progress import DownloadColumn, TransferSpeedColumn

from recto import config, wire
from recto.cli import evaluate_written
from recto.cli.bars import bars
from recto.cli.evaluate import EvalOptions
from recto.cli.messages import t
from recto.cli.terminal import note, say, say_json
from recto.evaluate import model_trials
from recto.evaluate import questions as labelled_questions
from recto.evaluate.model_trials import Trial, TrialSummary
from recto.library import models
from recto.library.models import PRESETS, USUAL_PROMPT, Choice, Speeds
from recto.links import one_line
from recto.stop import Stop

GB = 1e9
HEADINGS = ("model", "first word", "in all", "tokens/s", "supported", "in full", "written")


def list_models(*, home: Path | None, as_json: bool) -> int:
    """Print what there is, and which one writes."""
    settings = config.load(home)
    for entry in models.list_models(settings):
        if as_json:
            say_json(entry.as_json())
            continue
        state = t("models.installed" if entry.installed else "models.absent")
        say(f"{one_line(entry.name):<8} {one_line(entry.model)}, {entry.size / GB:.2f} GB, {state}")
        if entry.why:
            say(f"{'':<8} {entry.why}")
        if entry.licence:
            say(f"{'':<8} {t('models.licence', licence=entry.licence)}")
    model, why = models.explain_choice(settings)
    if as_json:
        say_json({"wanted": settings.writing.model, "writes": model.as_json() if model else None, "why": why})
    else:
        writer = model_name(model) if model else t("models.quotes")
        say(f"{settings.writing.model}: {writer} ({one_line(why)})")
    return 0


def model_name(model: Choice) -> str:
    """A model with its engine: a file by its name without the ending."""
    path = Path(model.model)
    return one_line(f"{model.provider}/{path.stem if path.is_absolute() else model.model}")


def pull(name: str, *, home: Path | None, as_json: bool, insecure: bool, measure: bool) -> int:
    """Fetch a model, with a bar, and measure it if that is wanted and was never done."""
    settings = config.load(home)
    if name in PRESETS and not as_json:
        note(f"{PRESETS[name].model}, {t('models.licence', licence=PRESETS[name].licence)}")
    progress = None
    with bars(DownloadColumn(), TransferSpeedColumn()) as progress_bars:
        for progress in models.pulling(name, settings, Stop(), insecure=insecure):
            say_json(wire.progress(progress)) if as_json else progress_bars.show(progress)
    if not as_json:
        pulled = t("models.pulled", name=one_line(name))
        say(f"{pulled}, {progress.total / GB:.2f} GB" if progress else pulled)
    if measure and (speeds := models.measured(name, settings)):
        note(t("models.measured", seconds=f"{speeds.first_token_s(USUAL_PROMPT):.1f}"))
    return 0


def remove(name: str, *, home: Path | None, as_json: bool) -> int:
    """Delete a model and say what that freed."""
    freed = models.remove(name, config.load(home))
    if as_json:
        say_json({"removed": name, "freed": freed})
    else:
        say(t("models.removed", name=one_line(name), size=f"{freed / GB:.2f} GB"))
    return 0


def speed(name: str | None, *, home: Path | None, as_json: bool) -> int:
    """Measure a model and print its speeds."""
    settings = config.load(home)
    model = models.resolve_model(name or settings.writing.model, settings)
    if not as_json:
        say(f"model        {model_name(model)}")
    for event in models.measuring(model, settings, Stop()):
        if not isinstance(event, Speeds):
            continue  # it loads, or reads: some seconds
        first_token_s, total_s = event.first_token_s(USUAL_PROMPT), event.total_s(USUAL_PROMPT)
        if as_json:
            usual = {"read": USUAL_PROMPT, "write": event.answer, "first_token_s": first_token_s, "total_s": total_s}
            say_json({"model": model.as_json(), **asdict(event), "usual": usual})
        else:
            target_s = settings.writing.first_token_s
            evidence = event.tokens_within(target_s)
            say(f"loading      {event.load_s:.1f} s")
            say(f"reading      {event.prefill:.0f} tokens/s, after {event.overhead_s:.2f} s")
            say(f"writing      {event.decode:.1f} tokens/s")
            say(f"first word   {first_token_s:.1f} s expected, for {USUAL_PROMPT} tokens to read")
            say(f"in all       {total_s:.1f} s expected, for {event.answer:.0f} tokens to write")
            say(f"evidence     {evidence} tokens can be read within {target_s:g} s (RECTO_FIRST_TOKEN)")
    return 0


def try_models(questions: Sequence[str], names: Sequence[str], *, home: Path | None, as_json: bool) -> int:
    """Ask each model the same questions; print how each did, and which one to take.

    A file of questions with known answers, beside its PDFs, is asked as `recto eval --written` does.
    """
    settings = config.load(home)
    names = names or model_trials.candidates(settings)
    if len(questions) == 1 and Path(questions[0]).is_file():
        source = Path(questions[0])
        pdfs = sorted({source.parent / question.doc for question in labelled_questions.read(source)})
        return evaluate_written.run(source, pdfs, names, EvalOptions(as_json=as_json), home=home)
    questions = questions or model_trials.questions(settings.home)
    for question in questions:
        note(f"question: {one_line(question)}")
    trials: dict[str, list[Trial]] = {name: [] for name in names}
    for trial in model_trials.trying(names, questions, settings):
        trials[trial.model].append(trial)
        if as_json:
            say_json(asdict(trial))
        else:
            outcome = f"not written: {trial.notice}" if trial.total_s is None else f"{trial.total_s:.1f} s"
            note(f"{one_line(trial.model)}: {one_line(trial.question)}  {one_line(outcome)}")
    summaries = [model_trials.summarise(name, trials[name]) for name in names]
    model, why = model_trials.recommended(summaries, settings.writing.first_token_s)
    if as_json:
        say_json({"results": [asdict(summary) for summary in summaries], "take": model, "why": why})
    else:
        _say_table(summaries)
        say(f"take {one_line(model)}: {why} (RECTO_MODEL={one_line(model)})")
    return 0


def _say_table(summaries: Sequence[TrialSummary]) -> None:
    cells = (
        (
            one_line(summary.model),
            _measured(summary.first_token_s, " s"),
            _measured(summary.total_s, " s"),
            _measured(summary.tokens_per_s, ""),
            f"{summary.supported} of {summary.sentences}",
            f"{summary.supported_answers} of {summary.asked}",
            f"{summary.written} of {summary.asked}",
        )
        for summary in summaries
    )
    rows = [HEADINGS, *cells]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    say("Seconds are medians, counted from when the model begins to read. Supported: sentences; in full: answers.")


def _measured(value: float | None, unit: str) -> str:
    return "-" if value is None else f"{value:.1f}{unit}"
