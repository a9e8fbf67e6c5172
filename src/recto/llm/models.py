"""The models of this machine: which there are, which one writes, fetching, removing and measuring them."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from recto import config
from recto.config import Settings
from recto.errors import EngineProblem, ModelMissing, UsageProblem
from recto.events import Progress
from recto.generation import Prefilled, Waking
from recto.llm import gguf, ollama
from recto.llm.choose import Choice, build_llm, check_model, choose_model, explain
from recto.llm.presets import PRESETS, installed, located
from recto.llm.pull import parse_hub_file, parts, pull
from recto.llm.speeds import SpeedBook, Speeds, calibrate
from recto.model_ref import AUTO, GgufFile, OllamaModel, PresetModel, Provider, parse_model
from recto.stop import Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A model that is here or has a name of its own. `name` is what RECTO_MODEL takes."""

    name: str
    model: str
    provider: Provider  # llama.cpp or Ollama
    size: int  # bytes
    licence: str = ""  # empty: unknown
    why: str = ""
    installed: bool = True

    def as_json(self) -> dict[str, Any]:
        """As programs read it. Field names are promises."""
        return {
            "name": self.name,
            "model": self.model,
            "home": self.provider,
            "size": self.size,
            "licence": self.licence,
            "why": self.why,
            "installed": self.installed,
        }


# --- keeping ---------------------------------------------------------------------------------------------------------
def list_models(settings: Settings) -> list[Entry]:
    """The presets, then other files in the folder of models, then Ollama's."""
    paths = installed(*settings.shelves)
    file_names = {path.name for path in paths}
    presets = [
        Entry(
            name=preset.name,
            model=preset.model,
            provider=Provider.LLAMA,
            size=preset.size,
            licence=preset.licence,
            why=preset.why,
            installed=preset.file in file_names,
        )
        for preset in PRESETS.values()
    ]
    preset_files = {preset.file for preset in PRESETS.values()}
    files = [_file_entry(path) for path in paths if path.name not in preset_files]
    daemon, _ = ollama.find(settings.writing.ollama_host, config.environment())
    models = daemon.models() if daemon else []
    return [
        *presets,
        *files,
        *(
            Entry(name=str(OllamaModel(model.name)), model=model.name, provider=Provider.OLLAMA, size=model.size)
            for model in models
        ),
    ]


def _file_entry(path: Path) -> Entry:
    """A file by what stands in it: its makers' name and licence, or why it cannot write."""
    entry = Entry(name=path.name, model=path.stem, provider=Provider.LLAMA, size=path.stat().st_size)
    try:
        model = gguf.read(path)
    except EngineProblem as problem:
        return replace(entry, why=problem.message.removeprefix(f"{path}: "))
    return replace(entry, model=model.name or path.stem, licence=model.licence)


def explain_choice(settings: Settings) -> tuple[Choice | None, str]:
    """The model that would write now, and why that one, or why none does."""
    try:
        choice = check_model(settings)
    except (EngineProblem, UsageProblem) as problem:
        return None, problem.message
    return choice, explain(choice, settings)


def pulling(name: str, settings: Settings, stop: Stop, *, insecure: bool = False) -> Iterator[Progress]:
    """Fetch a preset, a file of the hub, or through Ollama what begins with `ollama:`.

    `insecure` is for Ollama's models in a registry of one's own that speaks plain http; UsageProblem with others.
    """
    match parse_model(name):
        case OllamaModel(tag):
            yield from _daemon(settings).pull(tag, stop, insecure=insecure)
        case _ if insecure:
            raise UsageProblem(f"--insecure is for models of Ollama, and {name!r} is none", hint="leave --insecure out")
        case _:
            yield from pull(name, settings.weights, stop)


def remove(name: str, settings: Settings) -> int:
    """Delete a model, and what was fetched of it so far; tell how many bytes that freed."""
    match parse_model(name):
        case OllamaModel(tag):
            daemon = _daemon(settings)
            sizes = {model.name: model.size for model in daemon.models()}
            daemon.remove(tag)
            return sizes.get(ollama.tagged(tag), 0)
        case PresetModel() as reference:
            paths = _files(reference, PRESETS[name].file, settings.weights)
        case _:
            paths = _files(GgufFile(name), name, settings.weights)
    freed = sum(path.lstat().st_size for path in paths)
    for path in paths:
        path.unlink()
    return freed


def _files(reference: PresetModel | GgufFile, file_name: str, folder: Path) -> list[Path]:
    """The file of a model and what was fetched of it so far."""
    unfinished = parts(file_name, folder)
    try:
        path = located(reference, folder)
    except ModelMissing:
        if unfinished:
            return unfinished
        raise
    if path.parent != folder:
        raise UsageProblem(f"{path} lies outside {folder}, which is all that recto clears up", hint=f"rm {path}")
    return [path, *unfinished]


def _daemon(settings: Settings) -> ollama.Daemon:
    return ollama.running_daemon(settings.writing.ollama_host, config.environment())


# --- speed -----------------------------------------------------------------------------------------------------------
def resolve_model(name: str, settings: Settings) -> Choice:
    """The model of this name, or the one that `auto` takes. EngineProblem, ConsentNeeded or UsageProblem if none is."""
    choice = choose_model(replace(settings, writing=replace(settings.writing, model=name)))
    if choice is None and name == AUTO:
        raise ModelMissing("no model is here", hint="recto models pull default")
    if choice is None:
        raise UsageProblem(f"{name!r} is no model", hint="recto models list")
    return choice


def measuring(choice: Choice, settings: Settings, stop: Stop) -> Iterator[Waking | Prefilled | Speeds]:
    """Measure a model, saying that it loads, then reads; the speeds come last, and are kept."""
    settings.home.mkdir(parents=True, exist_ok=True)  # where the speeds are kept
    settings = replace(settings, writing=replace(settings.writing, once=True))
    with closing(build_llm(choice, settings)) as llm:
        for event in calibrate(llm, settings.writing.patience_s, stop):
            if isinstance(event, Speeds):
                SpeedBook(settings.home).put(llm.fingerprint, event)
            yield event


def measured(name: str, settings: Settings) -> Speeds | None:
    """The speeds of a model that was fetched, measured if they never were; None if it cannot run here."""
    reference = parse_model(name)
    if isinstance(reference, GgufFile):
        reference = GgufFile(parse_hub_file(name).file)
    with suppress(EngineProblem, UsageProblem):
        choice = resolve_model(str(reference), settings)
        with closing(build_llm(choice, settings)) as llm:
            speeds = SpeedBook(settings.home).get(llm.fingerprint)
        if speeds:
            return speeds
        with borrowed(choice, settings):
            return next(event for event in measuring(choice, settings, Stop()) if isinstance(event, Speeds))
    return None


@contextmanager
def borrowed(choice: Choice, settings: Settings) -> Iterator[None]:
    """Try a model while the block runs: one of Ollama's leaves its memory then, unless it was there before."""
    if choice.provider is not Provider.OLLAMA:
        yield
        return
    daemon = _daemon(settings)
    is_there = ollama.tagged(choice.model) in daemon.loaded()
    try:
        yield
    finally:
        if not is_there:
            with suppress(EngineProblem):  # a daemon that went away has nothing in memory
                daemon.unload(choice.model)
