"""Asking libraries of several sizes: search and quoted answers beside the recipe's look-up; opening, memory, disk."""

import random
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from bench.meter import Figures, Meter, alone
from bench.shelves import Original, stock

from recto import Library
from recto.text.sentences import sentences

SENTENCE = (40, 300)  # characters of one that a question is made of
ASKED = 15  # words of it
VECTORS = "vectors.npy"


def measure(found: Sequence[Original], size: int, questions: Sequence[str], home: Path, models: Path) -> Figures:
    """Figures for a library of so many passages, each part in a process of its own."""
    home.mkdir()
    stocked, _ = alone(_stocked, home, found, size)
    asked, peak = alone(with_recto, home, questions)
    recipe, _ = alone(with_recipe, home, models, questions)
    ratio = round(recipe["search"]["cpu_ms_p50"] / asked["search"]["cpu_ms_p50"], 2)
    return {**stocked, "recto": {**asked, "peak_rss_mb": peak}, "recipe": {**recipe, "ratio": ratio}}


def with_recto(home: Path, questions: Sequence[str]) -> Figures:
    meter = Meter()
    with Library(home) as library:
        opening = meter.cost()
        library.search(questions[0])
        first = meter.cost()
        search = _latency(library.search, questions)
        answers = _latency(lambda question: library.ask(question).answer, questions)
    return {"open": opening, "open_and_first_search": first, "search": search, "quoted_answer": answers}


def with_recipe(home: Path, models: Path, questions: Sequence[str]) -> Figures:
    from bench.recipe import Recipe

    recipe = Recipe(models)
    recipe.fill(np.load(home / VECTORS))
    recipe.search(questions[0])
    return {"search": _latency(recipe.search, questions)}


def ask_about(found: Sequence[Original], passages: int, count: int) -> list[str]:
    """Questions that the first passages answer, half made of headings, half of sentences."""
    first = [passage for original in found for those in original.passages for passage in those][:passages]
    headings = sorted({passage.heading.rpartition(" > ")[2] for passage in first} - {""})
    prose = [" ".join(text.split()) for passage in first for text in _prose(passage.text)]
    rng = random.Random(0)
    of_headings = [f"What is said about {heading}?" for heading in rng.sample(headings, min(count // 2, len(headings)))]
    of_prose = rng.sample(prose, count - len(of_headings))
    return of_headings + [f"Is it true that {_beginning(text)}?" for text in of_prose]


def _beginning(text: str) -> str:
    return " ".join(text.split()[:ASKED]).rstrip(".,;:")


def _prose(text: str) -> list[str]:
    found = (text[start:end] for start, end in sentences(text))
    return [one for one in found if SENTENCE[0] <= len(one) <= SENTENCE[1] and re.search(r"[a-z]\.$", one)]


def _stocked(home: Path, found: Sequence[Original], size: int) -> Figures:
    vectors = stock(home, found, size)
    np.save(home / VECTORS, vectors)
    kept = [home / "library.sqlite", *(home / "keywords").iterdir()]
    return {
        "passages": len(vectors),
        "disk_bytes_per_passage": round(sum(path.stat().st_size for path in kept) / len(vectors)),
    }


def _latency(ask: Callable[[str], object], questions: Sequence[str]) -> Figures:
    """CPU of all threads and wall, milliseconds, one question after the other."""
    costs = np.array([_cost(ask, question) for question in questions]) * 1e3
    return {
        f"{clock}_ms_p{q}": round(float(np.percentile(costs[:, column], q)), 1)
        for column, clock in enumerate(("cpu", "wall"))
        for q in (50, 95)
    }


def _cost(ask: Callable[[str], object], question: str) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    ask(question)
    return time.process_time() - cpu, time.perf_counter() - wall
