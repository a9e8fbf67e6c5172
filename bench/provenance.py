"""What a run was made with: code, machine, libraries."""

import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.cost_meter import Figures

from recto import machine

LIBRARIES = (
    "faiss-cpu",
    "langchain-text-splitters",
    "numpy",
    "onnxruntime",
    "pdfplumber",
    "pypdf",
    "pypdfium2",
    "simsimd",
    "tokenizers",
)


def about(libraries: Sequence[str] = LIBRARIES) -> Figures:
    """The commit, whether `src` differs from it, the date and the machine."""
    return {
        "commit": _git("rev-parse", "HEAD"),
        "changed": bool(_git("status", "--porcelain", "--", "src")),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": _cpu_model(),
        "cores": machine.available_cores(),
        "memory_gb": round((machine.machine_memory() or 0) / 1e9, 1),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in libraries},
    }


def _git(*command: str) -> str:
    process = subprocess.run(
        ["git", *command], capture_output=True, text=True, check=False, cwd=Path(__file__).parent.parent
    )
    return process.stdout.strip()


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
