"""What several files of the server's tests share."""

from collections.abc import Iterator

import pytest

from support.live import Live, live


@pytest.fixture(scope="module")
def quoting_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server in a process of its own, its library empty, no model beside it."""
    home = tmp_path_factory.mktemp("server")
    with live(home, "--model", "quote", RECTO_OCR="off") as server:
        yield server
