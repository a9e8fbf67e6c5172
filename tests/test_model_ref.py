"""What people call a language model."""

import pytest

from recto.errors import BadSetting
from recto.llm.presets import PRESETS
from recto.model_ref import (
    PRESET_NAMES,
    Auto,
    GgufFile,
    HostedModel,
    ModelRef,
    OllamaModel,
    PresetModel,
    Provider,
    QuoteOnly,
    parse_model,
)

NAMES = [
    ("quote", QuoteOnly()),
    ("auto", Auto()),
    ("fast", PresetModel("fast")),
    ("default", PresetModel("default")),
    ("best", PresetModel("best")),
    ("ollama", OllamaModel("")),
    ("ollama:llama3.2:1b", OllamaModel("llama3.2:1b")),
    ("remote", HostedModel(Provider.REMOTE, "")),
    ("remote:some/model", HostedModel(Provider.REMOTE, "some/model")),
    ("hf", HostedModel(Provider.HF, "")),
    ("hf:meta/Llama:fastest", HostedModel(Provider.HF, "meta/Llama:fastest")),
    ("tiny", GgufFile("tiny")),
    ("tiny.gguf", GgufFile("tiny.gguf")),
    ("/models/tiny.gguf", GgufFile("/models/tiny.gguf")),
    (r"C:\models\tiny.gguf", GgufFile(r"C:\models\tiny.gguf")),
    ("quote:tiny", GgufFile("quote:tiny")),
    ("llama.cpp:tiny", GgufFile("llama.cpp:tiny")),
]


@pytest.mark.parametrize(("text", "reference"), NAMES)
def test_a_name_is_read_and_given_back(text: str, reference: ModelRef) -> None:
    assert parse_model(text) == reference
    assert str(reference) == text


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_a_name_that_is_empty(text: str) -> None:
    with pytest.raises(BadSetting, match="empty"):
        parse_model(text)


def test_every_preset_has_its_name() -> None:
    assert tuple(PRESETS) == PRESET_NAMES
    assert [preset.name for preset in PRESETS.values()] == list(PRESETS)


def test_who_runs_a_model_elsewhere() -> None:
    assert [provider for provider in Provider if provider.hosted] == [Provider.REMOTE, Provider.HF]
