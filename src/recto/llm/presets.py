"""Models that recto knows by a name, and what lies in the folder of models."""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from recto.errors import ModelMissing
from recto.model_ref import GgufFile, PresetModel

GGUF = ".gguf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A model with a name of its own: where it comes from, what it costs, and what for."""

    name: str
    model: str
    repo: str  # on the Hugging Face hub
    file: str
    size: int  # bytes, as the hub announces them
    architecture: str  # as llama.cpp calls it
    licence: str
    ollama: str  # the same model's name there
    why: str


# How fast each is depends on the machine: `recto models speed` measures it. None of these five was measured for what it
# writes: `recto eval --written` does that.
PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            name="fast",
            model="Qwen3.5 0.8B, without thinking",
            repo="unsloth/Qwen3.5-0.8B-GGUF",
            file="Qwen3.5-0.8B-Q4_K_M.gguf",
            size=532_517_120,
            architecture="qwen35",
            licence="Apache-2.0",
            ollama="hf.co/unsloth/Qwen3.5-0.8B-GGUF:Q4_K_M",
            why="the quickest, for small machines; its answers are not yet measured by us",
        ),
        Preset(
            name="default",
            model="MiniCPM5 1B, without thinking",
            repo="openbmb/MiniCPM5-1B-GGUF",
            file="MiniCPM5-1B-Q4_K_M.gguf",
            size=688_065_920,
            architecture="llama",
            licence="Apache-2.0",
            ollama="hf.co/openbmb/MiniCPM5-1B-GGUF:Q4_K_M",
            why="the balance for two cores; its answers are not yet measured by us",
        ),
        Preset(
            name="best",
            model="Gemma 4 E2B, trained for 4 bits",
            repo="google/gemma-4-E2B-it-qat-q4_0-gguf",
            file="gemma-4-E2B_q4_0-it.gguf",
            size=3_349_516_256,
            architecture="gemma4",
            licence="Apache-2.0",
            ollama="hf.co/google/gemma-4-E2B-it-qat-q4_0-gguf:Q4_0",
            why="the largest, for those with 5 GB of memory who can wait; its answers are not yet measured by us",
        ),
        Preset(
            name="llama3.2:1b",
            model="Llama 3.2 1B Instruct",
            repo="bartowski/Llama-3.2-1B-Instruct-GGUF",
            file="Llama-3.2-1B-Instruct-Q4_K_M.gguf",
            size=807_694_464,
            architecture="llama",
            licence="Llama 3.2 Community (not an open-source licence)",
            ollama="llama3.2:1b-instruct-q4_K_M",
            why="of 2024, widely known; its answers are not yet measured by us",
        ),
        Preset(
            name="llama3.2:3b",
            model="Llama 3.2 3B Instruct",
            repo="bartowski/Llama-3.2-3B-Instruct-GGUF",
            file="Llama-3.2-3B-Instruct-Q4_K_M.gguf",
            size=2_019_377_696,
            architecture="llama",
            licence="Llama 3.2 Community (not an open-source licence)",
            ollama="llama3.2:3b-instruct-q4_K_M",
            why="of 2024, widely known; its answers are not yet measured by us",
        ),
    )
}

# What writes right answers less often than the quotes above them hold one, see docs/models.md.
WORSE = ("qwen2.5 coder 0.5b", "smollm2 135m")

_NAME = re.compile(r"[a-z]+[0-9.]*|[0-9.]+[a-z]+")


def worse_than_quotes(name: str) -> bool:
    """Whether a model, as its makers or Ollama call it, was measured to be worse than the quotes alone."""
    words = set(_NAME.findall(name.lower()))
    return any(words.issuperset(_NAME.findall(worse)) for worse in WORSE)


def installed(*folders: Path) -> list[Path]:
    """The models in these folders, by name. What is still being fetched ends in `.part` and is none."""
    return [path for folder in folders for path in sorted(folder.glob(f"*{GGUF}")) if path.is_file()]


def located(reference: PresetModel | GgufFile, *folders: Path) -> Path:
    """The file of a preset, a name in a folder (`.gguf` may be left out) or a path. ModelMissing if there is none."""
    names = _file_names(reference)
    for path in [*(folder / name for folder in folders for name in names), *map(Path, map(os.path.expanduser, names))]:
        with suppress(OSError, ValueError):  # a name that means nothing to the system
            if path.is_file():
                return path
    raise missing_model(reference, *folders)


def missing_model(reference: PresetModel | GgufFile, *folders: Path) -> ModelMissing:
    """What is said if none of the folders has a model."""
    models = ", ".join(path.name for path in installed(*folders)) or "none"
    preset = isinstance(reference, PresetModel)
    what = f"{reference} ({_file_names(reference)[0]})" if preset else str(reference)
    hint = f"recto models pull {reference if preset else 'default'}"
    return ModelMissing(f"{folders[0]} does not hold {what}; models in it: {models}", hint=hint)


def _file_names(reference: PresetModel | GgufFile) -> list[str]:
    match reference:
        case PresetModel(name):
            return [PRESETS[name].file]
        case GgufFile(path):
            return [path, path + GGUF]
