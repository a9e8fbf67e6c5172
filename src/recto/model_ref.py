"""What people call a language model: `auto`, `quote`, a preset, a file, or a provider with a name of its own."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from recto.errors import BadSetting

AUTO, QUOTE = "auto", "quote"
PRESET_NAMES = ("fast", "default", "best", "llama3.2:1b", "llama3.2:3b")


class Provider(StrEnum):
    """Who runs a model."""

    LLAMA = "llama.cpp"
    OLLAMA = "ollama"
    REMOTE = "remote"
    HF = "hf"

    @property
    def hosted(self) -> bool:
        """Whether somebody else does: the model is not loaded and measured, and may be far away."""
        return self in (Provider.REMOTE, Provider.HF)


@dataclass(frozen=True, slots=True)
class QuoteOnly:
    """No model: answers are quoted."""

    def __str__(self) -> str:
        return QUOTE


@dataclass(frozen=True, slots=True)
class Auto:
    """The best model that is here, else a remote one if that is allowed."""

    def __str__(self) -> str:
        return AUTO


@dataclass(frozen=True, slots=True)
class PresetModel:
    """A model that recto knows by a name of its own."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class GgufFile:
    """A file in the folder of models, with or without `.gguf`, or a path."""

    path: str

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True)
class OllamaModel:
    """A model of Ollama's; without a name the best that it has."""

    name: str

    def __str__(self) -> str:
        return f"{Provider.OLLAMA}:{self.name}" if self.name else Provider.OLLAMA


@dataclass(frozen=True, slots=True)
class HostedModel:
    """A model at a remote address; without a name the one that is set for it."""

    provider: Literal[Provider.REMOTE, Provider.HF]
    name: str

    def __str__(self) -> str:
        return f"{self.provider}:{self.name}" if self.name else self.provider


ModelRef: TypeAlias = QuoteOnly | Auto | PresetModel | GgufFile | OllamaModel | HostedModel


def parse_model(text: str) -> ModelRef:
    """Read `quote`, `auto`, `fast`, `ollama[:NAME]`, `remote[:NAME]`, `hf[:NAME]`, a file's name or its path.

    BadSetting if there is nothing to read.
    """
    if not text.strip():
        raise BadSetting("the name of the language model is empty", hint="recto models list")
    if text == QUOTE:
        return QuoteOnly()
    if text == AUTO:
        return Auto()
    if text in PRESET_NAMES:
        return PresetModel(text)
    match text.partition(":"):
        case (Provider.OLLAMA, _, name):
            return OllamaModel(name)
        case (Provider.REMOTE, _, name):
            return HostedModel(Provider.REMOTE, name)
        case (Provider.HF, _, name):
            return HostedModel(Provider.HF, name)
        case _:
            return GgufFile(text)
