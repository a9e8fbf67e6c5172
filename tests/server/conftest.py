"""What several files of the server's tests share."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from starlette.testclient import TestClient

from recto.library import Library
from support.live import Live, live
from support.pdfs import text_pdf
from support.served import QUOTED, private


@pytest.fixture(scope="module")
def quoting_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server in a process of its own, its library empty, no model beside it."""
    home = tmp_path_factory.mktemp("server")
    with live(home, "--model", "quote", RECTO_OCR="off") as server:
        yield server


@pytest.fixture(scope="session")
def halls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a library with north.pdf and south.pdf, which lie beside it. No test changes it: copy it."""
    home = tmp_path_factory.mktemp("halls")
    for name in ("north", "south"):
        (home / f"{name}.pdf").write_bytes(text_pdf(f"The pump of the {name} moves 111 litres a minute."))
    with Library(home / "library", writing=QUOTED) as library:
        library.add(*sorted(home.glob("*.pdf")))
        list(library.encoding())
    return home


@pytest.fixture
def client(home: Path, halls: Path) -> Iterator[TestClient]:
    """A server with a library of one's own that has north.pdf and south.pdf."""
    copytree(halls / "library", home, dirs_exist_ok=True)
    with private(home) as client:
        yield client
