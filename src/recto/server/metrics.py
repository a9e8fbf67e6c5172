"""What a process counts, as Prometheus reads it."""

import os
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from recto.events import AskEvent, Done, Token

TYPE = "text/plain; version=0.0.4"
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS")  # a name for each that a client makes up would not end
BOUNDS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0)
STAGES = ("search", "first_token", "total")
Sample = tuple[str, float]  # the name with its labels, and the value


@dataclass
class Histogram:
    """How often something took how many seconds."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    sum: float = 0.0

    def note(self, seconds: float) -> None:
        """Enter one."""
        self.counts[bisect_left(BOUNDS_S, seconds)] += 1
        self.sum += seconds

    def samples(self, name: str, label: str) -> Iterator[Sample]:
        """The counts, each with those below it, then the sum."""
        for bound, count in zip((*BOUNDS_S, "+Inf"), accumulate(self.counts), strict=True):
            yield f'{name}_bucket{{{label},le="{bound}"}}', count
        yield f"{name}_sum{{{label}}}", self.sum
        yield f"{name}_count{{{label}}}", sum(self.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """What is at this moment."""

    under_way: int
    waiting: int
    uploads: int
    documents: int
    libraries: int


@dataclass(kw_only=True)
class Metrics:
    """Counts since the start. Only the event loop writes them: nothing is locked."""

    began: float = field(default_factory=time.monotonic)
    answers: Counter[str] = field(default_factory=Counter)  # by kind
    stages: dict[str, Histogram] = field(default_factory=lambda: {stage: Histogram() for stage in STAGES})
    requests: Counter[tuple[str, int]] = field(default_factory=Counter)  # by method and status
    tokens: int = 0
    uploads: int = 0

    def count_events(self, events: Iterable[AskEvent]) -> None:
        """Count what answers consist of, and how long they took."""
        for event in events:
            if isinstance(event, Token):
                self.tokens += 1
            elif isinstance(event, Done):
                self.answers[event.answer.kind] += 1
                answer = event.answer
                for stage, seconds in zip(STAGES, (answer.search_s, answer.first_token_s, answer.total_s), strict=True):
                    if seconds is not None:
                        self.stages[stage].note(seconds)

    def count_response(self, method: str, status: int) -> None:
        """Count a response to a request."""
        self.requests[method if method in METHODS else "other", status] += 1

    def text(self, now: Levels) -> str:
        """Prometheus' text format, version 0.0.4."""
        counters: dict[str, tuple[str, list[Sample]]] = {
            "recto_uploads_total": ("Files that came whole.", [("", self.uploads)]),
            "recto_tokens_total": ("Pieces of text that models wrote.", [("", self.tokens)]),
            "recto_answers_total": (
                "Answers by kind.",
                [(f'{{kind="{kind}"}}', count) for kind, count in sorted(self.answers.items())],
            ),
            "recto_requests_total": (
                "Requests by method and status.",
                [
                    (f'{{method="{verb}",status="{code}"}}', count)
                    for (verb, code), count in sorted(self.requests.items())
                ],
            ),
        }
        families = self._gauges(now)
        for name, (about, values) in counters.items():
            families.append(_family(name, "counter", about, [(name + labels, value) for labels, value in values]))
        name = "recto_answer_seconds"
        samples = [
            sample for stage, histogram in self.stages.items() for sample in histogram.samples(name, f'stage="{stage}"')
        ]
        families.append(_family(name, "histogram", "What answers took, by stage.", samples))
        return "".join(f"{line}\n" for family in families for line in family)

    def _gauges(self, now: Levels) -> list[list[str]]:
        try:
            resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except OSError:  # where the system does not say
            resident = 0
        gauges = {
            "recto_uptime_seconds": ("Since the start.", round(time.monotonic() - self.began, 1)),
            "recto_resident_memory_bytes": ("Memory that the server holds.", resident),
            "recto_answers_under_way": ("Answers that have their turn.", now.under_way),
            "recto_questions_waiting": ("Questions in the line before those.", now.waiting),
            "recto_uploads_waiting": ("Files on their way into a library.", now.uploads),
            "recto_documents": ("Documents in all libraries.", now.documents),
            "recto_libraries": ("Libraries: one, or in public mode one for each visitor.", now.libraries),
        }
        return [_family(name, "gauge", about, [(name, value)]) for name, (about, value) in gauges.items()]


def _family(name: str, kind: str, about: str, samples: Iterable[Sample]) -> list[str]:
    return [f"# HELP {name} {about}", f"# TYPE {name} {kind}", *(f"{sample} {value}" for sample, value in samples)]
