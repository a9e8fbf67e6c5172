"""`recto models` with Ollama's models: listed, fetched, removed and tried."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from recto import machine
from recto.cli import recto
from recto.library import Library, doctor
from support import scripted
from support.ollama_server import MODEL, VERSION, OllamaServer, listed
from support.pdfs import text_pdf

Run = Callable[..., Result]
PUMPS = "The pump of hall 3 moves 111 litres a minute. The pump of hall 4 stands still."


@pytest.fixture
def run(home: Path, tmp_path: Path, daemon: OllamaServer, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name, value in {"HOME": home, "WEIGHTS": tmp_path / "weights", "MODEL": "auto"}.items():
        monkeypatch.setenv(f"RECTO_{name}", str(value))
    monkeypatch.setenv("OLLAMA_HOST", daemon.url)
    return lambda *arguments: CliRunner().invoke(recto, ["models", *arguments])


def test_the_daemon_s_models_are_listed(run: Run) -> None:
    *_, entry, taken = (json.loads(line) for line in run("list", "--json").stdout.splitlines())
    assert (entry["name"], entry["home"], entry["size"]) == (f"ollama:{MODEL}", "ollama", 1_321_098_329)
    assert taken["writes"]["model"] == MODEL


def test_the_daemon_fetches(run: Run, daemon: OllamaServer) -> None:
    layer = {"status": "pulling", "digest": "sha256:a", "total": 20_000_000, "completed": 20_000_000}
    daemon.pulled = [layer, {"status": "success"}]
    assert run("pull", "ollama:llama3.2:3b").stdout == "pulled: ollama:llama3.2:3b, 0.02 GB\n"
    assert daemon.asked_at("/api/pull") == [{"model": "llama3.2:3b", "stream": True}]
    daemon.pulled = [{"error": "pull model manifest: file does not exist"}]
    assert run("pull", "ollama:nosuch").exit_code == 1


def test_the_daemon_fetches_from_a_registry_of_ones_own(run: Run, daemon: OllamaServer) -> None:
    daemon.pulled = [{"status": "success"}]
    assert run("pull", "ollama:box:5000/library/weir:latest", "--insecure").exit_code == 0
    pull = {"model": "box:5000/library/weir:latest", "stream": True, "insecure": True}
    assert daemon.asked_at("/api/pull") == [pull]
    result = run("pull", "fast", "--insecure")
    assert result.exit_code == 2
    assert "--insecure is for models of Ollama" in result.stderr


def test_what_was_fetched_is_measured_once_and_left_alone(run: Run, home: Path, daemon: OllamaServer) -> None:
    daemon.behaviour, daemon.pulled = scripted.brief, [{"status": "success"}]
    assert run("pull", f"ollama:{MODEL}", "--no-measure").exit_code == 0
    assert daemon.asked_at("/api/chat") == []
    result = run("pull", f"ollama:{MODEL}")
    assert "measured: a first word takes about" in result.stderr
    assert any(MODEL in fingerprint for fingerprint in json.loads((home / "speeds.json").read_text()))
    asked = len(daemon.asked_at("/api/chat"))
    assert "measured: " in run("pull", f"ollama:{MODEL}").stderr
    assert len(daemon.asked_at("/api/chat")) <= asked + 1  # it may be let go of once more


def test_what_cannot_run_here_is_fetched_all_the_same(run: Run, daemon: OllamaServer) -> None:
    daemon.behaviour, daemon.pulled = scripted.failing("out of memory"), [{"status": "success"}]
    result = run("pull", f"ollama:{MODEL}")
    assert result.exit_code == 0
    assert "measured" not in result.stderr


def test_only_the_chosen_model_stays_in_memory(
    run: Run, home: Path, tmp_path: Path, daemon: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pumps.pdf").write_bytes(text_pdf(PUMPS))
    daemon.behaviour, daemon.models = scripted.brief, [listed(name) for name in ("weir:1b", "sluice:1b")]
    with Library(home) as library:
        library.add(tmp_path / "pumps.pdf")
    question = "How much does the pump of hall 3 move?"
    run("try", question, "--model", "ollama:weir:1b", "--model", "ollama:sluice:1b")
    assert daemon.loaded == []
    asked = ["ask", question, "--model", "ollama:sluice:1b"]
    assert "written" in CliRunner().invoke(recto, asked).stderr
    (once,) = daemon.residents
    assert once["expires_at"].startswith("2026")  # it goes as Ollama says
    monkeypatch.setenv("RECTO_MODEL", "ollama:weir:1b")
    CliRunner().invoke(recto, ["ask", question])
    run("try", question, "--model", "ollama:weir:1b")
    kept = {model["name"]: model["expires_at"][:4] for model in daemon.residents}
    assert kept == {"sluice:1b": "2026", "weir:1b": "2319"}


@pytest.mark.parametrize(("quota", "said"), [(None, None), (1.0, 1)])
def test_threads_are_said_only_where_a_quota_makes_ollamas_guess_wrong(
    run: Run, daemon: OllamaServer, monkeypatch: pytest.MonkeyPatch, quota: float | None, said: int | None
) -> None:
    monkeypatch.setattr(machine, "cgroup_cores", lambda: quota)
    daemon.behaviour = scripted.brief
    run("speed", f"ollama:{MODEL}")
    assert {body["options"].get("num_thread") for body in daemon.asked_at("/api/chat")} == {said}


def test_a_base_model_is_no_writer(run: Run, daemon: OllamaServer) -> None:
    daemon.templates = {MODEL: "{{ .Prompt }}"}
    result = run("speed", f"ollama:{MODEL}")
    assert result.exit_code == 4
    assert "has no chat template" in result.stderr
    assert "auto: quoted answers only" in run("list").stdout


def test_a_model_may_be_named_without_its_tag(run: Run, daemon: OllamaServer) -> None:
    daemon.models, daemon.templates = (
        [listed("weir:latest"), listed("sluice:latest")],
        {"sluice:latest": "{{ .Prompt }}"},
    )
    assert run("remove", "ollama:weir").stdout == "removed: ollama:weir, 1.32 GB freed\n"
    assert "has no chat template" in run("speed", "ollama:sluice").stderr


def test_the_daemon_removes(run: Run) -> None:
    assert run("remove", f"ollama:{MODEL}").stdout == f"removed: ollama:{MODEL}, 1.32 GB freed\n"
    assert run("remove", f"ollama:{MODEL}").exit_code == 4


def test_a_daemon_that_is_away_is_exit_code_4(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    for command in ("pull", "remove", "speed"):
        result = run(command, "ollama:any")
        assert result.exit_code == 4
        assert "no Ollama answers" in result.stderr


def test_a_named_model_is_tried(run: Run, home: Path, tmp_path: Path, daemon: OllamaServer) -> None:
    (tmp_path / "pumps.pdf").write_bytes(text_pdf(PUMPS))
    with Library(home) as library:
        library.add(tmp_path / "pumps.pdf")
    daemon.behaviour = scripted.brief
    asked = ("try", "How much does the pump of hall 3 move?", "--model", f"ollama:{MODEL}")
    trial, last = (json.loads(line) for line in run(*asked, "--json").stdout.splitlines())
    assert (trial["supported"], trial["sentences"]) == (1, 1)
    assert 0 <= trial["first_token_s"] <= trial["total_s"]
    assert trial["tokens_per_s"] > 0
    assert last["take"] == f"ollama:{MODEL}"
    result = run(*asked)
    assert result.stdout.splitlines()[1].split()[-9:] == ["1", "of", "1"] * 3
    assert f"RECTO_MODEL=ollama:{MODEL}" in result.stdout
    daemon.behaviour = scripted.crashing
    result = run(*asked)
    assert "take quote: no model wrote a sentence" in result.stdout
    assert "not written: " in result.stderr


def test_the_doctor_says_where_the_daemon_is_and_what_it_holds(
    home: Path, daemon: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", daemon.url)
    found = {finding.name: finding for finding in doctor.examine(home)}["ollama"]
    assert found.value["tried"] == [{"url": daemon.url, "answer": f"Ollama {VERSION}", "version": VERSION}]
    assert found.value["loaded"] == []
    assert "the first answer waits" in found.words
