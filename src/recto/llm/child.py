"""The process that holds a language model: llama.cpp's server, from the wheel or as a program of the system.

It reads one JSON object from its standard input, answers with one, `{"url": ...}` or `{"failed": ...}`, and then serves
until its standard input ends. That happens also when the parent is killed: no model outlives the one who asked for it.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from typing import Any, TextIO

from recto.machine import LOOPBACK
from recto.processes import end_with_parent

PROMPT_CACHE_MB = 256  # of earlier prompts; the default is 8 GiB
NO_ORIGIN = "http://recto.invalid"  # no web page may read an answer
# For llama-server: as variables, for a version that does not know one passes it over, and ends at an unknown option.
CLOSED = {
    "LLAMA_ARG_CACHE_RAM": str(PROMPT_CACHE_MB),
    "LLAMA_ARG_CORS_ORIGINS": NO_ORIGIN,
    "LLAMA_ARG_ENDPOINT_SLOTS": "0",
    "LLAMA_ARG_UI": "0",
    "LLAMA_ARG_WEBUI": "0",
}
# How often a thread looks whether the others are done before it sleeps, by libgomp. At its default of 300,000 it takes
# the core from the one it waits for when other programs run: a model then read half as fast, sometimes hardly at all.
SPINS = "1000"
TICK_S = 0.05
OWN_ERRORS = 1  # verbosity: no text of prompts in the log

Options = dict[str, Any]
_programs: list[subprocess.Popen[bytes]] = []


def main() -> None:
    """Serve as the first line of standard input says."""
    report = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what the library prints goes to the log
    options = json.loads(sys.stdin.readline())
    os.environ.setdefault("GOMP_SPINCOUNT", SPINS)
    threading.Thread(target=_end_with_input, daemon=True).start()
    try:
        server, url = _run_program(options) if options["program"] else _run_wheel(options)
    except (RuntimeError, ValueError, OSError, ImportError) as error:
        _tell(report, {"failed": str(error)})
        return
    _tell(report, {"url": url})
    if isinstance(server, subprocess.Popen):
        sys.exit(server.wait())
    threading.Event().wait()


def _tell(report: TextIO, message: dict[str, str]) -> None:
    report.write(json.dumps(message) + "\n")
    report.flush()


def _end_with_input() -> None:
    """Wait for the end of standard input, and end with what was started."""
    try:
        while os.read(sys.stdin.fileno(), 1024):
            pass
    finally:
        for program in _programs:
            program.kill()
        os._exit(0)


def _run_wheel(options: Options) -> tuple[object, str]:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = options["model"]
    params.n_ctx, params.n_parallel = options["context"], 1
    params.n_batch = params.n_ubatch = options["batch"]
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = options["threads"]
    params.api_keys, params.cors_origins, params.ui = [options["key"]], NO_ORIGIN, False
    params.cache_ram_mib, params.fit_params, params.verbosity = PROMPT_CACHE_MB, False, OWN_ERRORS
    params.endpoint_slots = False
    server = xllamacpp.Server(params)
    return server, server.listening_address


def _run_program(options: Options) -> tuple[subprocess.Popen[bytes], str]:
    with socket.create_server((LOOPBACK, 0)) as free:
        port = free.getsockname()[1]
    numbers = {
        "--port": port,
        "--threads": options["threads"],
        "--threads-batch": options["threads"],
        "--ctx-size": options["context"],
        "--parallel": 1,
        "--batch-size": options["batch"],
        "--ubatch-size": options["batch"],
    }
    flags = [str(part) for pair in numbers.items() for part in pair]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LLAMA_")}
    process = subprocess.Popen(
        [options["program"], "--model", options["model"], "--host", LOOPBACK, *flags],
        stdin=subprocess.DEVNULL,
        env={**environment, **CLOSED, "LLAMA_API_KEY": options["key"]},  # arguments can be read by all
        preexec_fn=end_with_parent(signal.SIGKILL),
    )
    _programs.append(process)
    url = f"http://{LOOPBACK}:{port}"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while process.poll() is None:
        with suppress(OSError), opener.open(f"{url}/health", timeout=1):  # it answers 503 until the model is loaded
            return process, url
        time.sleep(TICK_S)
    raise RuntimeError(f"{options['program']} ended with code {process.returncode}")


if __name__ == "__main__":
    main()
