"""Names of models, and the files they stand for."""

import mmap
from pathlib import Path

import pytest
import xllamacpp

from recto.errors import ModelMissing
from recto.llm.presets import PRESETS, installed, located
from recto.model_ref import GgufFile, PresetModel


def test_three_presets_from_small_to_large_and_those_of_2024() -> None:
    first = ["fast", "default", "best"]
    assert list(PRESETS) == [*first, "llama3.2:1b", "llama3.2:3b"]
    assert [PRESETS[name].size for name in first] == sorted(PRESETS[name].size for name in first)
    for name, preset in PRESETS.items():
        assert preset.name == name
        assert preset.file.endswith(".gguf")
        assert len(f"{preset.licence}{preset.why}".splitlines()) == 1
        assert name not in first or preset.licence == "Apache-2.0"
    assert "not an open-source licence" in PRESETS["llama3.2:1b"].licence


def test_llama_cpp_knows_the_architecture_of_each() -> None:
    (library,) = Path(xllamacpp.__file__).parent.glob("xllamacpp*.so")
    with library.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        known = {name for name in [*PRESETS, "nobodys"] if content.find(_class(name)) >= 0}
    assert known == set(PRESETS)


def _class(name: str) -> bytes:
    """What the library calls the class of a preset's architecture."""
    architecture = PRESETS[name].architecture if name in PRESETS else name
    return f"llama_model_{architecture}\0".encode()


def test_only_whole_models_count_as_installed(tmp_path: Path) -> None:
    for name in ("b.gguf", "a.gguf", "c.gguf.0123456789abcdef.part", ".d.gguf.lock", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "folder.gguf").mkdir()
    assert [path.name for path in installed(tmp_path)] == ["a.gguf", "b.gguf"]
    assert installed(tmp_path / "missing") == []


def test_a_preset_a_name_and_a_path_are_located(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "weights"
    folder.mkdir()
    kept, own, elsewhere = folder / PRESETS["fast"].file, folder / "own.gguf", tmp_path / "elsewhere.gguf"
    for path in (kept, own, elsewhere):
        path.touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert located(PresetModel("fast"), folder) == kept
    assert (
        located(GgufFile("own"), folder)
        == located(GgufFile("own.gguf"), folder)
        == located(GgufFile(str(own)), folder)
        == own
    )
    assert located(GgufFile(str(elsewhere)), folder) == elsewhere
    assert located(GgufFile("elsewhere.gguf"), folder).resolve() == elsewhere
    assert located(GgufFile("~/elsewhere.gguf"), folder) == elsewhere


def test_a_missing_model_names_what_is_there_and_the_pull(tmp_path: Path) -> None:
    (tmp_path / "own.gguf").touch()
    with pytest.raises(ModelMissing, match=r"does not hold best \(gemma.*models in it: own\.gguf") as caught:
        located(PresetModel("best"), tmp_path)
    assert caught.value.hint == "recto models pull best"
    with pytest.raises(ModelMissing, match="does not hold other; models in it: none") as caught:
        located(GgufFile("other"), tmp_path / "missing")
    assert caught.value.hint == "recto models pull default"
