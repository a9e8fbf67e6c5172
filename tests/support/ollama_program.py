"""What plays Ollama's program: `ollama serve`, with a process of its own as it has one for each model.

PLAYS says how: well, slow, deaf (never answers), dies, dies-later (on SIGUSR1), stubborn (does not end when told),
or a version.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from support.ollama_server import OllamaServer

NOISE = 1 << 18  # bytes, more than a pipe holds
SLOW_S = 0.6


def main() -> None:
    plays = os.environ["PLAYS"]
    assert sys.argv[1:] == ["serve"]
    sys.stdout.write("noise " * (NOISE // 6))
    sys.stdout.flush()
    if plays == "dies":
        sys.exit("this machine is not good enough")
    model = subprocess.Popen(["sleep", "600"])

    def end(*_: object) -> None:
        model.kill()
        os._exit(0)

    signal.signal(signal.SIGTERM, signal.SIG_IGN if plays == "stubborn" else end)
    if plays == "dies-later":
        signal.signal(signal.SIGUSR1, lambda *_: os._exit(3))
    note = {"pids": [os.getpid(), model.pid], "environment": dict(os.environ)}
    place = Path(os.environ["NOTED"])
    place.with_suffix(".new").write_text(json.dumps(note))
    place.with_suffix(".new").replace(place)
    if plays == "deaf":
        time.sleep(600)
    time.sleep(SLOW_S if plays == "slow" else 0)
    with OllamaServer(int(os.environ["OLLAMA_HOST"].rpartition(":")[2])) as server:
        if plays[0].isdigit():
            server.version = plays
        threading.Event().wait()


main()
