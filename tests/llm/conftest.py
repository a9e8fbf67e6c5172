"""The engine for the tests of engines that is real, and a clock for those that play, which are everybody's."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import xllamacpp

from recto.llm import engine, fallback, ollama, speeds
from support.clock import Clock
from support.openai_server import KEY


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What speeds, patience, rests and the limit of loading are measured by, on a busy machine as on a quiet one."""
    clock = Clock()
    for module in (engine, fallback, ollama, speeds):
        monkeypatch.setattr(module, "monotonic", clock)
    return clock


@pytest.fixture(scope="session")
def real(smol: Path) -> Iterator[str]:
    """The address of a real OpenAI-compatible server with a real model; it asks for the same key."""
    params = xllamacpp.CommonParams()
    params.model.path, params.api_keys, params.ui = str(smol), [KEY], False
    params.n_ctx, params.n_parallel, params.n_batch = 4096, 2, 128
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = (
        1  # two that wait for each other crawl on a busy machine
    )
    params.fit_params, params.verbosity, params.cache_ram_mib = False, 0, 64
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server
