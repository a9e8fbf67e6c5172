"""The models of this machine: which there are, which one writes, fetching, removing and measuring them."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from recto import config
from recto.config import AUTO, QUOTE, Settings
from recto.errors import EngineProblem, ModelMissing, UsageProblem
from recto.events import Progress
from recto.generation import Prefilled, Waking
from recto.llm import ollama
from recto.llm.choose import LLAMA, OLLAMA, Choice, build_llm, check_model, choose_model
from recto.llm.presets import PRESETS, installed, located
from recto.llm.pull import parts, pull
from recto.llm.speeds import SpeedBook, Speeds, calibrate
from recto.stop import Stop


@dataclass(frozen=True, slots=True)
class Entry:
    """A model that is here or has a name of its own. `name` is what RECTO_MODEL takes."""

    name: str
    model: str
    home: str  # llama.cpp | ollama
    size: int  # bytes
    licence: str  # empty: unknown
    why: str
    installed: bool


# --- keeping ---------------------------------------------------------------------------------------------------------
def listed(settings: Settings) -> list[Entry]:
    """The presets, then other files in the folder of models, then Ollama's."""
    here = installed(*settings.shelves)
    names = {path.name for path in here}
    named = {preset.file for preset in PRESETS.values()}
    presets = [
        Entry(one.name, one.model, LLAMA, one.size, one.licence, one.why, one.file in names) for one in PRESETS.values()
    ]
    others = [_file(path) for path in here if path.name not in named]
    return [*presets, *others, *_of_ollama(settings)]


def _file(path: Path) -> Entry:
    return Entry(path.name, path.stem, LLAMA, path.stat().st_size, "", "", installed=True)


def _of_ollama(settings: Settings) -> list[Entry]:
    server, _ = ollama.find(settings.writing.ollama_host, config.environment())
    models = server.models() if server else []
    return [Entry(f"{OLLAMA}:{one.name}", one.name, OLLAMA, one.size, "", "", installed=True) for one in models]


def chosen(settings: Settings) -> tuple[Choice | None, str]:
    """The model that would write now, and why that one, or why none does."""
    try:
        found = check_model(settings)
    except (EngineProblem, UsageProblem) as problem:
        return None, problem.message
    if found is None:
        return None, "only quotes are asked for" if settings.writing.model == QUOTE else "no model is here"
    return found, found.why


def pulling(wanted: str, settings: Settings, stop: Stop) -> Iterator[Progress]:
    """Fetch a preset, a file of the hub, or through Ollama what begins with `ollama:`."""
    home, _, name = wanted.partition(":")
    if home == OLLAMA:
        return _daemon(settings).pull(name, stop)
    return pull(wanted, settings.weights, stop)


def remove(name: str, settings: Settings) -> int:
    """Delete a model, and what was fetched of it so far; tell how many bytes that freed."""
    home, _, tag = name.partition(":")
    if home == OLLAMA:
        return _remove_from(_daemon(settings), tag)
    paths = _files(name, settings.weights)
    freed = sum(path.lstat().st_size for path in paths)
    for path in paths:
        path.unlink()
    return freed


def _files(name: str, folder: Path) -> list[Path]:
    begun = parts(PRESETS[name].file if name in PRESETS else name, folder)
    try:
        path = located(name, folder)
    except ModelMissing:
        if begun:
            return begun
        raise
    if path.parent != folder:
        raise UsageProblem(f"{path} lies outside {folder}, which is all that recto clears up", hint=f"rm {path}")
    return [path, *begun]


def _daemon(settings: Settings) -> ollama.Server:
    return ollama.daemon(settings.writing.ollama_host, config.environment())


def _remove_from(server: ollama.Server, name: str) -> int:
    sizes = {one.name: one.size for one in server.models()}
    server.remove(name)
    return sizes.get(name, 0)


# --- speed -----------------------------------------------------------------------------------------------------------
def named(name: str, settings: Settings) -> Choice:
    """The model of this name, or the one that `auto` takes. EngineProblem, ConsentNeeded or UsageProblem if none is."""
    found = choose_model(replace(settings, writing=replace(settings.writing, model=name)))
    if found is None and name == AUTO:
        raise ModelMissing("no model is here", hint="recto models pull default")
    if found is None:
        raise UsageProblem(f"{name!r} is no model", hint="recto models list")
    return found


def measuring(model: Choice, settings: Settings, stop: Stop) -> Iterator[Waking | Prefilled | Speeds]:
    """Measure a model, saying that it loads, then reads; the speeds come last, and are kept."""
    settings.home.mkdir(parents=True, exist_ok=True)  # where the speeds are kept
    with closing(build_llm(model, settings)) as llm:
        for event in calibrate(llm, settings.writing.patience_s, stop):
            if isinstance(event, Speeds):
                SpeedBook(settings.home).put(llm.fingerprint, event)
            yield event
