"""`recto sync`: a folder and the library in step, one line a file, and at last what was done in all."""

import shlex
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import click

from recto.cli.add import content_words, note_problems
from recto.cli.bars import following
from recto.cli.encoders import encode_added
from recto.cli.messages import t
from recto.cli.terminal import complain, note, say, say_json
from recto.library import Library
from recto.links import one_line
from recto.sync import FolderSync, Report, SyncEvent
from recto.sync.plan import Act, Step
from recto.sync.run import Synced, step_json
from recto.sync.watch import Interrupted, WatchEvent, watch

PATIENCE_S = 30.0  # for files that are being written


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncOptions:
    """How the person wants it; None of `deletes` leaves it to what was decided before, or asks."""

    watch: bool = False
    deletes: bool | None = None
    yes: bool = False  # nothing is asked: it is meant
    collection: str = ""  # that the documents are put into, also later
    as_json: bool = False


def run(folder: Path, options: SyncOptions, *, home: Path | None) -> int:
    """Bring the library in step with a folder; 1 if a file failed, or it is not sure that it was meant."""
    with Library(home) as library, library.hurried():
        sync = FolderSync(library, folder)
        if options.deletes is not None:  # whoever keeps it in step now heeds that
            sync.decide(options.deletes)
        if options.collection:
            sync.fill(options.collection)
        with sync.alone():
            emptied = _ask(sync, options)
            if options.watch:
                return _watch(sync, options, emptied=emptied)
            try:
                code = _say(sync.settled(emptied=emptied, patience_s=PATIENCE_S), options)
            except KeyboardInterrupt:
                note(t("sync.interrupted"))
                raise
        encode_added(library)
    return code


def preview(folder: Path, options: SyncOptions, *, home: Path | None) -> int:
    """Say what `run` would do, in the same words, and do nothing."""
    with Library(home, create=False) as library:
        sync = FolderSync(library, folder)
        deletes = sync.folder.deletes if options.deletes is None else options.deletes
        began = time.monotonic()
        work = sync.plan(deletes=deletes, emptied=options.yes)
        report = Report.of(sync.root, work, deletes, time.monotonic() - began)
        for step in work.steps:
            if step.act is not Act.NOTE:
                say_json({**step_json(step), "outcomes": []}) if options.as_json else _say_step(step)
        if options.as_json:
            say_json({**report.as_json(), "dry_run": True})
        else:
            _say_report(report)
            note(t("sync.dry"))
    return 0


def forget(folder: Path, *, home: Path | None) -> int:
    """Keep a folder in step no more."""
    with Library(home, create=False) as library:
        sync = FolderSync(library, folder)
        with sync.alone():
            sync.forget()
        say(t("sync.forgotten", folder=one_line(str(sync.root))))
    return 0


def list_folders(*, home: Path | None, as_json: bool) -> int:
    """Print the folders that are kept in step."""
    with Library(home, create=False) as library:
        collections = {collection.id: collection.name for collection in library.collections.all()}
        for folder in library.folders.all():
            name = collections.get(folder.collection)
            files = library.folders.files(folder.path)
            failed = sum(file.problem is not None for file in files.values())
            if as_json:
                counts = {"files": len(files), "failed": failed}
                say_json({"folder": one_line(folder.path), "deletes": folder.deletes, "collection": name, **counts})
            else:
                way = t("sync.go" if folder.deletes else "sync.stay")
                problems = t("sync.failed", n=failed) if failed else ""
                where = t("sync.in", name=one_line(name)) if name else ""
                say(f"{one_line(folder.path)}: {t('count.file', n=len(files))}{problems}; {way}{where}")
    return 0


