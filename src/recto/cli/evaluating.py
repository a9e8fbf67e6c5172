"""`recto eval`: figures on standard output, progress on standard error."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from recto import config
from recto.cli.bars import bars
from recto.cli.terminal import complain, note, one_line, say, say_json
from recto.config import QUOTE
from recto.errors import EncoderProblem, UnknownDocument
from recto.evaluate import collection, report, results
from recto.evaluate import synthetic as made
from recto.evaluate.asking import Outcome, asking
from recto.evaluate.questions import Question, read
from recto.evaluate.results import Json, Run
from recto.events import Progress
from recto.library import Library
from recto.types import Added, AddStatus, Document

CHANGES = 20  # gained and lost questions that are listed; --json and --report have all


@dataclass(frozen=True, slots=True)
class Wish:
    """What becomes of the figures."""

    as_json: bool = False
    report: Path | None = None
    against: Path | None = None
    save: Path | None = None
    no_worse: bool = False  # exit code 1 if it is worse than the saved run


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions, the documents by the names that they know them by, and the library that holds these."""

    questions: Sequence[Question]
    documents: Mapping[str, Document]
    library: Library


def labelled(source: Path, pdfs: Sequence[Path], wish: Wish, *, home: Path | None) -> int:
    """Ask the questions of a file of a library made of these PDFs."""
    questions = read(source)
    earlier = results.load(wish.against) if wish.against else None
    settings = config.load(home)
    found = collection.collected(pdfs, questions, source, settings.home)
    with _quoting(settings) as own, Library(collection.opened(found), beside=own) as library:
        outcomes = _filled(found, library)
        asked = Asked(questions, collection.matched(questions, found, outcomes, source), library)
        return _told(_run(asked, found.folder), earlier, wish, asked)


def own(most: int, wish: Wish, *, home: Path | None) -> int:
    """Ask the person's own library questions made from its documents."""
    earlier = results.load(wish.against) if wish.against else None
    settings = config.load(home)
    with _quoting(settings) as library:
        documents = made.named(library.documents())
        if not documents:
            raise UnknownDocument(f"the library in {settings.home} is empty", hint="recto add FILE-OR-FOLDER")
        asked = Asked(made.questions(library, documents, most=most), documents, library)
        run = _run(asked, settings.home / collection.FOLDER)
        complaints = list(made.examined(library, documents, run.outcomes))
        return _told(replace(run, complaints=complaints), earlier, wish, asked)


def _quoting(settings: config.Settings) -> Library:
    """The person's own library, without a model."""
    return Library(settings.home, writing=replace(settings.writing, model=QUOTE))


def _filled(found: collection.Collection, library: Library) -> list[Added]:
    outcomes = []
    with bars() as shown:
        for event in collection.filling(found, library):
            if isinstance(event, Progress):
                shown.show(event)
            else:
                outcomes.append(event)
        try:
            for progress in library.encoding():
                shown.show(progress)
        except EncoderProblem as problem:
            note("Measured by words only:")
            complain(problem)
    for outcome in outcomes:
        if outcome.problem and outcome.status is AddStatus.FAILED:
            note(f"left out: {one_line(outcome.problem.message)}")
    return outcomes


def _run(asked: Asked, folder: Path) -> Run:
    everything = asked.library.documents()
    encoder = asked.library.encoder.fingerprint if asked.library.encoder else ""
    folder.mkdir(parents=True, exist_ok=True)
    journal = collection.journal(folder, asked.questions, everything, encoder)
    outcomes = []
    with bars() as shown:
        for event in asking(asked.questions, asked.documents, asked.library, journal):
            if isinstance(event, Outcome):
                outcomes.append(event)
            else:
                shown.show(event)
    journal.unlink(missing_ok=True)  # another run of the same may have ended
    return Run(outcomes, len(everything), sum(document.pages for document in everything), encoder)


def _told(run: Run, earlier: Run | None, wish: Wish, asked: Asked) -> int:
    value = run.as_json(earlier)
    if wish.report:
        wish.report.write_text(report.page(run, value, _misses(run, asked)), encoding="utf-8")
        note(f"report: {wish.report.absolute()}")
    if wish.save:
        results.save(wish.save, value)
    if wish.as_json:
        say_json(value)
    else:
        for line in lines(value):
            say(line)
    return int(wish.no_worse and bool(value["against"]["worse"]))


