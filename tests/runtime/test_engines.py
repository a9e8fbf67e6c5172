"""The engines of a process: which one writes, what is told of it, and who waits when another one is chosen."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from recto import Library, config
from recto.config import Settings, Writing
from recto.errors import EngineClosed, ModelMissing
from recto.events import AskEvent, FellBack, Progress, Stage
from recto.llm.choose import Choice
from recto.llm.presets import PRESETS
from recto.llm.speeds import Speeds
from recto.model_ref import Provider
from recto.runtime import engines as engines_module
from recto.runtime.engines import Engines
from recto.types import Kind
from support import scripted
from support.ollama_server import MODEL, OllamaServer
from support.openai_server import KEY, OpenAIServer

QUESTION = "How many litres does the pump of hall 3 move a minute?"
OTHER_MODEL = "qwen3:4b"
QUICK = Speeds(prefill=1e5, overhead_s=0.001, decode=1e3, load_s=0.1)
PATIENCE_S = 60.0  # nobody is to be given up on a busy machine
LATE_S = 60.0


def settings(home: Path, **writing: Any) -> Settings:
    return replace(config.load(home), writing=Writing(**writing))


def entry(daemon: OllamaServer, name: str) -> dict[str, Any]:
    """A model that the daemon may have."""
    return {**daemon.models[0], "name": name, "model": name}


# --- memory ----------------------------------------------------------------------------------------------------------
def test_a_model_that_is_chosen_no_more_leaves_ollamas_memory(
    daemon: OllamaServer, pumps: Path, tmp_path: Path
) -> None:
    home = shutil.copytree(pumps, tmp_path / "library", symlinks=True)
    daemon.models.append(entry(daemon, OTHER_MODEL))
    daemon.behaviour = scripted.brief
    with Library(home, writing=Writing(model=f"ollama:{MODEL}", ollama_host=daemon.url)) as library:
        assert library.ask(QUESTION).answer.kind is Kind.WRITTEN
        assert daemon.loaded == [MODEL]
        library.write_with(f"ollama:{OTHER_MODEL}")
        assert daemon.loaded == []
        assert library.ask(QUESTION).answer.kind is Kind.WRITTEN
    assert daemon.loaded == [OTHER_MODEL]  # the chosen one stays for the next time


# --- another model is chosen -----------------------------------------------------------------------------------------
def test_who_waits_for_a_model_moves_to_the_one_that_is_chosen_instead(
    daemon: OllamaServer, pumps: Path, tmp_path: Path
) -> None:
    home = shutil.copytree(pumps, tmp_path / "library", symlinks=True)
    daemon.models.append(entry(daemon, OTHER_MODEL))
    waiting = threading.Event()

    def behave(reply: scripted.Reply) -> None:
        (scripted.stalled if reply.request.body["model"] == MODEL else scripted.brief)(reply)

    def ask() -> list[AskEvent]:
        events = []
        for event in library.ask(QUESTION):
            events.append(event)
            if isinstance(event, Progress) and event.stage is Stage.WAITING:
                waiting.set()
        return events

    daemon.behaviour = behave
    writing = Writing(model=f"ollama:{MODEL}", ollama_host=daemon.url, patience_s=PATIENCE_S)
    with Library(home, writing=writing) as library, ThreadPoolExecutor(2) as pool:
        engine = library.runtime.engines.first()
        assert engine is not None
        engine.learn(QUICK)
        engine.awake = True
        first = pool.submit(ask)
        assert daemon.came.wait(LATE_S)
        second = pool.submit(ask)
        assert waiting.wait(LATE_S)
        library.write_with(f"ollama:{OTHER_MODEL}")
        (fell_back,) = [event for event in first.result(LATE_S) if isinstance(event, FellBack)]
        assert (fell_back.engine, fell_back.problem) == ("quote", EngineClosed)
        answer = second.result(LATE_S)[-1].answer  # type: ignore[union-attr]
        assert (answer.kind, answer.engine) == (Kind.WRITTEN, f"ollama/{OTHER_MODEL}")
        assert answer.notice == ""


def test_the_engine_that_stands_by_is_chosen_with_the_one_that_writes(
    daemon: OllamaServer, hosted: OpenAIServer, tmp_path: Path
) -> None:
    remote = settings(
        tmp_path,
        model="remote:a",
        ollama_host=daemon.url,
        remote_url=f"{hosted.url}/v1",
        remote_token=KEY,
        allow_remote=True,
        remote_model="a",
    )
    engines = Engines(remote)
    assert names(engines) == ("remote/127.0.0.1/a", f"ollama/{MODEL}")
    engines.choose(replace(remote, writing=replace(remote.writing, model="ollama")))
    assert names(engines) == (f"ollama/{MODEL}", "remote/127.0.0.1/a")
    engines.close()


def names(engines: Engines) -> tuple[str, str]:
    first = engines.first()
    assert first is not None
    assert engines.standby is not None
    return first.llm.name, engines.standby.llm.name


def test_a_choice_that_cannot_be_had_changes_nothing(daemon: OllamaServer, tmp_path: Path) -> None:
    local = settings(tmp_path, model="ollama", ollama_host=daemon.url)
    engines = Engines(local)
    engine = engines.first()
    with pytest.raises(ModelMissing):
        engines.choose(replace(local, writing=replace(local.writing, model="best")))
    assert engines.first() is engine
    assert engines.settings is local
    engines.close()


def test_closed_engines_hand_out_no_model(daemon: OllamaServer, tmp_path: Path) -> None:
    engines = Engines(settings(tmp_path, model="ollama", ollama_host=daemon.url))
    engines.first()
    engines.close()
    with pytest.raises(EngineClosed):
        engines.first()
    assert engines.standby is None


# --- what is told of them --------------------------------------------------------------------------------------------
def test_what_writes_is_told_without_a_look_around(daemon: OllamaServer, tmp_path: Path) -> None:
    engines = Engines(settings(tmp_path, model="auto", ollama_host=daemon.url))
    engines.first()
    requests = len(daemon.requests)
    daemon.models.append(entry(daemon, PRESETS["default"].ollama))  # which `auto` would take, had it not chosen yet
    assert engines.current() == (Choice(Provider.OLLAMA, MODEL, "Ollama has it"), "Ollama has it")
    assert len(daemon.requests) == requests
    engines.close()


def test_why_nothing_writes_is_told(daemon: OllamaServer, tmp_path: Path) -> None:
    daemon.models = []
    engines = Engines(settings(tmp_path, model="ollama", ollama_host=daemon.url))
    choice, why = engines.current()
    requests = len(daemon.requests)
    assert choice is None
    assert "has no model" in why
    assert engines.current() == (choice, why)
    assert len(daemon.requests) == requests
    quotes = Engines(settings(tmp_path, model="quote"))
    assert quotes.current() == (None, "only quotes are asked for")


def test_a_model_that_came_later_is_told_of(
    daemon: OllamaServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines_module, "LOOK_AGAIN_S", 0.0)
    models, daemon.models = daemon.models, []
    engines = Engines(settings(tmp_path, model="ollama", ollama_host=daemon.url))
    assert engines.current()[0] is None
    daemon.models = models
    choice, _ = engines.current()
    assert choice is not None
    assert choice.model == MODEL
    engines.close()
