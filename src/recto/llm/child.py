"""The process that holds a language model: llama.cpp's server, from the wheel or as a program of the system.

It reads one JSON object from its standard input, answers with one, `{"url": ...}` or `{"failed": ...}`, and then serves
until its standard input ends. That happens also when the parent is killed: no model outlives the one who asked for it.
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, TextIO

KEPT_MB = 256  # of earlier prompts; the default is 8 GiB
NO_ORIGIN = "http://recto.invalid"  # no web page may read an answer
LOOPBACK = "127.0.0.1"
# For llama-server: as variables, for a version that does not know one passes it over, and ends at an unknown option.
CLOSED = {
    "LLAMA_ARG_CACHE_RAM": str(KEPT_MB),
    "LLAMA_ARG_CORS_ORIGINS": NO_ORIGIN,
    "LLAMA_ARG_ENDPOINT_SLOTS": "0",
    "LLAMA_ARG_UI": "0",
    "LLAMA_ARG_WEBUI": "0",
}
# How often a thread looks whether the others are done before it sleeps, by libgomp. At its default of 300,000 it takes
# the core from the one it waits for when other programs run: a model then read half as fast, sometimes hardly at all.
SPINS = "1000"
TICK_S = 0.05
PR_SET_PDEATHSIG = 1
OWN_ERRORS = 1  # verbosity: no text of prompts in the log

Wish = dict[str, Any]
_programs: list[subprocess.Popen[bytes]] = []


def main() -> None:
    """Serve as the first line of standard input says."""
    answer = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what the library prints goes to the log
    wish = json.loads(sys.stdin.readline())
    os.environ.setdefault("GOMP_SPINCOUNT", SPINS)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        holder, url = _run_program(wish) if wish["program"] else _run_wheel(wish)
    except (RuntimeError, ValueError, OSError, ImportError) as error:
        _say(answer, {"failed": str(error)})
        return
    _say(answer, {"url": url})
    if isinstance(holder, subprocess.Popen):
        sys.exit(holder.wait())
    threading.Event().wait()


def _say(answer: TextIO, message: Wish) -> None:
    answer.write(json.dumps(message) + "\n")
    answer.flush()


def _end_with_parent() -> None:
    """Wait for the end of standard input, and end with what was started."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    for program in _programs:
        program.kill()
    os._exit(0)


def _run_wheel(wish: Wish) -> tuple[object, str]:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = wish["model"]
    params.n_ctx, params.n_parallel = wish["context"], 1
    params.n_batch = params.n_ubatch = wish["batch"]
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = wish["threads"]
    params.api_keys, params.cors_origins, params.ui = [wish["key"]], NO_ORIGIN, False
    params.cache_ram_mib, params.fit_params, params.verbosity = KEPT_MB, False, OWN_ERRORS
    params.endpoint_slots = False
    server = xllamacpp.Server(params)
    return server, server.listening_address


def _run_program(wish: Wish) -> tuple[subprocess.Popen[bytes], str]:
    with socket.create_server((LOOPBACK, 0)) as free:
        port = free.getsockname()[1]
    numbers = {
        "--port": port,
        "--threads": wish["threads"],
        "--threads-batch": wish["threads"],
        "--ctx-size": wish["context"],
        "--parallel": 1,
        "--batch-size": wish["batch"],
        "--ubatch-size": wish["batch"],
    }
    flags = [str(part) for pair in numbers.items() for part in pair]
    process = subprocess.Popen(
        [wish["program"], "--model", wish["model"], "--host", LOOPBACK, *flags],
        stdin=subprocess.DEVNULL,
        env={**_without_settings(os.environ), **CLOSED, "LLAMA_API_KEY": wish["key"]},  # arguments can be read by all
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,
    )
    _programs.append(process)
    url = f"http://{LOOPBACK}:{port}"
    while not _healthy(url):
        if process.poll() is not None:
            raise RuntimeError(f"{wish['program']} ended with code {process.returncode}")
        time.sleep(TICK_S)
    return process, url


def _without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith("LLAMA_")}


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _healthy(url: str) -> bool:
    """Whether the model is loaded; the server answers 503 until then."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{url}/health", timeout=1):
            return True
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    main()
