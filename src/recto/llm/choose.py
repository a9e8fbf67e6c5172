"""Which language model writes: the one that the settings name, or the best that is here."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, assert_never

from recto import config, machine
from recto.config import Settings, Writing
from recto.errors import EngineDenied, EngineMissing, ModelMissing, ModelUnusable
from recto.llm import LLM
from recto.llm.presets import PRESETS, installed, located, worse_than_quotes
from recto.llm.speeds import USUAL_PROMPT, SpeedBook
from recto.model_ref import Auto, GgufFile, HostedModel, OllamaModel, PresetModel, Provider, QuoteOnly

if TYPE_CHECKING:
    from recto.llm.llama import Llama
    from recto.llm.ollama import Daemon, Ollama

L = TypeVar("L", bound=LLM)
HF_MODEL = "meta-llama/Llama-3.1-8B-Instruct"  # asked of Hugging Face's router if none is named
CHOSEN_BY_NAME = "RECTO_MODEL, --model or the page names it"
QUICK = 1_000_000_000  # bytes of a model that begins in time as a rule, where nobody has measured it: up to 1B
FAR_S = 1e9  # behind every model that was measured


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

    @property
    def reference(self) -> str:
        """The model as `--model` takes it, a file by its name."""
        return f"{self.provider}:{self.model}" if self.provider is not Provider.LLAMA else Path(self.model).name

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
            choice = local_model(settings) or remote_model(settings)
            if choice is None and (worse := next(_local_models(settings), None)):
                name = worse[0].reference
                why = f"quotes alone: {name} was measured to be worse than they are"
                raise ModelMissing(why, hint=f"--model {name} to use it anyway")
            return choice
        case OllamaModel(name):
            return Choice(Provider.OLLAMA, name or _ollama_model(settings), CHOSEN_BY_NAME)
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
    """The best of the files that can write, else of Ollama's models: the largest that begins in time here.

    None that was measured to be worse than the quotes alone.
    """
    return next((choice for choice, is_worse in _local_models(settings) if not is_worse), None)


def _local_models(settings: Settings) -> Iterator[tuple[Choice, bool]]:
    """What could write here, best first, and whether it was measured to be worse than the quotes alone."""
    from recto.llm import gguf

    with suppress(EngineMissing):
        for llm, _ in _best_first(_files(settings), settings):
            choice = Choice(Provider.LLAMA, str(llm.path), f"it is in {llm.path.parent}")
            yield choice, worse_than_quotes(gguf.read(llm.path).name)
    with suppress(EngineMissing):
        for name in _ollama_models(settings):
            yield Choice(Provider.OLLAMA, name, "Ollama has it"), worse_than_quotes(name)


def _files(settings: Settings) -> list[tuple["Llama", int]]:
    """The files that can write, each with its size."""
    from recto.llm import gguf
    from recto.llm.llama import find_runtime

    find_runtime(settings.writing.llama_server)
    models = []
    for path in installed(*settings.shelves):
        with suppress(ModelMissing, ModelUnusable):
            models.append((_llama(path, settings), gguf.read(path).size))
    return models


def _best_first(models: Sequence[tuple[L, int]], settings: Settings) -> list[tuple[L, int]]:
    """The largest that begins in time first; of those that do not, the quickest.

    In time by the speeds that were measured here; what was not measured by its size.
    """
    book, within_s = SpeedBook(settings.home), settings.writing.first_token_s

    def rank(model: tuple[L, int]) -> tuple[bool, float, str]:
        llm, size = model
        speeds = book.get(llm.fingerprint)
        late_s = speeds.first_token_s(USUAL_PROMPT) if speeds else inf
        in_time = late_s <= within_s if speeds else size <= QUICK
        return (not in_time, -size if in_time else min(late_s, FAR_S + size), llm.name)

    return sorted(models, key=rank)


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


def _ollama_model(settings: Settings) -> str:
    """The best of Ollama's models. EngineMissing or ModelMissing if there is none that can write."""
    if name := next(_ollama_models(settings), None):
        return name
    raise ModelMissing("Ollama has no model that can write", hint=f"ollama pull {PRESETS['default'].ollama}")


def _ollama_models(settings: Settings) -> Iterator[str]:
    """Those of Ollama's models that can write, best first. EngineMissing if there is no Ollama."""
    from recto.llm import ollama

    daemon = ollama.running_daemon(settings.writing.ollama_host, config.environment())
    models = [(_of_ollama(daemon, model.name, settings), model.size) for model in daemon.models()]
    for llm, _ in _best_first(models, settings):
        with suppress(EngineDenied, ModelUnusable):
            daemon.check_writer(llm.model)
            yield llm.model


def _of_ollama(daemon: "Daemon", name: str, settings: Settings) -> "Ollama":
    from recto.llm import ollama
    from recto.llm.llama import CONTEXT

    # Its own guess, all cores, is wrong under a quota; else another number only loads the model anew.
    threads = settings.threads if machine.cgroup_cores() and ollama.is_near(daemon.url) else None
    return ollama.Ollama(daemon, name, threads=threads, context=CONTEXT, kept=not settings.writing.once)


def _llama(path: Path, settings: Settings) -> "Llama":
    from recto.llm import gguf
    from recto.llm.llama import Llama, find_runtime

    runtime = find_runtime(settings.writing.llama_server)
    return Llama(gguf.read(path), runtime, threads=settings.threads, logs=settings.home / "logs")


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
            return _llama(Path(choice.model), settings)
        case Provider.OLLAMA:
            from recto.llm import ollama

            daemon = ollama.running_daemon(settings.writing.ollama_host, config.environment())
            daemon.log = settings.home / "logs" / "ollama.log"
            daemon.check_writer(choice.model)
            return _of_ollama(daemon, choice.model, settings)
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
