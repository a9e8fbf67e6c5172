"""Choosing and fetching a model over HTTP: what is refused, and what is told when it cannot be had."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient

from recto.config import Writing
from recto.model_ref import QUOTE
from recto.server import stream
from support.live import free_port, listening
from support.served import application, events, private

PATIENCE_S = 120.0  # for what takes a second on a quiet machine


def test_a_pull_that_cannot_begin_says_so_and_ends(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ollama is not there: that is known before the first byte, and no silence follows it."""
    monkeypatch.setattr(stream, "BEAT_S", 10 * PATIENCE_S)  # else a stream that hangs would beat for ever
    writing = Writing(model=QUOTE, ollama_host=f"127.0.0.1:{free_port()}")
    with (
        listening(application(home, writing=writing)) as port,
        httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S) as http,
    ):
        ((name, problem),) = events(http.post("/api/models/pull", json={"name": "ollama:llama3"}).text)
    assert (name, problem["kind"]) == ("failed", "no_engine")


@pytest.fixture
def client(home: Path) -> Iterator[TestClient]:
    with private(home) as client:
        yield client


def choose(client: TestClient, name: str) -> tuple[int, str, str]:
    answer = client.put("/api/models/writing", json={"name": name})
    problem = answer.json()
    return answer.status_code, problem["title"], problem["detail"].replace(name, "NAME")


def test_a_path_tells_nothing_about_the_files_of_the_machine(client: TestClient, tmp_path: Path) -> None:
    model, text = tmp_path / "model.gguf", tmp_path / "text"
    model.write_bytes(b"GGUF")
    text.write_text("no model")
    paths = [model, model.with_suffix(""), text, tmp_path, tmp_path / "absent", tmp_path / "absent.gguf"]
    answers = {choose(client, name) for path in paths for name in (str(path), os.path.relpath(path))}
    assert len(answers) == 1
    ((status, title, detail),) = answers
    assert (status, title) == (404, "no_model")
    assert "NAME" in detail


@pytest.mark.parametrize("name", ["nothing", "ollama:none", "remote", "hf:some/model", "~/model.gguf", "../model.gguf"])
def test_a_name_that_is_not_listed_is_refused(client: TestClient, name: str) -> None:
    assert choose(client, name)[:2] == (404, "no_model")


def test_what_is_listed_can_be_chosen(home: Path, smol: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECTO_WEIGHTS", str(smol.parent))
    with private(home) as client:
        for name in (smol.name, "auto", "quote"):
            assert client.put("/api/models/writing", json={"name": name}).status_code == 204
