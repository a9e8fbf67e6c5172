"""What all tests share: the corpus, and a reader whose workers they share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from recto.pdf.read import Reader
from recto.search.encoder import MiniLM

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples"
CORPUS = sorted([*EXAMPLES.glob("*.pdf"), *(HERE / "corpus").glob("*.pdf")])
PASSWORDS = {"encrypted-password.pdf": "openpassword"}


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    with Reader() as workers:
        yield workers


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built encoder: building it once is enough."""
    folder = tmp_path_factory.mktemp("shelf") / "models"
    MiniLM.open(folder, threads=1)
    return folder


@pytest.fixture
def home(tmp_path: Path, models: Path) -> Path:
    """The folder of an empty library, with the built encoder in place."""
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "models").symlink_to(models)
    return folder


@pytest.fixture
def examples() -> Path:
    return EXAMPLES


@pytest.fixture(params=CORPUS, ids=lambda path: path.stem)
def sample(request: pytest.FixtureRequest) -> Path:
    return request.param
