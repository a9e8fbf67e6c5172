"""A model that is loaded before anybody asks."""

from pathlib import Path

import pytest

from recto import Library, writing
from recto.config import Writing
from recto.runtime import engines
from support.live import free_port, soon
from support.ollama_server import MODEL, OllamaServer


def test_the_model_is_loaded_before_anybody_asks(pumps: Path, daemon: OllamaServer) -> None:
    with Library(pumps, writing=Writing(model=f"ollama:{MODEL}", ollama_host=daemon.url)) as library:
        library.warm()
        assert soon(lambda: library.speeds is not None)
    assert MODEL in daemon.loaded


def test_a_model_that_comes_later_is_loaded_then(pumps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (engines, writing):
        monkeypatch.setattr(module, "LOOK_AGAIN_S", 0.2)
    monkeypatch.setattr(writing, "LOOKS", 1000)
    port = free_port()
    with Library(pumps, writing=Writing(model=f"ollama:{MODEL}", ollama_host=f"127.0.0.1:{port}")) as library:
        library.warm()
        with OllamaServer(port) as daemon:
            assert soon(lambda: library.speeds is not None)
        assert MODEL in daemon.loaded
