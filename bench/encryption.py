"""What encryption costs: the same library encrypted and not, asked the same questions in turn, in one process.

    python -m bench.encryption 10000

The library is made of the sample PDFs' pages, so many passages of them. Times are CPU milliseconds of the whole
process, all threads; the median is of each question's own ratio, which a busy machine hardly moves. Prints only.
"""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from bench import query_latency, samples, synthetic_library
from bench.cost_meter import Figures, say
from numpy.typing import NDArray

from recto import Library, config, keys
from recto.library.encrypting import encrypt, exchange

PASSAGES = 10_000
QUESTIONS = 40
Costs = NDArray[np.float64]  # a row a question, a column a library
ROUNDS = 2  # of which the cheapest counts


def measure(passages: int) -> Figures:
    """CPU of opening, a first search, searching and answering, and the ratio that encryption makes of each."""
    with tempfile.TemporaryDirectory() as folder:
        plain, cipher = Path(folder, "plain"), Path(folder, "cipher")
        say("reading the samples")
        originals = synthetic_library.originals(samples.shipped()[:3], Path(folder, "originals"))
        questions = query_latency.questions_about(originals, passages, QUESTIONS)
        say(f"making a library of {passages} passages")
        plain.mkdir()
        synthetic_library.stock(plain, originals, passages)
        shutil.copytree(plain, cipher)
        settings, key = config.load(cipher), keys.made()
        say("encrypting a copy")
        encrypting_ms = _cpu_ms(lambda: encrypt(settings, key, in_ring=False))
        figures = {
            "passages": passages,
            "encrypting_ms": encrypting_ms,
            "raw_key": _asked(plain, cipher, key, questions),
        }
        say("with a pass phrase")
        phrase = "a pass phrase of some length"
        exchange(replace(settings, key=key), phrase)
        opening = _cpu_ms(lambda: Library(cipher, key=phrase).close())
        return {**figures, "open_with_a_phrase_ms": opening}


def _asked(plain: Path, cipher: Path, key: str, questions: list[str]) -> Figures:
    libraries: list[Library] = []
    opening = [
        _cpu_ms(lambda: libraries.append(Library(plain))),
        _cpu_ms(lambda: libraries.append(Library(cipher, key=key))),
    ]
    for library in libraries:
        assert library.encoder is not None  # loaded here, it takes no part
    try:
        say("asking both")
        first = [_cpu_ms(lambda: library.search(questions[0])) for library in libraries]  # noqa: B023
        libraries.pop().close()  # which keeps the index
        libraries.append(Library(cipher, key=key))
        assert libraries[1].encoder is not None
        again_first = _cpu_ms(lambda: libraries[1].search(questions[0]))
        warm = _cheapest(libraries, questions, lambda library, question: library.search(question))
        answers = _cheapest(libraries, questions, lambda library, question: library.ask(question).answer)
        return {
            "open_ms": opening,
            "first_search_ms": [*first, again_first],
            "search": _compared(warm),
            "quoted_answer": _compared(answers),
        }
    finally:
        for library in libraries:
            library.close()


def _cheapest(libraries: list[Library], questions: list[str], work: Callable[[Library, str], object]) -> Costs:
    """CPU of each question in each library, the cheapest of some rounds: (questions, libraries)."""
    rounds = [
        [_in_turn(libraries, lambda library: work(library, question), number) for question in questions]  # noqa: B023
        for number in range(ROUNDS)
    ]
    cheapest: Costs = np.array(rounds).min(axis=0)
    return cheapest


def _in_turn(libraries: list[Library], work: Callable[[Library], object], number: int) -> list[float]:
    """CPU of each library, which in turn comes first: what the first one leaves in the caches is the other's gain."""
    order = [0, 1] if number % 2 else [1, 0]
    costs = {place: _cpu_ms(lambda: work(libraries[place])) for place in order}  # noqa: B023
    return [costs[0], costs[1]]


def _compared(costs: Costs) -> Figures:
    plain, cipher = costs.sum(axis=0)
    return {
        "plain_ms_p50": round(float(np.median(costs[:, 0])), 2),
        "encrypted_ms_p50": round(float(np.median(costs[:, 1])), 2),
        "ratio_of_sums": round(float(cipher / plain), 3),
        "ratio_p50": round(float(np.median(costs[:, 1] / costs[:, 0])), 3),
    }


def _cpu_ms(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return round((time.process_time() - began) * 1e3, 2)


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else PASSAGES), indent=1))
