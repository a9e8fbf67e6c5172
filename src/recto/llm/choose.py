"""Which language model writes: the one that the settings name, or the best that is here."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from recto import config
from recto.config import AUTO, QUOTE, Settings
from recto.errors import (
    EngineMissing,
    ModelMissing,
    ModelUnusable,
)
from recto.llm import LLM
from recto.llm.presets import PRESETS, installed, located

LLAMA, OLLAMA, REMOTE_HOME, HF = "llama.cpp", "ollama", "remote", "hf"
HF_MODEL = "meta-llama/Llama-3.1-8B-Instruct"  # asked of Hugging Face's router if none is named
NAMED = "RECTO_MODEL, --model or the page names it"
PREFERRED = ("default", "fast", "best")  # presets, as `auto` takes them


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that writes, and why it does. `model` is a path for llama.cpp, else a name."""

    home: str
    model: str
    why: str

    @property
    def hosted(self) -> bool:
        """Whether somebody else runs it: it is not loaded and measured, and may be far away."""
        return self.home in (REMOTE_HOME, HF)


def choose_model(settings: Settings) -> Choice | None:
    """What would write now; None if nothing does. EngineProblem or ConsentNeeded if what is named cannot be had."""
    wanted = settings.writing.model
    home, _, name = wanted.partition(":")
    if wanted == QUOTE:
        return None
    if wanted == AUTO:
        return _best(settings)
    if home == OLLAMA:
        return Choice(OLLAMA, name or _of_ollama(settings)[0], NAMED)
    if home in (REMOTE_HOME, HF):
        return Choice(home, name or _remote_model(settings, home), NAMED)
    return Choice(LLAMA, str(located(wanted, *settings.shelves)), NAMED)


def _best(settings: Settings) -> Choice | None:
    """What this machine has, else a remote model if that is allowed."""
    return local_model(settings) or (distant_model(settings) if may_ask_remote(settings) else None)


def local_model(settings: Settings) -> Choice | None:
    """A model file, else one of Ollama's."""
    if (path := _file(settings)) and _has_runtime(settings):
        return Choice(LLAMA, str(path), f"it is in {path.parent}")
    with suppress(EngineMissing, ModelMissing):
        return Choice(OLLAMA, _of_ollama(settings)[0], "Ollama has it")
    return None


def _file(settings: Settings) -> Path | None:
    """The first model file that can write, the preferred ones before the others."""
    from recto.llm import gguf

    names = [PRESETS[name].file for name in PREFERRED]
    files = installed(*settings.shelves)
    for path in sorted(files, key=lambda path: names.index(path.name) if path.name in names else len(names)):
        with suppress(ModelMissing, ModelUnusable):
            gguf.read(path)
            return path
    return None


def distant_model(settings: Settings) -> Choice:
    """The remote engine of the settings, else Hugging Face's."""
    home = REMOTE_HOME if settings.writing.remote_url else HF
    return Choice(home, _remote_model(settings, home), "nothing is installed here, and asking others is allowed")


def _remote_model(settings: Settings, home: str) -> str:
    """The model that is set, if it is set for this address: without one it is Hugging Face's."""
    said = settings.writing
    if home == HF and (said.remote_url or not said.remote_model):
        return HF_MODEL
    return said.remote_model


def _has_runtime(settings: Settings) -> bool:
    from recto.llm.llama import runtime

    try:
        runtime(settings.writing.llama_server)
    except EngineMissing:
        return False
    return True


def _of_ollama(settings: Settings) -> list[str]:
    """Names of Ollama's models, the preferred first. EngineMissing or ModelMissing if there are none."""
    from recto.llm import ollama

    server = ollama.daemon(settings.writing.ollama_host, config.environment())
    names = [model.name for model in server.models()]
    if not names:
        raise ModelMissing(f"Ollama at {server.url} has no model", hint=f"ollama pull {PRESETS['default'].ollama}")
    wanted = [PRESETS[name].ollama for name in PREFERRED]
    return sorted(names, key=lambda name: wanted.index(name) if name in wanted else len(wanted))


def may_ask_remote(settings: Settings) -> bool:
    """Whether somebody else's model may be asked: consent is given, and an address or a token."""
    return settings.writing.allow_remote and bool(settings.writing.remote_url or settings.writing.hf_token)


def recipient(settings: Settings) -> str:
    """The host that passages may be sent to, by the model that writes or the one that stands by; empty if to none."""
    from recto.llm import remote

    home = settings.writing.model.partition(":")[0]
    hub = home == HF or (home != REMOTE_HOME and not settings.writing.remote_url)
    return "" if home == QUOTE else remote.destination(settings.writing, hub=hub)


def build_llm(chosen: Choice, settings: Settings) -> LLM:
    """The model that was chosen, not loaded yet."""
    if chosen.home == LLAMA:
        return _llama(Path(chosen.model), settings)
    if chosen.home == OLLAMA:
        return _ollama(chosen.model, settings)
    return _remote(chosen, settings)


def _llama(path: Path, settings: Settings) -> LLM:
    from recto.llm import gguf
    from recto.llm.llama import Llama, runtime

    found = runtime(settings.writing.llama_server)
    return Llama(gguf.read(path), found, threads=settings.threads, logs=settings.home / "logs")


def _ollama(name: str, settings: Settings) -> LLM:
    from recto.llm import ollama
    from recto.llm.llama import CONTEXT

    server = ollama.daemon(settings.writing.ollama_host, config.environment())
    return ollama.Ollama(server, name, threads=settings.threads, context=CONTEXT)


def _remote(chosen: Choice, settings: Settings) -> LLM:
    from recto.llm import remote

    return remote.allowed(settings.writing, model=chosen.model, hub=chosen.home == HF)


def check_model(settings: Settings) -> Choice | None:
    """What would write now, looked at more closely: consent is there, and the file holds a model."""
    chosen = choose_model(settings)
    if chosen:
        build_llm(chosen, settings).close()
    return chosen
