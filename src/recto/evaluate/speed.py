"""How fast this machine is with a person's own documents and model, and which preset suits it."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from recto import machine
from recto.config import Settings, Writing
from recto.evaluate import model_trials
from recto.events import Quoted
from recto.library import Library
from recto.llm import models
from recto.llm.presets import PRESETS, Preset
from recto.llm.speeds import USUAL_PROMPT, Speeds
from recto.model_ref import QUOTE
from recto.stop import Stop
from recto.store import open_store
from recto.types import Document

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
    questions = model_trials.questions(settings)
    yield from _added(settings, most_pages)
    yield from _asked(settings.home, questions)
    speeds, size = None, 0
    choice, _ = models.explain_choice(settings)
    if choice is not None and not choice.hosted:
        speeds = next((one for one in models.measuring(choice, settings, Stop()) if isinstance(one, Speeds)), None)
        size = _size(choice.model, settings)
    if speeds is not None:
        yield Figure("a model reads", speeds.prefill, "tokens/s")
        yield Figure("a model writes", speeds.decode, "tokens/s")
        yield Figure("first written word", speeds.first_token_s(USUAL_PROMPT), "s")
    yield suggestion(speeds, size, machine.free_memory(), settings.writing.first_token_s)


def _size(model: str, settings: Settings) -> int:
    """Bytes of a model, a file or one of Ollama's; 0 if nobody knows."""
    if (path := Path(model)).is_file():
        return path.stat().st_size
    return next((one.size for one in models.list_models(settings) if one.model == model), 0)


def _added(settings: Settings, most_pages: float) -> Iterator[Figure]:
    """One of the documents is read once more, into a library that is thrown away."""
    with closing(open_store(settings)) as store, tempfile.TemporaryDirectory() as folder:
        document = _sample(store.documents(), most_pages)
        path = Path(folder) / "document.pdf"
        store.copy_source(document.id, path)
        with Library(Path(folder) / "library", writing=Writing(model=QUOTE)) as library:
            began = time.monotonic()
            (added,) = library.add(path)
            for _ in library.encoding():
                pass
            whole_s = time.monotonic() - began
    pages = max(1, added.document.pages)
    yield Figure(f"{pages} pages, searchable by words", added.seconds, "s")
    yield Figure(f"{pages} pages, searchable by meaning", whole_s, "s")
    yield Figure("reading a page", 1000 * added.seconds / pages, "ms")


def _sample(documents: list[Document], most_pages: float) -> Document:
    """The largest document that is not too large, else the smallest."""
    small = [one for one in documents if one.pages <= most_pages]
    return max(small, key=lambda one: one.pages) if small else min(documents, key=lambda one: one.pages)


def _asked(home: Path, questions: list[str]) -> Iterator[Figure]:
    found: list[float] = []
    quoted: list[float] = []
    with Library(home, writing=Writing(model=QUOTE)) as library:
        library.search(questions[0])  # what the first one loads
        for question in questions:
            began = time.monotonic()
            library.search(question)
            found.append(time.monotonic() - began)
            began = time.monotonic()
            quoted += [time.monotonic() - began for event in library.ask(question) if isinstance(event, Quoted)]
    yield Figure("searching, median", 1000 * median(found), "ms")
    yield Figure("searching, slowest", 1000 * max(found), "ms")
    if quoted:
        yield Figure("from question to quotes, median", 1000 * median(quoted), "ms")


def suggestion(speeds: Speeds | None, size: int, free: int | None, first_token_s: float) -> Suggestion:
    """The largest preset that fits into memory and begins within the target, by the measured model's speed.

    A model's speed goes about with one over its size: both reading and writing touch every weight.
    """
    fits = [one for one in PRESETS.values() if free is None or MEMORY * one.size < free]
    if not fits:
        return Suggestion(
            "", f"{(free or 0) / 1e9:.1f} GB of memory are free, the smallest preset needs more: quotes alone"
        )
    if speeds is None or not size:
        return Suggestion("fast", "no model is here to measure by: begin with the smallest, then measure again")
    soon = [one for one in fits if _first_token_s(one, speeds, size) <= first_token_s]
    best = max(soon, key=lambda one: one.size) if soon else min(fits, key=lambda one: one.size)
    expected_s = _first_token_s(best, speeds, size)
    more = "" if soon else f", more than the {first_token_s:g} s that are aimed at: the others would be slower still"
    return Suggestion(best.name, f"its first word is expected after {expected_s:.1f} s{more}")


def _first_token_s(preset: Preset, speeds: Speeds, size: int) -> float:
    times = size / preset.size
    return replace(speeds, prefill=speeds.prefill * times, decode=speeds.decode * times).first_token_s(USUAL_PROMPT)
