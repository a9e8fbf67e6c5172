"""Nothing leaves the machine: all that recto and its child processes look up or connect to is this machine."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from recto import config
from recto.llm.ollama import CONTAINERS
from support.pdfs import text_pdf

pytestmark = pytest.mark.slow

# Python imports this in every process that finds it, before anything else.
HOOK = """
import json, os, sys

def note(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        address = arguments[0] if event.startswith("socket.get") else arguments[1]
        host = address[0] if isinstance(address, tuple) else address
        with open(os.environ["WATCHED"], "a") as log:
            log.write(json.dumps([event, sys.argv[0], str(host)]) + "\\n")

sys.addaudithook(note)
"""
RECORDS = "An error record is a group of registers that logs an error.\nA bank holds up to 63 error records."
HERE = {"127.0.0.1", "::1", "localhost"}


@pytest.fixture
def watched(home: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of a process that notes where it turns to."""
    (tmp_path / "sitecustomize.py").write_text(HOOK)
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("RECTO_", "OLLAMA_"))}
    return {**plain, "PYTHONPATH": str(tmp_path), "RECTO_HOME": str(home), "WATCHED": str(tmp_path / "log")}


def hosts(environment: dict[str, str]) -> set[str]:
    log = Path(environment["WATCHED"])
    return {json.loads(line)[2] for line in log.read_text().splitlines()} if log.exists() else set()


def run(environment: dict[str, str], *command: str) -> int:
    done = subprocess.run([sys.executable, "-m", "recto", *command], env=environment, capture_output=True, check=False)
    return done.returncode


def test_adding_and_asking_turn_to_nobody_else(watched: dict[str, str], smol: Path, tmp_path: Path) -> None:
    (tmp_path / "records.pdf").write_bytes(text_pdf(RECORDS))
    assert run(watched, "add", str(tmp_path / "records.pdf")) == 0
    assert run(watched, "search", "error record") == 0
    assert run(watched, "ask", "What is an error record?", "--model", "quote") == 0
    assert hosts(watched) == set()
    assert run(watched, "ask", "What is an error record?", "--model", str(smol), "--require-model") == 0
    assert hosts(watched) == {"127.0.0.1"}


def test_looking_for_models_turns_to_this_machine(watched: dict[str, str]) -> None:
    assert run(watched, "doctor") == 0
    assert run(watched, "models", "list") == 0
    beside = set(CONTAINERS) if config.environment() in (config.CONTAINER, config.SPACE) else set()
    assert "127.0.0.1" in hosts(watched)
    assert hosts(watched) <= HERE | beside


def test_the_watch_sees(watched: dict[str, str]) -> None:
    code = "import socket\ntry: socket.create_connection(('192.0.2.1', 9), 0.01)\nexcept OSError: pass"
    subprocess.run([sys.executable, "-c", code], env=watched, check=True)
    assert "192.0.2.1" in hosts(watched)
