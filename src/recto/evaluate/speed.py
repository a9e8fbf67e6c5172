"""How fast this machine is with a person's own documents and model, and which preset suits it."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from statistics import median

from recto import machine
from recto.config import Settings
from recto.evaluate import model_trials
from recto.events import AddEvent, Quoted, Stage
from recto.library import Library, models
from recto.library.models import PRESETS, USUAL_PROMPT, Speeds
from recto.model_ref import QUOTE
from recto.scratch import temporary_folder
from recto.stop import Stop
from recto.types import Added

QUICK = 60  # pages of the document that is read anew, at most, if there is such a one
MEMORY = 2.0  # times a model's file: with its cache of 4,096 tokens and what the runtime repacks


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured."""

    name: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The preset to take, empty if none suits, and why."""

    preset: str
    why: str


def measuring(settings: Settings, most_pages: float) -> Iterator[Figure | Suggestion]:
    """Measure reading, searching, quoting and, if one is here, the model; suggest a preset last.

    The largest document of at most so many pages is read anew; if all are larger, the smallest. UnknownDocument if the
    library is empty: people's own documents are what counts.
    """
    questions = model_trials.questions(settings.home)
    with Library(settings.home, writing=replace(settings.writing, model=QUOTE), create=False) as library:
        yield from _adding_figures(library, most_pages)
        yield from _asking_figures(library, questions)
    speeds, size = None, 0
    model, _ = models.explain_choice(settings)
    if model is not None and not model.hosted:
        for event in models.measuring(model, settings, Stop()):
            if isinstance(event, Speeds):
                speeds = event
        if (path := Path(model.model)).is_file():
            size = path.stat().st_size
        else:
            size = next((entry.size for entry in models.list_models(settings) if entry.model == model.model), 0)
    if speeds is not None:
        yield Figure("a model reads", speeds.prefill, "tokens/s")
        yield Figure("a model writes", speeds.decode, "tokens/s")
        yield Figure("first written word", speeds.first_token_s(USUAL_PROMPT), "s")
    yield suggestion(speeds, size, machine.free_memory(), settings.writing.first_token_s)


def _adding_figures(library: Library, most_pages: float) -> Iterator[Figure]:
    """One of the documents is read once more, into a library that is thrown away."""
    documents, length = library.documents(), attrgetter("pages")
    short = [document for document in documents if document.pages <= most_pages]
    document = max(short, key=length) if short else min(documents, key=length)
    _ = library.encoder  # loaded here, it takes no part in what is measured
    with temporary_folder("recto-", in_memory=bool(library.settings.key)) as folder:
        path = Path(folder) / "document.pdf"
        library.copy_source(document.id, path)
        with Library(Path(folder) / "library", runtime=library.runtime) as copy:
            began = time.monotonic()
            outcome, reading_s = timed_stage(copy.adding(path), Stage.READING)
            for _ in copy.encoding():
                pass
            whole_s = time.monotonic() - began
    pages = max(1, outcome.document.pages)
    yield Figure(f"{pages} pages, searchable by words", outcome.seconds, "s")
    yield Figure(f"{pages} pages, searchable by meaning", whole_s, "s")
    yield Figure("reading a page", 1000 * reading_s / pages, "ms")


def timed_stage(
    events: Iterable[AddEvent], stage: Stage, clock: Callable[[], float] = time.monotonic
) -> tuple[Added, float]:
    """The first outcome of one file, and the seconds from the first to the last progress of this stage of its way.

    What comes before it, such as starting processes, and behind it, such as the commit, does not count.
    """
    times: list[float] = []
    outcome = None
    for event in events:
        if isinstance(event, Added):
            outcome = outcome or event
        elif event.stage is stage:
            times.append(clock())
    assert outcome is not None
    return outcome, times[-1] - times[0] if times else 0.0


def _asking_figures(library: Library, questions: list[str]) -> Iterator[Figure]:
    library.search(questions[0])  # what the first one loads
    search_times: list[float] = []
    quote_times: list[float] = []
    for question in questions:
        began = time.monotonic()
        library.search(question)
        search_times.append(time.monotonic() - began)
        began = time.monotonic()
        quote_times += [time.monotonic() - began for event in library.ask(question) if isinstance(event, Quoted)]
    yield Figure("searching, median", 1000 * median(search_times), "ms")
    yield Figure("searching, slowest", 1000 * max(search_times), "ms")
    if quote_times:
        yield Figure("from question to quotes, median", 1000 * median(quote_times), "ms")


def suggestion(speeds: Speeds | None, size: int, free: int | None, first_token_s: float) -> Suggestion:
    """The largest preset that fits into memory and begins within the target, by the measured model's speed.

    A model's speed goes about with one over its size: both reading and writing touch every weight.
    """
    fitting = [preset for preset in PRESETS.values() if free is None or MEMORY * preset.size < free]
    if not fitting:
        return Suggestion(
            "", f"{(free or 0) / 1e9:.1f} GB of memory are free, the smallest preset needs more: quotes alone"
        )
    if speeds is None or not size:
        return Suggestion("fast", "no model is here to measure by: begin with the smallest, then measure again")
    waits = {}
    for preset in fitting:
        factor = size / preset.size
        scaled = replace(speeds, prefill=speeds.prefill * factor, decode=speeds.decode * factor)
        waits[preset.name] = scaled.first_token_s(USUAL_PROMPT)
    timely = [preset for preset in fitting if waits[preset.name] <= first_token_s]
    by_size = attrgetter("size")
    best = max(timely, key=by_size) if timely else min(fitting, key=by_size)
    slow = "" if timely else f", more than the {first_token_s:g} s that are aimed at: the others would be slower still"
    return Suggestion(best.name, f"its first word is expected after {waits[best.name]:.1f} s{slow}")
