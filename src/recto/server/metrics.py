"""What a process counts, as Prometheus reads it."""

import os
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Metrics:
    """Counts since the start. One process, one loop: nothing is locked."""

    began: float = field(default_factory=time.monotonic)
    answers: Counter[str] = field(default_factory=Counter)  # by kind
    requests: Counter[tuple[str, int]] = field(default_factory=Counter)  # by method and status

    def text(self, under_way: int, waiting: int) -> str:
        """Prometheus' text format, version 0.0.4."""
        lines = [
            "# TYPE recto_uptime_seconds gauge",
            f"recto_uptime_seconds {time.monotonic() - self.began:.1f}",
            "# TYPE recto_answers_under_way gauge",
            f"recto_answers_under_way {under_way}",
            "# TYPE recto_questions_waiting gauge",
            f"recto_questions_waiting {waiting}",
            "# TYPE recto_resident_memory_bytes gauge",
            f"recto_resident_memory_bytes {_resident()}",
            "# TYPE recto_answers_total counter",
            *(f'recto_answers_total{{kind="{kind}"}} {count}' for kind, count in sorted(self.answers.items())),
            "# TYPE recto_requests_total counter",
            *(
                f'recto_requests_total{{method="{method}",status="{status}"}} {count}'
                for (method, status), count in sorted(self.requests.items())
            ),
        ]
        return "\n".join(lines) + "\n"


def _resident() -> int:
    """Bytes of memory that this process holds, 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
