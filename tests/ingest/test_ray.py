"""Filling a library by the machines of a Ray cluster: `make ray` runs this, as Ray is in no other environment."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from recto.errors import BadSetting, StoreToolsMissing
from recto.ingest import Prepared, ingest, sources
from recto.ingest.cluster import LOCAL, prepare_on, prepare_on_one_core
from recto.ingest.placing import PlacedShards
from recto.library.adding import unread_document
from recto.types import Added, AddStatus
from support.folders import SUBJECTS
from support.live import SOON_S, soon
from support.paths import HERE

pytest.importorskip("ray")
pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let workers find the functions below."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), str(HERE)]))


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"lance+file://{tmp_path}/library"


def pretended(source: str) -> Prepared:
    """An outcome without a document: what is made of a file does not matter here."""
    document = unread_document(Path(source))
    return Prepared((Added(document=document, status=AddStatus.ALREADY, passages=0, seconds=0.0, flags={}),), (), {})


def die_once(source: str, ids: frozenset[str]) -> Prepared:
    """Be killed at the first file, the first time."""
    mark = Path(source).with_suffix(".killed")
    if "weir" in source and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return prepare_on_one_core(source, ids)


def die_always(source: str, ids: frozenset[str]) -> Prepared:
    if "weir" in source:
        os.kill(os.getpid(), signal.SIGKILL)
    return pretended(source)


def hang(source: str, ids: frozenset[str]) -> Prepared:
    if "weir" in source:
        time.sleep(SOON_S)
    return pretended(source)


def names(outcomes: list[Added]) -> dict[str, AddStatus]:
    return {Path(outcome.document.name).stem: outcome.status for outcome in outcomes}


def test_a_worker_that_is_killed_loses_nothing_and_nothing_is_there_twice(folder: Path, address: str) -> None:
    def prepare_all(files: object, ids: frozenset[str]) -> Iterator[Prepared]:
        return prepare_on(LOCAL, files, ids, work=die_once)  # type: ignore[arg-type]

    outcomes = list(ingest(sources([str(folder)]), address, shards=2, prepare_all=prepare_all))
    assert (folder / "weir.killed").exists()
    assert names(outcomes) == dict.fromkeys(SUBJECTS, AddStatus.ADDED)
    assert len(PlacedShards(address).documents()) == len(SUBJECTS)
    again = list(ingest(sources([str(folder)]), address, prepare_all=prepare_all))
    assert names(again) == dict.fromkeys(SUBJECTS, AddStatus.ALREADY)


def test_a_file_that_kills_every_worker_is_a_failure_of_its_own(folder: Path) -> None:
    files = [str(folder / f"{subject}.pdf") for subject in SUBJECTS]
    prepared = list(prepare_on(LOCAL, files, frozenset(), work=die_always))
    problems = {Path(each.outcomes[0].document.name).stem: each.outcomes[0].problem for each in prepared}
    assert sorted(problems) == sorted(SUBJECTS)
    assert [subject for subject, problem in problems.items() if problem] == ["weir"]
    problem = problems["weir"]
    assert problem is not None
    assert "after 4 attempts" in problem.message


def test_a_file_that_takes_too_long_is_given_up(folder: Path) -> None:
    (prepared,) = prepare_on(LOCAL, [str(folder / "weir.pdf")], frozenset(), work=hang, limit_s=1.0)
    (problem,) = prepared.outcomes[0].problems
    assert "longer than 1 s" in problem.message


def test_a_driver_that_is_killed_is_started_again_and_goes_on(folder: Path, address: str) -> None:
    command = [sys.executable, "-m", "recto", "ingest", str(folder), "--to", address, "--shards", "2", "--ray", LOCAL]
    first = subprocess.Popen([*command, "--json"], stdout=subprocess.PIPE, text=True)
    assert soon(lambda: bool(list((folder.parent / "library").glob("shard-*/writable"))))
    first.kill()
    first.communicate()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(PlacedShards(address).documents()) == len(SUBJECTS)


def test_machines_without_recto_are_said_and_no_file_is_blamed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH")
    with pytest.raises(StoreToolsMissing, match="have no recto"):
        list(prepare_on(LOCAL, [str(folder / "weir.pdf")], frozenset(), work=die_once))


def test_a_cluster_that_is_not_there(folder: Path) -> None:
    with pytest.raises(BadSetting, match="no Ray cluster answers"):
        list(prepare_on("127.0.0.1:1", [str(folder / "weir.pdf")], frozenset()))
