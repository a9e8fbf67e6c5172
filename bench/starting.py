"""Starting: CPU seconds of short commands, each the median of several runs taken in turn."""

import os
import subprocess
import sys
from statistics import median

from bench.cost_meter import Figures

COMMANDS = {
    "python": ["-c", "pass"],
    "import_recto": ["-c", "import recto"],
    "import_library": ["-c", "from recto import Library"],
    "recto_help": ["-m", "recto", "--help"],
    "import_recipe": ["-c", "import faiss, langchain_text_splitters, onnxruntime, pypdf, tokenizers"],
}


def measure(runs: int) -> Figures:
    """Figures for each command."""
    rounds = [{name: _cpu_s(command) for name, command in COMMANDS.items()} for _ in range(runs + 1)]
    return {name: {"cpu_s": round(median(costs[name] for costs in rounds[1:]), 3)} for name in COMMANDS}


def _cpu_s(command: list[str]) -> float:
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"python {' '.join(command)} failed")
    return usage.ru_utime + usage.ru_stime
