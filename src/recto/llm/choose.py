"""Which language model writes: the one that the settings name, or the best that is here."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from recto import config, machine
from recto.config import Settings, Writing
from recto.errors import EngineMissing, ModelMissing, ModelUnusable
from recto.llm import LLM
from recto.llm.presets import PRESETS, installed, located
from recto.model_ref import Auto, GgufFile, HostedModel, OllamaModel, PresetModel, Provider, QuoteOnly

HF_MODEL = "meta-llama/Llama-3.1-8B-Instruct"  # asked of Hugging Face's router if none is named
CHOSEN_BY_NAME = "RECTO_MODEL, --model or the page names it"
PREFERRED = tuple(PRESETS[name] for name in ("default", "fast", "best"))  # as `auto` takes them


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that writes, and why it does. `model` is a path for llama.cpp, else a name."""

    provider: Provider
    model: str
    why: str

    @property
    def hosted(self) -> bool:
        """Whether somebody else runs it: it is not loaded and measured, and may be far away."""
        return self.provider.hosted

    def as_json(self) -> dict[str, str]:
        """As programs read it. Field names are promises."""
        return {"home": self.provider, "model": self.model, "why": self.why}


def choose_model(settings: Settings) -> Choice | None:
    """What would write now; None if nothing does. EngineProblem or ConsentNeeded if what is named cannot be had."""
    reference = settings.writing.reference
    match reference:
        case QuoteOnly():
            return None
        case Auto():
            return local_model(settings) or remote_model(settings)
        case OllamaModel(name):
            return Choice(Provider.OLLAMA, name or _ollama_models(settings)[0], CHOSEN_BY_NAME)
        case HostedModel(provider, name):
            return Choice(provider, name or _hosted_name(settings.writing, provider), CHOSEN_BY_NAME)
        case PresetModel() | GgufFile():
            return Choice(Provider.LLAMA, str(located(reference, *settings.shelves)), CHOSEN_BY_NAME)
        case _:
            assert_never(reference)


def choose_standby(settings: Settings, choice: Choice | None) -> Choice | None:
    """What may speak for a slow or dead model: for a remote one what is here, for others a remote one if allowed."""
    return local_model(settings) if choice and choice.hosted else remote_model(settings)


def local_model(settings: Settings) -> Choice | None:
    """The first model file that can write, else one of Ollama's; the preferred ones before the others."""
    from recto.llm import gguf
    from recto.llm.llama import find_runtime

    with suppress(EngineMissing):
        find_runtime(settings.writing.llama_server)
        files = [preset.file for preset in PREFERRED]
        for path in sorted(installed(*settings.shelves), key=lambda path: _rank(path.name, files)):
            with suppress(ModelMissing, ModelUnusable):
                gguf.read(path)
                return Choice(Provider.LLAMA, str(path), f"it is in {path.parent}")
    with suppress(EngineMissing, ModelMissing):
        return Choice(Provider.OLLAMA, _ollama_models(settings)[0], "Ollama has it")
    return None


def remote_model(settings: Settings) -> Choice | None:
    """The remote engine of the settings, else Hugging Face's; None without consent, or an address or a token."""
    writing = settings.writing
    if not writing.allow_remote or not (writing.remote_url or writing.hf_token):
        return None
    provider = Provider.REMOTE if writing.remote_url else Provider.HF
    why = "nothing is installed here, and asking others is allowed"
    return Choice(provider, _hosted_name(writing, provider), why)


def _hosted_name(writing: Writing, provider: Provider) -> str:
    """The model that is set, if it is set for this address: without one it is Hugging Face's."""
    if provider is Provider.HF and (writing.remote_url or not writing.remote_model):
        return HF_MODEL
    return writing.remote_model


def _ollama_models(settings: Settings) -> list[str]:
    """Names of Ollama's models, the preferred first. EngineMissing or ModelMissing if there are none."""
    from recto.llm import ollama

    daemon = ollama.running_daemon(settings.writing.ollama_host, config.environment())
    names = [model.name for model in daemon.models()]
    if not names:
        raise ModelMissing(f"Ollama at {daemon.url} has no model", hint=f"ollama pull {PRESETS['default'].ollama}")
    preferred = [preset.ollama for preset in PREFERRED]
    return sorted(names, key=lambda name: _rank(name, preferred))


def _rank(name: str, preferred: Sequence[str]) -> int:
    return preferred.index(name) if name in preferred else len(preferred)


def recipient(settings: Settings) -> str:
    """The host that passages may be sent to, by the model that writes or the one that stands by; empty if to none."""
    from recto.llm import remote

    match settings.writing.reference:
        case QuoteOnly():
            return ""
        case HostedModel(provider):
            hub = provider is Provider.HF
        case _:
            hub = not settings.writing.remote_url
    return remote.destination(settings.writing, hub=hub)


def build_llm(choice: Choice, settings: Settings) -> LLM:
    """The model that was chosen, not loaded yet."""
    match choice.provider:
        case Provider.LLAMA:
            from recto.llm import gguf
            from recto.llm.llama import Llama, find_runtime

            runtime = find_runtime(settings.writing.llama_server)
            logs = settings.home / "logs"
            return Llama(gguf.read(Path(choice.model)), runtime, threads=settings.threads, logs=logs)
        case Provider.OLLAMA:
            from recto.llm import ollama
            from recto.llm.llama import CONTEXT

            daemon = ollama.running_daemon(settings.writing.ollama_host, config.environment())
            daemon.log = settings.home / "logs" / "ollama.log"
            daemon.check_writer(choice.model)
            # Its own guess, all cores, is wrong under a quota; else another number only loads the model anew.
            threads = settings.threads if machine.cgroup_cores() and ollama.is_near(daemon.url) else None
            kept = not settings.writing.once
            return ollama.Ollama(daemon, choice.model, threads=threads, context=CONTEXT, kept=kept)
        case Provider.REMOTE | Provider.HF:
            from recto.llm import remote

            return remote.allowed(settings.writing, model=choice.model, hub=choice.provider is Provider.HF)
        case _:
            assert_never(choice.provider)


def check_model(settings: Settings) -> Choice | None:
    """What would write now, looked at more closely: consent is there, and the file holds a model."""
    choice = choose_model(settings)
    if choice:
        build_llm(choice, settings).close()
    return choice


def explain(choice: Choice | None, settings: Settings) -> str:
    """Why this model writes, or why none does."""
    if choice:
        return choice.why
    return "only quotes are asked for" if settings.writing.reference == QuoteOnly() else "no model is here"
