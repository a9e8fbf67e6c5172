"""Pictures of pages while one of them hangs: those that were drawn come at once, and no page is drawn twice."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from recto.config import Writing
from recto.library import Library
from recto.model_ref import QUOTE
from recto.server.pictures import Pictures
from support.live import soon
from support.pdfs import text_pdf
from support.processes import children

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the drawing process in /proc")
WORKER = "recto.pdf.worker"
WIDTH = 400


class CountingLibrary(Library):
    """A library that counts the pages it draws."""

    drawings = 0

    def picture(self, *args: Any, **options: Any) -> bytes:
        self.drawings += 1
        return super().picture(*args, **options)


@pytest.fixture
def library(home: Path) -> Iterator[CountingLibrary]:
    path = home / "pump.pdf"
    path.write_bytes(text_pdf("The pump moves 111 litres.", "The valve opens at 275 bar."))
    with CountingLibrary(home, writing=Writing(model=QUOTE)) as library:
        library.add(path)
        yield library


@contextmanager
def hanging(worker: int) -> Iterator[None]:
    """A process that does nothing while the block runs."""
    os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(worker, signal.SIGCONT)


def test_a_page_that_hangs_keeps_nobody_from_those_that_were_drawn(library: CountingLibrary, tmp_path: Path) -> None:
    (document,) = library.documents()
    pictures = Pictures(lambda: library, tmp_path / "pictures")
    before = set(children(running=WORKER))
    first = pictures.get(document.id, 0, WIDTH, None)
    (worker,) = set(children(running=WORKER)) - before
    with ExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(3))
        stack.enter_context(hanging(worker))
        seconds = [threads.submit(pictures.get, document.id, 1, WIDTH, None) for _ in range(2)]
        assert soon(lambda: library.drawings == 2)
        again = threads.submit(pictures.get, document.id, 0, WIDTH, None)
        assert again.result() == first
        assert not any(drawing.done() for drawing in seconds)
    assert seconds[0].result() == seconds[1].result() != first
    assert library.drawings == 2


def test_what_is_drawn_while_pictures_are_deleted_is_not_kept(library: CountingLibrary, tmp_path: Path) -> None:
    (document,) = library.documents()
    folder = tmp_path / "pictures"
    pictures = Pictures(lambda: library, folder)
    before = set(children(running=WORKER))
    pictures.get(document.id, 0, WIDTH, None)
    (worker,) = set(children(running=WORKER)) - before
    with ThreadPoolExecutor(1) as threads:
        with hanging(worker):
            drawing = threads.submit(pictures.get, document.id, 1, WIDTH, None)
            assert soon(lambda: library.drawings == 2)
            pictures.delete()
        assert drawing.result().startswith(b"\x89PNG")
    assert list(folder.iterdir()) == []
