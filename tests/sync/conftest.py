"""What the tests of folders in step share: one runtime, whose processes all libraries use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from recto import Library
from recto.config import load
from recto.runtime import Runtime


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RECTO_MODEL", "quote")
        environment.setenv("RECTO_OCR", "off")
        settings = load(tmp_path_factory.mktemp("runtime"))
    runtime = Runtime(settings)
    with runtime.reading.borrowed():
        yield runtime
    runtime.close()


@pytest.fixture
def library(runtime: Runtime, home: Path) -> Iterator[Library]:
    with Library(home, runtime=runtime) as library:
        yield library


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "papers"
    path.mkdir()
    return path