def _ask(sync: FolderSync, options: SyncOptions) -> bool:
    """Ask, once for each folder, whether documents go with their files; whether it is empty on purpose."""
    if options.yes or not _may_ask():
        return options.yes
    work, name = sync.plan(), one_line(str(sync.root))
    gone = work.counts[Act.KEEP] - work.vanished
    if gone > 0 and sync.folder.deletes is None:
        sync.decide(click.confirm(t("sync.ask_go", n=gone, folder=name), err=True))
    if not (work.vanished and sync.folder.deletes is not False):
        return False
    emptied = click.confirm(t("sync.ask_empty", n=work.vanished, folder=name), err=True)
    if emptied and sync.folder.deletes is None:
        sync.decide(True)
    return emptied


def _may_ask() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin is not None and sys.stdin.isatty()


def _watch(sync: FolderSync, options: SyncOptions, *, emptied: bool) -> int:
    """Stay in step until Control-C."""
    note(t("sync.watching", folder=one_line(str(sync.root))))
    try:
        with closing(watch(sync, Event(), emptied=emptied)) as events:
            _say(_without_idle(events), options)
    except KeyboardInterrupt:
        note(t("sync.ended"))
    return 0


def _without_idle(events: Iterable[WatchEvent]) -> Iterator[SyncEvent]:
    """What happens, each state once: no report of a look that found nothing, no file that waits or fails as before."""
    told: set[Step] = set()
    lost, vanished = "", 0
    for event in events:
        match event:
            case Interrupted(problem):
                if problem.message != lost:
                    complain(problem)
                lost = problem.message
            case Synced(step) if event.failed or step.act in (Act.KEEP, Act.SKIP, Act.WAIT):
                if step not in told:
                    yield event
                told.add(step)
            case Report():
                if event.busy or event.stopped or (event.vanished and not vanished):
                    yield event
                lost, vanished = "", event.vanished
            case _:
                yield event


def _say(events: Iterable[SyncEvent], options: SyncOptions) -> int:
    """Print what happens; the exit code of the last report."""
    code = 0
    done: Iterator[Synced | Report] = following(events)
    for event in done:
        if options.as_json:
            dry = {"dry_run": False} if isinstance(event, Report) else {}
            say_json({**event.as_json(), **dry})
        elif isinstance(event, Synced):
            _say_synced(event)
        else:
            _say_report(event)
        if isinstance(event, Report):
            code = int(bool(event.failed or event.vanished or event.stopped))
    return code


def _say_step(step: Step, more: str = "") -> None:
    moved = t("sync.was", path=one_line(step.former)) if step.former else ""
    detail = one_line(more or step.why)
    say(f"{t(f'act.{step.act}')}: {one_line(step.path)}{moved}{f': {detail}' if detail else ''}")


def _say_synced(event: Synced) -> None:
    """Say what became of a file, and then of those attached to it."""
    if not event.outcomes:
        _say_step(event.step)
    for number, outcome in enumerate(event.outcomes):
        if not event.failed:
            attached = f"{one_line(outcome.document.name)}: " if number else ""
            _say_step(event.step, attached + content_words(outcome))
        note_problems(outcome)


def _say_report(report: Report) -> None:
    """Say in one line what was done, or would be, and what is to be decided."""
    name, command = one_line(report.folder), f"recto sync {one_line(shlex.quote(report.folder))} --delete"
    acts = (act for act in Act if report.counts[act] and act is not Act.NOTE)
    counts = [f"{t(f'act.{act}')} {report.counts[act]:,}" for act in acts]
    counts += [t("sync.of_them_failed", n=report.failed)] if report.failed else []
    counts += [t("sync.unchanged", n=report.unchanged)]
    note(t("sync.report", folder=name, counts=", ".join(counts), time=f"{report.seconds:.1f}"))
    if report.stopped:
        note(t("add.stopped"))
    if report.vanished:
        note(t("sync.vanished", n=report.vanished, folder=name))
        note(t("sync.meant", command=f"{command} --yes"))
    elif report.counts[Act.KEEP] and report.deletes is None:
        note(t("sync.to_delete", command=command))
