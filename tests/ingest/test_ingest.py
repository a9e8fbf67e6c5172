"""Filling a library on object storage: nothing lost, nothing twice, nothing visible half."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from recto import ingest as module
from recto.cli import recto
from recto.config import Writing
from recto.errors import FileMissing
from recto.ingest import Prepared, ingest, sources
from recto.library import Library
from recto.model_ref import QUOTE
from recto.store.lance.bucket import MARK, Bucket
from recto.types import AddStatus
from support.folders import SUBJECTS
from support.object_storage import object_storage

pytestmark = pytest.mark.slow


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"lance+file://{tmp_path}/shard"


def asked(address: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a searcher answers."""
    monkeypatch.setenv("RECTO_STORE", address)
    with Library(home, writing=Writing(model=QUOTE)) as library:
        assert library.unencoded() == []
        names = sorted(document.name for document in library.documents())
        assert names == sorted(f"{subject}.pdf" for subject in SUBJECTS)
        return [library.ask(f"When was the {subject} built?").answer.citations[0].quote for subject in SUBJECTS]


def test_a_folder_is_ingested_once(folder: Path, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "broken.pdf").write_bytes(b"no pdf")
    command = ["ingest", str(folder), "--to", address]
    first = CliRunner().invoke(recto, [*command, "--json"])
    statuses = {
        Path(line["document"]["name"]).stem: line["status"] for line in map(json.loads, first.stdout.splitlines())
    }
    assert statuses == dict.fromkeys(SUBJECTS, "added") | {"broken": "failed"}
    assert first.exit_code == 1
    assert "mend:" in CliRunner().invoke(recto, command).stderr
    (folder / "broken.pdf").unlink()
    again = CliRunner().invoke(recto, command)
    assert again.stderr == "4 already\n"
    assert again.exit_code == 0
    quotes = asked(address, tmp_path / "home", monkeypatch)
    assert quotes == [f"The {subject} was built in {1900 + number}." for number, subject in enumerate(SUBJECTS)]


def test_what_was_killed_goes_on_where_it_was(
    folder: Path, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare, prepared = module.prepare, list[str]()

    def killed(source: str, ids: frozenset[str]) -> Prepared:
        if len(prepared) == 3:
            raise KeyboardInterrupt
        prepared.append(source)
        return prepare(source, ids)

    with monkeypatch.context() as patch:
        patch.setattr(module, "BATCH", 2)
        patch.setattr(module, "prepare", killed)
        with pytest.raises(KeyboardInterrupt):
            list(ingest(sources([str(folder)]), address))
    outcomes = list(ingest(sources([str(folder)]), address))
    assert sorted(outcome.status for outcome in outcomes) == [AddStatus.ADDED] * 2 + [AddStatus.ALREADY] * 2
    assert len(asked(address, tmp_path / "home", monkeypatch)) == 4


def test_sources_are_prefixes_and_lines_of_a_manifest(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with object_storage() as storage:
        for name, value in storage.environment.items():
            monkeypatch.setenv(name, value)
        address = storage.address()
        prefix = f"{address.removeprefix(MARK)}-files"
        bucket = Bucket(f"{MARK}{prefix}")
        for subject in SUBJECTS[:2]:
            bucket.put(f"below/{subject}.pdf", (folder / f"{subject}.pdf").read_bytes())
        bucket.put("below/notes.bin", b"nothing that is read")
        manifest = tmp_path / "manifest"
        manifest.write_text(f"{folder / 'lock.pdf'}\n\n{folder / 'sluice.pdf'}\n{folder / 'none.pdf'}\n")
        files = list(sources([prefix], manifest))
        assert len(files) == 5
        outcomes = list(ingest(files, address))
        assert [outcome.problem.kind for outcome in outcomes if outcome.problem] == [FileMissing.kind]
        assert len(asked(address, tmp_path / "home", monkeypatch)) == 4


def test_a_manifest_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileMissing, match="cannot be read"):
        list(sources([], tmp_path / "manifest"))