def _misses(run: Run, asked: Asked) -> list[report.Miss]:
    misses = []
    with bars() as shown:
        for event in report.collecting(run, asked.questions, asked.documents, asked.library):
            if isinstance(event, Progress):
                shown.show(event)
            else:
                misses.append(event)
    return misses


def lines(value: Json) -> Iterator[str]:
    """A run in words."""
    counts = (
        f"{value[what]} {what[: -1 if value[what] == 1 else None]}" for what in ("questions", "documents", "pages")
    )
    yield f"{', '.join(counts)}; 95 % intervals"
    yield ""
    yield from _table(value["figures"])
    yield from _types(value["types"])
    yield from _abstention(value["abstention"])
    if value["complaints"] is not None:
        yield from _complaints(value["complaints"])
    if value["against"]:
        yield from _comparison(value["against"])


def _table(figures: Json) -> Iterator[str]:
    heads = ("inside the document", "all documents", "another document")
    yield f"{'':36}{''.join(f'{head:22}' for head in heads)}".rstrip()
    for name, words in results.NAMES.items():
        cells = [_estimate(figures[where].get(name)) for where in results.WHERE]
        if any(cells):
            yield f"{words:36}{''.join(f'{cell:22}' for cell in cells)}".rstrip()


def _estimate(one: Json | None) -> str:
    return f"{one['mean']:.3f} [{one['low']:.2f}, {one['high']:.2f}]" if one else ""


def _types(types: Json) -> Iterator[str]:
    if not types:
        return
    yield ""
    yield f"{'by type, all documents':36}{'H@1':22}{'H@5':22}{'MRR@10':22}questions".rstrip()
    for name, figures in types.items():
        found = figures["everywhere"]
        if "MRR" in found:
            cells = "".join(f"{_estimate(found[one]):22}" for one in ("H@1", "H@5", "MRR"))
            yield f"{one_line(name):36}{cells}{found['MRR']['questions']:>9}"


def _complaints(found: Sequence[Json]) -> Iterator[str]:
    yield ""
    yield "Badly read:" if found else "No document looks badly read."
    for one in found:
        yield f"  {one_line(one['doc'])}: {one['what']}"
        yield f"    mend: {one['hint']}"
    yield ""
    yield made.SHOWS
    yield made.HIDES


def _abstention(found: Json) -> Iterator[str]:
    kinds = {"elsewhere": "asked of another document", "unanswerable": "without an answer"}
    for name, one in found.items():
        yield ""
        yield f"Abstaining, {one['questions']} questions with an answer and {one['foreign']} {kinds[name]}:"
        yield f"  refused {one['refused_although_answered_there']:.1%} of the first"
        yield f"  answered {one['answered_although_not_there']:.1%} of the others"
        yield f"  with a threshold that answers 90 % of the first, {one['foreign_answered_at_90']:.1%} of the others"


def _comparison(found: Json) -> Iterator[str]:
    yield ""
    yield f"Against the saved run, {found['questions']} questions:"
    for where, figures in found["figures"].items():
        for name, one in figures.items():
            if one["low"] == one["high"] == 0:
                continue  # no question differs
            yield f"  {where:12}{name:12}{one['mean']:+.3f} [{one['low']:+.2f}, {one['high']:+.2f}]"
    for what in ("gained", "lost"):
        yield f"{what}: {len(found[what])}"
        for change in found[what][:CHANGES]:
            yield f"  {_change(change)}"
        if len(found[what]) > CHANGES:
            yield f"  and {len(found[what]) - CHANGES} more"
    if found["worse"]:
        yield f"Worse beyond chance: {', '.join(found['worse'])}"


def _change(change: Json) -> str:
    ranks = f"rank {change['before'] or 'none'} -> {change['after'] or 'none'}"
    where = "" if change["where"] == "elsewhere" else f", {ranks}"
    place = f"{one_line(change['doc'])}, {change['where']}"
    return f"{one_line(change['id'])} ({place}): {', '.join(change['figures'])}{where}"
