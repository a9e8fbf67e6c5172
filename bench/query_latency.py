"""Asking libraries of several sizes: search and quoted answers beside the recipe's look-up; opening, memory, disk."""

import random
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from bench.cost_meter import CostMeter, Figures, alone
from bench.synthetic_library import Original, stock

from recto import Library
from recto.text.sentences import sentences

SENTENCE = (40, 300)  # characters of one that a question is made of
QUESTION_WORDS = 15  # that it takes of the sentence
VECTORS = "vectors.npy"


def questions_about(originals: Sequence[Original], passages: int, count: int) -> list[str]:
    """Questions that the first passages answer, half made of headings, half of sentences."""
    shortest, longest = SENTENCE
    first = [passage for original in originals for page in original.passages for passage in page][:passages]
    headings = sorted({passage.heading.rpartition(" > ")[2] for passage in first} - {""})
    texts = (passage.text[start:end] for passage in first for start, end in sentences(passage.text))
    prose = [
        " ".join(text.split()) for text in texts if shortest <= len(text) <= longest and re.search(r"[a-z]\.$", text)
    ]
    rng = random.Random(0)
    of_headings = [f"What is said about {heading}?" for heading in rng.sample(headings, min(count // 2, len(headings)))]
    beginnings = (
        " ".join(sentence.split()[:QUESTION_WORDS]).rstrip(".,;:")
        for sentence in rng.sample(prose, count - len(of_headings))
    )
    return of_headings + [f"Is it true that {beginning}?" for beginning in beginnings]


def fill(originals: Sequence[Original], size: int, home: Path) -> Figures:
    """Make a library of so many passages, or a few more; how many they are, and how much disk each takes."""
    home.mkdir()
    vectors = stock(home, originals, size)
    np.save(home / VECTORS, vectors)
    files = [home / "library.sqlite", *(home / "keywords").iterdir()]
    return {
        "passages": len(vectors),
        "disk_bytes_per_passage": round(sum(path.stat().st_size for path in files) / len(vectors)),
    }


def measure(home: Path, models: Path, questions: Sequence[str]) -> Figures:
    """Figures for a library that `fill` made, each side in a process of its own."""
    recto, peak_mb = alone(with_recto, home, questions)
    recipe, _ = alone(with_recipe, home, models, questions)
    ratio = round(recipe["search"]["cpu_ms_p50"] / recto["search"]["cpu_ms_p50"], 2)
    return {"recto": {**recto, "peak_rss_mb": peak_mb}, "recipe": {**recipe, "ratio": ratio}}


def with_recto(home: Path, questions: Sequence[str]) -> Figures:
    meter = CostMeter()
    with Library(home) as library:
        opening = meter.cost()
        library.search(questions[0])
        first_search = meter.cost()
        search = latency(library.search, questions)
        answers = latency(lambda question: library.ask(question).answer, questions)
    return {"open": opening, "open_and_first_search": first_search, "search": search, "quoted_answer": answers}


def with_recipe(home: Path, models: Path, questions: Sequence[str]) -> Figures:
    from bench.recipe import Recipe

    recipe = Recipe(models)
    recipe.fill(np.load(home / VECTORS))
    recipe.search(questions[0])
    return {"search": latency(recipe.search, questions)}


def latency(ask: Callable[[str], object], questions: Sequence[str]) -> Figures:
    """CPU of all threads and wall, milliseconds, one question after the other."""
    costs = []
    for question in questions:
        cpu, wall = time.process_time(), time.perf_counter()
        ask(question)
        costs.append((time.process_time() - cpu, time.perf_counter() - wall))
    milliseconds = np.array(costs) * 1e3
    return {
        f"{clock}_ms_p{q}": round(float(np.percentile(milliseconds[:, column], q)), 1)
        for column, clock in enumerate(("cpu", "wall"))
        for q in (50, 95)
    }
