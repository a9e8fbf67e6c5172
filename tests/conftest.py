"""What all tests share: the corpus, and a reader whose workers they share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from recto.pdf.read import Reader

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples"
CORPUS = sorted([*EXAMPLES.glob("*.pdf"), *(HERE / "corpus").glob("*.pdf")])
PASSWORDS = {"encrypted-password.pdf": "openpassword"}


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    with Reader() as workers:
        yield workers


@pytest.fixture
def examples() -> Path:
    return EXAMPLES


@pytest.fixture(params=CORPUS, ids=lambda path: path.stem)
def sample(request: pytest.FixtureRequest) -> Path:
    return request.param
