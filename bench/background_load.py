"""What is done beside answers while these are timed, in a library and its folder."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from recto import Library
from recto.machine import available_cores

LONG = "long.pdf"  # in the library's folder; adding it takes longer than the answers
STARTED_S = 1.0  # until the adding is under way

Load = Callable[[Library, Path], AbstractContextManager[None]]


@contextmanager
def idle(library: Library, folder: Path) -> Iterator[None]:
    """Nothing is done."""
    yield


@contextmanager
def computing(library: Library, folder: Path) -> Iterator[None]:
    """Other programs take what they get of every core."""
    programs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(available_cores())]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()


@contextmanager
def adding(library: Library, folder: Path) -> Iterator[None]:
    """A long PDF is read, indexed and encoded, again and again."""
    stop = threading.Event()

    def add() -> None:
        while not stop.is_set():
            library.add(folder / LONG, reread=True)

    thread = threading.Thread(target=add)
    thread.start()
    time.sleep(STARTED_S)
    try:
        yield
    finally:
        stop.set()
        thread.join()
