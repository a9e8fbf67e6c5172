"""Names of models, and the files they stand for."""

from pathlib import Path

import pytest

from recto.errors import ModelMissing
from recto.llm.presets import PRESETS, installed, located
from recto.model_ref import GgufFile, PresetModel


def test_three_presets_from_small_to_large() -> None:
    assert list(PRESETS) == ["fast", "default", "best"]
    assert [preset.size for preset in PRESETS.values()] == sorted(preset.size for preset in PRESETS.values())
    for name, preset in PRESETS.items():
        assert preset.name == name
        assert preset.file.endswith(".gguf")
        assert len(f"{preset.licence}{preset.why}".splitlines()) == 1
    assert "not an open-source licence" in PRESETS["default"].licence


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
    with pytest.raises(ModelMissing, match=r"does not hold best \(Llama.*models in it: own\.gguf") as caught:
        located(PresetModel("best"), tmp_path)
    assert caught.value.hint == "recto models pull best"
    with pytest.raises(ModelMissing, match="does not hold other; models in it: none") as caught:
        located(GgufFile("other"), tmp_path / "missing")
    assert caught.value.hint == "recto models pull default"
