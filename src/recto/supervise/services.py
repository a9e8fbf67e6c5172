"""The programs that `recto up` runs: the server, and Ollama where it is asked for."""

import http.client
import json
import os
import re
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from recto import config
from recto.errors import BadSetting, EngineMissing
from recto.supervise import Service

READY = "/readyz"
ANSWER_S = 0.5  # for a look whether a program can be used; others wait for it
SERVER, OLLAMA, OLLAMA_PORT = "server", "ollama", 11434
OLDEST_OLLAMA = (0, 9)  # the first that can be told not to think: others spend an answer's tokens on thoughts
NEAR = ("127.0.0.1", "localhost", "0.0.0.0", "::1", "::")

# For glibc, which else keeps what each of many threads has let go: twice the memory after some hundred questions.
MEMORY = {"MALLOC_ARENA_MAX": "2", "MALLOC_TRIM_THRESHOLD_": "131072", "MALLOC_MMAP_THRESHOLD_": "131072"}


def server(options: tuple[str, ...], environment: dict[str, str], host: str, port: int) -> Service:
    """`recto serve`, which can be used as soon as it can quote; it loads its model behind that."""
    command = (sys.executable, "-m", "recto", "serve", "--port", str(port), "--warm", *options)
    return Service(
        name=SERVER,
        command=command,
        environment={**{name: config.variable(name) or usual for name, usual in MEMORY.items()}, **environment},
        status=lambda: "quotes work" if healthy(host, port) else "",
        log=None,
        vital=True,
    )


def healthy(host: str, port: int) -> bool:
    """Whether a server of ours can be used at this address."""
    return _get(host, port, READY) is not None


def ollama(host: str, home: Path, threads: int) -> Service:
    """A daemon on this machine at OLLAMA_HOST's port. EngineMissing if it is not installed."""
    program = shutil.which(OLLAMA)
    if program is None:
        raise EngineMissing("there is no program `ollama` on PATH", hint="install Ollama, or unset RECTO_OLLAMA")
    port = ollama_port(host)
    key_home = Path(config.variable("HOME") or "/")  # where Ollama keeps its key, without which it does not start
    if key_home == Path("/") or not os.access(key_home, os.W_OK):
        key_home = home  # users without a name have no home in a container
    environment = {
        "HOME": str(key_home),
        "OLLAMA_MODELS": config.variable("OLLAMA_MODELS") or str(key_home / ".ollama" / "models"),
        "OLLAMA_HOST": f"127.0.0.1:{port}",
        "OLLAMA_KEEP_ALIVE": "-1",  # a model that is unloaded after five minutes makes the next question wait
        "OLLAMA_NUM_PARALLEL": "1",
        "OLLAMA_MAX_LOADED_MODELS": "1",
        "OLLAMA_NO_CLOUD": "1",
        # Its own guess is the machine's cores, whatever the container may use. recto says the number with each
        # question; this is for questions that others ask.
        "LLAMA_ARG_THREADS": str(threads),
    }
    return Service(
        name=OLLAMA,
        command=(program, "serve"),
        environment=environment,
        status=lambda: ollama_version(port),
        log=home / "logs" / "ollama.log",
        vital=False,
    )


def ollama_port(host: str) -> int:
    """The port in OLLAMA_HOST. BadSetting if that names another machine: it cannot be started there."""
    address = urlsplit(f"//{host.rpartition('://')[2]}")
    with suppress(ValueError):
        if (address.hostname or "127.0.0.1") in NEAR:
            return address.port or OLLAMA_PORT
    raise BadSetting(
        f"OLLAMA_HOST is {host}, and Ollama is to be started on this machine", hint="unset OLLAMA_HOST or RECTO_OLLAMA"
    )


def ollama_version(port: int) -> str:
    """The version of the daemon at this port, with a warning if it is too old; empty if none answers."""
    try:
        version = str(json.loads(_get("127.0.0.1", port, "/api/version") or b"")["version"])
    except (ValueError, KeyError, TypeError):
        return ""
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
    oldest = ".".join(map(str, OLDEST_OLLAMA))
    old = f", older than {oldest}: models that think will answer late" if numbers < OLDEST_OLLAMA else ""
    return f"version {version}{old}"


def _get(host: str, port: int, path: str) -> bytes | None:
    """The body of a good answer, None if there is none soon."""
    connection = http.client.HTTPConnection(host, port, timeout=ANSWER_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.read() if answer.status == http.client.OK else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
