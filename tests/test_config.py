"""What the system says of itself, read from its files."""

from pathlib import Path

import pytest

from recto import config, machine
from recto.cli.ask import writing_settings

MIB = 1 << 20


@pytest.fixture
def cgroup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(machine, "CGROUP", tmp_path)
    return tmp_path


def test_copies_of_files_are_free_memory(cgroup: Path) -> None:
    """Just after a model was fetched most of a container's memory holds its file."""
    (cgroup / "memory.max").write_text(f"{400 * MIB}\n")
    (cgroup / "memory.current").write_text(f"{390 * MIB}\n")
    assert machine.free_memory() == 10 * MIB
    (cgroup / "memory.stat").write_text(f"anon {40 * MIB}\ninactive_file {300 * MIB}\nactive_file {50 * MIB}\n")
    assert machine.free_memory() == 310 * MIB


def test_the_first_version_of_cgroups_is_read_too(cgroup: Path) -> None:
    folder = cgroup / "memory"
    folder.mkdir()
    (folder / "memory.limit_in_bytes").write_text(f"{400 * MIB}\n")
    (folder / "memory.usage_in_bytes").write_text(f"{100 * MIB}\n")
    (folder / "memory.stat").write_text(f"inactive_file 5\ntotal_inactive_file {20 * MIB}\n")
    assert machine.free_memory() == 320 * MIB


@pytest.mark.parametrize(("said", "cores"), [("max 100000", None), ("150000 100000", 1.5), ("50000 100000", 0.5)])
def test_the_quota_of_cores(cgroup: Path, said: str, cores: float | None) -> None:
    (cgroup / "cpu.max").write_text(said)
    assert machine.cgroup_cores() == cores
    assert machine.available_cores() >= 1


def test_without_limits_the_machine_decides(cgroup: Path) -> None:
    assert machine.cgroup_memory() is None
    assert machine.cgroup_cores() is None
    assert machine.free_memory() != 0


def test_secrets_do_not_show() -> None:
    shown = repr(config.Writing(remote_token="secret-one", hf_token="secret-two"))
    assert "secret" not in shown


def test_each_token_has_its_own_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_TOKEN", "hub")
    monkeypatch.delenv("RECTO_REMOTE_TOKEN", raising=False)
    writing = config.load(tmp_path).writing
    assert (writing.hf_token, writing.remote_token) == ("hub", "")


def test_the_model_chosen_on_the_page_stands_unless_another_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("RECTO_MODEL")
    assert config.load(tmp_path).writing.model == "auto"
    config.keep_model(tmp_path, "ollama:größer")
    assert config.load(tmp_path).writing.model == "ollama:größer"
    assert writing_settings(tmp_path, model="fast", allow_remote=False, patience_s=None).model == "fast"
    monkeypatch.setenv("RECTO_MODEL", "best")
    assert config.load(tmp_path).writing.model == "best"


def test_a_folder_that_cannot_be_written_forgets_the_choice_and_nothing_else(tmp_path: Path) -> None:
    config.keep_model(tmp_path / "missing", "fast")
    assert not (tmp_path / "missing").exists()
